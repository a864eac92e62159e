import { Decimal, decimalOf, roundHalfEven } from '../../domain/decimal.ts';
import { activityOf, activityUnits, isUsual, phOf } from './hydrogen-ions.ts';

const zero = new Decimal(0);

/** By what share of itself a double may miss a whole number of stored decimals and stand for it: stores prove their sums as near. */
const slack = 2 ** -46;

/**
 * Sum of readings without rounding. A stored double stands for a whole number of units of the parameter's stored decimals; whole
 * numbers below 2^53 add exactly, and what is none, for which its shortest decimal stands, takes the decimal path.
 */
export class ExactSum {
  readonly #factor: number;
  #units = 0;
  #rest: Decimal | null = null;
  #count = 0;

  /** `decimals`: the parameter's stored decimals, 0 to 8. */
  constructor(decimals: number) {
    this.#factor = 10 ** decimals;
  }

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    this.#count++;
    const scaled = value * this.#factor;
    const units = Math.round(scaled);
    const whole = units / this.#factor === value || Math.abs(scaled - units) <= Math.abs(scaled) * slack;
    if (whole && Number.isSafeInteger(this.#units + units)) this.#units += units;
    else this.#rest = (this.#rest ?? zero).plus(value);
  }

  addDecimal(value: Decimal): void {
    this.#count++;
    this.#rest = (this.#rest ?? zero).plus(value);
  }

  /** The sum of `count` values: a whole number of the last stored decimal, or any decimal. */
  addSum(sum: number | Decimal, count: number): void {
    this.#count += count;
    if (typeof sum === 'number' && Number.isSafeInteger(this.#units + sum)) this.#units += sum;
    else
      this.#rest = (this.#rest ?? zero).plus(
        typeof sum === 'number' ? new Decimal(sum).div(this.#factor) : sum,
      );
  }

  sum(): Decimal {
    const units = new Decimal(this.#units).div(this.#factor);
    return this.#rest === null ? units : units.plus(this.#rest);
  }

  /** Null without a value. A tie at any decimal of evaluation is a short decimal, so the quotient's 40 digits keep it. */
  mean(): Decimal | null {
    if (this.#count === 0) return null;
    const divisor = this.#factor * this.#count;
    if (this.#rest === null && Number.isSafeInteger(divisor)) return new Decimal(this.#units).div(divisor);
    return this.sum().div(this.#count);
  }
}

const activities = new Map<number, bigint>();
const ACTIVITIES_KEPT = 4096;

/** Kept, since the readings of a year share few values. */
function keptActivity(value: number): bigint {
  let activity = activities.get(value);
  if (activity === undefined) {
    if (activities.size >= ACTIVITIES_KEPT) activities.clear();
    activity = activityUnits(value);
    activities.set(value, activity);
  }
  return activity;
}

/** The mean of a month serves many periods. */
const ofMeans = new WeakMap<Decimal, bigint | Decimal>();

function activityOfMean(value: Decimal): bigint | Decimal {
  const known = ofMeans.get(value);
  if (known !== undefined) return known;
  const activity = isUsual(value.toNumber()) ? activityUnits(value) : Decimal.pow(10, value.negated());
  ofMeans.set(value, activity);
  return activity;
}

/**
 * Mean of pH through the mean activity of hydrogen ions; equal values give that value. Values are counted, each power taken once, and
 * activities added as whole numbers, so that the order of arrival makes no difference.
 */
export class HydrogenIonSum {
  readonly #counts = new Map<number, number>();
  #rest = 0n;
  /** Of values that no water has. */
  #beyond = zero;
  #count = 0;
  #mean: Decimal | null = null;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    this.#count++;
    this.#mean = null;
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  addDecimal(value: Decimal): void {
    this.#count++;
    this.#mean = null;
    const activity = activityOfMean(value);
    if (typeof activity === 'bigint') this.#rest += activity;
    else this.#beyond = this.#beyond.plus(activity);
  }

  /** The mean of pH is none of its sum. */
  addSum(_sum: number | Decimal, _count: number): never {
    throw new TypeError('hydrogen ions are added value by value');
  }

  /** To 30 digits, beyond which the logarithm is noise. */
  mean(): Decimal | null {
    if (this.#count === 0 || this.#mean !== null) return this.#mean;
    let [usual, beyond] = [this.#rest, this.#beyond];
    for (const [value, count] of this.#counts) {
      if (isUsual(value)) usual += keptActivity(value) * BigInt(count);
      else beyond = beyond.plus(Decimal.pow(10, -value).times(count));
    }
    const mean = beyond.isZero()
      ? phOf(usual / BigInt(this.#count))
      : Decimal.log10(beyond.plus(activityOf(usual)).div(this.#count)).negated();
    this.#mean = mean.toSignificantDigits(30);
    return this.#mean;
  }
}

export type MeanOf = ExactSum | HydrogenIonSum;

/** Adds a value as the parameter's stored decimals have it; one with more decimals is rounded to them first, half to even. */
export function addStored(sum: MeanOf, value: number, decimals: number): void {
  const factor = 10 ** decimals;
  if (Math.round(value * factor) / factor === value) sum.add(value);
  else sum.addDecimal(roundHalfEven(decimalOf(value), decimals));
}
