import type { Static } from 'typebox';
import type { Confidence, Text } from '../../domain/config/facts.ts';
import type { AirAssessment, AirStandard, ExceedanceWording } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';
import { airLimitOn, exceedsAirLimit, type AirAveraging, type Grade } from '../air/attainment.ts';
import type { AirValues } from '../air/aqi.ts';
import { ladderWording, type Standing } from './wording.ts';

/** One pollutant above the ambient-air limit of its zone over one averaging period. */
export interface AirOverLimit {
  parameter: string;
  averaging: AirAveraging;
  value: string;
  limit: string;
  unit: string | null;
  grade: Grade;
  /** (C − S) / S. */
  multiple: string | null;
  standing: Standing;
  /** The word 超标 may be used: reviewed results only. */
  exceedance: boolean;
  wording: Text;
  standard: string;
  phase: string;
  clause: string | null;
  confidence: Static<typeof Confidence> | null;
}

/** How documents write the grades of ambient-air zones. */
export const gradeNames: Readonly<Record<Grade, Text>> = {
  1: { zh: '一级', en: 'Grade 1' },
  2: { zh: '二级', en: 'Grade 2' },
};

/**
 * Pollutants above the limit of the zone's grade for this averaging, in the order of the values; those without such a limit (hourly
 * particles) are left out. `date`: civil date of the last moment of the period. Empty before the first edition. Source: GB 3095.
 */
export function airOverLimitList(
  input: { values: AirValues; averaging: AirAveraging; grade: Grade; date: string; standing: Standing },
  facts: {
    airStandards: readonly AirStandard[];
    assessment: Pick<AirAssessment, 'decimals'>;
    wording: ExceedanceWording;
  },
): AirOverLimit[] {
  const { averaging, grade, date, standing } = input;
  return Object.entries(input.values).flatMap(([parameter, given]): AirOverLimit[] => {
    const found = airLimitOn(facts.airStandards, { parameter, averaging, grade, date }) ?? { limit: null };
    if (given === null || found.limit === null) return [];
    // Rounding to a double keeps order, so a double at or below the limit's is no value above the limit.
    if (typeof given === 'number' && given <= found.limit.toNumber()) return [];
    const value = new Decimal(given);
    const { exceeds, multiple } = exceedsAirLimit(value, found.limit, facts.assessment.decimals.multiple);
    if (!exceeds) return [];
    const said = ladderWording(facts.wording, { standing, side: 'above', limitName: gradeNames[grade] });
    return [
      {
        parameter,
        averaging,
        value: value.toFixed(),
        limit: found.limit.toFixed(),
        unit: found.unit,
        grade,
        multiple,
        standing,
        exceedance: said.exceedance,
        wording: said.text,
        standard: found.standard.id,
        phase: found.phase,
        clause: found.clause,
        confidence: found.confidence,
      },
    ];
  });
}
