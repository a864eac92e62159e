import { Decimal } from '../../domain/decimal.ts';

/**
 * Sum of readings without rounding. A stored double stands for its shortest decimal, which is a whole number of units of the
 * parameter's stored decimals; whole numbers below 2^53 add exactly, and what does not fit takes the decimal path.
 */
export class ExactSum {
  readonly #factor: number;
  #units = 0;
  #rest = new Decimal(0);
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
    const units = Math.round(value * this.#factor);
    if (units / this.#factor === value && Number.isSafeInteger(this.#units + units)) this.#units += units;
    else this.#rest = this.#rest.plus(value);
  }

  addDecimal(value: Decimal): void {
    this.#count++;
    this.#rest = this.#rest.plus(value);
  }

  sum(): Decimal {
    return new Decimal(this.#units).div(this.#factor).plus(this.#rest);
  }

  /** Null without a value. A tie at any decimal of evaluation is a short decimal, so the quotient's 40 digits keep it. */
  mean(): Decimal | null {
    return this.#count === 0 ? null : this.sum().div(this.#count);
  }
}

const powers = new Map<number, Decimal>();
const POWERS_KEPT = 4096;
const ten = new Decimal(10);

function activity(value: number): Decimal {
  let power = powers.get(value);
  if (power === undefined) {
    if (powers.size >= POWERS_KEPT) powers.clear();
    power = ten.pow(new Decimal(value).negated());
    powers.set(value, power);
  }
  return power;
}

/** Mean of pH through the mean activity of hydrogen ions; equal values give that value. */
export class HydrogenIonSum {
  #sum = new Decimal(0);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    this.#count++;
    this.#sum = this.#sum.plus(activity(value));
  }

  addDecimal(value: Decimal): void {
    this.#count++;
    this.#sum = this.#sum.plus(ten.pow(value.negated()));
  }

  /** To 30 digits, beyond which the logarithm is noise. */
  mean(): Decimal | null {
    if (this.#count === 0) return null;
    return Decimal.log10(this.#sum.div(this.#count)).negated().toSignificantDigits(30);
  }
}

export type MeanOf = ExactSum | HydrogenIonSum;
