import { describe, expect, test } from 'vitest';
import { airLimitOn, judgeAqi, yearIsValid } from '../../../src/analysis/air/index.ts';
import { Decimal } from '../../../src/domain/decimal.ts';
import { hj633of2026, standards } from '../standards.ts';

const limit = (parameter: string, averaging: '24h' | 'year' | '1h', date: string) => {
  const found = airLimitOn(standards.airStandards, { parameter, averaging, grade: 2, date });
  return found === null ? null : [found.phase, found.limit?.toFixed() ?? null];
};

describe('limits by the date of the data (GB 3095)', () => {
  test('both sides of the change of edition and of the end of the transition', () => {
    expect(limit('pm25', '24h', '2026-02-28')).toEqual(['GB3095-2012', '75']);
    expect(limit('pm25', '24h', '2026-03-01')).toEqual(['GB3095-2026/transition', '60']);
    expect(limit('pm25', '24h', '2030-12-31')).toEqual(['GB3095-2026/transition', '60']);
    expect(limit('pm25', '24h', '2031-01-01')).toEqual(['GB3095-2026/final', '50']);
  });

  test('a limit that does not change keeps its value under the name of the later phase', () => {
    expect(limit('no2', '1h', '2031-01-01')).toEqual(['GB3095-2026/final', '200']);
  });

  test('hourly particles have no limit, and no edition is in force before 2016', () => {
    expect(limit('pm25', '1h', '2026-03-01')).toEqual(['GB3095-2026/transition', null]);
    expect(limit('pm25', '24h', '2015-12-31')).toBeNull();
  });

  test('from 2031 an index of 100 or less is not attainment: PM2.5 of 55 has index 90 and exceeds 50', () => {
    const day = { pm25: 55, pm10: 20, so2: 5, no2: 20, o3_8h: 50, co: '0.5' };
    expect(judgeAqi(hj633of2026, day, { report: 'daily' })).toMatchObject({ aqi: 90 });
    const found = airLimitOn(standards.airStandards, {
      parameter: 'pm25',
      averaging: '24h',
      grade: 2,
      date: '2031-06-01',
    });
    expect(new Decimal(55).gt(found!.limit!)).toBe(true);
  });

  test('twelve monthly minimums do not make a valid year', () => {
    const { validity } = standards.airStandards.at(-1)!;
    expect(yearIsValid([27, 25, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27], validity)).toBe(false);
    expect(yearIsValid([29, 25, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27], validity)).toBe(true);
    expect(yearIsValid([31, 28, 31], validity)).toBe(false);
  });
});
