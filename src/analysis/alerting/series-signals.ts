import type { AlertRule } from '../../domain/config/alerting.ts';
import type { Config } from '../../domain/config/config.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import { averagings } from '../../domain/time.ts';
import { entersStatistics } from '../assessment/month-values.ts';
import type { Explanation, Signal, StationData } from './signal.ts';
import type { SignalFacts } from './water-signals.ts';

type Condition<K extends AlertRule['when']['kind']> = Extract<AlertRule['when'], { kind: K }>;

const daySeconds = 86_400;
/** A median deviation of a normal distribution is 1 / 1.4826 of its standard deviation (Hampel's scaling). */
const deviationScale = 1.4826;

interface Column {
  parameter: string;
  timeS: number[];
  value: number[];
}

/** The valid values of one item in its finest averaging; empty for a station without it. */
function columnOf(
  data: Pick<StationData, 'series'>,
  parameter: string,
  fromS: number,
  throughS: number,
): Column {
  const of = data.series.filter(
    ({ key }) => key.parameter === parameter && !key.averaging.includes('sliding'),
  );
  const series = of.toSorted((a, b) => lengthS(a) - lengthS(b))[0];
  const column: Column = { parameter, timeS: [], value: [] };
  if (series === undefined) return column;
  for (let row = 0; row < series.timeS.length; row++) {
    const at = series.timeS[row]!;
    if (at < fromS || at > throughS || !entersStatistics(series.value[row]!, series.flags[row]!)) continue;
    column.timeS.push(at);
    column.value.push(series.value[row]!);
  }
  return column;
}

const lengthS = ({ key }: SeriesColumns): number => averagings[key.averaging].seconds ?? daySeconds;

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function facts(config: Config, parameter: string, value: number): Omit<Explanation, 'summary'> {
  const unit = config.parameters.find((one) => one.id === parameter)?.unit ?? null;
  const standing = 'single-unreviewed';
  return { parameter, value: String(value), unit, limit: null, multiple: null, edition: null, standing };
}

/** A parameter's name in both languages; its id where it is not configured. */
export const parameterName = (config: Config, parameter: string) =>
  config.parameters.find((one) => one.id === parameter)?.name ?? { zh: parameter, en: parameter };

/** A number as it is told to people. */
export const threeDigits = (value: number): string => String(Number(value.toPrecision(3)));

/** How far each value lies above the median of the days before it, in scaled median deviations; NaN before there are enough values. */
export function riseSignals(
  data: StationData,
  condition: Condition<'rapid-rise'>,
  of: SignalFacts,
): Signal[] {
  const windowS = condition.windowDays * daySeconds;
  return condition.items.flatMap((item): Signal[] => {
    const { timeS, value } = columnOf(data, item, of.fromS - windowS, of.throughS);
    if (timeS.length === 0) return [];
    const medians: number[] = [];
    let first = 0;
    const score = timeS.map((at, row) => {
      while (timeS[first]! < at - windowS) first++;
      const before = value.slice(first, row).toSorted((a, b) => a - b);
      const middle = before.length === 0 ? Number.NaN : median(before);
      medians.push(middle);
      if (at < of.fromS || before.length < condition.leastValues) return Number.NaN;
      if (value[row]! < condition.leastRatio * middle) return 0;
      const deviations = before.map((one) => Math.abs(one - middle)).toSorted((a, b) => a - b);
      const spread = median(deviations) * deviationScale;
      // A series that did not move at all has no scale of its own: a fiftieth of its level stands in.
      return (value[row]! - middle) / Math.max(spread, Math.abs(middle) / 50, Number.MIN_VALUE);
    });
    return [
      {
        subject: { station: data.station.id, parameter: item, provider: data.provider, source: null },
        beginS: Float64Array.from(timeS),
        endS: Float64Array.from(timeS),
        score: Float64Array.from(score),
        representsS: data.cadenceS ?? 3600,
        explain(row) {
          const name = parameterName(of.config, item);
          const usual = threeDigits(medians[row]!);
          return {
            ...facts(of.config, item, value[row]!),
            summary: {
              zh: `${name.zh}快速上升至${value[row]}，近${condition.windowDays}日中位数为${usual}（未经审核）`,
              en: `${name.en} rose to ${value[row]}; the median of the last ${condition.windowDays} days is ${usual} (unreviewed)`,
            },
          };
        },
      },
    ];
  });
}

/** The newest value at or before a moment, no older than `toleranceS`; null for none. */
function valueAt(column: Column, atS: number, toleranceS: number): number | null {
  let low = 0;
  let high = column.timeS.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column.timeS[middle]! <= atS) low = middle + 1;
    else high = middle;
  }
  return low > 0 && atS - column.timeS[low - 1]! <= toleranceS ? column.value[low - 1]! : null;
}

/** Downstream values as multiples of what came from upstream a travel time before; one signal a pair and item, of the lower station. */
export function divergenceSignals(
  upstream: StationData,
  downstream: StationData,
  on: { items: readonly string[]; travelHours: number },
  of: SignalFacts,
): Signal[] {
  const travelS = on.travelHours * 3600;
  const toleranceS = (upstream.cadenceS ?? 3600) * 2;
  return on.items.flatMap((item): Signal[] => {
    const above = columnOf(upstream, item, of.fromS - travelS - toleranceS, of.throughS);
    const below = columnOf(downstream, item, of.fromS, of.throughS);
    if (above.timeS.length === 0 || below.timeS.length === 0) return [];
    const came = below.timeS.map((at) => valueAt(above, at - travelS, toleranceS));
    return [
      {
        subject: {
          station: downstream.station.id,
          parameter: item,
          provider: downstream.provider,
          source: null,
        },
        beginS: Float64Array.from(below.timeS),
        endS: Float64Array.from(below.timeS),
        score: Float64Array.from(came, (up, row) =>
          up === null || up <= 0 ? Number.NaN : below.value[row]! / up,
        ),
        representsS: downstream.cadenceS ?? 3600,
        explain(row) {
          const name = parameterName(of.config, item);
          const { zh, en } = upstream.station.name;
          return {
            ...facts(of.config, item, below.value[row]!),
            limit: came[row]?.toString() ?? null,
            summary: {
              zh: `${name.zh}${below.value[row]}，上游${zh}${on.travelHours}小时前为${came[row]}（未经审核）`,
              en: `${name.en} ${below.value[row]}; upstream ${en} had ${came[row]} ${on.travelHours} h before (unreviewed)`,
            },
          };
        },
      },
    ];
  });
}

/** Difference of two providers at one moment as a share of the larger value; of the station. */
export function disagreementSignals(
  first: StationData,
  second: StationData,
  items: readonly string[],
  of: SignalFacts,
): Signal[] {
  return items.flatMap((item): Signal[] => {
    const ours = columnOf(first, item, of.fromS, of.throughS);
    const theirs = columnOf(second, item, of.fromS, of.throughS);
    const other = new Map(theirs.timeS.map((at, row) => [at, theirs.value[row]!]));
    const rows = ours.timeS.flatMap((at, row) =>
      other.has(at) ? [{ at, a: ours.value[row]!, b: other.get(at)! }] : [],
    );
    if (rows.length === 0) return [];
    return [
      {
        subject: {
          station: first.station.id,
          parameter: item,
          provider: `${first.provider}+${second.provider}`,
          source: null,
        },
        beginS: Float64Array.from(rows, ({ at }) => at),
        endS: Float64Array.from(rows, ({ at }) => at),
        score: Float64Array.from(rows, ({ a, b }) => {
          const larger = Math.max(Math.abs(a), Math.abs(b));
          return larger === 0 ? 0 : Math.abs(a - b) / larger;
        }),
        representsS: first.cadenceS ?? 3600,
        explain(row) {
          const name = parameterName(of.config, item);
          const { a, b } = rows[row]!;
          return {
            ...facts(of.config, item, a),
            limit: String(b),
            summary: {
              zh: `${name.zh}两方数据不一致：${first.provider} ${a}，${second.provider} ${b}`,
              en: `${name.en}: two providers disagree, ${first.provider} ${a}, ${second.provider} ${b}`,
            },
          };
        },
      },
    ];
  });
}
