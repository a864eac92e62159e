import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Exact } from '../../../src/analysis/liability/exact.ts';
import type { Outcome } from '../../../src/analysis/liability/outcome.ts';
import { examples, paid, run } from './shipped-schemes.ts';

const decimal = (min: number, max: number, places: number) =>
  fc
    .integer({ min: min * 10 ** places, max: max * 10 ** places })
    .map((units) => new Exact(BigInt(units), 10n ** BigInt(places)).toString());

/** Net of all lines towards `party`, in fen. */
function receives(outcome: Outcome, party: string): bigint {
  let fen = 0n;
  for (const line of outcome.transfers) {
    if (line.to.name.zh === party) fen += BigInt(line.amountFen);
    if (line.from.name.zh === party) fen -= BigInt(line.amountFen);
  }
  return fen;
}

/** The same document with the members of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, entry]) => [key, reordered(entry)]),
  );
}

const quality = fc.record({ CODMn: decimal(1, 15, 2), NH3N: decimal(0, 5, 3), TP: decimal(0, 1, 3) });

describe('properties of every scheme file', () => {
  it('the order in which inputs are written changes nothing', () => {
    fc.assert(
      fc.property(quality, quality, decimal(-50, 50, 3), (C, target, volume) => {
        fc.pre(Object.values(target).every((limit) => limit !== '0'));
        const cases: [string, unknown][] = [
          ['taihu-2008', { volumeM3: volume.replace('.', ''), C, target }],
          ['hefei-2021', { ...C, target }],
          ['guizhou-chishui-2014', { volumeM3: '1200000', C }],
        ];
        for (const [id, inputs] of cases) {
          const [one, other] = [run(id, inputs), run(id, reordered(inputs))];
          expect(paid(other)).toEqual(paid(one));
          expect(other.status).toBe(one.status);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('where a scheme is signed, A to B is minus B to A', () => {
    const air = fc.record({
      PM25: decimal(5, 99, 0),
      PM10: decimal(9, 150, 0),
      SO2: decimal(1, 90, 0),
      NO2: decimal(1, 70, 0),
    });
    fc.assert(
      fc.property(air, air, decimal(-9, 9, 2), (previous, current, points) => {
        const there = run('airsd-2017', { previous, current, dispersion: '1.5', goodDayPoints: points });
        const mirrored = points.startsWith('-') ? points.slice(1) : `-${points}`;
        const back = run('airsd-2017', {
          previous: current,
          current: previous,
          dispersion: '1.5',
          goodDayPoints: mirrored,
        });
        expect(receives(back, '设区市')).toBe(-receives(there, '设区市'));
      }),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom('I', 'II', 'III', 'IV', 'V'),
        decimal(-60, 60, 2),
        (annualClass, points) => {
          const mirror = { I: 'V', II: 'IV', III: 'III', IV: 'II', V: 'I' }[annualClass];
          const there = run('yellow-yulu-r1', { annualClass, indexChangePoints: points });
          const mirrored = points.startsWith('-') ? points.slice(1) : `-${points}`;
          const back = run('yellow-yulu-r1', { annualClass: mirror, indexChangePoints: mirrored });
          expect(receives(back, '河南')).toBe(-receives(there, '河南'));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('what is shared adds up to what there was, to the fen', () => {
    const score = fc.record({
      waterQuality: decimal(1, 100, 1),
      forest: decimal(1, 100, 1),
      waterUse: decimal(1, 100, 1),
      coef: decimal(1, 2, 1),
    });
    const counties = fc.dictionary(fc.constantFrom('甲县', '乙县', '丙县', '丁县', '戊县'), score, {
      minKeys: 1,
    });
    fc.assert(
      fc.property(counties, decimal(1, 90000, 2), (members, poolWan) => {
        const outcome = run('fujian-basin-2017', { poolWan, counties: members });
        const shares = Object.values(outcome.figures['shares'] as Record<string, string>).map((share) =>
          Exact.of(share),
        );
        const total = shares.reduce((left, right) => left.plus(right), Exact.zero);
        expect(
          total
            .minus(Exact.of('1'))
            .abs()
            .compare(new Exact(1n, 10n ** 25n)),
        ).toBe(-1);
        const sum = outcome.transfers.reduce((left, line) => left + BigInt(line.amountFen), 0n);
        expect(sum).toBe(Exact.of(poolWan).times(new Exact(1_000_000n)).numerator);
      }),
      { numRuns: 60 },
    );
  });

  it('a factor that is missing never makes the payment smaller: there is none, and a reason', () => {
    fc.assert(
      fc.property(quality, fc.constantFrom('CODMn', 'NH3N', 'TP'), (C, gap) => {
        const target = { CODMn: '6', NH3N: '1', TP: '0.2' };
        for (const id of ['hefei-2021', 'taihu-2008']) {
          const holed = { ...C, [gap]: null };
          const outcome = run(
            id,
            id === 'hefei-2021' ? { ...holed, target } : { volumeM3: '1000000', C: holed, target },
          );
          expect(outcome.status).toBe('not-assessable');
          expect(outcome.transfers).toEqual([]);
          expect(outcome.reason?.text.en).toContain(gap);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a damaged case', () => {
  const damage = [null, '-1', 'abc', [[]], { a: { b: '1' } }, 1e21, true, '9'.repeat(500)];
  const places = (value: unknown, at: string[] = []): string[][] => {
    if (value === null || typeof value !== 'object') return [at];
    return [at, ...Object.entries(value).flatMap(([key, entry]) => places(entry, [...at, key]))];
  };

  it('never throws, never pays nothing or less, and has a reason when it pays nothing', () => {
    for (const { scheme: id, inputs } of examples) {
      for (const place of places(inputs)) {
        for (const value of damage) {
          const holder: Record<string, unknown> = { root: structuredClone(inputs) };
          let parent = holder;
          for (const key of ['root', ...place].slice(0, -1)) parent = parent[key] as Record<string, unknown>;
          parent[['root', ...place].at(-1) ?? 'root'] = value;
          const outcome = run(id, holder['root']);
          expect(outcome.transfers.every((line) => BigInt(line.amountFen) > 0n)).toBe(true);
          if (outcome.status === 'not-assessable') expect(outcome.reason?.text.zh).toBeTruthy();
        }
      }
    }
  });
});

describe('bad input has a named status, never a silent zero', () => {
  it.each([
    ['hefei-2021', {}, 'input-missing'],
    ['hefei-2021', { CODMn: 'abc', target: { CODMn: '6' } }, 'input-unfit'],
    ['hefei-2021', { CODMn: '7', target: { CODMn: '0' } }, 'input-missing'],
    ['hefei-2021', { CODMn: '7', NH3N: '2', target: { CODMn: '6' } }, 'input-missing'],
    ['hefei-2021', { CODMn: '7', target: { CODMn: '6' }, weather: 'rain' }, 'input-unknown'],
    ['hefei-2021', { target: 'VII', measured: 'II' }, 'input-unfit'],
    ['hefei-2021', { target: 'III', measured: 'V' }, 'input-missing'],
    ['hefei-2021', [], 'input-unknown'],
    ['hefei-2021', null, 'input-unknown'],
    ['hebei-2012', { factor: 'COD', multiple: '0.3', entering: 'exceeds' }, 'input-missing'],
    ['hebei-2012', { factor: 'lead', multiple: '0.3' }, 'input-unfit'],
    ['henan-2010', { C: { COD: '38' }, target: { COD: '30' } }, 'input-missing'],
    ['henan-2010', { volumeM3: '-1', C: { COD: '38' }, target: { COD: '30' } }, 'negative-volume'],
    ['xinan-r1', { C: { CODMn: '2', NH3N: '0.2', TN: '1', TP: '0.04' } }, 'input-missing'],
    ['chishui-ygs', { allSectionsMeet: false }, 'deduction-not-found'],
    ['regional-fund', { revenueWan: { 甲: '100' }, rate: '0.04' }, 'rate-out-of-range'],
    ['jiuzhou-2018', { year: 2021, annualClass: 'III', compliantMonths: 12, months: 12 }, 'input-missing'],
    ['airaq-2018', { amountWan: '90', rank: ['甲', '乙'], shares: ['0.5', '0.4'] }, 'shares-do-not-fit'],
  ])('%s with %j is not assessable: %s', (id, inputs, code) => {
    const outcome = run(id, inputs);
    expect([outcome.status, outcome.reason?.code]).toEqual(['not-assessable', code]);
    expect(outcome.transfers).toEqual([]);
    expect(outcome.reason?.text.zh.length).toBeGreaterThan(0);
  });

  it('weights that do not add up to 1, and shares that do not', () => {
    const C = { CODMn: '2', NH3N: '0.2', TN: '1', TP: '0.04' };
    const weights = { CODMn: '0.25', NH3N: '0.25', TN: '0.25', TP: '0.26' };
    expect(run('xinan-r1', { C, C0: C, weights }).reason?.code).toBe('weights-do-not-sum');
    const shares = { CODMn: { 丹阳市: '0.8', 丹徒区: '0.1' } };
    expect(run('taihu-zhenjiang-share', { amountWanByFactor: { CODMn: '63' }, shares }).reason?.code).toBe(
      'shares-do-not-sum',
    );
  });

  it('where the Anhui air rule contradicts itself, nothing is guessed', () => {
    const inputs = {
      previous: { PM25: '40', PM10: '60' },
      current: { PM25: '39', PM10: '80' },
      targetMet: true,
      rateWanPerUg: '18',
    };
    expect(run('airah-2018', inputs).reason?.code).toBe('rule-gap');
  });
});
