import type { AirAssessment } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';
import { cityPointsSuffice } from '../air/assessment.ts';
import type { DaySeries } from './air-days.ts';

/**
 * City values of civil days: mean of the valid points of each day, null where too few of the city's points are valid. All points
 * over the same dates; regional, background and traffic points do not belong here. Source: HJ 663, table A.2.
 */
export function cityDays(points: readonly DaySeries[], rule: AirAssessment['cityPoints']): DaySeries | null {
  const [first] = points;
  if (first === undefined) return null;
  const validPoints: number[] = [];
  const values = first.dates.map((_, day) => {
    const present = points.map((point) => point.values[day] ?? null).filter((value) => value !== null);
    validPoints.push(present.length);
    if (!cityPointsSuffice(points.length, present.length, rule)) return null;
    return present.reduce((sum, value) => sum.plus(value), new Decimal(0)).div(present.length);
  });
  return { parameter: first.parameter, dates: first.dates, values, validHours: validPoints };
}

/** City value of one hour from its points; null where too few are valid. Hourly particles are averaged but not judged. */
export function cityHour(
  points: readonly (Decimal | null)[],
  rule: AirAssessment['cityPoints'],
): Decimal | null {
  const present = points.filter((value) => value !== null);
  if (!cityPointsSuffice(points.length, present.length, rule)) return null;
  return present.reduce((sum, value) => sum.plus(value), new Decimal(0)).div(present.length);
}
