import { MonitorError } from '../../domain/errors.ts';
import type { FetchContext, RawPayload } from '../../domain/ports.ts';

/**
 * Asks part after part of one upstream (areas, cities, days). A part without an answer does not cost the others theirs: the sweep
 * goes on and says at its end which parts failed. Throws E_UPSTREAM then; at once when the run is aborted.
 */
export async function* sweep<T>(
  context: Pick<FetchContext, 'signal' | 'sourceId'>,
  parts: Iterable<T>,
  ask: (part: T) => AsyncIterable<RawPayload>,
): AsyncGenerator<RawPayload> {
  const failures: string[] = [];
  let asked = 0;
  for (const part of parts) {
    asked += 1;
    try {
      yield* ask(part);
    } catch (cause) {
      if (context.signal.aborted || !(cause instanceof MonitorError) || cause.code !== 'E_UPSTREAM')
        throw cause;
      failures.push(cause.message);
    }
  }
  if (failures.length === 0) return;
  const message = `${failures.length} of ${asked} parts had no answer: ${failures.join('; ')}`;
  throw new MonitorError('E_UPSTREAM', message, { details: { source: context.sourceId, failures } });
}
