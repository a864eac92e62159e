import { Decimal, decimalOf } from '../../domain/decimal.ts';

/** How a value is brought to a number of decimals. */
export type Rounding = 'half-away-from-zero' | 'half-even' | 'down';

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** Decimals of {@link Exact.toString} at most. */
const longestText = 30;

const powersOfTen = Array.from({ length: 64 }, (_, places) => 10n ** BigInt(places));
const ten = (places: number): bigint => powersOfTen[places] ?? 10n ** BigInt(places);
const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/**
 * An exact number: a fraction of whole numbers. Quotients such as C/C0 need not end in decimals, and a threshold such as
 * "index at most 1" decides the whole payment, so nothing is rounded before the one rounding at the end.
 */
export class Exact {
  readonly numerator: bigint;
  /** Always positive, without a common factor. */
  readonly denominator: bigint;

  constructor(numerator: bigint, denominator: bigint = 1n) {
    if (denominator === 0n) throw new RangeError('division by zero');
    const sign = denominator < 0n ? -1n : 1n;
    const common = gcd(numerator, denominator * sign) || 1n;
    this.numerator = (numerator * sign) / common;
    this.denominator = (denominator * sign) / common;
  }

  /** From decimal text such as "-1.50" or a number's shortest text. Throws RangeError for anything else. */
  static of(source: string | number | bigint): Exact {
    if (typeof source === 'bigint') return new Exact(source);
    const text = typeof source === 'number' ? decimalOf(source).toFixed() : source;
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
    if (match === null) throw new RangeError(`not a decimal number: "${text}"`);
    const [, sign = '', whole = '0', fraction = ''] = match;
    return new Exact(BigInt(sign + whole + fraction), ten(fraction.length));
  }

  static readonly zero = new Exact(0n);

  plus(other: Exact): Exact {
    const numerator = this.numerator * other.denominator + other.numerator * this.denominator;
    return new Exact(numerator, this.denominator * other.denominator);
  }

  minus(other: Exact): Exact {
    return this.plus(other.negated());
  }

  times(other: Exact): Exact {
    return new Exact(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  /** Throws RangeError when `other` is zero. */
  over(other: Exact): Exact {
    return new Exact(this.numerator * other.denominator, this.denominator * other.numerator);
  }

  negated(): Exact {
    return new Exact(-this.numerator, this.denominator);
  }

  sign(): -1 | 0 | 1 {
    if (this.numerator === 0n) return 0;
    return this.numerator < 0n ? -1 : 1;
  }

  abs(): Exact {
    return this.numerator < 0n ? this.negated() : this;
  }

  compare(other: Exact): -1 | 0 | 1 {
    const [one, two] = [this.numerator * other.denominator, other.numerator * this.denominator];
    return one === two ? 0 : one < two ? -1 : 1;
  }

  floor(): Exact {
    const quotient = this.numerator / this.denominator;
    const exact = quotient * this.denominator === this.numerator;
    return new Exact(exact || this.numerator >= 0n ? quotient : quotient - 1n);
  }

  ceil(): Exact {
    return this.negated().floor().negated();
  }

  isWhole(): boolean {
    return this.denominator === 1n;
  }

  /** How often 10^-places goes into it without its sign, rounded once. */
  #units(places: number, rounding: Rounding): bigint {
    const scaled = magnitude(this.numerator) * ten(places);
    const whole = scaled / this.denominator;
    const twice = 2n * (scaled % this.denominator);
    const tieUp = rounding === 'half-away-from-zero' || (rounding === 'half-even' && whole % 2n === 1n);
    const up = rounding !== 'down' && (twice > this.denominator || (twice === this.denominator && tieUp));
    return up ? whole + 1n : whole;
  }

  /** Rounded once to `places` decimals. */
  round(places: number, rounding: Rounding): Exact {
    const units = this.#units(places, rounding);
    return new Exact(this.numerator < 0n ? -units : units, ten(places));
  }

  /** Text with exactly `places` decimals, rounded half away from zero. */
  toFixed(places: number): string {
    const units = this.#units(places, 'half-away-from-zero');
    const digits = units.toString().padStart(places + 1, '0');
    const sign = this.numerator < 0n && units !== 0n ? '-' : '';
    return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
  }

  /** Shortest exact decimal text; cut to 30 decimals where the fraction does not end. */
  toString(): string {
    if (this.isWhole()) return this.numerator.toString();
    return this.toFixed(longestText).replace(/\.?0+$/, '');
  }

  /** To 40 significant digits, for functions that have no exact result. */
  toDecimal(): Decimal {
    return new Decimal(this.numerator.toString()).div(this.denominator.toString());
  }

  static fromDecimal(value: Decimal): Exact {
    return Exact.of(value.toFixed());
  }
}
