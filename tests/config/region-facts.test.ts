import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { distance } from '@turf/turf';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { parse as parseCsv } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import {
  AirStationFile,
  FlowStationFile,
  JurisdictionFile,
  RiverFile,
  SectionFile,
} from '../../src/domain/config/region.ts';
import { WaterFile, type WaterName } from '../../src/domain/config/waters.ts';
import { readRegion, readRegionFile } from '../analysis/network/region-files.ts';
import { sharedFile } from '../shared-data.ts';

const facts = readRegion();
const codes = new Set(facts.jurisdictions.map((one) => one.code));
const members = facts.jurisdictions.filter((one) => one.member);

const waterFolder = sharedFile('data/water-cnemc/section_codes_2021-04.csv');
const airList = sharedFile('data/air-cnemc/stations_2026.csv');
const flowList = sharedFile('data/hydro-mwr/stations_river_2021.csv');
const flowPositions = sharedFile('data/hydro-mwr/stations_coordinates_2026-08.csv');
const boundaries = sharedFile('data/geo/geoatlas_330300.json');

function rows(relative: string): Record<string, string>[] {
  const file = sharedFile(relative);
  if (file === null) return [];
  const bytes = readFileSync(file);
  return parseCsv(bytes, { columns: true, bom: true });
}

describe('the waters that sections and gauging stations name', () => {
  it('each have a name in English, and none is named that nobody has', () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of the kind is checked below
    const { waters } = readRegionFile('waters') as { waters: WaterName[] };
    const named = [...facts.sections, ...facts.flowStations].flatMap(({ riverName }) =>
      riverName === null ? [] : [riverName],
    );
    expect(waters.map(({ id }) => id).toSorted()).toEqual([...new Set(named)].toSorted());
    for (const { en } of waters) expect(en).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe('the files of the region', () => {
  const ajv = new Ajv({ allErrors: true, strict: false });
  formats.default(ajv);

  it.each([
    ['jurisdictions', JurisdictionFile],
    ['rivers', RiverFile],
    ['waters', WaterFile],
    ['sections', SectionFile],
    ['air-stations', AirStationFile],
    ['flow-stations', FlowStationFile],
  ])('%s.yaml keeps its schema', (name, schema) => {
    const check = ajv.compile(schema);
    check(readRegionFile(name));
    expect(check.errors ?? []).toEqual([]);
  });

  it('mark exactly the six prefectures as members and hang every county on a prefecture', () => {
    expect(members.map((one) => one.name.en).toSorted()).toEqual([
      'Lishui',
      'Nanping',
      'Ningde',
      'Shangrao',
      'Taizhou',
      'Wenzhou',
    ]);
    for (const { code, level, parent } of facts.jurisdictions) {
      if (level === 'province') expect(parent, code).toBeUndefined();
      else expect(codes.has(parent ?? ''), code).toBe(true);
      if (level === 'county') expect(code.slice(0, 4), code).toBe(parent?.slice(0, 4));
    }
  });

  it('name only jurisdictions that are configured', () => {
    const named = [
      ...facts.sections.flatMap((one) => [
        one.locatedIn,
        one.assessed,
        one.border?.protecting,
        one.border?.benefiting,
      ]),
      ...[...facts.airStations, ...facts.flowStations].map((one) => one.locatedIn),
    ].filter((code) => code !== null && code !== undefined);
    expect(named.filter((code) => !codes.has(code))).toEqual([]);
  });

  it('use every station id and every alias once', () => {
    const all = [...facts.sections, ...facts.airStations, ...facts.flowStations];
    expect(new Set(all.map((one) => one.id)).size).toBe(all.length);
    const aliases = all.flatMap((one) => one.aliases.map((alias) => `${alias.provider} ${alias.key}`));
    expect(new Set(aliases).size).toBe(aliases.length);
  });

  it('point to flow stations and to scenario sections that exist', () => {
    const flow = new Set(facts.flowStations.map((one) => one.id));
    const paired = facts.sections.filter((one) => one.flowStation !== undefined);
    expect(paired).toHaveLength(9);
    expect(paired.filter((one) => !flow.has(one.flowStation?.id ?? ''))).toEqual([]);
    expect(facts.sections.some((one) => one.id === 'jiaoxi')).toBe(true);
  });

  it('give every hydraulic state its source, and an official water body only from the official list', () => {
    for (const { id, hydraulics, hydraulicsProvenance, bodyType } of facts.sections) {
      if (hydraulics !== null) expect(hydraulicsProvenance, id).toBeDefined();
      if (bodyType?.origin === 'official')
        expect(bodyType.provenance.source, id).toContain('CNEMC section list');
      if (bodyType?.origin === 'derived') expect(bodyType.provenance.confidence, id).toBe('inferred');
    }
  });

  it('give a source to every figure, in words and never a path of some machine', () => {
    const sources: string[] = [];
    const walk = (value: unknown) => {
      if (typeof value !== 'object' || value === null) return;
      if ('lon' in value && 'uncertaintyKm' in value) expect(value).toHaveProperty('provenance');
      if ('source' in value && typeof value.source === 'string') sources.push(value.source);
      Object.values(value).forEach(walk);
    };
    walk(facts);
    expect(sources.length).toBeGreaterThan(500);
    expect(
      sources.filter((source) => source.trim().length < 8 || /^\/|\.\.\/|\/work\//.test(source)),
    ).toEqual([]);
  });

  it('mark no line as surveyed', () => {
    const lines = facts.rivers.flatMap((river) => river.reaches).flatMap((reach) => reach.line ?? []);
    expect(lines.length).toBeGreaterThan(60);
    expect(lines.some((line) => line.surveyed)).toBe(false);
  });
});

describe.skipIf(waterFolder === null)('sections against the national list and the published rows', () => {
  const names = new Set(members.map((one) => one.name.zh));
  const own = rows('data/water-cnemc/section_codes_2021-04.csv').filter(
    (row) =>
      members.some((one) => row.SectionCode?.slice(0, 4) === one.code.slice(0, 4)) ||
      names.has(row.CityCH ?? ''),
  );

  it('hold every section that lies in or is assessed on one of the six, as coded', () => {
    expect(own).toHaveLength(103);
    const byCode = new Map(
      facts.sections.flatMap((one) => one.codes.map((code) => [code.code, one] as const)),
    );
    const nameOf = new Map(facts.jurisdictions.map((one) => [one.code, one.name.zh]));
    for (const row of own) {
      const section = byCode.get(row.SectionCode ?? '');
      expect(section?.name.zh, row.SectionCode).toBe(row.SectionName);
      expect(section?.locatedIn, row.SectionCode).toBe(row.SectionCode?.slice(0, 6));
      expect(nameOf.get(section?.assessed ?? ''), row.SectionCode).toBe(row.CityCH);
      expect(section?.riverName, row.SectionCode).toBe(row.RiverName);
    }
  });

  it('have only aliases that were published, and the published form of every listed name that was', () => {
    const file = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');
    const text = file === null ? '' : gunzipSync(readFileSync(file)).toString('utf8');
    // The first cells hold neither commas nor quotes; reading 112 088 whole rows here would take seconds.
    const published = new Set(
      text.split('\n').map((line) => {
        const cells = line.split(',', 6);
        return `${cells[3]}/${cells[5]}`;
      }),
    );
    const page = sharedFile('data/water-cnemc/getRealDatas_raw_2026-08-21T20_page1.json');
    const body: unknown = page === null ? {} : JSON.parse(readFileSync(page, 'utf8'));
    if (typeof body === 'object' && body !== null && 'tbody' in body && Array.isArray(body.tbody)) {
      for (const row of body.tbody) if (Array.isArray(row)) published.add(`${row[0]}/${row[2]}`);
    }
    const keys = facts.sections.flatMap((one) => one.aliases.map((alias) => alias.key));
    expect(keys.filter((key) => !published.has(key))).toEqual([]);
    const listed = own
      .map((row) => `${row.ProvinceCH}/${row.SectionName}`)
      .filter((key) => published.has(key));
    expect(listed.length).toBeGreaterThan(50);
    expect(listed.filter((key) => !keys.includes(key))).toEqual([]);
  });
});

describe.skipIf(airList === null)('air stations against the list of 2026', () => {
  it('are all stations of the six prefectures, at their listed places', () => {
    const listed = rows('data/air-cnemc/stations_2026.csv').filter((row) =>
      members.some((one) => one.name.zh === row.area),
    );
    expect(facts.airStations).toHaveLength(listed.length);
    for (const row of listed) {
      const station = facts.airStations.find((one) =>
        one.aliases.some((alias) => alias.key === row.stationcode),
      );
      expect(station?.id).toBe(`air-${row.stationcode?.toLowerCase()}`);
      expect(station?.name.zh).toBe(row.positionname);
      expect(station?.position?.lon).toBeCloseTo(Number(row.longitude), 4);
      expect(station?.position?.lat).toBeCloseTo(Number(row.latitude), 4);
    }
  });
});

describe.skipIf(flowList === null || flowPositions === null)(
  'flow stations against the hydrological lists',
  () => {
    it('carry codes, names and rivers of the list, at the official places', () => {
      const listed = new Map(rows('data/hydro-mwr/stations_river_2021.csv').map((row) => [row.stcd, row]));
      const placed = new Map(
        rows('data/hydro-mwr/stations_coordinates_2026-08.csv').map((row) => [
          `${row.station} ${row.river}`,
          row,
        ]),
      );
      for (const station of facts.flowStations) {
        const place = placed.get(`${station.name.zh} ${station.riverName}`);
        expect(station.position?.lon, station.id).toBeCloseTo(Number(place?.official_lng), 3);
        expect(station.position?.lat, station.id).toBeCloseTo(Number(place?.official_lat), 3);
        for (const { key } of station.aliases) {
          expect(listed.get(key)?.stnm?.trim(), station.id).toBe(station.name.zh);
          expect(listed.get(key)?.rvnm?.trim(), station.id).toBe(station.riverName);
        }
      }
    });
  },
);

describe.skipIf(boundaries === null)('seats against an independent list of centres', () => {
  it('lie within twelve kilometres of the centre of the same name', () => {
    const centres = new Map<string, [number, number]>();
    for (const code of [
      '330300',
      '331000',
      '331100',
      '350700',
      '350900',
      '361100',
      '330000',
      '350000',
      '360000',
    ]) {
      const file = sharedFile(`data/geo/geoatlas_${code}.json`);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a recorded file of known shape
      const { features } = JSON.parse(file === null ? '{"features":[]}' : readFileSync(file, 'utf8')) as {
        features: { properties: { name: string; center?: [number, number]; adcode: number } }[];
      };
      for (const { properties } of features)
        if (properties.center !== undefined)
          centres.set(`${String(properties.adcode).slice(0, 2)}${properties.name}`, properties.center);
    }
    let compared = 0;
    for (const { code, name, seat } of facts.jurisdictions) {
      const centre = centres.get(`${code.slice(0, 2)}${name.zh}`);
      // 南平's seat moved from 延平 to 建阳; the list still has the old one.
      if (seat === undefined || centre === undefined || code === '350700') continue;
      compared += 1;
      expect(distance([seat.lon, seat.lat], centre, { units: 'kilometers' }), name.zh).toBeLessThan(12);
    }
    expect(compared).toBeGreaterThanOrEqual(66);
  });
});
