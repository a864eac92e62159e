import type { Text } from '../../domain/config/facts.ts';
import type { Decimal } from '../../domain/decimal.ts';
import { Exact } from '../liability/exact.ts';
import { intervalFactor } from '../load/index.ts';

/** A measured figure with its standard error, in one unit on both sides of a comparison. */
export interface Figure {
  value: Decimal;
  standardError: Decimal;
}

/**
 * No increase, no charge: did the exit get worse than the entry? A difference within the uncertainty of both is neither.
 * Source: Hebei 2008 and 2012 (an exit no worse than its entry is not charged).
 */
export function increase(entry: Figure, exit: Figure): 'increased' | 'not-increased' | 'indistinguishable' {
  const apart = exit.value.minus(entry.value);
  const error = entry.standardError.pow(2).plus(exit.standardError.pow(2)).sqrt().times(intervalFactor);
  if (!error.isZero() && apart.abs().lte(error)) return 'indistinguishable';
  return apart.gt(0) ? 'increased' : 'not-increased';
}

/** Classes by which the exit is worse than the entry, at least 0; null while either is not known. Source: Beijing 2015. */
export function classesWorsened(entryClass: number | null, exitClass: number | null): number | null {
  return entryClass === null || exitClass === null ? null : Math.max(0, exitClass - entryClass);
}

/** Shares by a table of percentages from a survey. Throws RangeError unless they add up to one hundred. Source: Zhenjiang plan. */
export function percentageShares(table: ReadonlyMap<string, string>): Map<string, Exact> {
  const percents = [...table].map(([party, percent]) => [party, Exact.of(percent)] as const);
  const sum = percents.reduce((total, [, percent]) => total.plus(percent), Exact.zero);
  const hundred = new Exact(100n);
  if (sum.compare(hundred) !== 0 || percents.some(([, percent]) => percent.sign() < 0))
    throw new RangeError(`percentages add up to ${sum.toString()}, expected 100 and none below zero`);
  return new Map(percents.map(([party, percent]) => [party, percent.over(hundred)]));
}

export interface BankShares {
  method: 'percentage-table' | 'load-added' | 'shore-length' | 'catchment-area' | 'equal';
  shares: Map<string, Exact>;
  text: Text;
}

const bankTexts: Record<BankShares['method'], Text> = {
  'percentage-table': { zh: '按约定比例分担', en: 'shared by the agreed percentages' },
  'load-added': { zh: '按各岸本地新增负荷分担', en: 'shared by the load that each bank adds' },
  'shore-length': { zh: '按各岸岸线长度分担', en: 'shared by the length of each shore' },
  'catchment-area': { zh: '按各方汇水面积分担', en: 'shared by the land that drains there' },
  equal: { zh: '两岸均分', en: 'shared equally' },
};

/**
 * A shared bank: the agreed method by its weights (negative ones count as zero and are no credit), the equal split where the
 * weights are missing or all zero, as Shandong's rule of 2021 has it. Shares add up to one.
 */
export function bankShares(
  parties: readonly string[],
  method: BankShares['method'],
  weights: ReadonlyMap<string, Exact> | null,
): BankShares {
  const kept = parties.map((party) => weights?.get(party));
  const positive = kept.map((weight) => (weight === undefined || weight.sign() < 0 ? Exact.zero : weight));
  const sum = positive.reduce((total, weight) => total.plus(weight), Exact.zero);
  const usable = method !== 'equal' && !kept.includes(undefined) && sum.sign() > 0;
  const count = new Exact(BigInt(parties.length));
  const shares = parties.map((party, at): [string, Exact] => [
    party,
    usable ? positive[at]!.over(sum) : new Exact(1n).over(count),
  ]);
  const used = usable ? method : 'equal';
  return { method: used, shares: new Map(shares), text: bankTexts[used] };
}

/** Who has to prove what, and how far it got. */
export interface Proof {
  party: string;
  /** `upstream`: flow has one direction, the upstream side proves that it is not at fault; `joint`: both prove together. */
  regime: 'upstream' | 'joint';
  state: 'none' | 'submitted' | 'accepted' | 'rejected';
  /** Of the party's share, so much is disproved by accepted evidence; 1 where it is not at fault at all. */
  disproved: Exact;
}

export interface ProofOutcome {
  shares: Map<string, Exact>;
  hold: boolean;
  text: Text;
}

/**
 * The outcome of proof: accepted evidence takes its part off the party and spreads it over the others by their shares (equally
 * where they have none); evidence that is being examined holds the result; without evidence, or where it is rejected, the shares
 * stay. Shares add up to what they did. Source: Jiangsu 2022, burden of proof.
 */
export function afterProof(shares: ReadonlyMap<string, Exact>, proof: Proof): ProofOutcome {
  const own = shares.get(proof.party);
  const others = [...shares].filter(([party]) => party !== proof.party);
  if (proof.state === 'submitted') {
    const text = { zh: '举证审查中，结果暂缓', en: 'evidence is being examined; the result is on hold' };
    return { shares: new Map(shares), hold: true, text };
  }
  if (proof.state !== 'accepted' || own === undefined || others.length === 0) {
    const text =
      proof.state === 'rejected'
        ? { zh: '举证未获采信，份额不变', en: 'the evidence was rejected; the shares stay' }
        : { zh: '未举证，份额不变', en: 'no evidence; the shares stay' };
    return { shares: new Map(shares), hold: false, text };
  }
  const moved = own.times(proof.disproved);
  const sum = others.reduce((total, [, share]) => total.plus(share), Exact.zero);
  const count = new Exact(BigInt(others.length));
  const after = [...shares].map(([party, share]): [string, Exact] => {
    if (party === proof.party) return [party, share.minus(moved)];
    const portion = sum.sign() > 0 ? share.over(sum) : new Exact(1n).over(count);
    return [party, share.plus(moved.times(portion))];
  });
  const text = { zh: '举证获采信，份额已调整', en: 'the evidence was accepted; the shares moved' };
  return { shares: new Map(after), hold: false, text };
}
