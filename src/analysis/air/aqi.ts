import type { AqiIndicator, AqiStandard } from '../../domain/config/standard.ts';
import type { Text } from '../../domain/config/facts.ts';
import { Decimal } from '../../domain/decimal.ts';
import { aqiLevel, iaqiOf, type NoIndexReason } from './index-limits.ts';

/** Concentrations by column (`pm25`, `o3`, `o3_8h`, …): µg/m³, CO mg/m³; null or absent for no value. */
export type AirValues = Readonly<Record<string, number | string | Decimal | null>>;

export interface AqiOptions {
  report: 'hourly' | 'daily';
  /** Pollutants that the monitoring plan does not include. */
  notInPlan?: readonly string[];
  /**
   * Three consecutive years without light or worse pollution led by a pollutant that is not in the plan. `assumed`: taken for
   * granted by the configuration, and the verdict's reason says so.
   */
  historyClean?: boolean | 'assumed';
}

/** Pollutants of a report for which a row has no column at all: a column without a value is missing, none is not in the plan. */
export function pollutantsNotInPlan(
  standard: AqiStandard,
  report: AqiOptions['report'],
  columns: Readonly<Record<string, unknown>>,
): string[] {
  const { indicators } = standard[report];
  const reported = new Set(
    indicators
      .filter(
        ({ column, otherwise }) => column in columns || (otherwise !== undefined && otherwise in columns),
      )
      .map(({ parameter }) => parameter),
  );
  return [...new Set(indicators.map(({ parameter }) => parameter))].filter(
    (parameter) => !reported.has(parameter),
  );
}

/** What the edition assumes of pollutants outside the plan, as an option of {@link judgeAqi}. */
export function historyOf(standard: AqiStandard): 'assumed' | false {
  return standard.unplanned.historyClean ? 'assumed' : false;
}

export type AqiReason =
  | 'no-value'
  | 'pollutant-missing'
  | 'pollutant-missing-but-polluted'
  | 'read-from-other-column'
  | 'judged-on-fewer-indicators'
  | 'not-in-plan'
  | 'not-in-plan-history-assumed-clean';

/** `reason` names why there is no index, or what the reader must know about one that there is; `concerns` lists columns. */
export interface AqiVerdict {
  edition: string;
  report: 'hourly' | 'daily';
  aqi: number | null;
  /** Largest index of the pollutants that have one, also where a missing one keeps the AQI from being given. */
  atLeast: number | null;
  level: number | null;
  levelName: Text | null;
  colour: string | null;
  /** Columns whose index equals the AQI, where it is above the edition's threshold. */
  primary: string[];
  iaqi: Record<string, number | null>;
  noIndex: Record<string, NoIndexReason>;
  /** Columns above the edition's non-attainment index; empty where the edition has no such list. */
  nonAttainment: string[];
  status: 'ok' | 'cannot-judge';
  reason: AqiReason | null;
  concerns: string[];
}

interface IndicatorIndex {
  indicator: AqiIndicator;
  iaqi: number | null;
  reason: NoIndexReason | null;
  otherColumn: boolean;
}

/**
 * AQI of one station and hour or day. Missing pollutants follow the edition: NA, or NA unless the others already exceed
 * `pollutedAbove`. A pollutant counts as present when one of its indicators has an index. Source: HJ 633.
 */
export function judgeAqi(standard: AqiStandard, values: AirValues, options: AqiOptions): AqiVerdict {
  const { indicators } = standard[options.report];
  const results = indicators.map((indicator) => indicatorIndex(standard, indicator, values));
  const computed = results.filter((result) => result.iaqi !== null);
  const present = new Set(computed.map((result) => result.indicator.parameter));
  const clean = options.historyClean ?? false;
  const excused = clean === false ? [] : (options.notInPlan ?? []);
  const missing = results.filter(
    ({ indicator }) => !present.has(indicator.parameter) && !excused.includes(indicator.parameter),
  );
  const largest = Math.max(standard.minimumIndex, ...computed.map((result) => result.iaqi!));
  const polluted = largest > standard.pollutedAbove;
  const published =
    computed.length > 0 &&
    (missing.length === 0 || (standard.missing === 'mark-na-unless-polluted' && polluted));
  const level = published ? aqiLevel(standard, largest) : null;
  return {
    edition: standard.id,
    report: options.report,
    aqi: published ? largest : null,
    atLeast: computed.length > 0 ? largest : null,
    level: level?.level ?? null,
    levelName: level?.name ?? null,
    colour: level?.colour ?? null,
    primary:
      published && largest > standard.primaryAbove ? columnsWhere(computed, (iaqi) => iaqi === largest) : [],
    iaqi: Object.fromEntries(results.map((result) => [result.indicator.column, result.iaqi])),
    noIndex: Object.fromEntries(
      results.flatMap((result) => (result.reason === null ? [] : [[result.indicator.column, result.reason]])),
    ),
    nonAttainment: columnsWhere(
      computed,
      (iaqi) => standard.nonAttainmentAbove !== null && iaqi > standard.nonAttainmentAbove,
    ),
    status: published ? 'ok' : 'cannot-judge',
    ...reasonOf(results, missing, published, { excused, assumed: clean === 'assumed' }),
  };
}

function indicatorIndex(standard: AqiStandard, indicator: AqiIndicator, values: AirValues): IndicatorIndex {
  const otherColumn =
    !(indicator.column in values) && indicator.otherwise !== undefined && indicator.otherwise in values;
  const value = valueOf(values, otherColumn ? indicator.otherwise! : indicator.column);
  const result = iaqiOf(standard, indicator, value);
  if (result.reason !== 'not-computed-above-scale' || indicator.instead === undefined) {
    return { indicator, ...result, otherColumn };
  }
  const { column, averaging } = indicator.instead;
  const instead = iaqiOf(standard, { parameter: indicator.parameter, averaging }, valueOf(values, column));
  return { indicator, ...(instead.iaqi === null ? result : instead), otherColumn };
}

function valueOf(values: AirValues, column: string): Decimal | null {
  const value = values[column];
  return value === undefined || value === null ? null : new Decimal(value);
}

function columnsWhere(results: readonly IndicatorIndex[], holds: (iaqi: number) => boolean): string[] {
  return results.filter((result) => holds(result.iaqi!)).map((result) => result.indicator.column);
}

function reasonOf(
  results: readonly IndicatorIndex[],
  missing: readonly IndicatorIndex[],
  published: boolean,
  plan: { excused: readonly string[]; assumed: boolean },
): Pick<AqiVerdict, 'reason' | 'concerns'> {
  const columns = (of: readonly IndicatorIndex[]) => of.map((result) => result.indicator.column);
  if (results.every((result) => result.iaqi === null))
    return { reason: 'no-value', concerns: columns(results) };
  if (missing.length > 0) {
    const reason = published ? 'pollutant-missing-but-polluted' : 'pollutant-missing';
    return { reason, concerns: columns(missing) };
  }
  const other = results.filter((result) => result.otherColumn && result.iaqi !== null);
  if (other.length > 0) return { reason: 'read-from-other-column', concerns: columns(other) };
  const unplanned = results.filter(
    ({ indicator, iaqi }) => iaqi === null && plan.excused.includes(indicator.parameter),
  );
  if (unplanned.length > 0) {
    const reason = plan.assumed ? 'not-in-plan-history-assumed-clean' : 'not-in-plan';
    return { reason, concerns: columns(unplanned) };
  }
  const fewer = results.filter((result) => result.reason === 'no-value');
  if (fewer.length > 0) return { reason: 'judged-on-fewer-indicators', concerns: columns(fewer) };
  return { reason: null, concerns: [] };
}
