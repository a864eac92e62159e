import type { AlertRule } from '../../domain/config/alerting.ts';
import type { Config } from '../../domain/config/config.ts';
import { networkOf, type Patience } from '../../domain/config/network.ts';
import { averagings } from '../../domain/time.ts';
import { patienceOf } from '../silence/silence.ts';
import { parameterName, threeDigits } from './series-signals.ts';
import type { Explanation, Signal, StationData } from './signal.ts';
import type { SignalFacts } from './water-signals.ts';

/** Moments at which something was heard (sorted), and gaps after them that are longer than `raise` times what is waited for then. */
function gapSignal(
  heardS: readonly number[],
  of: { waitingS(row: number): number; raise: number; throughS: number },
): Pick<Signal, 'beginS' | 'endS' | 'score' | 'representsS' | 'noticedAfterS'> {
  const rows = heardS.map((at, row) => {
    const nextS = heardS[row + 1] ?? of.throughS;
    const score = (nextS - at) / of.waitingS(row);
    return score > of.raise ? { at, endS: nextS, score } : { at, endS: at, score: 0 };
  });
  const rowAt = new Map(heardS.map((at, row) => [at, row]));
  return {
    beginS: Float64Array.from(rows, ({ at }) => at),
    endS: Float64Array.from(rows, ({ endS }) => endS),
    score: Float64Array.from(rows, ({ score }) => score),
    representsS: 1,
    noticedAfterS: (startS) => of.raise * of.waitingS(rowAt.get(startS) ?? 0),
  };
}

const hours = (seconds: number): string => threeDigits(seconds / 3600);

const silent = (name: { zh: string; en: string }, lengthS: number, waitingS: number): Explanation => ({
  parameter: null,
  value: hours(lengthS),
  unit: 'h',
  limit: hours(waitingS),
  multiple: null,
  edition: null,
  standing: null,
  summary: {
    zh: `${name.zh}：已有${hours(lengthS)}小时没有数据，等待时限为${hours(waitingS)}小时`,
    en: `${name.en}: nothing for ${hours(lengthS)} hours; ${hours(waitingS)} hours are waited for`,
  },
});

/** Ends of the readings that hold a value, sorted, each once. */
function heardOf(series: StationData['series'], throughS: number): number[] {
  const heard = new Set<number>();
  for (const { key, timeS, value } of series) {
    const { seconds, sliding } = averagings[key.averaging];
    const shift = sliding ? 0 : (seconds ?? 0);
    for (let row = 0; row < timeS.length; row++) {
      const endS = timeS[row]! + shift;
      if (endS <= throughS && !Number.isNaN(value[row]!)) heard.add(endS);
    }
  }
  return [...heard].toSorted((a, b) => a - b);
}

/**
 * What is waited for after each reading: learned from the intervals before it, as the watch over silences does, so that a silence is
 * judged by what was usual when it began. Without `learned`: the least that could be.
 */
function waiting(
  heardS: readonly number[],
  of: { cadenceS: number; patience: Patience; learned: boolean },
): (row: number) => number {
  const { cadenceS, patience } = of;
  const known = new Map<number, number>();
  return (row) => {
    const least = patience.atLeastCadences * cadenceS;
    const gapS = (heardS[row + 1] ?? Infinity) - heardS[row]!;
    if (!of.learned || gapS <= least) return least;
    const sinceS = heardS[row]! - patience.learnDays * 86_400;
    const waitingS =
      known.get(row) ??
      patienceOf(
        heardS.slice(0, row + 1).filter((at) => at >= sinceS),
        cadenceS,
        patience,
      ).patienceS;
    known.set(row, waitingS);
    return waitingS;
  };
}

/**
 * Silences of a station by one provider, in multiples of what is waited for: of the station as a whole, or of each of `items` that
 * ever reported. None where nothing was heard or the cadence is unknown.
 */
export function silenceSignals(
  data: StationData,
  rule: Pick<AlertRule, 'raise'> & { when: { items?: readonly string[] } },
  of: SignalFacts,
): Signal[] {
  const { cadenceS, station, provider } = data;
  if (cadenceS === null) return [];
  const level = 'level' in station ? station.level : null;
  const { patience } = networkOf(of.config.networks, { provider, level });
  return (rule.when.items ?? [null]).flatMap((item): Signal[] => {
    const series = data.series.filter(({ key }) => item === null || key.parameter === item);
    const heardS = heardOf(series, of.throughS);
    if (heardS.length === 0) return [];
    const waitingS = waiting(heardS, { cadenceS, patience, learned: of.learned !== false });
    const gaps = gapSignal(heardS, { waitingS, raise: rule.raise, throughS: of.throughS });
    const name = item === null ? null : parameterName(of.config, item);
    const named = (language: 'zh' | 'en') =>
      [station.name[language], ...(name === null ? [] : [name[language]])].join(
        language === 'zh' ? '' : ', ',
      );
    return [
      {
        ...gaps,
        subject: { station: station.id, parameter: item, provider, source: null },
        explain: (row) => ({
          ...silent({ zh: named('zh'), en: named('en') }, gaps.endS[row]! - gaps.beginS[row]!, waitingS(row)),
          parameter: item,
        }),
      },
    ];
  });
}

/** When the schedule of a source last fired, epoch seconds; `sinceS`: where a silence that is known began. */
export interface LastSlot {
  source: string;
  lastSlotS: number;
  sinceS?: number;
}

/** Silence of the schedule itself, in cadences: a schedule has no habits to learn. */
export function scheduleSignal(
  slot: LastSlot,
  source: Config['sources'][number],
  rule: Pick<AlertRule, 'raise'>,
  of: SignalFacts,
): Signal {
  const heardS = slot.sinceS === undefined ? [slot.lastSlotS] : [slot.sinceS, slot.lastSlotS];
  const { cadenceSeconds } = source;
  const gaps = gapSignal(heardS, {
    waitingS: () => cadenceSeconds,
    raise: rule.raise,
    throughS: of.throughS,
  });
  const name = { zh: `定时任务 ${source.name.zh}`, en: `schedule of ${source.name.en}` };
  return {
    ...gaps,
    subject: { station: null, parameter: null, provider: null, source: source.id },
    explain: (row) => silent(name, gaps.endS[row]! - gaps.beginS[row]!, cadenceSeconds),
  };
}
