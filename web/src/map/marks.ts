import { grouped } from '../grouping.ts';
import type { AirVerdict, Latest, MapPlace, Scales, Text, WaterVerdict } from '../api/types.ts';
import type { StationKind } from '../api/queries.ts';
import { neutral, type Symbol } from './symbols.ts';

/** One station as map and table show it, whatever its medium. */
export interface Mark {
  id: string;
  kind: StationKind;
  name: Text;
  latest: Latest | undefined;
  symbol: Symbol;
  /** Null: not on the map. */
  place: { lon: number; lat: number } | null;
  basis: string;
}

/** The worse of two entries of one station, by grade. */
export function worst(entries: readonly Latest[]): Latest | undefined {
  return entries.toSorted((a, b) => (gradeOf(b) ?? -1) - (gradeOf(a) ?? -1))[0];
}

export function gradeOf(latest: Latest | undefined): number | null {
  const verdict = latest?.verdict ?? null;
  if (verdict === null) return null;
  return verdict.kind === 'water' ? verdict.class : verdict.level;
}

function textOf(verdict: WaterVerdict | AirVerdict, scales: Scales): string {
  if (verdict.kind === 'air') return verdict.aqi === null ? '–' : String(verdict.aqi);
  const roman = scales.water.grades.find((one) => one.grade === verdict.class)?.roman ?? '';
  return roman.startsWith('劣') || verdict.class === 6 ? '劣' : roman;
}

export function symbolOf(
  kind: StationKind,
  latest: Latest | undefined,
  scales: Scales | undefined,
  approximate: boolean,
): Symbol {
  const grade = gradeOf(latest);
  const verdict = latest?.verdict ?? null;
  const grades = scales?.[kind].grades ?? [];
  return {
    kind,
    grade,
    colour: grades.find((one) => one.grade === grade)?.colour ?? neutral,
    text: verdict === null || scales === undefined ? '–' : textOf(verdict, scales),
    over: (verdict?.overLimits.length ?? 0) > 0,
    faded: latest !== undefined && latest.provider !== null && latest.freshness.state !== 'fresh',
    approximate,
  };
}

type Located = { id: string; name: Text; position?: { lon: number; lat: number } | null };

/** Marks of all registered stations of a medium, in the order of the configuration. */
export function marksOf(
  kind: StationKind,
  stations: readonly Located[],
  latest: readonly Latest[],
  places: readonly MapPlace[],
  scales: Scales | undefined,
): Mark[] {
  const placeOf = new Map(places.map((place) => [place.section, place]));
  const byStation = grouped(latest, (entry) => entry.station);
  return stations.map((station) => {
    const entry = worst(byStation.get(station.id) ?? []);
    const drawn = kind === 'water' ? placeOf.get(station.id) : undefined;
    const place = kind === 'water' ? drawn : (station.position ?? undefined);
    const basis = kind === 'water' ? (drawn?.basis ?? 'none') : place === undefined ? 'none' : 'position';
    return {
      id: station.id,
      kind,
      name: station.name,
      latest: entry,
      symbol: symbolOf(kind, entry, scales, basis !== 'position'),
      place: place === undefined ? null : { lon: place.lon, lat: place.lat },
      basis,
    };
  });
}
