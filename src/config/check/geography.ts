import type { ConfigFault } from '../../domain/config/config.ts';
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
  const [west, south, east, north] = draft.region.bbox;
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
