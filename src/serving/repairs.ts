import { hasHistory } from '../ingest/pipeline.ts';
import { repairSource } from '../ingest/gaps.ts';
import type { System } from '../main.ts';
import type { Jobs } from '../store/state/jobs.ts';

/** Gaps are worked off this often: politely, since what an upstream lacks it mostly lacks for good. */
const EVERY_S = 6 * 3600;
const LOOK_MS = 60_000;

/** Repairs one source now. Throws E_NOT_FOUND for an unknown one. */
export function repair(system: System, sourceId: string, signal?: AbortSignal) {
  const source = system.config().sources.find((candidate) => candidate.id === sourceId);
  if (source === undefined) return null;
  const adapter = system.adapters.get(source.adapter);
  const { readings, pipeline, clock, config } = system;
  const deps = { readings, gaps: system.state.gaps, config, clock, pipeline };
  return repairSource(deps, { source, adapter, ...(signal === undefined ? {} : { signal }) });
}

/** Enqueues a turn for every enabled source with a history, one process a slot; the queue runs it. Answers how to stop. */
export async function startRepairs(
  system: System,
  jobs: Jobs,
  signal: AbortSignal,
  lookMs = LOOK_MS,
): Promise<() => void> {
  await jobs.work<{ source: string }>('repair', async ({ source }) => {
    const outcome = await repair(system, source, signal);
    if (outcome !== null) system.log.info({ source, ...outcome }, 'gaps');
  });
  const look = async (): Promise<void> => {
    const slotS = Math.floor(system.clock.nowS() / EVERY_S) * EVERY_S;
    const slot = new Date(slotS * 1000).toISOString();
    for (const source of system.config().sources) {
      if (!source.enabled || !hasHistory(source, system.adapters.get(source.adapter))) continue;
      await jobs.send(
        'repair',
        { source: source.id },
        { singletonKey: `${source.id}:${slot}`, retryLimit: 0 },
      );
    }
  };
  const timer = setInterval(() => {
    look().catch((cause: unknown) => system.log.error({ err: cause }, 'gaps could not be enqueued'));
  }, lookMs).unref();
  return () => clearInterval(timer);
}
