import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A made-up region of two sections and two air stations, small enough to start in a moment. Parameters are the ones that ship. */
export interface TryRegion {
  waterUrl?: string;
  airUrl?: string;
  waterArchiveUrl?: string;
  enabled?: boolean;
  cron?: string;
  cadenceSeconds?: number;
  timeoutSeconds?: number;
  retries?: number;
}

export const trySections = ['上断面', '下断面'] as const;

const made = 'provenance: { source: made up for tests, confidence: assumed }';

/** Writes the region as a configuration folder; sources are `water` and `air`. */
export function writeTryRegion(directory: string, region: TryRegion = {}): string {
  const folder = path.join(directory, 'regions', 'try');
  mkdirSync(folder, { recursive: true });
  const shipped = path.resolve(import.meta.dirname, '../../config/parameters');
  cpSync(shipped, path.join(directory, 'parameters'), { recursive: true });
  const write = (name: string, text: string): void =>
    writeFileSync(path.join(folder, name), text.trimStart());
  write('region.yaml', regionText);
  write('jurisdictions.yaml', jurisdictionsText);
  write('rivers.yaml', riversText);
  write('sections.yaml', `kind: sections\nsections:\n${trySections.map(sectionText).join('')}`);
  write('air-stations.yaml', `kind: air-stations\nairStations:\n${['9001A', '9002A'].map(airText).join('')}`);
  write(
    'sources.yaml',
    `kind: sources\nsources:\n${sourceText('water', region)}${sourceText('air', region)}`,
  );
  return directory;
}

const regionText = `
kind: region
id: try
name: { zh: 试验区, en: Try region }
timeZone: Asia/Shanghai
bbox: [118, 26, 122, 30]
standards: { water: [], air: [], aqi: [] }
notice: { zh: 示意, en: Schematic }
`;

const jurisdictionsText = `
kind: jurisdictions
jurisdictions:
  - code: '330300'
    name: { zh: 上游市, en: Upper }
    level: prefecture
    member: true
    seat: { lon: 120.7, lat: 28, uncertaintyKm: 1, ${made} }
    ${made}
  - code: '350900'
    name: { zh: 下游市, en: Lower }
    level: prefecture
    member: true
    seat: { lon: 119.5, lat: 26.7, uncertaintyKm: 1, ${made} }
    ${made}
`;

const riversText = `
kind: rivers
rivers:
  - id: river
    name: { zh: 河, en: River }
    basin: { zh: 流域, en: Basin }
    ${made}
    reaches:
      - id: only
        name: { zh: 全段, en: Whole }
        downstream: null
        jurisdictions: ['330300', '350900']
        ${made}
`;

const sectionText = (name: string, index: number): string => `  - id: section-${index + 1}
    name: { zh: ${name}, en: Section ${index + 1} }
    codes: []
    aliases: [{ provider: cnemc, key: 浙江省/${name} }]
    locatedIn: '330300'
    assessed: '330300'
    level: null
    network: null
    operator: null
    riverName: 河
    reach: { id: only, ${made} }
    bodyType: { value: river, origin: official, ${made} }
    hydraulics: null
    targets: []
    position: null
    ${made}
`;

const airText = (code: string, index: number): string => `  - id: air-${index + 1}
    name: { zh: 气站${index + 1}, en: Air ${index + 1} }
    aliases: [{ provider: cnemc, key: ${code} }]
    locatedIn: '330300'
    zoneClass: { value: 2, ${made} }
    position: { lon: 120.${index + 5}, lat: 28, uncertaintyKm: 1, ${made} }
    ${made}
`;

function sourceText(medium: 'water' | 'air', region: TryRegion): string {
  const url = (medium === 'water' ? region.waterUrl : region.airUrl) ?? 'http://127.0.0.1:9/';
  const archive = medium === 'water' ? region.waterArchiveUrl : undefined;
  return `  - id: ${medium}
    adapter: cnemc-${medium}
    provider: cnemc
    medium: ${medium}
    name: { zh: 试验, en: Try ${medium} }
    enabled: ${region.enabled ?? true}
    timeZone: Asia/Shanghai
    stampMeans: ${medium === 'water' ? 'instant' : 'end'}
    url: ${url}
${archive === undefined ? '' : `    archiveUrl: ${archive}\n`}    cron: '${region.cron ?? '25 * * * *'}'
    cadenceSeconds: ${region.cadenceSeconds ?? 14_400}
    timeoutSeconds: ${region.timeoutSeconds ?? 5}
    retries: ${region.retries ?? 0}
    minimumIntervalMs: 0
    maximumBodyMiB: 1
    userAgent: jiehe-test (made up)
    settings: ${medium === 'water' ? "{ areaIds: ['330000'] }" : '{ cities: [上游市] }'}
    licence: none
    attribution: { zh: 测试, en: Test }
`;
}
