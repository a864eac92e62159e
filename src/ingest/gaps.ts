import type { Config } from '../domain/config/config.ts';
import type { SourceConfig } from '../domain/config/source.ts';
import { gapsBetween, windowsOver, type FoundGap, type Gap, type GapLog } from '../domain/gaps.ts';
import type { Clock, ReadingStore, SourceAdapter } from '../domain/ports.ts';
import { averagings, type Averaging, type AveragingId, type EpochS } from '../domain/time.ts';
import { hasHistory, type Pipeline } from './pipeline.ts';

const HOUR_S = 3600;
const DAY_S = 86_400;
/** How far back gaps are looked for, and how many are kept of one look: a project default, no standard's figure. */
const LOOKBACK_DAYS = 30;
const FOUND_LIMIT = 20_000;
const STATIONS_AT_ONCE = 50;
/** Answers without the value after which a gap is given up, and the waits before each further attempt. */
const ATTEMPTS = 3;
const WAITS_S = [0, 6 * HOUR_S, 2 * DAY_S];
/** Windows asked for in one turn, at most. */
const WINDOWS_LIMIT = 12;

export interface GapDeps {
  readings: Pick<ReadingStore, 'latest' | 'series'>;
  gaps: GapLog;
  config: () => Config;
  clock: Clock;
}

/**
 * Compares what a source should have sent by its cadence with what is stored, over the last 30 days, and notes the gaps. A row that
 * says "no value" is there. Sliding means, months and a source's own verdicts are not looked at. Resolves with what was found.
 */
export async function findGaps(deps: GapDeps, source: SourceConfig): Promise<FoundGap[]> {
  const nowS = deps.clock.nowS();
  const window = { fromS: nowS - LOOKBACK_DAYS * DAY_S, toS: nowS };
  const media = new Map(deps.config().parameters.map((one) => [one.id, one]));
  const found: FoundGap[] = [];
  for (const averaging of Object.keys(averagings) as AveragingId[]) {
    const stepS = stepOf(averaging, source);
    if (stepS === null) continue;
    const latest = await deps.readings.latest({ averaging, provider: source.provider, sinceS: window.fromS });
    const wanted = latest.filter(({ key }) => {
      const parameter = media.get(key.parameter);
      return (
        parameter?.published === false && (source.medium === undefined || parameter.medium === source.medium)
      );
    });
    const stations = [...new Set(wanted.map(({ key }) => key.station))];
    const parameters = [...new Set(wanted.map(({ key }) => key.parameter))];
    for (let at = 0; at < stations.length && found.length < FOUND_LIMIT; at += STATIONS_AT_ONCE) {
      const some = { stations: stations.slice(at, at + STATIONS_AT_ONCE), parameters };
      for (const { key, timeS } of await deps.readings.series({
        ...some,
        averaging,
        provider: source.provider,
        ...window,
      }))
        for (const gap of gapsBetween(timeS, stepS))
          found.push({ station: key.station, parameter: key.parameter, averaging, ...gap });
    }
  }
  const kept = found.toSorted((a, b) => a.fromS - b.fromS).slice(0, FOUND_LIMIT);
  await deps.gaps.note(source.id, window, kept, nowS);
  return kept;
}

/** Distance of two readings; null where none can be expected. */
function stepOf(averaging: AveragingId, source: SourceConfig): number | null {
  const one: Averaging = averagings[averaging];
  if (one.sliding || averaging === 'P1M') return null;
  if (averaging === 'P1D') return DAY_S;
  return one.seconds === null || one.seconds === 0 ? source.cadenceSeconds : one.seconds;
}

/** Gaps that may be asked for now: open, not given up, and long enough after the last attempt. */
export function dueGaps(gaps: readonly Gap[], nowS: EpochS): Gap[] {
  return gaps.filter(
    ({ attempts, lastAttemptS }) => lastAttemptS === null || nowS - lastAttemptS >= (WAITS_S[attempts] ?? 0),
  );
}

/**
 * One turn for one source: looks for gaps, asks the upstream for those that are due, looks again, and gives up those that it answered
 * three times without filling, with the reason. A source without history gives up at once; one that is pushed keeps its gaps open for
 * its listener. Resolves with how many windows were asked for and how many gaps are open after.
 */
export async function repairSource(
  deps: GapDeps & { pipeline: Pick<Pipeline, 'backfill'> },
  of: { source: SourceConfig; adapter: SourceAdapter | undefined; signal?: AbortSignal },
): Promise<{ asked: number; open: number; unfillable: number }> {
  const { source, adapter } = of;
  await findGaps(deps, source);
  const open = (): Promise<Gap[]> => deps.gaps.list({ source: source.id, state: 'open', limit: FOUND_LIMIT });
  const idsOf = (gaps: readonly Gap[]): number[] => gaps.map(({ id }) => id);
  const found = await open();
  let asked = 0;
  if (!hasHistory(source, adapter)) {
    if (source.push !== true)
      await deps.gaps.giveUp(
        idsOf(found),
        deps.clock.nowS(),
        'the source has no history to ask for (来源不提供历史数据)',
      );
  } else {
    const longestS = (adapter?.historyStepDays ?? 1) * DAY_S;
    const due = dueGaps(found, deps.clock.nowS());
    for (const window of windowsOver(due, { joinS: DAY_S, longestS }).slice(0, WINDOWS_LIMIT)) {
      const run = { trigger: 'backfill' as const, ...(of.signal === undefined ? {} : { signal: of.signal }) };
      const { status } = await deps.pipeline.backfill(source.id, window, run);
      if (of.signal?.aborted === true) break;
      asked += 1;
      const covered = due.filter(
        (gap) => gap.fromS < window.toS && window.fromS < gap.toS && gap.toS <= window.toS,
      );
      await deps.gaps.attempted(idsOf(covered), deps.clock.nowS(), status !== 'failed');
      if (status === 'failed') break;
    }
    if (asked > 0) await findGaps(deps, source);
    const tried = (await open()).filter(({ attempts }) => attempts >= ATTEMPTS);
    const reason = `the upstream answered ${ATTEMPTS} times and has no value there (上游已答复 ${ATTEMPTS} 次，无该时段数据)`;
    await deps.gaps.giveUp(idsOf(tried), deps.clock.nowS(), reason);
  }
  const unfillable = await deps.gaps.list({ source: source.id, state: 'unfillable', limit: FOUND_LIMIT });
  return { asked, open: (await open()).length, unfillable: unfillable.length };
}
