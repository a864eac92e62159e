import { editionInForce } from '../../domain/config/config.ts';
import type {
  AirAssessment,
  AirStandard,
  AqiStandard,
  ExceedanceWording,
} from '../../domain/config/standard.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';
import { judgeAqi, type AqiVerdict } from '../air/aqi.ts';
import {
  annualVerdict,
  complianceRate,
  compositeIndex,
  percentile,
  type AnnualVerdict,
  type CompositeIndex,
} from '../air/assessment.ts';
import { airLimitOn, monthIsValid, yearIsValid, type AirAveraging, type Grade } from '../air/attainment.ts';
import { airOverLimitList, type AirOverLimit } from '../exceedance/air-over-limit.ts';
import type { DaySeries } from './air-days.ts';

export interface AirPeriodFacts {
  airStandards: readonly AirStandard[];
  aqiStandards: readonly AqiStandard[];
  assessment: AirAssessment;
  wording: ExceedanceWording;
}

/** Day values by pollutant, all over the same dates; ozone as daily maximum 8 h mean. */
export type AirDays = readonly DaySeries[];

/** Index and attainment of one day are two verdicts: an index of at most 100 is not attainment. */
export interface AirDayVerdict {
  date: string;
  aqi: AqiVerdict | null;
  /** Null: a pollutant of the six is missing and none of the others is over. */
  attains: boolean | null;
  over: AirOverLimit[];
}

/** Statistics decimals of a pollutant; values are printed and judged by them. */
function statistics(parameter: string, value: Decimal, assessment: AirAssessment): Decimal {
  const decimals = assessment.decimals.items.find((item) => item.parameter === parameter);
  return decimals === undefined ? value : roundHalfEven(value, decimals.attainment);
}

/** One civil day: index by the edition of the day, attainment by the limits of the day and the zone's grade. */
export function judgeAirDay(
  days: AirDays,
  at: number,
  zone: { grade: Grade; reviewed: boolean },
  facts: AirPeriodFacts,
): AirDayVerdict {
  const date = days[0]?.dates[at] ?? '';
  const edition = editionInForce(facts.aqiStandards, date);
  const eightHour = (parameter: string) =>
    facts.assessment.annualItems.items.find((item) => item.parameter === parameter)?.of === '8h-max';
  const rounded = days.map(({ parameter, values }) => {
    const value = values[at] ?? null;
    return { parameter, value: value === null ? null : statistics(parameter, value, facts.assessment) };
  });
  const columnOf = (parameter: string) =>
    edition?.daily.indicators.find(
      (indicator) =>
        indicator.parameter === parameter && (indicator.averaging === '8h') === eightHour(parameter),
    )?.column ?? parameter;
  const columns = Object.fromEntries(rounded.map(({ parameter, value }) => [columnOf(parameter), value]));
  const standing = zone.reviewed ? 'day-reviewed' : 'day-unreviewed';
  const overOf = (averaging: AirAveraging, eight: boolean) =>
    airOverLimitList(
      {
        values: Object.fromEntries(
          rounded
            .filter(({ parameter }) => eightHour(parameter) === eight)
            .map(({ parameter, value }) => [parameter, value]),
        ),
        averaging,
        grade: zone.grade,
        date,
        standing,
      },
      facts,
    );
  const over = [...overOf('24h', false), ...overOf('8h-max', true)];
  const complete = facts.assessment.annualItems.items.every(({ parameter }) =>
    rounded.some((one) => one.parameter === parameter && one.value !== null),
  );
  return {
    date,
    aqi: edition === null ? null : judgeAqi(edition, columns, { report: 'daily' }),
    attains: over.length > 0 ? false : complete ? true : null,
    over,
  };
}

/** One pollutant over a period. `verdict` of years only; `valid` false: too few days, and no verdict is given. */
export interface AirItemPeriod {
  parameter: string;
  validDays: number;
  valid: boolean;
  /** At the statistics decimals. */
  mean: string | null;
  percentile: string | null;
  verdict: AnnualVerdict | null;
}

export interface AirPeriodAssessment {
  from: string;
  to: string;
  /** Edition and phase of the limits, those of the last day unless asked otherwise. */
  edition: string | null;
  phase: string | null;
  /** Editions in force on days of the period, in order: where there are several, the limits of `edition` hold for all of it. */
  editions: string[];
  items: AirItemPeriod[];
  /** Null: a pollutant cannot be judged and none of the others fails. Years only. */
  attains: boolean | null;
  composite: CompositeIndex | null;
  /** Days with a verdict on attainment, those that attain, and their share in percent. */
  attainment: { validDays: number; attainingDays: number; percent: string | null };
  /** Days with an index, those with one of at most 100 (优良), and their share in percent. */
  goodDays: { validDays: number; goodDays: number; percent: string | null };
}

function enoughDays(series: DaySeries, standard: AirStandard | null): { valid: boolean; days: number } {
  const byMonth = new Map<string, number>();
  for (const [at, date] of series.dates.entries()) {
    const month = date.slice(0, 7);
    byMonth.set(month, (byMonth.get(month) ?? 0) + (series.values[at] === null ? 0 : 1));
  }
  const days = [...byMonth.values()].reduce((sum, count) => sum + count, 0);
  if (standard === null) return { valid: false, days };
  const valid =
    byMonth.size === 12
      ? yearIsValid([...byMonth.values()], standard.validity)
      : [...byMonth].every(([month, count]) =>
          monthIsValid(Number(month.slice(5)), count, standard.validity),
        );
  return { valid, days };
}

function itemPeriod(
  series: DaySeries,
  period: { grade: Grade; date: string; year: boolean },
  facts: AirPeriodFacts,
): AirItemPeriod & { exact: { mean: Decimal | null; percentile: Decimal | null } } {
  const standard = editionInForce(facts.airStandards, period.date);
  const { valid, days } = enoughDays(series, standard);
  const present = series.values.filter((value) => value !== null);
  const item = facts.assessment.annualItems.items.find((one) => one.parameter === series.parameter);
  const sum = present.reduce((total, value) => total.plus(value), new Decimal(0));
  const mean = present.length === 0 ? null : sum.div(present.length);
  const high = item === undefined ? null : percentile(present, item.percentile);
  const places = facts.assessment.decimals.items.find(
    (one) => one.parameter === series.parameter,
  )?.statistics;
  const print = (value: Decimal | null) =>
    value === null
      ? null
      : places === undefined
        ? value.toFixed()
        : roundHalfEven(value, places).toFixed(places);
  const { parameter } = series;
  const { grade, date } = period;
  return {
    parameter,
    validDays: days,
    valid,
    mean: print(mean),
    percentile: print(high),
    verdict:
      valid && period.year ? annualVerdict({ parameter, grade, date, mean, percentile: high }, facts) : null,
    exact: { mean, percentile: high },
  };
}

/**
 * A station or city over a month, a year or any span of whole months. `date`: whose edition and phase judge the period, its last day
 * unless given; printed with the verdict. Source: HJ 663; GB 3095.
 */
export function assessAirPeriod(
  days: AirDays,
  zone: { grade: Grade; reviewed: boolean; date?: string },
  facts: AirPeriodFacts,
): AirPeriodAssessment {
  const dates = days[0]?.dates ?? [];
  const [from, to] = [dates[0] ?? '', dates.at(-1) ?? ''];
  const date = zone.date ?? to;
  const year = new Set(dates.map((one) => one.slice(0, 7))).size === 12;
  const items = days.map((series) => itemPeriod(series, { grade: zone.grade, date, year }, facts));
  const byDay = dates.map((_, at) => judgeAirDay(days, at, zone, facts));
  const judged = byDay.filter((day) => day.attains !== null);
  const indexed = byDay.filter((day) => (day.aqi?.aqi ?? null) !== null);
  const attaining = judged.filter((day) => day.attains === true).length;
  const good = indexed.filter((day) => day.aqi!.aqi! <= 100).length;
  const bases = Object.fromEntries(
    items.map(({ parameter, exact }) => {
      const meansItem = facts.assessment.annualItems.items.find((one) => one.parameter === parameter)?.mean;
      return [parameter, meansItem === true ? exact.mean : exact.percentile];
    }),
  );
  const limit = airLimitOn(facts.airStandards, { parameter: '', averaging: 'year', grade: zone.grade, date });
  const verdicts = new Set(
    facts.assessment.annualItems.items.map(
      ({ parameter }) => items.find((one) => one.parameter === parameter)?.verdict?.meets ?? null,
    ),
  );
  return {
    from,
    to,
    edition: limit?.standard.id ?? null,
    phase: limit?.phase ?? null,
    editions: facts.airStandards
      .filter(({ inForce }) => inForce.from <= to && from <= (inForce.to ?? to))
      .map(({ id }) => id),
    items: items.map(({ exact: _exact, ...item }) => item),
    attains: !year ? null : verdicts.has(false) ? false : verdicts.has(null) ? null : true,
    composite: compositeIndex(bases, date, facts),
    attainment: {
      validDays: judged.length,
      attainingDays: attaining,
      percent: complianceRate(attaining, judged.length, facts.assessment),
    },
    goodDays: {
      validDays: indexed.length,
      goodDays: good,
      percent: complianceRate(good, indexed.length, facts.assessment),
    },
  };
}

/** Cities from best to worst by composite index; equal printed indices share a rank, cities without one come back apart. */
export function rankByComposite(cities: readonly { city: string; composite: CompositeIndex | null }[]): {
  ranked: { city: string; rank: number; composite: string }[];
  notRanked: string[];
} {
  const present = cities.flatMap(({ city, composite }) =>
    composite === null ? [] : [{ city, composite: composite.composite }],
  );
  const sorted = present.toSorted((a, b) => new Decimal(a.composite).cmp(b.composite));
  return {
    ranked: sorted.map(({ city, composite }) => ({
      city,
      composite,
      rank: sorted.findIndex((other) => other.composite === composite) + 1,
    })),
    notRanked: cities.filter(({ composite }) => composite === null).map(({ city }) => city),
  };
}
