import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cumulativePeriod,
  monthPeriod,
  periodOf,
  type AssessmentPeriod,
} from '../../src/analysis/assessment/index.ts';
import { airVerdict } from '../../src/api/verdicts/air-verdicts.ts';
import { regionAirVerdicts } from '../../src/api/verdicts/region-air.ts';
import { regionVerdicts } from '../../src/api/verdicts/region-verdicts.ts';
import {
  countedAssessment,
  sectionVerdict,
  type JudgedSection,
} from '../../src/api/verdicts/section-verdicts.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import type { StoredCircumstance } from '../../src/domain/circumstance.ts';
import type { Config } from '../../src/domain/config/config.ts';
import type { Section } from '../../src/domain/config/region.ts';
import { packFlags, type Qualifier } from '../../src/domain/flags.ts';
import type { ReadingStore } from '../../src/domain/ports.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { openDuckdbReadings } from '../../src/store/readings/duckdb/index.ts';
import { openInfluxReadings } from '../../src/store/readings/influx/index.ts';
import { standards } from '../analysis/standards.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../servers/influxd.ts';
import { fixtureConfig } from './region-fixture.ts';

const timeZone = 'Asia/Shanghai';
const at = (text: string): number => instantOfCivil(text, timeZone);
const [up] = fixtureConfig.sections as [Section];
const section = (id: string, more: Partial<Section> = {}): Section => ({
  ...structuredClone(up),
  id,
  aliases: [{ provider: 'bureau', key: id }],
  ...more,
});
const parameters = Object.entries({ ph: 2, do: 2, codmn: 2, nh3n: 3, tp: 3 }).map(([id, decimals]) => ({
  ...structuredClone(fixtureConfig.parameters[0]!),
  id,
  decimals,
}));
const pollutants = ['pm25', 'pm10', 'so2', 'no2', 'o3', 'co'].map((id) => ({
  ...structuredClone(fixtureConfig.parameters[2]!),
  id,
  decimals: 3,
}));
const config: Config = {
  ...structuredClone(fixtureConfig),
  ...structuredClone(standards),
  parameters: [...parameters, ...pollutants],
  sections: [
    section('flagged', {
      aliases: [
        { provider: 'bureau', key: 'f' },
        { provider: 'neighbour', key: 'f' },
      ],
    }),
    section('operated', { operator: '331100' }),
    section('exempt'),
    section('silent'),
  ],
};

const flagged: { validity?: 'suspect' | 'invalid'; stage?: number; qualifiers?: Qualifier[] }[] = [
  { validity: 'suspect' },
  { validity: 'invalid' },
  { stage: 1 },
  { stage: 3, qualifiers: ['belowDetection'] },
  { qualifiers: ['belowDetection'] },
  { qualifiers: ['calibration'] },
  { qualifiers: ['maintenance'] },
  { qualifiers: ['fault'] },
  { validity: 'suspect', qualifiers: ['screened'] },
  { qualifiers: ['held', 'estimated'] },
];
const missing = packFlags({ qualifiers: ['missing'] });

/** A number below `below` that looks like chance and is always the same. */
const chance = (seed: number, below: number): number => {
  const mixed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) >>> 0) % below;
};

/** Four-hourly values of a year with gaps, flags of every kind and whole silent stretches; exact ties are many, at so few decimals. */
function waterYear(batch: BatchBuilder, station: string, silentFrom: number): void {
  for (const [item, { id, decimals }] of parameters.entries()) {
    const series = batch.seriesOf(station, id, 'instant');
    for (let slot = -60 * 6; slot < 365 * 6; slot++) {
      const pick = chance(slot * 31 + item * 7919 + station.length * 104_729, 1000);
      if (pick < 60 || (slot > silentFrom && slot < silentFrom + 200 + item * 60)) continue;
      const timeS = at('2025-01-01T00:00') + slot * 14_400;
      if (pick < 80) {
        batch.add({ series, timeS, value: null, flags: missing });
        continue;
      }
      const flags = pick < 180 ? packFlags(flagged[pick % flagged.length]!) : 0;
      const units = id === 'ph' ? 650 + (pick % 240) : 5 + (pick % 90) * (id === 'do' ? 12 : 1);
      // Here and there one more decimal than the store keeps: its sum is no whole number of the last one.
      const value = (units + (id === 'codmn' && pick === 777 ? 0.3 : 0)) / 10 ** decimals;
      batch.add({ series, timeS, value, flags });
    }
  }
}

function entries(): BatchBuilder[] {
  const first = new BatchBuilder('bureau');
  for (const [nth, id] of ['flagged', 'operated', 'exempt'].entries()) waterYear(first, id, 400 + nth * 300);
  for (const [month, value] of [
    ['2025-03', 0.125],
    ['2025-07', 0.3],
  ] as const)
    first.add({ series: first.seriesOf('flagged', 'nh3n', 'P1M'), timeS: at(`${month}-01T00:00`), value });
  const other = new BatchBuilder('neighbour');
  const tp = other.seriesOf('flagged', 'tp', 'instant');
  for (let slot = 0; slot < 90 * 6; slot++)
    other.add({ series: tp, timeS: at('2025-04-01T00:00') + slot * 14_400, value: 0.1 + (slot % 7) / 1000 });
  const revised = new BatchBuilder('bureau');
  for (const [moment, parameter, value, flags] of [
    ['2025-02-10T08:00', 'nh3n', 9.5, 0],
    ['2025-02-11T08:00', 'nh3n', null, missing],
    ['2025-05-01T00:00', 'ph', 5.11, 0],
    ['2025-05-01T04:00', 'tp', 0.2, packFlags({ stage: 2 })],
    ['2025-08-08T08:00', 'do', 7.5, packFlags({ validity: 'invalid' })],
  ] as const)
    revised.add({
      series: revised.seriesOf('flagged', parameter, 'instant'),
      timeS: at(moment),
      value,
      flags,
    });
  const air = new BatchBuilder('airnet');
  for (const [item, { id }] of pollutants.entries()) {
    const series = air.seriesOf('roof', id, 'PT1H');
    for (let hour = 0; hour < 150 * 24; hour++) {
      const pick = chance(hour * 17 + item * 7919, 500);
      if (pick < 20 || (hour > 900 && hour < 1000)) continue;
      const flags = pick > 470 ? packFlags(flagged[pick % flagged.length]!) : 0;
      const value = (pick % 160) / (id === 'co' ? 10 : 1);
      air.add({
        series,
        timeS: at('2025-10-01T00:00') + hour * 3600,
        value: pick < 30 ? null : value,
        flags: pick < 30 ? missing : flags,
      });
    }
  }
  return [first, other, revised, air];
}
const told = 2;
const last = 4;

const decided = {
  section: 'exempt',
  kind: 'works',
  applicant: '331100',
  evidence: [{ name: 'letter', sha256: 'a'.repeat(64) }],
  decidedBy: 'joint office',
  documentNumber: '12',
  state: 'decided',
  steps: [],
} as const;
const circumstances = [
  // Cut in the middle of days, over the end of a month.
  {
    ...decided,
    id: 'flood',
    items: [],
    fromS: at('2025-03-20T10:00'),
    toS: at('2025-04-03T14:00'),
    effect: 'exclude-interval',
  },
  {
    ...decided,
    id: 'sample',
    items: ['tp'],
    fromS: at('2025-09-01T00:00'),
    toS: at('2025-09-08T00:00'),
    effect: 'replace-by-make-up-sample',
    makeUp: { sampledS: at('2025-09-03T09:00'), values: { tp: '0.05' } },
  },
  {
    ...decided,
    id: 'wait',
    items: [],
    fromS: at('2025-11-02T00:00'),
    toS: at('2025-11-03T00:00'),
    effect: 'hold',
  },
] as unknown as StoredCircumstance[];
const state = {
  circumstances: {
    async list({ section: id }: { section?: string }) {
      return circumstances.filter((one) => id === undefined || one.section === id);
    },
  },
};

const days = ['2025-01-03', '2025-03-20', '2025-03-25', '2025-05-01', '2025-08-08', '2025-12-31'];
const periods: AssessmentPeriod[] = [...days, '2025-Q1', '2025-Q2', '2025-Q3', '2025-Q4', '2025'].map(
  periodOf,
);
for (let month = 1; month <= 12; month++)
  periods.push(monthPeriod(2025, month), cumulativePeriod(2025, month));

const airPeriods = [
  '2025-10-01',
  '2025-11-08',
  '2025-12-31',
  '2025-11',
  '2026-01',
  '2025-Q4',
  '2025',
  '2026',
].map(periodOf);

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What a verdict says, without what only one way to it carries along. */
function said({
  id,
  key,
  rules,
  assessment,
  circumstances: known,
  guard,
  counts,
  both,
}: JudgedSection): unknown {
  const { asMeasured, asDecided, applied, ignored, held } = both;
  return plain({
    id,
    key,
    rules,
    assessment,
    known,
    guard,
    counts,
    asMeasured,
    asDecided,
    applied,
    ignored,
    held,
  });
}

async function* both(readings: ReadingStore, asOfSeq: number): AsyncGenerator {
  const asked = config.sections.map((one) => ({ section: one, periods }));
  for await (const { verdicts } of regionVerdicts({ readings, state }, { config, asked, asOfSeq }))
    for (const verdict of verdicts) yield said(verdict);
  const stations = config.airStations.map((station) => ({ station, periods: airPeriods }));
  for await (const { verdicts } of regionAirVerdicts({ readings }, { config, asked: stations, asOfSeq }))
    for (const { facts: _facts, ...verdict } of verdicts) yield plain(verdict);
}

async function fill(readings: ReadingStore): Promise<void> {
  for (const [nth, batch] of entries().entries())
    await readings.apply({ seq: nth + 1, receivedS: 1 }, batch.build());
}

describe('verdicts of a whole region', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-region-'));
  let readings: ReadingStore;
  let server: Influxd | null = null;
  beforeAll(async () => {
    readings = await openDuckdbReadings({ path: path.join(folder, 'readings.duckdb') });
    await fill(readings);
  });
  afterAll(async () => {
    await readings.close();
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  test('judged in one pass are those of one by one, figures and ids, as of each position', async () => {
    const reasons = new Set<string | null>();
    const counts = new Set<string>();
    for (const asOfSeq of [told, last]) {
      const bulk = both(readings, asOfSeq);
      const next = async () => (await bulk.next()).value;
      for (const one of config.sections) {
        for (const period of periods) {
          const of = { config, section: one, period, asOfSeq };
          const verdict = await sectionVerdict({ readings, state }, of);
          expect(await next()).toEqual(said(verdict));
          expect(verdict.formerId).not.toBe(verdict.id);
          for (const item of countedAssessment(verdict).items) reasons.add(item.reason);
          counts.add(verdict.counts);
        }
      }
      for (const station of config.airStations) {
        for (const period of airPeriods) {
          const verdict = await airVerdict({ readings }, { config, station, period, asOfSeq });
          const { hours: _hours, formerId: _former, facts: _facts, ...single } = verdict;
          expect(await next()).toEqual(plain(single));
        }
      }
      expect((await bulk.next()).done).toBe(true);
    }
    expect([...reasons]).toEqual(expect.arrayContaining([null, 'too-few-days', 'no-data', 'too-few-months']));
    expect(counts).toEqual(new Set(['measured', 'decided', 'guarded']));
  }, 60_000);

  test.skipIf(influxdProgram === null)(
    'are the same from both stores, ids included',
    async () => {
      server = await startInfluxd();
      const options = { url: server.url, database: 'region', retentionPolicy: 'evidence' };
      const influx = await openInfluxReadings(options);
      await fill(influx);
      const theirs = both(influx, last);
      for await (const ours of both(readings, last)) expect((await theirs.next()).value).toEqual(ours);
      await influx.close();
    },
    60_000,
  );
});
