import { array, assert, constant, integer, oneof, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  datesOf,
  dayMaxima8h,
  dayMeans,
  slidingMeans,
  type DaySeries,
  type HourSeries,
} from '../../../src/analysis/assessment/air-days.ts';
import {
  assessAirPeriod,
  judgeAirDay,
  rankByComposite,
} from '../../../src/analysis/assessment/air-period.ts';
import { cityDays } from '../../../src/analysis/assessment/city-air.ts';
import { Decimal, roundHalfEven } from '../../../src/domain/decimal.ts';
import { standards } from '../standards.ts';
import { at } from './section-months.ts';

const { airStandards, aqiStandards } = standards;
const [assessment2013, assessment2026] = standards.airAssessments as [
  (typeof standards.airAssessments)[0],
  (typeof standards.airAssessments)[0],
];
const wording = standards.exceedanceWordings[0]!;
const timeZone = 'Asia/Shanghai';

/** Hours from local midnight of a date on; null for none. */
function hours(parameter: string, from: string, values: readonly (number | null)[]): HourSeries {
  const begin = at(`${from}T00:00`);
  return {
    parameter,
    timeS: Float64Array.from(values, (_, hour) => begin + hour * 3600),
    value: Float64Array.from(values, (value) => value ?? Number.NaN),
    flags: new Uint16Array(values.length),
  };
}
const fill = (count: number, value: number | null) =>
  Array.from<number | null>({ length: count }).fill(value);

describe('days from hours', () => {
  test('need twenty of twenty-four hours', () => {
    const of = (valid: number) =>
      dayMeans(
        hours('pm25', '2026-04-01', [...fill(valid, 30), ...fill(24 - valid, null)]),
        { from: '2026-04-01', to: '2026-04-01' },
        { airStandards, timeZone, decimals: 0 },
      );
    expect(of(20).values[0]?.toFixed()).toBe('30');
    expect(of(19)).toMatchObject({ values: [null], validHours: [19] });
  });

  test('give the daily maximum of 8 h ozone, also where a short day is above the limit', () => {
    const facts = { airStandards, assessment: assessment2026, timeZone };
    const span = { from: '2026-04-01', to: '2026-04-01' };
    const day = (values: (number | null)[]) =>
      dayMaxima8h(hours('o3', '2026-04-01', values), span, 2, facts).values[0];
    expect(day([...fill(10, 40), ...fill(8, 120), ...fill(6, 60)])?.toFixed()).toBe('120');
    expect(day([...fill(8, 100), ...fill(16, null)])).toBeNull();
    expect(day([...fill(8, 161), ...fill(16, null)])?.toFixed()).toBe('161');
  });

  test('slide with a least number of hours, stamped by their end, ties to even', () => {
    const sliding = slidingMeans(hours('o3', '2026-04-01', [...fill(5, 10), null, 11, null, 10, 10]), {
      hours: 8,
      minValid: 6,
      storedDecimals: 0,
      decimals: 0,
    });
    expect([...sliding.validHours]).toEqual([1, 2, 3, 4, 5, 5, 6, 6, 6, 6]);
    expect([...sliding.value].map((value) => (Number.isNaN(value) ? null : value))).toEqual([
      null,
      null,
      null,
      null,
      null,
      null,
      10,
      10,
      10,
      10,
    ]);
    expect(sliding.timeS[0]).toBe(at('2026-04-01T01:00'));
  });

  test('sliding means equal a mean computed window by window in decimals', () => {
    assert(
      property(
        array(oneof(integer({ min: 0, max: 500 }), constant(null)), { minLength: 1, maxLength: 60 }),
        (values) => {
          const window = { hours: 8, minValid: 6, storedDecimals: 1, decimals: 0 };
          const given = values.map((value) => (value === null ? null : value / 10));
          const sliding = slidingMeans(hours('co', '2026-04-01', given), window);
          for (let end = 1; end <= values.length; end++) {
            const present = given.slice(Math.max(0, end - 8), end).filter((value) => value !== null);
            const mean =
              present.length < 6
                ? Number.NaN
                : roundHalfEven(
                    present.reduce((sum, value) => sum.plus(value), new Decimal(0)).div(present.length),
                    0,
                  ).toNumber();
            expect(sliding.value[end - 1]).toBe(mean);
          }
        },
      ),
      { seed: 4, numRuns: 100 },
    );
  });
});

const days = (values: Record<string, number | null>, span: { from: string; to: string }): DaySeries[] =>
  Object.entries(values).map(([parameter, value]) => {
    const dates = datesOf(span);
    return {
      parameter,
      dates,
      values: dates.map(() => (value === null ? null : new Decimal(value))),
      validHours: dates.map(() => 24),
    };
  });
const clean = { so2: 10, no2: 30, co: 0.8, o3: 150, pm10: 50, pm25: 25 };

describe('a city', () => {
  test('takes the mean of its points, of three quarters of them at least, of half below four', () => {
    const point = (value: number | null) =>
      days({ pm25: value }, { from: '2026-04-01', to: '2026-04-01' })[0]!;
    const rule = assessment2026.cityPoints;
    expect(cityDays([30, 31, 32, null].map(point), rule)?.values[0]?.toFixed()).toBe('31');
    expect(cityDays([30, 31, null, null].map(point), rule)?.values[0]).toBeNull();
    expect(cityDays([30, null].map(point), rule)?.values[0]?.toFixed()).toBe('30');
    expect(cityDays([], rule)).toBeNull();
  });

  test('ranks by composite index, equal ones alike, and leaves out who has none', () => {
    const composite = (text: string) => ({ indices: {}, composite: text, leading: [] });
    expect(
      rankByComposite([
        { city: 'a', composite: composite('3.14') },
        { city: 'b', composite: composite('1.73') },
        { city: 'c', composite: composite('3.14') },
        { city: 'd', composite: null },
        { city: 'e', composite: composite('10.00') },
      ]),
    ).toEqual({
      ranked: [
        { city: 'b', composite: '1.73', rank: 1 },
        { city: 'a', composite: '3.14', rank: 2 },
        { city: 'c', composite: '3.14', rank: 2 },
        { city: 'e', composite: '10.00', rank: 4 },
      ],
      notRanked: ['d'],
    });
  });
});

describe('index and attainment', () => {
  const facts = { airStandards, aqiStandards, assessment: assessment2026, wording };
  const zone = { grade: 2, reviewed: false } as const;

  test('are two verdicts: from 2031 a day with an index below 100 can be above the limit', () => {
    // GB 3095-2026 final: PM2.5 24 h 50; HJ 633-2026: index 100 at 60.
    const of = (date: string) =>
      judgeAirDay(days({ ...clean, pm25: 55 }, { from: date, to: date }), 0, zone, facts);
    expect(of('2030-12-31')).toMatchObject({ attains: true, over: [] });
    const later = of('2031-01-01');
    expect(later.aqi!.aqi!).toBeLessThanOrEqual(100);
    expect(later).toMatchObject({
      attains: false,
      over: [
        {
          parameter: 'pm25',
          limit: '50',
          phase: 'GB3095-2026/final',
          wording: { zh: '日均值高于二级限值(未经审核)' },
        },
      ],
    });
  });

  test('a day short of a pollutant is not said to attain', () => {
    const span = { from: '2026-04-01', to: '2026-04-01' };
    expect(judgeAirDay(days({ ...clean, so2: null }, span), 0, zone, facts).attains).toBeNull();
    expect(judgeAirDay(days({ ...clean, so2: null, pm10: 121 }, span), 0, zone, facts).attains).toBe(false);
  });

  test('of a year rest on means, percentiles and enough days, and print the edition of the last day', () => {
    const year = assessAirPeriod(days(clean, { from: '2027-01-01', to: '2027-12-31' }), zone, facts);
    expect(year).toMatchObject({
      phase: 'GB3095-2026/transition',
      editions: ['gb3095-2026'],
      attains: true,
      attainment: { validDays: 365, attainingDays: 365, percent: '100.0' },
      goodDays: { validDays: 365, percent: '100.0' },
    });
    expect(year.items.find(({ parameter }) => parameter === 'pm25')).toMatchObject({
      mean: '25.0',
      valid: true,
      validDays: 365,
      verdict: { mean: { limit: '30' }, percentile: { limit: '60' } },
    });
    // 2031: PM2.5 25 attains at its limit, NO2 30 as well, SO2 10; the same air fails with PM2.5 26.
    const later = (pm25: number) =>
      assessAirPeriod(days({ ...clean, pm25 }, { from: '2031-01-01', to: '2031-12-31' }), zone, facts)
        .attains;
    expect([later(25), later(26)]).toEqual([true, false]);
  });

  test('of a year in which the edition changed name both, and which of them judges', () => {
    const year = (from: string, to: string) => {
      const { edition, editions } = assessAirPeriod(days(clean, { from, to }), zone, facts);
      return { edition, editions };
    };
    const both = ['gb3095-2012', 'gb3095-2026'];
    expect(year('2026-01-01', '2026-12-31')).toEqual({ edition: 'gb3095-2026', editions: both });
    expect(year('2026-02-28', '2026-03-01').editions).toEqual(both);
    expect(year('2026-01-01', '2026-02-28')).toEqual({ edition: 'gb3095-2012', editions: ['gb3095-2012'] });
  });

  test('of a month with too few days give no verdict on the year but still a composite index', () => {
    const month = assessAirPeriod(days(clean, { from: '2025-02-01', to: '2025-02-24' }), zone, {
      ...facts,
      assessment: assessment2013,
    });
    expect(month.items.every(({ valid }) => !valid)).toBe(true);
    expect(month.attains).toBeNull();
    // 10/60 + 30/40 + 50/70 + 25/35 + 0.8/4 + 150/160, each to two decimals.
    expect(month.composite).toMatchObject({ composite: '3.48', leading: ['o3'] });
  });
});
