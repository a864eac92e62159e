import { misplaced } from '../../analysis/network/outlines.ts';
import type { ConfigFault } from '../../domain/config/config.ts';
import type { Region } from '../../domain/config/region.ts';
import type { ValuePath } from '../document.ts';
import type { Draft } from '../draft.ts';

interface Located {
  entry: object;
  path: ValuePath;
  lon: number;
  lat: number;
}

/** Sections, stations, surveyed lines and the members' seats lie inside the region's box. */
export function geographyFaults(draft: Draft): ConfigFault[] {
  if (draft.region === null) return [];
  return [...outsideRegion(draft, draft.region), ...outsideJurisdiction(draft, draft.region)];
}

/** Beyond this a position is wrong, not merely near a border that the known points draw badly. */
const slackKm = 15;

/** Coordinates that cannot lie in their jurisdiction, as far as seats and stations tell. */
function outsideJurisdiction(draft: Draft, region: Region): ConfigFault[] {
  if (!draft.complete('jurisdictions')) return [];
  return misplaced({ ...draft, region }, slackKm).map(({ list, index, locatedIn, nearest, outsideByKm }) => {
    const entry = draft[list][index]!;
    const { lon = 0, lat = 0 } = entry.position ?? {};
    const message = `outside its jurisdiction by at least ${outsideByKm.toFixed(0)} km: the nearest known place is in ${nearest}`;
    const expected = `a place in ${locatedIn}`;
    return draft.fault(entry, ['position'], { message, expected, value: `lon ${lon}, lat ${lat}` });
  });
}

function outsideRegion(draft: Draft, region: Region): ConfigFault[] {
  const [west, south, east, north] = region.bbox;
  return located(draft)
    .filter(({ lon, lat }) => lon < west || lon > east || lat < south || lat > north)
    .map(({ entry, path, lon, lat }) => {
      const message = 'outside the region (longitude and latitude swapped?)';
      const expected = `longitude ${west} to ${east}, latitude ${south} to ${north}`;
      return draft.fault(entry, path, { message, expected, value: `lon ${lon}, lat ${lat}` });
    });
}

function located(draft: Draft): Located[] {
  const stations = [...draft.sections, ...draft.airStations, ...draft.flowStations];
  return [
    ...stations.flatMap((entry) =>
      entry.position === null ? [] : [{ ...entry.position, entry, path: ['position'] }],
    ),
    ...draft.jurisdictions.flatMap((entry) =>
      entry.member && entry.seat !== undefined ? [{ ...entry.seat, entry, path: ['seat'] }] : [],
    ),
    ...draft.rivers.flatMap((entry) =>
      entry.reaches.flatMap((reach, index) =>
        (reach.line?.coordinates ?? []).map(([lon, lat], at) => {
          const path = ['reaches', index, 'line', 'coordinates', at];
          return { entry, path, lon, lat };
        }),
      ),
    ),
  ];
}
