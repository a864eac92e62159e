import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReadingStore } from '../../src/domain/ports.ts';
import { openSystem, type System } from '../../src/main.ts';
import { projectEntry } from '../../src/ingest/project-entry.ts';
import { openDuckdbReadings } from '../../src/store/readings/duckdb/index.ts';
import { openInfluxReadings } from '../../src/store/readings/influx/index.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { storedReadings } from '../cli/stored-readings.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../servers/influxd.ts';

/** Two tables, the older one last: its rows come late, and some are older than what is stored. */
const later = capturedTable({ seed: 11, captures: 20, sections: [...trySections, '无名断面'] });
const earlier = capturedTable({ seed: 12, captures: 14, sections: trySections });

describe.skipIf(influxdProgram === null)('one journal, projected into InfluxDB and into DuckDB', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-two-stores-'));
  let server: Influxd;
  let system: System;
  let influx: ReadingStore;
  let duckdb: ReadingStore;
  let known: { stations: string[]; parameters: string[]; averaging: 'instant' };

  beforeAll(async () => {
    server = await startInfluxd();
    const configDir = writeTryRegion(path.join(folder, 'config'));
    system = await openSystem({ dataDir: path.join(folder, 'data'), configDir, synthetic: null });
    for (const { text } of [later, earlier]) {
      const file = { name: 'captured.csv', bytes: Buffer.from(text) };
      await system.pipeline.file('water', file, { trigger: 'file' });
    }
    influx = await openInfluxReadings({ url: server.url, database: 'two', retentionPolicy: 'autogen' });
    duckdb = await openDuckdbReadings({ path: path.join(folder, 'second.duckdb') });
    const deps = { adapters: system.adapters, config: system.config, issues: system.state.issues };
    for await (const entry of system.journal.read(0)) {
      await projectEntry(entry, deps, influx);
      await projectEntry(entry, deps, duckdb);
    }
    const strangers = (await system.state.issues.unknownStations()).map(({ id }) => id);
    const parameters = system.config().parameters.map(({ id }) => id);
    known = { stations: ['section-1', 'section-2', ...strangers], parameters, averaging: 'instant' };
  }, 120_000);

  afterAll(async () => {
    await influx?.close();
    await duckdb?.close();
    await system?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('gives the same series, the same latest, the same past, point for point', async () => {
    const one = await storedReadings(duckdb, { ...known, everyVersion: true });
    expect(one.counts.past).toBeGreaterThan(100);
    expect(one.series).toHaveLength(33);
    expect(one.versions.length).toBeGreaterThan(500);
    expect(await storedReadings(influx, { ...known, everyVersion: true })).toEqual(one);
    expect(await storedReadings(system.readings, { ...known, everyVersion: true })).toEqual(one);
  });

  test('gives the same as of every tenth entry', async () => {
    const head = system.journal.head().seq;
    const sizes = new Set<number>();
    for (let asOfSeq = 1; asOfSeq <= head; asOfSeq += 10) {
      const one = await storedReadings(duckdb, { ...known, asOfSeq });
      expect(await storedReadings(influx, { ...known, asOfSeq }), `as of ${asOfSeq}`).toEqual(one);
      sizes.add(one.series.reduce((sum, { timeS }) => sum + timeS.length, 0));
    }
    expect(sizes.size).toBeGreaterThan(2);
  });

  test('changes nothing when every entry is applied again', async () => {
    const before = await storedReadings(influx, known);
    const deps = { adapters: system.adapters, config: system.config, issues: system.state.issues };
    for await (const entry of system.journal.read(0)) {
      const outcome = await projectEntry(entry, deps, influx);
      expect(outcome.cells).toMatchObject({ accepted: 0, revised: 0, superseded: 0 });
    }
    expect(await storedReadings(influx, known)).toEqual(before);
  });
});
