import type { WaterEvaluation } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';
import { roundKeepNonZero } from '../statistics/rounding.ts';

/** Digits beyond which a logarithm is noise: a mean of equal values must come out as that value. */
const LOGARITHM_DIGITS = 30;

/** Mean of pH through the mean activity of hydrogen ions, −log10(mean 10^−pH). `values` not empty. */
export function hydrogenIonMean(values: readonly Decimal[]): Decimal {
  const ten = new Decimal(10);
  const sum = values.reduce((total, value) => total.plus(ten.pow(value.negated())), new Decimal(0));
  return Decimal.log10(sum.div(values.length)).negated().toSignificantDigits(LOGARITHM_DIGITS);
}

/** Unrounded mean of one item over a period, null without values. Source: 环办监测函〔2020〕82号. */
export function periodMean(
  parameter: string,
  values: readonly Decimal[],
  method: WaterEvaluation,
): Decimal | null {
  if (values.length === 0) return null;
  if (method.meanByHydrogenIon.items.includes(parameter)) return hydrogenIonMean(values);
  return values.reduce((total, value) => total.plus(value), new Decimal(0)).div(values.length);
}

/** A mean at the decimals of evaluation, rounded once; unrounded where the method names none for the item. */
export function evaluationValue(parameter: string, mean: Decimal, method: WaterEvaluation): string {
  const decimals = method.decimals.items.find((entry) => entry.parameter === parameter)?.evaluation ?? null;
  return decimals === null ? mean.toFixed() : roundKeepNonZero(mean, decimals);
}
