import { Decimal } from '../../domain/decimal.ts';

/**
 * Powers and logarithms of ten in whole numbers, for values between pH −1 and 15: units of 10^-60, good to 38 digits, the same on every
 * machine. The decimal library gives the powers of hundredths; what lies between two of them is a short series.
 */
const digits = 60;
const one = 10n ** BigInt(digits);
const [least, most] = [-100, 1500];
const ln10 = units(Decimal.ln(10));

function units(value: Decimal): bigint {
  return BigInt(value.times(new Decimal(10).pow(digits)).toFixed(0));
}

const decimal = (value: bigint): Decimal => new Decimal(value.toString()).div(new Decimal(10).pow(digits));

const hundredths = new Map<number, bigint>();

/** 10^(−at/100). */
function powerOf(at: number): bigint {
  let power = hundredths.get(at);
  if (power === undefined) {
    power = units(new Decimal(10).pow(new Decimal(-at).div(100)));
    hundredths.set(at, power);
  }
  return power;
}

/** e^y for a small y. */
function exponential(y: bigint): bigint {
  let [sum, term] = [one, one];
  for (let nth = 1n; term !== 0n; nth++) {
    term = (term * y) / (one * nth);
    sum += term;
  }
  return sum;
}

/** ln of a number near one: 2 artanh((x − 1) / (x + 1)). */
function logarithm(x: bigint): bigint {
  const z = ((x - one) * one) / (x + one);
  const square = (z * z) / one;
  let [sum, power] = [0n, z];
  for (let nth = 1n; power !== 0n; nth += 2n) {
    sum += power / nth;
    power = (power * square) / one;
  }
  return 2n * sum;
}

/** Whether a pH lies where its power is good in whole numbers. */
export const isUsual = (value: number): boolean => value >= least / 100 && value <= most / 100;

/** 10^−pH in units of 10^-60. */
export function activityUnits(value: number | Decimal): bigint {
  const near = Math.round(Number(value) * 100);
  const rest =
    typeof value === 'number' && near / 100 === value
      ? null
      : new Decimal(value).minus(new Decimal(near).div(100));
  const power = powerOf(near);
  return rest === null || rest.isZero() ? power : (power * exponential((-units(rest) * ln10) / one)) / one;
}

/** −lg of an activity in units of 10^-60, of a usual value. */
export function phOf(activity: bigint): Decimal {
  let [low, high] = [least, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (powerOf(middle) > activity) low = middle + 1;
    else high = middle;
  }
  const rest = logarithm((activity * one) / powerOf(low));
  return new Decimal(low).div(100).minus(decimal((rest * one) / ln10));
}

/** An activity as a decimal. */
export const activityOf = decimal;
