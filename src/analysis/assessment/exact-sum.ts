import { Decimal, decimalOf, roundHalfEven } from '../../domain/decimal.ts';

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

const powers = new Map<string, Decimal>();
const POWERS_KEPT = 4096;
const ten = new Decimal(10);

/** 10^−pH; kept, since the readings of a year share few values and month means serve many periods. */
function activity(value: number | Decimal): Decimal {
  const key = value.toString();
  let power = powers.get(key);
  if (power === undefined) {
    if (powers.size >= POWERS_KEPT) powers.clear();
    power = ten.pow(new Decimal(value).negated());
    powers.set(key, power);
  }
  return power;
}

/** Mean of pH through the mean activity of hydrogen ions; equal values give that value. Values are counted, each power taken once. */
export class HydrogenIonSum {
  readonly #counts = new Map<number, number>();
  #rest = zero;
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
    this.#rest = this.#rest.plus(activity(value));
  }

  /** The mean of pH is none of its sum. */
  addSum(_sum: number | Decimal, _count: number): never {
    throw new TypeError('hydrogen ions are added value by value');
  }

  /** To 30 digits, beyond which the logarithm is noise. In the order of the values, so that the order of arrival makes no difference. */
  mean(): Decimal | null {
    if (this.#count === 0 || this.#mean !== null) return this.#mean;
    const sum = [...this.#counts]
      .toSorted(([a], [b]) => a - b)
      .reduce((total, [value, count]) => total.plus(activity(value).times(count)), this.#rest);
    this.#mean = Decimal.log10(sum.div(this.#count)).negated().toSignificantDigits(30);
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
