import type { CheckKind, CheckLimit } from '../../domain/config/quality-checks.ts';
import type { BodyType } from '../../domain/config/region.ts';
import type { StationQuality, WaterStandard } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';
import { compareWithLaboratory } from '../water/station-quality.ts';

export interface CheckInput {
  check: CheckKind;
  parameter: string;
  /** Exact decimals; null: below detection, in a comparison with a manual sample only. */
  expected: string | null;
  measured: string | null;
  detectionLimit: string | null;
  bodyType: BodyType | null;
}

/** `passed` null: no limit covers it, for a person to decide. `figures`: the limit and what was found, as text. */
export interface JudgedCheck {
  passed: boolean | null;
  figures: Record<string, string>;
}

const percentOf = (part: Decimal, whole: Decimal): Decimal | null =>
  whole.isZero() ? null : part.div(whole).times(100);

function limitFor(quality: StationQuality, input: CheckInput): CheckLimit | null {
  const group = quality.checks?.limits.find(({ check }) => check === input.check);
  if (group === undefined) return null;
  const named = group.limits.filter(({ parameter }) => parameter === input.parameter);
  const candidates =
    named.length > 0 ? named : group.limits.filter(({ parameter }) => parameter === undefined);
  const fits = (limit: CheckLimit): boolean =>
    !('upTo' in limit) || limit.upTo === undefined || new Decimal(input.expected ?? 0).lte(limit.upTo);
  return candidates.find(fits) ?? null;
}

/**
 * Judges a zero, span, drift, recovery, standard-sample or comparison check by the edition's limits. Exactly the limit passes.
 * Source: `checks` and `comparison` of the station-quality file.
 */
export function judgeCheck(
  input: CheckInput,
  quality: StationQuality,
  water: WaterStandard | null,
): JudgedCheck {
  if (input.check === 'manual-comparison') return judgeComparison(input, quality, water);
  const limit = limitFor(quality, input);
  if (limit === null || input.expected === null || input.measured === null)
    return { passed: null, figures: { limit: 'none' } };
  const [expected, measured] = [new Decimal(input.expected), new Decimal(input.measured)];
  const error = measured.minus(expected).abs();
  if ('absolute' in limit)
    return {
      passed: error.lte(limit.absolute),
      figures: { absolute: limit.absolute, error: error.toFixed() },
    };
  if ('relativePercent' in limit) {
    const percent = percentOf(error, expected.abs());
    const found = percent === null ? 'none' : percent.toFixed(1);
    return {
      passed: percent?.lte(limit.relativePercent) ?? null,
      figures: { relativePercent: limit.relativePercent, errorPercent: found },
    };
  }
  const recovered = percentOf(measured, expected);
  const { leastPercent, mostPercent } = limit;
  return {
    passed: recovered === null ? null : recovered.gte(leastPercent) && recovered.lte(mostPercent),
    figures: { leastPercent, mostPercent, recoveredPercent: recovered?.toFixed(1) ?? 'none' },
  };
}

function judgeComparison(
  input: CheckInput,
  quality: StationQuality,
  water: WaterStandard | null,
): JudgedCheck {
  if (input.detectionLimit === null || water === null) return { passed: null, figures: { limit: 'none' } };
  const decimal = (text: string | null) => (text === null ? null : new Decimal(text));
  const found = compareWithLaboratory(
    {
      item: input.parameter,
      bodyType: input.bodyType ?? 'river',
      laboratory: decimal(input.expected),
      automatic: decimal(input.measured),
      detectionLimit: new Decimal(input.detectionLimit),
    },
    quality,
    water,
  );
  if (found === null) return { passed: null, figures: { limit: 'none' } };
  const band = quality.comparison.bands.find(({ name }) => name === found.band);
  return {
    passed: found.pass,
    figures: {
      band: found.band,
      ...(band === undefined ? {} : { maxErrorPercent: band.maxErrorPercent }),
      ...(found.relativeErrorPercent === null ? {} : { errorPercent: found.relativeErrorPercent }),
    },
  };
}
