import type { Parameter } from '../../domain/config/parameter.ts';
import type { WaterEvaluation } from '../../domain/config/standard.ts';
import type { MeasuringMethod, WaterPeriods } from '../../domain/config/water-periods.ts';
import { Decimal } from '../../domain/decimal.ts';
import type { TallyColumns } from '../../domain/ports.ts';
import { isValid, qualifiers, stageOf } from '../../domain/flags.ts';
import { ExactSum, HydrogenIonSum, type MeanOf } from './exact-sum.ts';
import { boundsOf, dayBounds, periodOf, type AssessmentPeriod } from './period.ts';

/** Columns of one series of a section, sorted by time. `detectionLimit` NaN where the reading names none. */
export interface MeasuredSeries {
  parameter: string;
  timeS: Float64Array;
  value: Float64Array;
  flags: Uint16Array;
  detectionLimit?: Float64Array;
}

/**
 * The same, counted and summed by civil day and flags: rows in that order. Never of an item that is averaged as hydrogen ions, and
 * without limits of detection of its own.
 */
export type TalliedSeries = Omit<TallyColumns, 'key'> & { parameter: string };

/** Readings, or what a store has made of them: means over days and months are the same. */
export type SectionSeries = MeasuredSeries | TalliedSeries;

/**
 * What one provider measured at a section. `cadenceS` between readings due; null for samples by hand, and for automatic data of which
 * nobody says how often they are due: those are never enough.
 */
export interface SourceOf<Series extends SectionSeries> {
  provider: string;
  method: MeasuringMethod;
  network: string | null;
  cadenceS: number | null;
  /** Its values stand for whole months: no day has one. */
  monthly?: boolean;
  series: readonly Series[];
}
export type SectionSource = SourceOf<MeasuredSeries>;
export type TalliedSource = SourceOf<SectionSeries>;

export type InsufficientReason =
  'no-data' | 'too-few-days' | 'too-few-samples' | 'too-few-readings' | 'too-few-months' | 'cadence-unknown';

/** One item over one period. `mean` unrounded; null with a reason. Counts are of the source that was used, or of the best that failed. */
export interface ItemMean {
  parameter: string;
  mean: Decimal | null;
  /** Mean of what there is, also where that is too little for a mean. */
  partial: Decimal | null;
  reason: InsufficientReason | null;
  provider: string | null;
  method: MeasuringMethod | null;
  expected: number | null;
  observed: number;
  valid: number;
  validDays: number;
  days: number;
  belowDetection: number;
  /** Lowest review stage of the readings used; 0 raw. */
  stage: number;
}

export interface MeanFacts {
  method: WaterEvaluation;
  periods: WaterPeriods;
  /** Stored decimals by parameter. */
  parameters: readonly Pick<Parameter, 'id' | 'decimals'>[];
  timeZone: string;
}

const notMeasured = qualifiers.missing | qualifiers.calibration | qualifiers.maintenance | qualifiers.fault;

/** A reading that may enter a statistic: a number, valid, and not of an instrument under calibration, maintenance or fault. */
export function entersStatistics(value: number, flags: number): boolean {
  return Number.isFinite(value) && isValid(flags) && (flags & notMeasured) === 0;
}

/** An empty mean of the kind that the method asks for this item. Source: 环办监测函〔2020〕82号. */
export function emptyMean(parameter: string, facts: Pick<MeanFacts, 'method' | 'parameters'>): MeanOf {
  if (facts.method.meanByHydrogenIon.items.includes(parameter)) return new HydrogenIonSum();
  return new ExactSum(facts.parameters.find((one) => one.id === parameter)?.decimals ?? 0);
}

interface Tally {
  observed: number;
  validDays: number;
  belowDetection: number;
  stage: number;
  readings: MeanOf;
  dayMeans: MeanOf;
}

/** First row at or after `timeS`; columns are sorted. */
export function firstRowAt(timeS: Float64Array, atS: number): number {
  let [low, high] = [0, timeS.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeS[middle]! < atS) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Of whole civil days; a day is valid with the share of due readings that the rule asks, or with one where none are due. `addDay` adds
 * what lies before an instant, in order, and answers how many readings entered.
 */
function tally(
  series: SectionSeries,
  bounds: Float64Array,
  cadenceS: number | null,
  facts: MeanFacts,
): Tally {
  const { minValid, ofExpected } = facts.periods.day;
  const total: Tally = {
    observed: 0,
    validDays: 0,
    belowDetection: 0,
    stage: 7,
    readings: emptyMean(series.parameter, facts),
    dayMeans: emptyMean(series.parameter, facts),
  };
  const daily = facts.periods.month.meanOf === 'day-means';
  const addDay =
    'dayS' in series ? talliedDays(series, bounds[0]!, facts) : measuredDays(series, bounds[0]!, facts);
  for (let day = 0; day + 1 < bounds.length; day++) {
    const endS = bounds[day + 1]!;
    const ofDay = daily ? emptyMean(series.parameter, facts) : null;
    const count = addDay(endS, total, ofDay);
    const expected = cadenceS === null ? null : (endS - bounds[day]!) / cadenceS;
    const enough = expected === null || count * ofExpected >= minValid * expected;
    if (!enough || count === 0) continue;
    total.validDays++;
    if (ofDay !== null) total.dayMeans.addDecimal(ofDay.mean()!);
  }
  return total;
}

type AddDay = (endS: number, total: Tally, ofDay: MeanOf | null) => number;

function measuredDays(series: MeasuredSeries, fromS: number, facts: MeanFacts): AddDay {
  const share = new Decimal(facts.method.belowDetection.share);
  let row = firstRowAt(series.timeS, fromS);
  return (endS, total, ofDay) => {
    let count = 0;
    for (; row < series.timeS.length && series.timeS[row]! < endS; row++) {
      const [value, flags] = [series.value[row]!, series.flags[row]!];
      if (!Number.isNaN(value)) total.observed++;
      if (!entersStatistics(value, flags)) continue;
      count++;
      total.stage = Math.min(total.stage, stageOf(flags));
      if ((flags & qualifiers.belowDetection) === 0) {
        ofDay?.add(value);
        total.readings.add(value);
        continue;
      }
      const limit = series.detectionLimit?.[row] ?? Number.NaN;
      const half = share.times(Number.isNaN(limit) ? value : limit);
      total.belowDetection++;
      ofDay?.addDecimal(half);
      total.readings.addDecimal(half);
    }
    return count;
  };
}

function talliedDays(series: TalliedSeries, fromS: number, facts: MeanFacts): AddDay {
  const share = new Decimal(facts.method.belowDetection.share);
  const scale = 10 ** series.decimals;
  let row = firstRowAt(series.dayS, fromS);
  return (endS, total, ofDay) => {
    let count = 0;
    for (; row < series.dayS.length && series.dayS[row]! < endS; row++) {
      const [values, flags] = [series.values[row]!, series.flags[row]!];
      total.observed += values;
      if (values === 0 || !entersStatistics(0, flags)) continue;
      count += values;
      total.stage = Math.min(total.stage, stageOf(flags));
      const below = (flags & qualifiers.belowDetection) !== 0;
      if (below) total.belowDetection += values;
      const sum = below ? share.times(series.scaledSum[row]!).div(scale) : series.scaledSum[row]!;
      ofDay?.addSum(sum, values);
      total.readings.addSum(sum, values);
    }
    return count;
  };
}

function itemMean(
  source: TalliedSource,
  series: SectionSeries,
  bounds: Float64Array,
  facts: MeanFacts,
): ItemMean {
  const { month } = facts.periods;
  const days = bounds.length - 1;
  const counted = tally(series, bounds, source.cadenceS, facts);
  const valid = counted.readings.count;
  const one = days === 1;
  const enoughDays = one
    ? counted.validDays === 1
    : new Decimal(counted.validDays).gte(new Decimal(month.minDayShare).times(days));
  const manual = source.method === 'manual';
  const unknown = !manual && source.cadenceS === null;
  const enough = manual ? valid >= month.minSamples : enoughDays && !unknown;
  const mean = month.meanOf === 'readings' || manual || one ? counted.readings : counted.dayMeans;
  const short = unknown
    ? 'cadence-unknown'
    : manual
      ? 'too-few-samples'
      : one
        ? 'too-few-readings'
        : 'too-few-days';
  return {
    parameter: series.parameter,
    mean: enough ? mean.mean() : null,
    partial: mean.mean() ?? counted.readings.mean(),
    reason: enough ? null : valid === 0 ? 'no-data' : short,
    provider: source.provider,
    method: source.method,
    expected: source.cadenceS === null ? null : Math.floor((bounds.at(-1)! - bounds[0]!) / source.cadenceS),
    observed: counted.observed,
    valid,
    validDays: counted.validDays,
    days,
    belowDetection: counted.belowDetection,
    stage: valid === 0 ? 0 : counted.stage,
  };
}

/** Methods in the order in which they count for an item of a network. */
export function sourceOrder(
  parameter: string,
  network: string | null,
  precedence: WaterPeriods['precedence'],
): readonly MeasuringMethod[] {
  const rule = precedence.rules.find(
    (one) =>
      one.items.includes(parameter) &&
      (one.networks === undefined || (network !== null && one.networks.includes(network))),
  );
  return rule?.order ?? precedence.others;
}

function noData(parameter: string, days: number): ItemMean {
  return {
    parameter,
    mean: null,
    partial: null,
    reason: 'no-data',
    provider: null,
    method: null,
    expected: null,
    observed: 0,
    valid: 0,
    validDays: 0,
    days,
    belowDetection: 0,
    stage: 0,
  };
}

/**
 * Every item of a section over one day or month, each from one source alone: the first in the order of precedence that has enough.
 * Items in the order in which the sources name them. A source whose method the rule does not list for the item never counts.
 */
export function itemMeans(
  sources: readonly TalliedSource[],
  period: { from: string; to: string },
  facts: MeanFacts,
): ItemMean[] {
  return meansWithin(sources, dayBounds(period, facts.timeZone), facts);
}

function meansWithin(sources: readonly TalliedSource[], bounds: Float64Array, facts: MeanFacts): ItemMean[] {
  const items = new Set(sources.flatMap((source) => source.series.map(({ parameter }) => parameter)));
  return [...items].map((parameter) => {
    let best = noData(parameter, bounds.length - 1);
    const candidates = sources.flatMap((source) => {
      const rank = sourceOrder(parameter, source.network, facts.periods.precedence).indexOf(source.method);
      const series = source.series.find((one) => one.parameter === parameter);
      return rank === -1 || series === undefined ? [] : [{ rank, source, series }];
    });
    for (const { source, series } of candidates.toSorted((a, b) => a.rank - b.rank)) {
      const found = itemMean(source, series, bounds, facts);
      if (found.mean !== null) return found;
      if (found.valid > best.valid || best.provider === null) best = found;
    }
    return best;
  });
}

/** Values of the months of a section, computed once and shared by all periods that need them. */
export class SectionMonths {
  readonly #sources: readonly TalliedSource[];
  readonly #facts: MeanFacts;
  readonly #months = new Map<string, ItemMean[]>();

  /** Single readings are told only of sources that hold readings. */
  constructor(sources: readonly TalliedSource[], facts: MeanFacts) {
    this.#sources = sources;
    this.#facts = facts;
  }

  /** `month` as `YYYY-MM`. */
  of(month: string): ItemMean[] {
    let values = this.#months.get(month);
    if (values === undefined) {
      values = itemMeans(this.#sources, periodOf(month), this.#facts);
      this.#months.set(month, values);
    }
    return values;
  }

  day(date: string): ItemMean[] {
    const daily = this.#sources.filter(({ monthly }) => monthly !== true);
    return itemMeans(daily, periodOf(date), this.#facts);
  }

  /** What automatic sources read at one moment: nothing else was due, and a sample by hand stands for its month. */
  single(period: AssessmentPeriod): ItemMean[] {
    const automatic = this.#sources
      .filter(({ method }) => method === 'automatic')
      .map((source) => ({ ...source, cadenceS: 1 }));
    const { beginS, endS } = boundsOf(period, this.#facts.timeZone);
    return meansWithin(automatic, Float64Array.of(beginS, endS), this.#facts);
  }

  get facts(): MeanFacts {
    return this.#facts;
  }
}
