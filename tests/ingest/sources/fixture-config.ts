import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { Config } from '../../../src/domain/config/config.ts';
import type { Parameter } from '../../../src/domain/config/parameter.ts';
import type { AirStation, Section } from '../../../src/domain/config/region.ts';
import type { SourceConfig } from '../../../src/domain/config/source.ts';
import { noStandards } from '../../../src/domain/config/standard.ts';
import { hj212Source } from './hj212/fixture.ts';
import { sheetSource } from './monthly-sheet/fixture.ts';
import { mqttSource } from './mqtt/fixture.ts';

const parameterFolder = path.resolve(import.meta.dirname, '../../../config/parameters');

function parametersOf(name: string): Parameter[] {
  const file: { parameters: Parameter[] } = parse(
    readFileSync(path.join(parameterFolder, `${name}.yaml`), 'utf8'),
  );
  return file.parameters;
}

const provenance = { source: 'made up for tests', confidence: 'assumed' } as const;

export function section(id: string, key: string, extra: Partial<Section> = {}): Section {
  const name = key.split('/')[1]!;
  return {
    id,
    name: { zh: name, en: id },
    codes: [],
    aliases: [{ provider: 'cnemc', key }],
    locatedIn: '330300',
    assessed: '330300',
    level: null,
    network: null,
    operator: null,
    riverName: null,
    bodyType: { value: 'river', origin: 'derived', provenance },
    hydraulics: null,
    targets: [],
    position: null,
    provenance,
    ...extra,
  };
}

export function airStation(id: string, code: string, name: string, locatedIn = '331100'): AirStation {
  return {
    id,
    name: { zh: name, en: id },
    aliases: [{ provider: 'cnemc', key: code }],
    locatedIn,
    zoneClass: { value: 2, provenance },
    position: { lon: 119.9, lat: 28.4, uncertaintyKm: 0.1, provenance },
    provenance,
  };
}

export function source(id: 'cnemc-water' | 'cnemc-air', extra: Partial<SourceConfig> = {}): SourceConfig {
  return {
    id,
    adapter: id,
    provider: 'cnemc',
    name: { zh: id, en: id },
    enabled: true,
    timeZone: 'Asia/Shanghai',
    stampMeans: id === 'cnemc-water' ? 'instant' : 'end',
    cron: '0 * * * *',
    cadenceSeconds: 3600,
    timeoutSeconds: 5,
    retries: 2,
    minimumIntervalMs: 0,
    maximumBodyMiB: 16,
    userAgent: 'jiehe-tests/0',
    settings: {},
    licence: 'none',
    attribution: { zh: '无', en: 'none' },
    ...extra,
  };
}

/** Sources that are read as their own sample configures them. */
export const pulled = [
  'hydro-mwr',
  'jiehe-feed',
  'openaq',
  'quotsoft-air',
  'sensorthings',
  'usgs',
  'wqp',
  'zjemc-air',
] as const;
export type Pulled = (typeof pulled)[number];

const sourceFolder = path.resolve(import.meta.dirname, '../../../src/ingest/sources');

/** The source of an adapter's sample file. */
export function sampleSource(id: Pulled): SourceConfig {
  const file: { sources: SourceConfig[] } = parse(
    readFileSync(path.join(sourceFolder, id, 'source.sample.yaml'), 'utf8'),
  );
  return file.sources[0]!;
}

const place = (
  code: string,
  zh: string,
  level: 'province' | 'prefecture',
): Config['jurisdictions'][number] => ({
  code,
  name: { zh, en: code },
  level,
  member: level === 'prefecture',
  provenance,
});

// Read once: the fuzz of replies asks for a configuration a thousand times.
const realParameters = ['water', 'air', 'flow', 'published'].flatMap(parametersOf);
const pulledSources = pulled.map(sampleSource);

/** A small region: two provinces, two registered sections, two registered air stations, the real parameters. */
export function fixtureConfig(extra: Partial<Config> = {}): Config {
  return {
    hash: '0'.repeat(64),
    region: {
      kind: 'region',
      id: 'fixture',
      name: { zh: '例', en: 'fixture' },
      timeZone: 'Asia/Shanghai',
      bbox: [117, 25, 122, 30],
      standards: { water: [], air: [], aqi: [] },
      notice: { zh: '例', en: 'fixture' },
    },
    jurisdictions: [
      place('330000', '浙江省', 'province'),
      place('350000', '福建省', 'province'),
      place('330300', '温州市', 'prefecture'),
      place('331100', '丽水市', 'prefecture'),
    ],
    rivers: [],
    sections: [
      section('xiaodan', '浙江省/小旦'),
      section('songxi-yanxia', '福建省/松溪岩下', { locatedIn: '350700' }),
    ],
    airStations: [
      airStation('air-1267a', '1267A', '监测站大楼'),
      airStation('air-1268a', '1268A', '莲都小学'),
    ],
    flowStations: [],
    outfalls: [],
    agreements: [],
    sharing: [],
    sources: [
      source('cnemc-water'),
      source('cnemc-air'),
      hj212Source(),
      sheetSource(),
      mqttSource(),
      ...pulledSources,
    ],
    parameters: realParameters,
    ...noStandards(),
    schemes: [],
    retention: [],
    channels: [],
    networks: [],
    alertRules: [],
    contacts: [],
    onCall: [],
    alertPolicies: [],
    ...extra,
  };
}
