import type { Config } from '../../domain/config/config.ts';
import type { Reach, Section } from '../../domain/config/region.ts';

type Coordinates = [number, number][];

function pointsOn(sections: readonly Section[], reachId: string): Coordinates {
  const located = sections.filter((section) => section.reach?.id === reachId && section.position !== null);
  located.sort((a, b) => (b.reach?.km ?? 0) - (a.reach?.km ?? 0));
  return located.map(({ position }) => [position?.lon ?? 0, position?.lat ?? 0]);
}

function lineOf(
  reach: Reach,
  sections: readonly Section[],
): { coordinates: Coordinates; basis: string } | null {
  if (reach.line !== undefined) {
    return {
      coordinates: reach.line.coordinates,
      basis: reach.line.surveyed ? 'surveyed' : 'sketched',
    };
  }
  const next = reach.downstream === null ? [] : pointsOn(sections, reach.downstream).slice(0, 1);
  const coordinates = [...pointsOn(sections, reach.id), ...next];
  return coordinates.length < 2 ? null : { coordinates, basis: 'between-sections' };
}

/**
 * One feature a reach: the configured line, else straight lines between the sections on it (upstream first) and the first
 * one of the reach below; geometry null where fewer than two points are known. `schematic` unless the line is surveyed.
 */
export function riverFeatures(config: Pick<Config, 'rivers' | 'sections'>) {
  return config.rivers.flatMap((river) =>
    river.reaches.map((reach) => {
      const line = lineOf(reach, config.sections);
      const geometry = line === null ? null : { type: 'LineString', coordinates: line.coordinates };
      const properties: Record<string, unknown> = {
        river: river.id,
        riverName: river.name,
        basin: river.basin,
        reach: reach.id,
        name: reach.name,
        downstream: reach.downstream,
        jurisdictions: reach.jurisdictions,
        basis: line?.basis ?? null,
        schematic: line?.basis !== 'surveyed',
      };
      return { type: 'Feature' as const, id: reach.id, geometry, properties };
    }),
  );
}
