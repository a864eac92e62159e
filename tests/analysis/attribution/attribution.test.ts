import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterProof,
  balance,
  balanceText,
  bankShares,
  byJurisdiction,
  classesWorsened,
  decayOf,
  fittedDecay,
  increase,
  netAdditions,
  partName,
  percentageShares,
  survival,
  travelTime,
  type BalanceCase,
  type Inflow,
} from '../../../src/analysis/attribution/index.ts';
import { Exact } from '../../../src/analysis/liability/exact.ts';
import { Decimal } from '../../../src/domain/decimal.ts';
import { loadRules } from '../load/load-files.ts';

const d = (value: number | string): Decimal => new Decimal(value);
const one = new Exact(1n);
const sumOf = (shares: Iterable<Exact>): Exact => [...shares].reduce((a, b) => a.plus(b), Exact.zero);

function inflow(id: string, tonnes: number | string, error: number | string = 0, days = 0): Inflow {
  const travel = { days: d(days), standardErrorDays: d(0) };
  return {
    id,
    jurisdiction: id,
    kind: 'entering',
    tonnes: d(tonnes),
    standardErrorTonnes: d(error),
    travel,
  };
}

function of(exit: [number | string, number | string], inflows: Inflow[], more: Partial<BalanceCase> = {}) {
  return balance({
    exit: { tonnes: d(exit[0]), standardErrorTonnes: d(exit[1]) },
    inflows,
    decay: null,
    remainder: { kind: 'sole', jurisdiction: 'local' },
    unmeasured: d(0),
    ...more,
  })!;
}

describe('mass balance at an exit', () => {
  it('gives what arrives after decay to those above and the rest to whose land lies between', () => {
    // 10 t at k 0.2/d over 1.5 d: 10 e^-0.3 = 7.408182206817179
    const decay = { perDay: d('0.2'), standardErrorPerDay: d(0) };
    const found = of([12, 0], [inflow('330300', 10, 0, 1.5)], { decay });
    expect(found.parts.map((part) => part.tonnes.toFixed(12))).toEqual(['7.408182206817', '4.591817793183']);
    expect(sumOf(found.parts.map((part) => part.share)).compare(one)).toBe(0);
    expect(found.greater).toBe('entering');
  });

  it('splits exactly between several upstreams where nothing decays', () => {
    const found = of([9, 0], [inflow('a', 2), inflow('b', 4)]);
    expect(found.parts.map(({ share }) => `${share.numerator}/${share.denominator}`)).toEqual([
      '2/9',
      '4/9',
      '1/3',
    ]);
  });

  it('takes no credit from a negative rest, and says what to check', () => {
    const found = of([9, 0], [inflow('a', 6), inflow('b', 4)]);
    expect(found.negativeRemainder).toBe(true);
    expect(found.remainderTonnes.toFixed()).toBe('-1');
    expect(found.parts.map(({ share }) => share.toString())).toEqual(['0.6', '0.4', '0']);
    expect(balanceText(found).zh).toContain('衰减系数、流程时间或通量需核查；不作抵扣');
  });

  it('shows what nobody explains, and the land that no share names', () => {
    const unexplained = of([10, 0], [inflow('a', 4)], { remainder: { kind: 'unexplained' } });
    expect(unexplained.parts.at(-1)).toMatchObject({ kind: 'unexplained', jurisdiction: null });
    const basis = { zh: '汇水面积', en: 'catchment area' };
    const shares = new Map([
      ['x', Exact.of('0.5')],
      ['y', Exact.of('0.2')],
    ]);
    const shared = of([10, 0], [inflow('a', 4)], { remainder: { kind: 'shared', basis, shares } });
    expect(shared.parts.map((part) => [part.id, part.share.toString()])).toEqual([
      ['a', '0.4'],
      ['x', '0.3'],
      ['y', '0.12'],
      ['unexplained', '0.18'],
    ]);
  });

  it('with 15 % on each load cannot tell a local share of a fifth from nothing', () => {
    const small = of([100, 15], [inflow('a', 82, '12.3')]);
    expect(small.parts.at(-1)).toMatchObject({ kind: 'local', aboveZero: false });
    const large = of([100, 15], [inflow('a', 40, 6)]);
    expect(large.parts.at(-1)).toMatchObject({ kind: 'local', aboveZero: true });
  });

  it('calls a difference within the uncertainty indistinguishable', () => {
    const near = of([100, 10], [inflow('a', 52, 5)]);
    expect(near.greater).toBe('indistinguishable');
    expect(balanceText(near)).toEqual({
      zh: '无法区分。技术分析，不构成责任认定',
      en: 'indistinguishable. technical analysis, no finding of responsibility',
    });
  });

  it('has nothing to share where nothing leaves', () => {
    const nothing = { tonnes: d(0), standardErrorTonnes: d(0) };
    const remainder = { kind: 'unexplained' as const };
    expect(balance({ exit: nothing, inflows: [], decay: null, remainder, unmeasured: d(0) })).toBeNull();
  });

  it('always adds up to one, whatever the order of the inflows', () => {
    const loads = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        loads,
        fc.integer({ min: 1, max: 30_000 }),
        fc.integer({ min: 0, max: 90 }),
        (given, exit, k) => {
          const decay = { perDay: d(k).div(100), standardErrorPerDay: d('0.01') };
          const inflows = given.map((tonnes, at) => inflow(`s${at}`, tonnes, 1, at / 3));
          const found = of([exit, 1], inflows, { decay });
          expect(sumOf(found.parts.map((part) => part.share)).compare(one)).toBe(0);
          const turned = of([exit, 1], inflows.toReversed(), { decay });
          for (const part of found.parts)
            expect(turned.parts.find((other) => other.id === part.id)?.share.toFixed(20)).toBe(
              part.share.toFixed(20),
            );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('decay and travel', () => {
  it('follows temperature, and is none where no rate is given', () => {
    const warm = decayOf(loadRules(), 'cod', d(25))!;
    expect(warm.perDay.toFixed(10)).toBe(d('0.2').times(d('1.047').pow(5)).toFixed(10));
    expect(decayOf(loadRules(), 'do', d(20))).toBeNull();
    expect(survival(null, d(3)).toFixed()).toBe('1');
  });

  it('is fitted from a pair of sections: the rate that was put in comes out', () => {
    const time = travelTime(38, '0.5', '0.3');
    expect(time.days.toFixed(6)).toBe('0.879630');
    const below = d(4).times(survival({ perDay: d('0.25'), standardErrorPerDay: d(0) }, time.days));
    expect(fittedDecay(d(4), below, time.days)?.toFixed(20)).toBe('0.25000000000000000000');
    expect(fittedDecay(d(0), d(1), d(1))).toBeNull();
  });
});

describe('net addition along a river', () => {
  const decay = { perDay: d('0.1'), standardErrorPerDay: d(0) };
  const node = (
    id: string,
    tonnes: number,
    jurisdiction: string,
    above: Parameters<typeof netAdditions>[0]['above'] = [],
  ) => ({ id, tonnes: d(tonnes), jurisdiction, above });

  it('adds up to the load at the exit, stretch by stretch and by jurisdiction', () => {
    const top = node('top', 5, '330300');
    const side = node('side', 3, '350900');
    const middle = node('middle', 11, '350900', [
      { node: top, travelDays: d(1) },
      { node: side, travelDays: d('0.5') },
    ]);
    const exit = node('exit', 14, '350700', [{ node: middle, travelDays: d(2) }]);
    const additions = netAdditions(exit, decay);
    const sum = additions.reduce((total, each) => total.plus(each.atExitTonnes), d(0));
    expect(sum.toFixed(20)).toBe(d(14).toFixed(20));
    const parties = byJurisdiction(additions);
    expect([...parties.keys()]).toEqual(['350700', '350900', '330300']);
    expect(parties.get('330300')?.toFixed(10)).toBe(d(5).times(d('-0.3').exp()).toFixed(10));
  });
});

describe('rules used instead of a model', () => {
  const figure = (value: number, standardError = 0) => ({ value: d(value), standardError: d(standardError) });

  it('no increase, and an increase within the uncertainty', () => {
    expect(increase(figure(2), figure(2))).toBe('not-increased');
    expect(increase(figure(2), figure(3))).toBe('increased');
    expect(increase(figure(2, 0.5), figure(3, 0.5))).toBe('indistinguishable');
  });

  it('classes worsened, and none known', () => {
    expect([classesWorsened(2, 4), classesWorsened(4, 2), classesWorsened(null, 3)]).toEqual([2, 0, null]);
  });

  it('a table of percentages is exact and must add up', () => {
    const shares = percentageShares(
      new Map([
        ['丹阳', '85.78'],
        ['丹徒', '14.22'],
      ]),
    );
    expect(sumOf(shares.values()).compare(one)).toBe(0);
    expect(() =>
      percentageShares(
        new Map([
          ['甲', '60'],
          ['乙', '39'],
        ]),
      ),
    ).toThrow(/add up to 99, expected 100/);
  });

  it('a shared bank takes its method, and the equal split where the weights are missing', () => {
    const banks = ['left', 'right'];
    const weights = new Map([
      ['left', Exact.of('7')],
      ['right', Exact.of('3')],
    ]);
    expect(bankShares(banks, 'shore-length', weights).shares.get('left')?.toString()).toBe('0.7');
    const missing = bankShares(banks, 'load-added', new Map([['left', Exact.of('7')]]));
    expect([missing.method, missing.shares.get('right')?.toString()]).toEqual(['equal', '0.5']);
    const negative = bankShares(
      banks,
      'load-added',
      new Map([
        ['left', Exact.of('-2')],
        ['right', Exact.of('3')],
      ]),
    );
    expect([...negative.shares.values()].map(String)).toEqual(['0', '1']);
  });

  it('accepted evidence moves a share, evidence under examination holds the result, nothing else changes it', () => {
    const shares = new Map([
      ['a', Exact.of('0.6')],
      ['b', Exact.of('0.3')],
      ['c', Exact.of('0.1')],
    ]);
    const proof = { party: 'a', regime: 'upstream' as const, disproved: Exact.of('0.5') };
    const accepted = afterProof(shares, { ...proof, state: 'accepted' });
    expect([...accepted.shares.values()].map(String)).toEqual(['0.3', '0.525', '0.175']);
    expect(sumOf(accepted.shares.values()).compare(one)).toBe(0);
    expect(afterProof(shares, { ...proof, state: 'submitted' }).hold).toBe(true);
    for (const state of ['none', 'rejected'] as const)
      expect(afterProof(shares, { ...proof, state }).shares).toEqual(shares);
  });
});

describe('words', () => {
  it('are contributions until governments have decided', () => {
    expect(partName('entering', null).zh).toBe('来水贡献');
    expect(partName('local', null).zh).toBe('本地新增贡献');
    const decision = { document: '某政函〔2026〕1号', date: '2026-05-01' };
    expect(partName('local', decision).zh).toBe('责任（本地新增贡献，依据某政函〔2026〕1号）');
    expect(partName('unexplained', decision).zh).toBe('未解释部分');
  });
});
