import { circumstanceFaults, type Circumstance } from '../../domain/circumstance.ts';
import type { MeasuringMethod } from '../../domain/config/water-periods.ts';
import { packFlags } from '../../domain/flags.ts';
import { civilDate, instantOfCivil, intervalOf } from '../../domain/time.ts';
import {
  firstRowAt,
  SectionMonths,
  type MeasuredSeries,
  type MeanFacts,
  type SectionSource,
  type TalliedSource,
} from './month-values.ts';
import { boundsOf, type AssessmentPeriod } from './period.ts';
import { assessSection, type AssessedSection, type SectionAssessment } from './section-assessment.ts';
import type { WaterFacts } from './water-facts.ts';

const reviewed = packFlags({ stage: 1 });

/** What one decided circumstance did. `readings`: how many were left out or replaced. */
export interface AppliedCircumstance {
  id: string;
  kind: Circumstance['kind'];
  effect: Circumstance['effect'];
  documentNumber: string | null;
  items: string[];
  readings: number;
}

export interface CircumstanceEffects {
  sources: SectionSource[];
  applied: AppliedCircumstance[];
  /** Undecided, of another section, or faulty: no effect, and why. */
  ignored: { id: string; reason: string }[];
  /** A verdict that waits: ids of circumstances on hold. */
  held: { id: string; fromS: number; toS: number }[];
}

/** Epoch seconds, half-open. */
type Span = Pick<Circumstance, 'fromS' | 'toS'>;

/**
 * The part of an interval that a source can do without. A sample by hand stands for its month and cannot be split: only months that lie
 * wholly inside count, and null says that there is none.
 */
export function spanIn(span: Span, method: MeasuringMethod, timeZone: string): Span | null {
  if (method === 'automatic') return span;
  const monthOf = (atS: number) => {
    const beginS = instantOfCivil(`${civilDate(atS, timeZone).slice(0, 7)}-01T00:00`, timeZone);
    return intervalOf('P1M', beginS, timeZone);
  };
  const [first, last] = [monthOf(span.fromS), monthOf(span.toS)];
  const fromS = first.beginS === span.fromS ? first.beginS : first.endS;
  return fromS < last.beginS ? { fromS, toS: last.beginS } : null;
}

/** Rows outside `[fromS, toS)`. */
function without(series: MeasuredSeries, span: Span): MeasuredSeries {
  const keep = [...series.timeS.keys()].filter(
    (row) => !(series.timeS[row]! >= span.fromS && series.timeS[row]! < span.toS),
  );
  if (keep.length === series.timeS.length) return series;
  const pick = <T>(column: { [at: number]: T }) => keep.map((row) => column[row]!);
  return {
    parameter: series.parameter,
    timeS: Float64Array.from(pick(series.timeS)),
    value: Float64Array.from(pick(series.value)),
    flags: Uint16Array.from(pick(series.flags)),
    ...(series.detectionLimit === undefined
      ? {}
      : { detectionLimit: Float64Array.from(pick(series.detectionLimit)) }),
  };
}

const concerns = (one: Circumstance, parameter: string) =>
  one.items.length === 0 || one.items.includes(parameter);

/** Rows of `[fromS, toS)` that hold a number take the value of the make-up sample, as reviewed; it stands for the whole interval. */
function madeUp(series: MeasuredSeries, one: Span, value: number): MeasuredSeries | null {
  const inside = [...series.timeS.keys()].filter(
    (row) =>
      series.timeS[row]! >= one.fromS && series.timeS[row]! < one.toS && !Number.isNaN(series.value[row]!),
  );
  if (inside.length === 0) return null;
  const changed = { ...series, value: series.value.slice(), flags: series.flags.slice() };
  for (const row of inside) {
    changed.value[row] = value;
    changed.flags[row] = reviewed;
  }
  return changed;
}

/** Items of a make-up sample that nothing was measured of in the interval: one sample by hand. */
function makeUpSource(one: Circumstance, items: ReadonlySet<string>): SectionSource[] {
  const values = Object.entries(one.makeUp?.values ?? {}).filter(
    ([parameter]) => concerns(one, parameter) && !items.has(parameter),
  );
  if (one.makeUp === undefined || values.length === 0) return [];
  const inside = Math.min(Math.max(one.makeUp.sampledS, one.fromS), one.toS - 1);
  const series = values.map(([parameter, value]): MeasuredSeries => ({
    parameter,
    timeS: Float64Array.of(inside),
    value: Float64Array.of(Number(value)),
    flags: Uint16Array.of(reviewed),
  }));
  return [{ provider: `make-up ${one.id}`, method: 'manual', network: null, cadenceS: null, series }];
}

/** One decided circumstance on all sources. */
function take(
  one: Circumstance,
  sources: readonly SectionSource[],
  timeZone: string,
): { sources: SectionSource[]; applied: AppliedCircumstance } {
  const items = new Set<string>();
  let readings = 0;
  const left = sources.map((source) => {
    const span = spanIn(one, source.method, timeZone);
    if (span === null) return source;
    const series = source.series.map((series) => {
      if (!concerns(one, series.parameter)) return series;
      const value = one.makeUp?.values[series.parameter];
      if (one.effect === 'replace-by-make-up-sample' && value === undefined) return series;
      const changed =
        value === undefined ? without(series, span) : (madeUp(series, span, Number(value)) ?? series);
      if (changed === series) return series;
      items.add(series.parameter);
      readings += firstRowAt(series.timeS, span.toS) - firstRowAt(series.timeS, span.fromS);
      return changed;
    });
    return { ...source, series };
  });
  const { id, kind, effect, documentNumber } = one;
  const added = makeUpSource(one, items);
  for (const source of added) for (const { parameter } of source.series) items.add(parameter);
  return {
    sources: [...left, ...added],
    applied: { id, kind, effect, documentNumber, items: [...items].toSorted(), readings },
  };
}

/**
 * Readings of a section as decided circumstances leave them. Nothing is exempt by itself: only what names a deciding body and a
 * document number takes effect. The readings given are not changed.
 */
export function applyCircumstances(
  section: string,
  sources: readonly SectionSource[],
  circumstances: readonly Circumstance[],
  timeZone: string,
): CircumstanceEffects {
  const result: CircumstanceEffects = { sources: [...sources], applied: [], ignored: [], held: [] };
  for (const one of circumstances.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const fault = circumstanceFaults(one)[0];
    if (one.section !== section || fault !== undefined || one.effect === 'none') {
      const reason = one.section !== section ? 'other-section' : (fault ?? 'no-effect');
      result.ignored.push({ id: one.id, reason });
      continue;
    }
    if (one.effect === 'hold') {
      result.held.push({ id: one.id, fromS: one.fromS, toS: one.toS });
      continue;
    }
    const taken = take(one, result.sources, timeZone);
    result.sources = taken.sources;
    result.applied.push(taken.applied);
  }
  return result;
}

/** Both figures, always: as measured, and as decided. */
export interface BothAssessments {
  asMeasured: SectionAssessment;
  asDecided: SectionAssessment;
  applied: AppliedCircumstance[];
  ignored: { id: string; reason: string }[];
  /** Circumstances on hold within the period: the decided verdict is not final. */
  held: string[];
  /** Values of the months as measured, and as decided: the same object where no circumstance took effect. */
  months: { measured: SectionMonths; decided: SectionMonths };
  /** Readings as decided. */
  sources: readonly TalliedSource[];
}

/** A section over a period without any circumstances. `months`: values of its months. */
export function assessMeasured(
  section: AssessedSection,
  sources: readonly TalliedSource[],
  months: SectionMonths,
  at: { period: AssessmentPeriod; facts: WaterFacts },
): BothAssessments {
  const assessment = assessSection(section, months, at.period, at.facts);
  return {
    asMeasured: assessment,
    asDecided: assessment,
    months: { measured: months, decided: months },
    sources,
    applied: [],
    ignored: [],
    held: [],
  };
}

/** A section over a period without and with its circumstances; both are printed. */
export function assessBoth(
  section: AssessedSection,
  sources: readonly SectionSource[],
  circumstances: readonly Circumstance[],
  at: { period: AssessmentPeriod; facts: WaterFacts },
): BothAssessments {
  const facts: MeanFacts = at.facts;
  const effects = applyCircumstances(section.id, sources, circumstances, facts.timeZone);
  const { beginS, endS } = boundsOf(at.period, facts.timeZone);
  const judge = (months: SectionMonths) => assessSection(section, months, at.period, at.facts);
  const measured = new SectionMonths(sources, facts);
  const decided = effects.applied.length === 0 ? measured : new SectionMonths(effects.sources, facts);
  const asMeasured = judge(measured);
  return {
    asMeasured,
    asDecided: decided === measured ? asMeasured : judge(decided),
    months: { measured, decided },
    sources: effects.sources,
    applied: effects.applied,
    ignored: effects.ignored,
    held: effects.held.filter((one) => one.fromS < endS && beginS < one.toS).map(({ id }) => id),
  };
}
