import { civilDate } from '../../domain/time.ts';
import { Temporal } from 'temporal-polyfill';
import { boundsOf } from '../assessment/period.ts';
import { itemMeans, type ItemMean, type SectionSource } from '../assessment/month-values.ts';
import { waterFactsOn } from '../assessment/water-facts.ts';
import { evaluationValue } from '../water/evaluation-value.ts';
import { isSection, type StationData } from './signal.ts';
import type { SignalFacts, WaterRow } from './water-signals.ts';

/** Civil dates whose days lie wholly in `[fromS, throughS)`. */
function wholeDays(facts: SignalFacts): string[] {
  const zone = facts.config.region.timeZone;
  const days: string[] = [];
  let day = Temporal.PlainDate.from(civilDate(facts.fromS, zone));
  for (;;) {
    const date = day.toString();
    const { beginS, endS } = boundsOf({ from: date, to: date }, zone);
    if (endS > facts.throughS) return days;
    if (beginS >= facts.fromS) days.push(date);
    day = day.add({ days: 1 });
  }
}

function sourceOf(data: StationData): SectionSource {
  return {
    provider: data.provider,
    method: 'automatic',
    network: isSection(data.station) ? data.station.network : null,
    cadenceS: data.cadenceS,
    series: data.series
      .filter(({ key }) => key.averaging === 'instant' || key.averaging === 'PT1H')
      .map(({ key, timeS, value, flags }) => ({ parameter: key.parameter, timeS, value, flags })),
  };
}

/**
 * Means of the whole days of a time, or of the month up to each of them: evaluation values at the decimals of evaluation. A mean that
 * rests on too little, or on fewer than `leastDays` days of its month, is none.
 */
export function meansOfDays(
  data: StationData,
  basis: 'day' | 'month-to-date',
  leastDays: number,
  facts: SignalFacts,
): WaterRow[] {
  const { config } = facts;
  const zone = config.region.timeZone;
  const sources = [sourceOf(data)];
  return wholeDays(facts).flatMap((date): WaterRow[] => {
    const from = basis === 'day' ? date : `${date.slice(0, 8)}01`;
    if (basis === 'month-to-date' && Number(date.slice(8)) < leastDays) return [];
    const water = waterFactsOn(config, date);
    if (water === null) return [];
    const means = itemMeans(sources, { from, to: date }, water).filter(({ mean }) => mean !== null);
    const { beginS, endS } = boundsOf({ from: date, to: date }, zone);
    const values = Object.fromEntries(
      means.map(({ parameter, mean }) => [parameter, evaluationValue(parameter, mean!, water.method)]),
    );
    return [{ beginS, endS, values, standing: standingOf(basis, means) }];
  });
}

function standingOf(basis: 'day' | 'month-to-date', means: readonly ItemMean[]): WaterRow['standing'] {
  const mark = means.length > 0 && means.every(({ stage }) => stage > 0) ? 'reviewed' : 'unreviewed';
  return basis === 'day' ? `day-${mark}` : `cumulative-${mark}`;
}
