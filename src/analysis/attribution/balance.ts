import type { Text } from '../../domain/config/facts.ts';
import { Decimal } from '../../domain/decimal.ts';
import { Exact } from '../liability/exact.ts';
import { intervalFactor } from '../load/index.ts';
import { type Decay, survival, type TravelTime } from './decay.ts';

export interface Tonnes {
  tonnes: Decimal;
  standardErrorTonnes: Decimal;
}

/** Load that somebody measured on its way to the exit: from above (`entering`) or from a source or tributary within. */
export interface Inflow extends Tonnes {
  id: string;
  jurisdiction: string | null;
  kind: 'entering' | 'local';
  travel: TravelTime;
}

/** Whose the part is that no inflow explains: one jurisdiction's, several by exact shares, or nobody's. */
export type RemainderRule =
  | { kind: 'sole'; jurisdiction: string }
  | { kind: 'shared'; basis: Text; shares: ReadonlyMap<string, Exact> }
  | { kind: 'unexplained' };

export interface BalanceCase {
  exit: Tonnes;
  inflows: readonly Inflow[];
  decay: Decay | null;
  remainder: RemainderRule;
  /** Standard error of what reaches the exit unmeasured from above the entering sections, relative to the exit load. */
  unmeasured: Decimal;
}

/**
 * One part of the load at the exit. `share` is exact and all shares add up to one; `interval90` is of the share.
 * `aboveZero` false: the part cannot be told from none.
 */
export interface Part {
  id: string;
  jurisdiction: string | null;
  kind: 'entering' | 'local' | 'unexplained';
  tonnes: Decimal;
  share: Exact;
  standardErrorShare: Decimal;
  interval90: [Decimal, Decimal];
  aboveZero: boolean;
  basis: Text | null;
}

export interface Balance {
  parts: Part[];
  exit: Tonnes;
  /** Exit less all that arrives from the inflows, before anything is set to zero. */
  remainderTonnes: Decimal;
  /** More arrives than leaves: the decay, the travel time or a load is wrong. It is no credit for anyone. */
  negativeRemainder: boolean;
  /** Entering against the rest (local, or what nobody explains), or that they cannot be told apart. */
  greater: 'entering' | 'local' | 'unexplained' | 'indistinguishable';
}

interface Arriving {
  inflow: Inflow;
  tonnes: Decimal;
  /** Variance without the decay rate, which all inflows share. */
  variance: Decimal;
  /** Change of the arriving load with the decay rate. */
  byRate: Decimal;
}

/**
 * Mass balance of one exit: what arrives of each inflow after first-order decay, and the rest. L_local = L_exit − Σ L_in e^(−kt).
 * Null for an exit load that is not above zero: nothing to share.
 */
export function balance(of: BalanceCase): Balance | null {
  if (of.exit.tonnes.lte(0)) return null;
  const arriving = of.inflows.map((inflow) => arrivingOf(inflow, of.decay));
  const sum = arriving.reduce((total, one) => total.plus(one.tonnes), new Decimal(0));
  const remainderTonnes = of.exit.tonnes.minus(sum);
  const negativeRemainder = remainderTonnes.isNegative() && !remainderTonnes.isZero();
  // Where more arrives than leaves, the inflows are the whole: shares of what arrives, nothing local.
  const arrived = arriving.reduce((total, one) => total.plus(Exact.fromDecimal(one.tonnes)), Exact.zero);
  const whole = negativeRemainder ? arrived : Exact.fromDecimal(of.exit.tonnes);
  const rate = of.decay?.standardErrorPerDay ?? new Decimal(0);
  const parts = arriving.map((one) =>
    partOf(of, whole, {
      ...one.inflow,
      exact: Exact.fromDecimal(one.tonnes),
      variance: one.variance.plus(one.byRate.times(rate).pow(2)),
      basis: null,
    }),
  );
  const rest = remainderParts(of, whole, {
    exact: whole.minus(arrived),
    variance: remainderVariance(of, arriving, rate),
  });
  const all = [...parts, ...rest];
  return {
    parts: all,
    exit: of.exit,
    remainderTonnes,
    negativeRemainder,
    greater: greaterOf(all, of, arriving, rate),
  };
}

function arrivingOf(inflow: Inflow, decay: Decay | null): Arriving {
  const left = survival(decay, inflow.travel.days);
  const tonnes = inflow.tonnes.times(left);
  const byTime = tonnes.times(decay?.perDay ?? 0).times(inflow.travel.standardErrorDays);
  return {
    inflow,
    tonnes,
    variance: inflow.standardErrorTonnes.times(left).pow(2).plus(byTime.pow(2)),
    byRate: tonnes.times(inflow.travel.days),
  };
}

interface Amount {
  id: string;
  jurisdiction: string | null;
  kind: Part['kind'];
  /** Tonnes, unrounded, so that the shares add up to one. */
  exact: Exact;
  variance: Decimal;
  basis: Text | null;
}

/** The share's error: that of the part, that of the exit it is divided by, and what reaches the exit unmeasured. */
function partOf(of: BalanceCase, whole: Exact, amount: Amount): Part {
  const { id, jurisdiction, kind, exact, variance, basis } = amount;
  const share = exact.over(whole);
  const exit = of.exit.tonnes;
  const near = share.toDecimal();
  const byExit = kind === 'entering' ? near.times(of.exit.standardErrorTonnes).div(exit) : new Decimal(0);
  const standardErrorShare = variance
    .div(exit.pow(2))
    .plus(byExit.pow(2))
    .plus(kind === 'entering' ? of.unmeasured.pow(2) : 0)
    .sqrt();
  const half = standardErrorShare.times(intervalFactor);
  return {
    id,
    jurisdiction,
    kind,
    tonnes: exact.toDecimal(),
    share,
    standardErrorShare,
    interval90: [Decimal.max(near.minus(half), 0), Decimal.min(near.plus(half), 1)],
    aboveZero: near.gt(half),
    basis,
  };
}

/** Variance of exit − Σ arriving, in tonnes², as part of the exit: both ends move with the exit's own error. */
function remainderVariance(of: BalanceCase, arriving: readonly Arriving[], rate: Decimal): Decimal {
  const exit = of.exit.tonnes;
  const sum = arriving.reduce((total, one) => total.plus(one.tonnes), new Decimal(0));
  const byRate = arriving.reduce((total, one) => total.plus(one.byRate), new Decimal(0));
  const own = arriving.reduce((total, one) => total.plus(one.variance), new Decimal(0));
  return own
    .plus(byRate.times(rate).pow(2))
    .plus(sum.div(exit).times(of.exit.standardErrorTonnes).pow(2))
    .plus(of.unmeasured.times(exit).pow(2));
}

function remainderParts(of: BalanceCase, whole: Exact, rest: { exact: Exact; variance: Decimal }): Part[] {
  const { remainder } = of;
  if (remainder.kind === 'unexplained')
    return [
      partOf(of, whole, { id: 'unexplained', jurisdiction: null, kind: 'unexplained', ...rest, basis: null }),
    ];
  if (remainder.kind === 'sole') {
    const { jurisdiction } = remainder;
    return [partOf(of, whole, { id: jurisdiction, jurisdiction, kind: 'local', ...rest, basis: null })];
  }
  return sharedParts(of, whole, rest, remainder);
}

/** By stated shares; what they leave of one stays unexplained. */
function sharedParts(
  of: BalanceCase,
  whole: Exact,
  rest: { exact: Exact; variance: Decimal },
  rule: Extract<RemainderRule, { kind: 'shared' }>,
): Part[] {
  const stated = [...rule.shares].map(([jurisdiction, share]) => ({ jurisdiction, share }));
  const sum = stated.reduce((total, one) => total.plus(one.share), Exact.zero);
  const open = new Exact(1n).minus(sum);
  if (open.sign() < 0) throw new RangeError('the shares of a remainder add up to more than one');
  const entries = [
    ...stated.map(({ jurisdiction, share }) => ({
      id: jurisdiction,
      jurisdiction,
      kind: 'local' as const,
      share,
    })),
    ...(open.sign() > 0
      ? [{ id: 'unexplained', jurisdiction: null, kind: 'unexplained' as const, share: open }]
      : []),
  ];
  return entries.map(({ share, ...one }) =>
    partOf(of, whole, {
      ...one,
      exact: rest.exact.times(share),
      variance: rest.variance.times(share.toDecimal().pow(2)),
      basis: one.kind === 'local' ? rule.basis : null,
    }),
  );
}

/** Entering less local is entering twice less the whole, so its error is twice that of the entering share. */
function greaterOf(
  parts: readonly Part[],
  of: BalanceCase,
  arriving: readonly Arriving[],
  rate: Decimal,
): Balance['greater'] {
  const entering = parts.filter((part) => part.kind === 'entering');
  const sum = entering.reduce((total, part) => total.plus(part.share), Exact.zero);
  const apart = sum.toDecimal().times(2).minus(1);
  const upstream = arriving.filter((one) => one.inflow.kind === 'entering');
  const error = remainderVariance(of, upstream, rate).sqrt().div(of.exit.tonnes).times(2);
  if (apart.abs().lte(error.times(intervalFactor))) return 'indistinguishable';
  if (apart.gt(0)) return 'entering';
  return of.remainder.kind === 'unexplained' && !parts.some((part) => part.kind === 'local')
    ? 'unexplained'
    : 'local';
}
