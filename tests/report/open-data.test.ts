import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  existsSync,
  appendFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { installOpenData } from '../../src/api/http/open-data.ts';
import { openSystem, type System } from '../../src/main.ts';
import { exportOpenData } from '../../src/serving/open-data.ts';
import { verifyExport, type Manifest, type PartitionFacts } from '../../src/report/open-data/manifest.ts';
import { hivePath } from '../../src/report/open-data/partitions.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { commandLine } from '../cli/command-line.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-open-data-'));
const at = (name: string): string => path.join(folder, name);
const root = at('published');
/** Five days over the end of March 2021, in the zone of the region. */
const lines = capturedTable({ seed: 5, captures: 36, sections: trySections }).text.trimEnd().split('\n');
const clock = { nowS: () => 1_617_600_000 };

let system: System;
let manifest: Manifest;

const sharing = `
kind: sharing
rules:
  - id: open
    product: open-data
    provider: cnemc
    parameters: [nh3n]
    grants: [{ tier: public }]
    provenance: { source: made up for tests, confidence: assumed }
`;

async function measure(from: number, to: number): Promise<void> {
  const bytes = Buffer.from(`${[lines[0], ...lines.slice(from, to)].join('\n')}\n`);
  await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
}

const publish = async (): Promise<Manifest> => (manifest = await exportOpenData(system, root, 'jiehe test'));
const partition = (month: string, parameter = 'nh3n'): PartitionFacts =>
  manifest.partitions.find((one) => one.month === month && one.parameter === parameter)!;
const writtenMs = (file: string): number => statSync(path.join(root, file)).mtimeMs;

/** What DuckDB reads of all Parquet files, and what the store says. */
async function read(files: string, parameter: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT station, provider, parameter, epoch("begin")::BIGINT AS s, value FROM ${files}
       WHERE parameter = '${parameter}' ORDER BY station, s`,
    );
    return reader
      .getRowsJson()
      .map((row) => row.map((cell) => JSON.stringify(cell ?? '').replaceAll('"', '')).join(' '));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
const parquet = `read_parquet('${root}/**/*.parquet', hive_partitioning = true)`;
const csv = `read_csv('${root}/**/*.csv', hive_partitioning = true)`;

async function stored(parameter: string): Promise<string[]> {
  const columns = await system.readings.series({
    stations: ['section-1', 'section-2'],
    parameters: [parameter],
    averaging: 'instant',
    provider: 'cnemc',
    fromS: 0,
    toS: 4e9,
  });
  return columns.flatMap(({ key, timeS, value }) =>
    Array.from(timeS, (time, row) => {
      const shown = Number.isNaN(value[row]!) ? '' : value[row];
      return [key.station, key.provider, key.parameter, time, shown].join(' ');
    }),
  );
}

beforeAll(async () => {
  writeTryRegion(at('config'), { enabled: false });
  writeFileSync(path.join(at('config'), 'regions/try/sharing.yaml'), sharing.trimStart());
  system = await openSystem({ dataDir: at('data'), configDir: at('config'), synthetic: null, clock });
  await measure(1, 60);
  await publish();
});
afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true, force: true });
});

test('what is published reads back as the series, from Parquet and from CSV, and nothing else is there', async () => {
  const series = await stored('nh3n');
  expect(series.length).toBeGreaterThan(40);
  expect(await read(parquet, 'nh3n')).toEqual(series);
  expect(await read(csv, 'nh3n')).toEqual(series);
  expect(new Set(manifest.partitions.map(({ parameter }) => parameter))).toEqual(new Set(['nh3n']));
  expect(manifest.counts.rows).toBe(series.length);
  expect(readFileSync(path.join(root, 'series.json'), 'utf8')).not.toContain('cnemc tp');
  expect(await verifyExport(root)).toEqual({
    files: manifest.partitions.length * 2 + 4,
    rows: series.length,
    faults: [],
  });
  expect(manifest).toMatchObject({ synthetic: false, journal: { seq: await system.readings.position() } });
  const catalogue = JSON.parse(readFileSync(path.join(root, 'catalogue.jsonld'), 'utf8'));
  expect(catalogue['dcat:dataset'][0]['dcat:distribution']).toHaveLength(manifest.partitions.length * 2);
});

test('a run without news writes no partition, and a correction writes its month again and says so', async () => {
  const march = { ...partition('2021-03') };
  const before = writtenMs(march.parquet.path);
  expect((await publish()).changes).toEqual([]);
  expect(writtenMs(march.parquet.path)).toBe(before);

  await measure(60, lines.length);
  const { changes } = await publish();
  const april = partition('2021-04');
  expect(changes.map(({ month, kind }) => `${month} ${kind}`)).toContain('2021-04 new');
  const sameMarch = partition('2021-03');
  if (sameMarch.edition === march.edition) expect(writtenMs(march.parquet.path)).toBe(before);

  // One value of April is shown again, otherwise.
  const first = lines.find((line) => line.includes('04-01 '));
  const cells = first!.split(',');
  cells[0] = cells[1] = '2021-04-04 20:00:00';
  cells[14] = '9.999';
  const bytes = Buffer.from(`${lines[0]}\n${cells.join(',')}\n`);
  const marchMs = writtenMs(sameMarch.parquet.path);
  await system.pipeline.file('water', { name: 'again.csv', bytes }, { trigger: 'file' });
  await publish();
  expect(manifest.changes).toMatchObject([
    { month: '2021-04', kind: 'corrected', edition: april.edition + 1 },
  ]);
  expect(writtenMs(sameMarch.parquet.path)).toBe(marchMs);
  expect(await read(parquet, 'nh3n')).toEqual(await stored('nh3n'));
  const told = readFileSync(path.join(root, 'changes.jsonl'), 'utf8').trimEnd().split('\n');
  expect(told.length).toBeGreaterThanOrEqual(4);
  expect(JSON.parse(told.at(-1)!)).toEqual(manifest.changes[0]);
});

test('a publication opens more, and its withdrawal takes the files away', async () => {
  const act = (
    id: string,
    kind: 'ask-publication' | 'decide-publication' | 'withdraw-publication',
    actor: string,
    payload: Record<string, unknown>,
  ) => system.state.acts.perform({ id, kind, version: 1, actor, atS: clock.nowS(), payload });
  await act('p1', 'ask-publication', 'asker', {
    product: 'open-data',
    provider: 'cnemc',
    medium: null,
    locatedIn: null,
    stage: null,
    tier: 'public',
    delaySeconds: 0,
    from: '2021-01-01',
    to: null,
    document: 'made up',
  });
  await act('p2', 'decide-publication', 'decider', { publication: 'p1', inForce: true, reason: 'agreed' });
  await publish();
  const tp = partition('2021-03', 'tp');
  expect(await read(parquet, 'tp')).toEqual(await stored('tp'));
  await act('p3', 'withdraw-publication', 'decider', { publication: 'p1', reason: 'made in error' });
  await publish();
  expect(manifest.changes.filter(({ kind }) => kind !== 'withdrawn')).toEqual([]);
  expect(manifest.partitions.every(({ parameter }) => parameter === 'nh3n')).toBe(true);
  expect(existsSync(path.join(root, tp.csv.path))).toBe(false);
  expect((await verifyExport(root)).faults).toEqual([]);
});

test('is served with an ETag, and a conditional request gets no bytes', async () => {
  const app = Fastify();
  await installOpenData(app, { openDataDir: root });
  const url = `/open-data/${partition('2021-03').parquet.path}`;
  const answer = await app.inject(encodeURI(url));
  expect(answer.statusCode).toBe(200);
  expect(answer.rawPayload.length).toBe(partition('2021-03').parquet.bytes);
  const etag = String(answer.headers['etag']);
  const again = await app.inject({ url: encodeURI(url), headers: { 'if-none-match': etag } });
  expect(again.statusCode).toBe(304);
  expect((await app.inject('/open-data/manifest.json')).json()).toEqual(manifest);
  expect((await app.inject('/open-data/../data/secret.key')).statusCode).toBeGreaterThanOrEqual(400);
  await app.close();
});

test('a file that was changed afterwards is named by the verification', async () => {
  const { csv: file } = partition('2021-03');
  appendFileSync(path.join(root, file.path), 'x');
  writeFileSync(path.join(root, hivePath(partition('2021-04')), 'other.csv'), 'x');
  const { code, stdout } = await commandLine(['export', 'verify', root]);
  expect(code).toBe(1);
  expect(stdout).toContain(`FAULT ${file.path}: SHA-256`);
  expect(stdout).toContain('other.csv: the manifest does not name it');
});
