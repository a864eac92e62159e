import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aqiColumns, aqiEditionOfHour, iaqiOf, judgeAqi } from '../../../src/analysis/air/index.ts';
import { Decimal } from '../../../src/domain/decimal.ts';
import { instantOfCivil } from '../../../src/domain/time.ts';
import { hj633of2012, hj633of2026, standards } from '../standards.ts';

const editions = standards.aqiStandards;
const clean = { pm25: 10, pm10: 20, so2: 5, no2: 20, o3: 50, co: '0.5' };

describe('which edition judges an hour', () => {
  const editionAt = (label: string) => {
    const endS = instantOfCivil(label, 'Asia/Shanghai');
    return aqiEditionOfHour(editions, { beginS: endS - 3600, endS }, 'Asia/Shanghai')?.id ?? null;
  };

  test('the hour labelled 2026-03-01T00:00 is judged by the 2012 edition, the one labelled 01:00 by the 2026 edition', () => {
    expect(editionAt('2026-03-01T00:00')).toBe('hj633-2012');
    expect(editionAt('2026-03-01T01:00')).toBe('hj633-2026');
  });

  test('before the first edition there is none', () => {
    expect(editionAt('2015-12-31T12:00')).toBeNull();
    expect(editionAt('2016-01-01T01:00')).toBe('hj633-2012');
  });
});

describe('index of one pollutant', () => {
  const daily = (
    edition: typeof hj633of2012,
    parameter: string,
    averaging: '1h' | '8h' | '24h',
    value: string,
  ) => iaqiOf(edition, { parameter, averaging }, new Decimal(value));

  test('a value on a breakpoint has exactly its index, in both editions', () => {
    for (const edition of editions) {
      for (const { parameter, averaging, values } of edition.breakpoints) {
        for (const [at, value] of values.entries()) {
          if (value === null) continue;
          expect(iaqiOf(edition, { parameter, averaging }, new Decimal(value)).iaqi).toBe(edition.index[at]);
        }
      }
    }
  });

  test('the 2012 edition, which does not round, goes up by one for any hair above a breakpoint', () => {
    expect(daily(hj633of2012, 'pm25', '24h', '75').iaqi).toBe(100);
    expect(daily(hj633of2012, 'pm25', '24h', `75.${'0'.repeat(29)}1`).iaqi).toBe(101);
  });

  test('an exact whole index is not pushed up by arithmetic noise', () => {
    for (let pm10 = 0; pm10 <= 600; pm10++) {
      const value = iaqiOf(hj633of2026, { parameter: 'pm10', averaging: '24h' }, new Decimal(pm10)).iaqi!;
      const steps = [0, 50, 120, 250, 350, 420, 500, 600];
      const index = [0, 50, 100, 150, 200, 300, 400, 500];
      const step = Math.max(
        1,
        steps.findIndex((bound) => pm10 <= bound),
      );
      const numerator = BigInt((index[step]! - index[step - 1]!) * (pm10 - steps[step - 1]!));
      const width = BigInt(steps[step]! - steps[step - 1]!);
      expect(value).toBe(Number((numerator + width - 1n) / width) + index[step - 1]!);
    }
  });

  test('above the scale: 500, except sulphur dioxide 1 h and ozone 8 h', () => {
    expect(daily(hj633of2026, 'pm25', '24h', '612').iaqi).toBe(500);
    expect(daily(hj633of2026, 'so2', '1h', '801').iaqi).toBe(200);
    expect(daily(hj633of2026, 'o3', '8h', '801').iaqi).toBe(300);
    expect(daily(hj633of2012, 'so2', '1h', '801')).toEqual({
      iaqi: null,
      reason: 'not-computed-above-scale',
    });
    expect(daily(hj633of2012, 'o3', '8h', '801')).toEqual({ iaqi: null, reason: 'not-computed-above-scale' });
  });

  test('hourly particles have breakpoints in the 2026 text and none in the 2012 text', () => {
    expect(daily(hj633of2026, 'pm25', '1h', '61').iaqi).toBe(101);
    expect(daily(hj633of2012, 'pm25', '1h', '61')).toEqual({ iaqi: null, reason: 'no-breakpoints' });
  });

  test('a negative concentration has no index', () => {
    expect(daily(hj633of2026, 'pm25', '24h', '-1')).toEqual({ iaqi: null, reason: 'negative' });
  });
});

describe('index of an hour or a day', () => {
  test('a missing pollutant: NA in 2026 unless the others exceed 100, always NA in 2012', () => {
    const { co: _co, ...withoutCo } = clean;
    const report = { report: 'hourly' } as const;
    expect(judgeAqi(hj633of2026, withoutCo, report)).toMatchObject({
      aqi: null,
      status: 'cannot-judge',
      reason: 'pollutant-missing',
      concerns: ['co'],
    });
    expect(judgeAqi(hj633of2026, { ...withoutCo, pm25: 61 }, report)).toMatchObject({
      aqi: 101,
      reason: 'pollutant-missing-but-polluted',
      primary: ['pm25'],
    });
    expect(judgeAqi(hj633of2012, { ...withoutCo, pm25: 300 }, report)).toMatchObject({
      aqi: null,
      reason: 'pollutant-missing',
    });
    expect(judgeAqi(hj633of2026, {}, report)).toMatchObject({ aqi: null, reason: 'no-value' });
  });

  test('all zero shows 1 in 2026 and 0 in 2012; there is no primary pollutant at or below 50', () => {
    const zero = { pm25: 0, pm10: 0, so2: 0, no2: 0, o3: 0, co: 0 };
    expect(judgeAqi(hj633of2026, zero, { report: 'hourly' })).toMatchObject({
      aqi: 1,
      level: 1,
      primary: [],
    });
    expect(judgeAqi(hj633of2012, zero, { report: 'hourly' })).toMatchObject({
      aqi: 0,
      level: 1,
      primary: [],
    });
    expect(judgeAqi(hj633of2026, { ...clean, pm25: 35 }, { report: 'hourly' })).toMatchObject({
      aqi: 50,
      primary: [],
    });
    expect(judgeAqi(hj633of2026, { ...clean, pm25: 36 }, { report: 'hourly' })).toMatchObject({
      aqi: 52,
      primary: ['pm25'],
    });
  });

  test('2012 above the scale of sulphur dioxide: the 24 h mean stands in where it is given', () => {
    expect(judgeAqi(hj633of2012, { ...clean, so2: 900 }, { report: 'hourly' })).toMatchObject({
      aqi: null,
      status: 'cannot-judge',
    });
    expect(judgeAqi(hj633of2012, { ...clean, so2: 900, so2_24h: 475 }, { report: 'hourly' })).toMatchObject({
      aqi: 150,
      primary: ['so2'],
    });
  });

  test('a pollutant outside the monitoring plan does not block a day with a clean history', () => {
    const day = { no2: '38', co: '0.5', o3_8h: '130', pm10: '90', pm25: '40' };
    expect(judgeAqi(hj633of2026, day, { report: 'daily' }).aqi).toBeNull();
    expect(judgeAqi(hj633of2026, day, { report: 'daily', notInPlan: ['so2'], historyClean: true }).aqi).toBe(
      79,
    );
    expect(judgeAqi(hj633of2026, day, { report: 'daily', notInPlan: ['so2'] }).aqi).toBeNull();
  });
});

const concentration = fc.oneof(
  fc.integer({ min: 0, max: 4000 }),
  fc.integer({ min: 0, max: 40_000 }).map((tenths) => tenths / 10),
  fc.integer({ min: 0, max: 4_000_000 }).map((thousandths) => thousandths / 1000),
  fc.double({ min: 0, max: 4000, noNaN: true }),
  fc.constantFrom(60, 60.5, 61.5, 75, 120, 150, 800, 801, 4.05, 4.15, -1, Number.NaN),
);

test('columns judge every row as the decimal path does, in both editions and reports', () => {
  const columns = ['pm25', 'pm10', 'so2', 'no2', 'o3', 'co', 'o3_8h', 'so2_24h'];
  const rowOf = fc.tuple(...columns.map(() => concentration));
  fc.assert(
    fc.property(
      fc.array(rowOf, { minLength: 1, maxLength: 15 }),
      fc.constantFrom('hourly' as const, 'daily' as const),
      (rows, report) => {
        const values = Object.fromEntries(
          columns.map((column, at) => [column, Float64Array.from(rows, (row) => row[at]!)]),
        );
        for (const edition of editions) {
          const judged = aqiColumns(edition, report, { length: rows.length, values });
          for (const [at, row] of rows.entries()) {
            const given = Object.fromEntries(
              columns.map((column, index) => [column, Number.isNaN(row[index]) ? null : row[index]!]),
            );
            const verdict = judgeAqi(edition, given, { report });
            expect([judged.aqi[at], row]).toEqual([verdict.aqi ?? -1, row]);
            expect(judged.columns.filter((_, bit) => ((judged.primary[at]! >> bit) & 1) === 1)).toEqual(
              verdict.primary,
            );
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('a worse concentration never lowers the index', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(clean)), fc.nat(4000), fc.nat(400), (column, value, more) => {
      const at = (given: number) =>
        judgeAqi(hj633of2026, { ...clean, [column]: given }, { report: 'hourly' }).aqi!;
      expect(at(value + more)).toBeGreaterThanOrEqual(at(value));
    }),
  );
});
