import { assert, array, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { monthDueS, patienceOf } from '../../../src/analysis/silence/silence.ts';
import { defaultNetwork, networkOf, type Network } from '../../../src/domain/config/network.ts';
import { instantOfCivil } from '../../../src/domain/time.ts';

const ZONE = 'Asia/Shanghai';
const { patience } = defaultNetwork;
const hourS = 3600;
const at = (text: string) => instantOfCivil(text, ZONE);

describe('patience', () => {
  test('is configured until there is history, then learned from its own intervals', () => {
    const few = Array.from({ length: 20 }, (_, hour) => hour * hourS);
    expect(patienceOf(few, hourS, patience)).toEqual({
      patienceS: 2 * hourS,
      from: 'configured',
      intervals: 19,
    });
    const steady = Array.from({ length: 100 }, (_, hour) => hour * hourS);
    expect(patienceOf(steady, hourS, patience)).toEqual({
      patienceS: 2 * hourS,
      from: 'learned',
      intervals: 99,
    });
    // Every tenth interval is six hours: what is usual for this station is waited for.
    const gappy = steady.map((time, row) => time + Math.floor(row / 10) * 5 * hourS);
    expect(patienceOf(gappy, hourS, patience).patienceS).toBe(9 * hourS);
  });

  test('stays within its bounds whatever the history', () => {
    assert(
      property(array(integer({ min: 1, max: 400_000 }), { maxLength: 80 }), (intervals) => {
        let time = 0;
        const times = [0, ...intervals.map((interval) => (time += interval))];
        const { patienceS } = patienceOf(times, hourS, patience);
        expect(patienceS).toBeGreaterThanOrEqual(patience.atLeastCadences * hourS);
        expect(patienceS).toBeLessThanOrEqual(patience.atMostCadences * hourS);
      }),
    );
  });
});

describe('a sampling calendar', () => {
  const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
  const sampling = { months: [2, 4, 6, 8, 10, 12], graceDays: 20, provenance };

  test('asks for no value of an odd month', () => {
    const due = (month: string) => monthDueS(sampling, at(`${month}T00:00`), { sinceS: 0, timeZone: ZONE });
    // After February comes April, whose value is due twenty days after its end.
    expect(due('2026-02-01')).toBe(at('2026-05-21T00:00'));
    expect(due('2026-12-01')).toBe(at('2027-03-21T00:00'));
    expect(monthDueS(sampling, null, { sinceS: at('2026-03-10T00:00'), timeZone: ZONE })).toBe(
      at('2026-05-21T00:00'),
    );
  });

  test('is that of the first network that fits provider and level', () => {
    const county: Network = { ...defaultNetwork, id: 'county', levels: ['county'], sampling };
    const national: Network = { ...defaultNetwork, id: 'national', providers: ['cnemc'] };
    const of = (provider: string, level: string | null) =>
      networkOf([county, national], { provider, level }).id;
    expect(of('cnemc', 'county')).toBe('county');
    expect(of('cnemc', 'national')).toBe('national');
    expect(of('bureau', null)).toBe('default');
  });
});
