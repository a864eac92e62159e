import type { Alert } from '../../domain/alerts.ts';
import type { Config } from '../../domain/config/config.ts';
import { prefectureLookup } from '../network/network.ts';

/** A station, or where there is none a jurisdiction as a whole. */
export type Place = { station: string | null } | { jurisdiction: string };

/** Whose something is: prefectures, from the section's border and land. */
export function placeOf(
  place: Place,
  config: Config,
): Pick<Alert, 'river' | 'locatedIn' | 'protecting' | 'benefiting'> {
  const prefectureOf = prefectureLookup(config.jurisdictions);
  const nowhere = { river: null, locatedIn: null, protecting: null, benefiting: null };
  if ('jurisdiction' in place) return { ...nowhere, locatedIn: prefectureOf(place.jurisdiction) };
  const section = config.sections.find(({ id }) => id === place.station);
  const found = section ?? config.airStations.find(({ id }) => id === place.station);
  if (found === undefined) return nowhere;
  const border = section?.border;
  return {
    river: section?.riverName ?? null,
    locatedIn: prefectureOf(found.locatedIn),
    protecting: border === undefined ? null : prefectureOf(border.protecting),
    benefiting: border === undefined ? null : prefectureOf(border.benefiting),
  };
}
