import type { Config } from '../../src/domain/config/config.ts';
import type { Section } from '../../src/domain/config/region.ts';
import type { Parameter } from '../../src/domain/config/parameter.ts';
import { noStandards } from '../../src/domain/config/standard.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
const both = (zh: string, en: string) => ({ zh, en });

function parameter(
  id: string,
  medium: Parameter['medium'],
  unit: string | null,
  decimals: number,
  more: Partial<Parameter> = {},
): Parameter {
  return {
    id,
    name: both(id, id),
    medium,
    type: 'quantity' as const,
    published: false,
    unit,
    ucum: unit,
    decimals,
    displayDecimals: decimals,
    hj525: [],
    provenance,
    ...more,
  };
}

function section(id: string, aliases: Section['aliases'], more: Partial<Section> = {}): Section {
  return {
    id,
    name: both(`断面${id}`, `Section ${id}`),
    codes: [],
    aliases,
    locatedIn: '331100',
    assessed: '331100',
    level: 'national',
    network: null,
    operator: null,
    riverName: '瓯江',
    hydraulics: null,
    targets: [],
    position: null,
    provenance,
    bodyType: { value: 'river', origin: 'official', provenance },
    ...more,
  };
}

/** A region of two sections, an air station and a flow station, made for these tests. */
export const fixtureConfig: Config = {
  hash: 'c'.repeat(64),
  region: {
    kind: 'region',
    id: 'test-region',
    name: both('测试区', 'Test region'),
    timeZone: 'Asia/Shanghai',
    bbox: [118, 26, 122, 30],
    standards: { water: [], air: [], aqi: [] },
    notice: both('仅供测试', 'for tests only'),
  },
  jurisdictions: [
    { code: '331100', name: both('丽水市', 'Lishui'), level: 'prefecture', member: true, provenance },
    { code: '350700', name: both('南平市', 'Nanping'), level: 'prefecture', member: true, provenance },
    { code: '330300', name: both('温州市', 'Wenzhou'), level: 'prefecture', member: true, provenance },
  ],
  rivers: [
    {
      id: 'oujiang',
      name: both('瓯江', 'Ou'),
      basin: both('瓯江', 'Ou'),
      provenance,
      reaches: [
        {
          id: 'oujiang-1',
          name: both('上游', 'upper'),
          downstream: 'oujiang-2',
          jurisdictions: ['331100'],
          provenance,
        },
        {
          id: 'oujiang-2',
          name: both('下游', 'lower'),
          downstream: null,
          jurisdictions: ['330300'],
          provenance,
        },
      ],
    },
  ],
  sections: [
    section(
      'up',
      [
        { provider: 'bureau', key: '上' },
        { provider: 'neighbour', key: 'U' },
      ],
      {
        position: { lon: 119.5, lat: 28.1, uncertaintyKm: 1, provenance },
        reach: { id: 'oujiang-1', km: 80, provenance },
        targets: [{ kind: 'hand-over', class: 2, provenance }],
        border: { protecting: '331100', benefiting: '330300', role: 'hand-over', provenance },
      },
    ),
    section('down', [{ provider: 'bureau', key: '下' }], {
      position: { lon: 120.4, lat: 28.2, uncertaintyKm: 1, provenance },
      reach: { id: 'oujiang-2', km: 30, provenance },
    }),
  ],
  airStations: [
    {
      id: 'roof',
      name: both('楼顶', 'Roof'),
      aliases: [{ provider: 'airnet', key: '1001A' }],
      locatedIn: '331100',
      zoneClass: { value: 2, provenance },
      position: { lon: 119.9, lat: 28.4, uncertaintyKm: 0.1, provenance },
      provenance,
    },
  ],
  flowStations: [
    {
      id: 'gauge',
      name: both('水文站', 'Gauge'),
      aliases: [],
      locatedIn: '331100',
      riverName: '瓯江',
      position: null,
      provenance,
    },
  ],
  outfalls: [],
  agreements: [
    {
      kind: 'agreement',
      id: 'ou-pact',
      name: both('瓯江协议', 'Ou pact'),
      scenario: true,
      term: { from: '2025-01-01', to: '2027-12-31' },
      scheme: 'some-scheme',
      parties: { protecting: '331100', benefiting: '330300' },
      sections: [{ section: 'up', target: 2 }],
      dataSource: { provider: 'bureau', averaging: 'P1M' },
      minimumCoverage: { share: 0.8, provenance },
      provenance,
    },
  ],
  sharing: [
    { id: 'readings', product: 'readings', grants: [{ tier: 'public' }], provenance },
    { id: 'assessments', product: 'assessments', grants: [{ tier: 'public' }], provenance },
  ],
  sources: [
    {
      id: 'bureau-water',
      adapter: 'bureau',
      provider: 'bureau',
      name: both('水', 'Water'),
      enabled: true,
      timeZone: 'Asia/Shanghai',
      stampMeans: 'instant',
      url: 'http://127.0.0.1:9/secret',
      cron: '5 * * * *',
      cadenceSeconds: 14_400,
      timeoutSeconds: 10,
      retries: 1,
      minimumIntervalMs: 0,
      maximumBodyMiB: 1,
      userAgent: 'jiehe test',
      settings: {},
      licence: 'test',
      attribution: both('来源', 'origin'),
    },
    {
      id: 'air-net',
      adapter: 'airnet',
      provider: 'airnet',
      name: both('气', 'Air'),
      enabled: true,
      timeZone: 'Asia/Shanghai',
      stampMeans: 'end',
      cron: '20 * * * *',
      cadenceSeconds: 3600,
      timeoutSeconds: 10,
      retries: 1,
      minimumIntervalMs: 0,
      maximumBodyMiB: 1,
      userAgent: 'jiehe test',
      settings: {},
      licence: 'test',
      attribution: both('来源', 'origin'),
    },
  ],
  parameters: [
    parameter('tp', 'water', 'mg/L', 3),
    parameter('nh3n', 'water', 'mg/L', 2),
    parameter('pm25', 'air', 'µg/m³', 0),
    parameter('published_class', 'water', null, 0, {
      type: 'code',
      published: true,
      codes: [2, 3, 4].map((value) => ({ value, name: both(`${value}类`, `class ${value}`), texts: [] })),
    }),
  ],
  ...noStandards(),
  schemes: [],
  retention: [],
  channels: [],
  networks: [],
  alertRules: [],
  contacts: [],
  onCall: [],
  alertPolicies: [],
};
