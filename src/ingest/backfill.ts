import type { Backfill, BackfillLog } from '../domain/gaps.ts';
import type { Clock, RunReport, SourceAdapter } from '../domain/ports.ts';
import type { EpochS } from '../domain/time.ts';
import type { Pipeline } from './pipeline.ts';

const DAY_S = 86_400;
/** Days of one step where the adapter names none; bounds what a run that is cut off asks for again. */
const STEP_DAYS = 30;

export interface BackfillDeps {
  pipeline: Pick<Pipeline, 'backfill'>;
  backfills: BackfillLog;
  clock: Clock;
}

export interface BackfillOutcome {
  /** Counts of all steps of this call together; failed where a step failed. */
  report: RunReport;
  backfill: Backfill;
  /** Steps that this call did; null begin where nothing was done before. */
  steps: number;
  resumedFromS: EpochS | null;
}

/**
 * Fills a window step by step, oldest first; what is done is remembered after each step, so that the same call goes on from there
 * after any end of the process. Stops at the first step without an answer; calling again tries that one anew.
 */
export async function backfillInSteps(
  deps: BackfillDeps,
  of: {
    source: string;
    adapter: SourceAdapter | undefined;
    fromS: EpochS;
    toS: EpochS | null;
    signal?: AbortSignal;
  },
  onStep: (doneS: EpochS, of: Backfill, report: RunReport) => void = () => undefined,
): Promise<BackfillOutcome> {
  const { source, fromS, toS } = of;
  const backfill = await deps.backfills.resume({ source, fromS, toS, nowS: deps.clock.nowS() });
  const stepS = (of.adapter?.historyStepDays ?? STEP_DAYS) * DAY_S;
  const resumedFromS = backfill.doneS > backfill.fromS ? backfill.doneS : null;
  let total: RunReport | null = null;
  let steps = 0;
  let doneS = backfill.doneS;
  do {
    const window = { fromS: doneS, toS: Math.min(backfill.toS, doneS + stepS) };
    const run = { trigger: 'backfill' as const, ...(of.signal === undefined ? {} : { signal: of.signal }) };
    const report = await deps.pipeline.backfill(source, window, run);
    total = total === null ? report : together(total, report);
    steps += 1;
    if (report.status === 'failed') {
      await deps.backfills.end(backfill.id, null, report.message);
      return {
        report: total,
        backfill: { ...backfill, doneS, message: report.message },
        steps,
        resumedFromS,
      };
    }
    doneS = window.toS;
    await deps.backfills.advance(backfill.id, doneS);
    onStep(doneS, backfill, total);
  } while (doneS < backfill.toS);
  const finishedS = deps.clock.nowS();
  await deps.backfills.end(backfill.id, finishedS, null);
  return { report: total, backfill: { ...backfill, doneS, finishedS }, steps, resumedFromS };
}

/** Counts of two runs; the later one's end, and the worse of the two states. */
function together(one: RunReport, next: RunReport): RunReport {
  const cells = { ...one.cells };
  for (const key of Object.keys(cells) as (keyof typeof cells)[]) cells[key] += next.cells[key];
  const issues = { ...one.issues };
  for (const [code, count] of Object.entries(next.issues)) issues[code] = (issues[code] ?? 0) + (count ?? 0);
  const status = next.status === 'ok' ? one.status : next.status;
  const { finishedS, message } = next;
  return {
    ...one,
    finishedS,
    status,
    entries: one.entries + next.entries,
    cells,
    issues,
    message: message ?? one.message,
  };
}
