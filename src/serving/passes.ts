import type { System } from '../main.ts';

/** Whether what follows from readings is this process's work: it is the one that projects, by the configuration in force. */
export const isProjecting = ({ lease, configWatch }: Pick<System, 'lease' | 'configWatch'>): boolean =>
  (lease?.holds() ?? true) && configWatch.staleAgainst() === null;

/**
 * Does a pass again and again in the process that projects, one at a time. A pass that fails is logged as `failed`, and the next one does
 * its work. Answers how to stop: the pass that runs is aborted and waited for.
 */
export function startPasses(
  system: Pick<System, 'lease' | 'configWatch' | 'log'>,
  of: { everyMs: number; pass(signal: AbortSignal): Promise<void>; failed: string },
): () => Promise<void> {
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  const pass = async (): Promise<void> => {
    try {
      await of.pass(stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) system.log.error({ err: error }, of.failed);
    } finally {
      running = null;
    }
  };
  const timer = setInterval(() => {
    if (isProjecting(system)) running ??= pass();
  }, of.everyMs).unref();
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await running;
  };
}
