import { assert, constantFrom, integer, property } from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { civilPeriods, dueWithin, evenRuns } from '../../../src/analysis/statistics/civil-periods.ts';
import { periodMeans, roundedMean } from '../../../src/analysis/statistics/means.ts';
import { slidingMeans } from '../../../src/analysis/statistics/sliding.ts';
import type { SumColumns } from '../../../src/domain/ports.ts';

const at = (text: string, zone = 'Asia/Shanghai'): number =>
  Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds / 1000;

describe('civil periods', () => {
  test('months of the region meet the window at both ends, whatever the machine believes', () => {
    const { beginS, endS } = civilPeriods(
      'month',
      at('2024-01-31T12:00'),
      at('2024-03-01T00:00'),
      'Asia/Shanghai',
    );
    expect([...beginS]).toEqual([at('2024-01-01T00:00'), at('2024-02-01T00:00')]);
    expect([...endS]).toEqual([at('2024-02-01T00:00'), at('2024-03-01T00:00')]);
    expect(civilPeriods('day', 10, 10, 'Asia/Shanghai').beginS).toHaveLength(0);
  });

  test('a year of hours is one run; days around a change of the clock are three', () => {
    const hours = civilPeriods('hour', at('2025-01-01T00:30'), at('2026-01-01T00:00'), 'Asia/Shanghai');
    expect(hours.beginS[0]).toBe(at('2025-01-01T00:00'));
    expect(evenRuns(hours)).toEqual([
      { first: 0, count: 8760, beginS: at('2025-01-01T00:00'), lengthS: 3600 },
    ]);
    const zone = 'Europe/Berlin';
    const days = civilPeriods('day', at('2025-03-28T00:00', zone), at('2025-04-02T00:00', zone), zone);
    expect(evenRuns(days).map(({ count, lengthS }) => [count, lengthS / 3600])).toEqual([
      [2, 24],
      [1, 23],
      [2, 24],
    ]);
  });

  test('the days of a window are counted once, and hours of years are held for nobody', () => {
    const asked = (unit: 'day' | 'hour') =>
      civilPeriods(unit, at('2025-01-01T00:00'), at('2026-01-01T00:00'), 'Asia/Shanghai');
    expect(asked('day')).toBe(asked('day'));
    expect(asked('hour')).not.toBe(asked('hour'));
    expect(asked('hour')).toEqual(asked('hour'));
  });

  test('periods follow one another without gap or overlap and cover the window, in any zone', () => {
    assert(
      property(
        constantFrom('hour', 'day', 'month', 'year'),
        integer({ min: 0, max: 2_000_000_000 }),
        integer({ min: 1, max: 40 * 86_400 }),
        constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'UTC'),
        (unit, fromS, lengthS, zone) => {
          const { beginS, endS } = civilPeriods(unit, fromS, fromS + lengthS, zone);
          expect(beginS[0]).toBeLessThanOrEqual(fromS);
          expect(endS[0]).toBeGreaterThan(fromS);
          expect(beginS.at(-1)).toBeLessThan(fromS + lengthS);
          expect(endS.at(-1)).toBeGreaterThanOrEqual(fromS + lengthS);
          expect(endS.slice(0, -1)).toEqual(beginS.slice(1));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('readings due are counted at their own times, and add up over neighbouring windows', () => {
    expect(dueWithin(0, 86_400, 14_400, 0)).toBe(6);
    expect(dueWithin(1, 14_400, 14_400, 0)).toBe(0);
    expect(dueWithin(-14_400, 1, 14_400, 0)).toBe(2);
    expect(dueWithin(5, 5, 1, 0)).toBe(0);
  });
});

const sums = (sum: number, valid: number, more: Partial<SumColumns> = {}): SumColumns => ({
  group: 'g',
  parameter: 'p',
  beginS: Float64Array.of(0),
  endS: Float64Array.of(1),
  expected: Float64Array.of(24),
  observed: Float64Array.of(valid),
  valid: Float64Array.of(valid),
  share: Float64Array.of(valid / 24),
  sum: Float64Array.of(sum),
  min: Float64Array.of(0),
  max: Float64Array.of(0),
  exact: Uint8Array.of(1),
  ...more,
});

describe('means', () => {
  test('a tie goes to the even neighbour, on the decimal value and not on the float', () => {
    expect(roundedMean(1.005, 1, 2).toFixed(2)).toBe('1.00');
    expect(roundedMean(1.015, 1, 2).toFixed(2)).toBe('1.02');
    expect(roundedMean(0.15, 2, 2).toFixed(2)).toBe('0.08');
    expect(roundedMean(0.25, 2, 2).toFixed(2)).toBe('0.12');
    expect(roundedMean(1, 3, 4).toFixed(4)).toBe('0.3333');
  });

  test('a period without a mean says why', () => {
    const rule = { decimals: 2, leastValid: 20 };
    expect(periodMeans(sums(2.5, 20), rule)).toEqual({ mean: ['0.12'], reason: [null] });
    expect(periodMeans(sums(2.5, 19), rule)).toEqual({ mean: [null], reason: ['too-few-valid'] });
    expect(periodMeans(sums(0, 0), rule).reason).toEqual(['no-valid-reading']);
    expect(periodMeans(sums(1, 24, { exact: Uint8Array.of(0) }), rule).reason).toEqual(['sum-not-exact']);
    const unknown = sums(1, 24, { share: Float64Array.of(Number.NaN) });
    expect(periodMeans(unknown, { decimals: 2, leastShare: 0.5 }).reason).toEqual(['too-few-valid']);
  });
});

describe('sliding means', () => {
  const hour = 3600;
  const rule = { windowS: 8 * hour, stepS: hour, leastValid: 6, decimals: 1 };

  test('a window needs its least number of valid hours and is stamped by its end', () => {
    const timeS = Array.from({ length: 10 }, (_, nth) => nth * hour);
    const value = [0.1, 0.2, 0.3, Number.NaN, Number.NaN, 0.6, 0.7, 0.8, 0.9, Number.NaN];
    const { endS, valid, mean } = slidingMeans({ timeS, value }, { fromS: 0, toS: 10 * hour }, rule);
    expect([...endS]).toEqual(timeS.map((time) => time + hour));
    expect([...valid]).toEqual([1, 2, 3, 3, 3, 4, 5, 6, 6, 5]);
    expect(mean.map((one) => one?.toFixed() ?? null)).toEqual([
      ...Array<null>(7).fill(null),
      '0.45',
      '0.5833333333333333333333333333333333333333',
      null,
    ]);
  });

  test('any readings: each window is the mean of what lies in it', () => {
    assert(
      property(integer({ min: 1, max: 9 }), integer({ min: 0, max: 2 ** 30 }), (width, seed) => {
        const timeS = Array.from({ length: 40 }, (_, nth) => nth * hour).filter(
          (_, nth) => ((seed >> (nth % 30)) & 1) === 0,
        );
        const value = timeS.map((_, nth) => (nth % 7 === 3 ? Number.NaN : ((nth * 37) % 11) / 10));
        const given = { ...rule, windowS: width * hour, leastValid: 1 };
        const { endS, mean } = slidingMeans({ timeS, value }, { fromS: 0, toS: 40 * hour }, given);
        for (const [nth, end] of endS.entries()) {
          const within = value.filter(
            (one, index) => !Number.isNaN(one) && timeS[index]! < end && timeS[index]! >= end - width * hour,
          );
          const tenths = within.reduce((sum, one) => sum + Math.round(one * 10), 0);
          const expected = within.length === 0 ? null : tenths / 10 / within.length;
          expect(mean[nth] === null ? null : mean[nth]?.toNumber()).toEqual(
            expected === null ? null : expect.closeTo(expected, 12),
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});
