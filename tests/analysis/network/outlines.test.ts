import { readFileSync } from 'node:fs';
import { area, booleanPointInPolygon, featureCollection, intersect, point } from '@turf/turf';
import type { FeatureCollection, MultiPolygon, Polygon } from 'geojson';
import { describe, expect, it } from 'vitest';
import { prefectureLookup } from '../../../src/analysis/network/network.ts';
import { outlines, positionCheck, prefectureAt } from '../../../src/analysis/network/outlines.ts';
import { sharedFile } from '../../shared-data.ts';
import { readRegion } from './region-files.ts';

const facts = readRegion();
const shapes = outlines(facts);
const prefectureOf = prefectureLookup(facts.jurisdictions);
const members = facts.jurisdictions.filter((one) => one.member).map((one) => one.code);

describe('schematic outlines', () => {
  it('exist once for each of the six prefectures and say that they are schematic', () => {
    const drawn = shapes.features
      .filter((shape) => shape.properties.member)
      .map((shape) => shape.properties.code);
    expect(drawn.toSorted()).toEqual(members.toSorted());
    expect(shapes.features.every((shape) => shape.properties.schematic)).toBe(true);
  });

  it('hold every air and flow station and every placed section of their prefecture', () => {
    const placed = [...facts.airStations, ...facts.flowStations, ...facts.sections].filter(
      (one) => one.position !== null && one.locatedIn !== null,
    );
    expect(placed.length).toBeGreaterThan(70);
    const outside = placed.filter(
      ({ position, locatedIn }) =>
        !prefectureOf(locatedIn ?? '').endsWith('0000') &&
        prefectureAt(shapes, position?.lon ?? 0, position?.lat ?? 0) !== prefectureOf(locatedIn ?? ''),
    );
    expect(outside.map((one) => one.id)).toEqual([]);
  });

  it('hold every county seat of the six', () => {
    const counties = facts.jurisdictions.filter((one) => one.level === 'county' && one.seat !== undefined);
    expect(counties).toHaveLength(61);
    for (const { code, seat } of counties)
      expect(prefectureAt(shapes, seat?.lon ?? 0, seat?.lat ?? 0), code).toBe(prefectureOf(code));
  });

  it('leave the open sea free', () => {
    expect(prefectureAt(shapes, 121.4, 27.5)).toBeNull();
    expect(prefectureAt(shapes, 122.0, 28.6)).toBeNull();
  });

  it('do not overlap: two prefectures share a line, no area', () => {
    for (const [index, one] of shapes.features.entries()) {
      for (const other of shapes.features.slice(index + 1)) {
        const shared = intersect(featureCollection([one, other]));
        const squareMetres = shared === null ? 0 : area(shared);
        expect(squareMetres, `${one.properties.code} ${other.properties.code}`).toBeLessThan(1e4);
      }
    }
  });

  it('come out the same from shuffled facts', () => {
    const shuffled = readRegion();
    shuffled.sections.reverse();
    shuffled.airStations.reverse();
    shuffled.flowStations.reverse();
    expect(outlines(shuffled)).toEqual(shapes);
  });

  it('survive two stations at one place and an empty registry', () => {
    const doubled = readRegion();
    const first = doubled.airStations[0];
    if (first !== undefined) doubled.airStations.push({ ...first, id: 'air-twin' });
    expect(outlines(doubled)).toEqual(shapes);
    const empty = { ...readRegion(), jurisdictions: [], sections: [], airStations: [], flowStations: [] };
    expect(outlines(empty).features).toEqual([]);
  });
});

describe('the check of section positions', () => {
  it('finds a section that was put into the wrong prefecture', () => {
    const moved = readRegion();
    const baita = moved.sections.find((section) => section.id === 'fuan-baita');
    if (baita?.position) Object.assign(baita.position, { lon: 117.97, lat: 28.45 });
    expect(positionCheck(moved)).toContainEqual(
      expect.objectContaining({ section: 'fuan-baita', locatedIn: '350900', foundIn: '361100' }),
    );
  });

  it('lists only sections whose position is known to ten kilometres at best', () => {
    for (const finding of positionCheck(facts))
      expect(finding.uncertaintyKm, finding.section).toBeGreaterThanOrEqual(10);
  });
});

const official = sharedFile('data/geo/cnatlas_six_prefectures_2023.geojson');

describe.skipIf(official === null)('against published boundaries', () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a recorded file of known shape
  const published = JSON.parse(
    official === null ? '{}' : readFileSync(official, 'utf8'),
  ) as FeatureCollection<Polygon | MultiPolygon>;

  it('cover at least 85 % of each prefecture and reach at most 20 % beyond, bays included', () => {
    const shares: string[] = [];
    const coverage: { code: string; covered: number; beyond: number }[] = [];
    for (const code of members) {
      const ours = shapes.features.find((shape) => shape.properties.code === code);
      const theirs = published.features.find((feature) => feature.id === code);
      if (ours === undefined || theirs === undefined) throw new Error(`no outline of ${code}`);
      const both = intersect(featureCollection<Polygon | MultiPolygon>([ours, theirs]));
      const common = both === null ? 0 : area(both);
      const covered = common / area(theirs);
      const beyond = 1 - common / area(ours);
      coverage.push({ code, covered, beyond });
      shares.push(`${code} covered ${(100 * covered).toFixed(1)} %, beyond ${(100 * beyond).toFixed(1)} %`);
    }
    console.info(`schematic outlines against published ones: ${shares.join('; ')}`);
    for (const { code, covered, beyond } of coverage) {
      expect(covered, code).toBeGreaterThan(0.85);
      expect(beyond, code).toBeLessThan(0.2);
    }
  });

  it('agree with the published prefecture for nine of ten points of the schematic river lines', () => {
    let inside = 0;
    let judged = 0;
    for (const reach of facts.rivers.flatMap((river) => river.reaches)) {
      const codes = new Set(reach.jurisdictions.map(prefectureOf));
      for (const coordinate of reach.line?.coordinates ?? []) {
        const holder = published.features.find((feature) =>
          booleanPointInPolygon(point(coordinate), feature, { ignoreBoundary: false }),
        );
        if (holder === undefined) continue;
        judged += 1;
        if (codes.has(String(holder.id))) inside += 1;
      }
    }
    console.info(`river points in a prefecture their reach names: ${inside} of ${judged}`);
    expect(judged).toBeGreaterThan(150);
    expect(inside / judged).toBeGreaterThan(0.9);
  });
});
