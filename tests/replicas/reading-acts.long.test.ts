import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { unpackFlags } from '../../src/domain/flags.ts';
import type { Review } from '../../src/domain/reading-acts.ts';
import { openSystem, type System } from '../../src/main.ts';
import { createKey } from '../../src/store/state/index.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../servers/influxd.ts';
import { everything } from './region.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-acts-'));
const config = writeTryRegion(path.join(folder, 'config'), { enabled: false });
const open = (name: string): Promise<System> =>
  openSystem({ dataDir: path.join(folder, name), configDir: config, synthetic: null });
const table = capturedTable({ seed: 3, captures: 20, sections: [...trySections] });
const ingest = (system: System, text: string) =>
  system.pipeline.file('water', { name: 'captured.csv', bytes: Buffer.from(text) }, { trigger: 'file' });
const applied = (system: System, seq: number) => system.projector.applied(seq);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const query = {
  stations: ['section-1'],
  parameters: ['tp'],
  averaging: 'instant' as const,
  provider: 'cnemc',
  fromS: 0,
  toS: 4e9,
};

async function tp(system: System, asOfSeq?: number) {
  const [columns] = await system.readings.series({ ...query, ...(asOfSeq === undefined ? {} : { asOfSeq }) });
  if (columns === undefined) throw new Error('no readings');
  return columns;
}

let acts = 0;
async function review(system: System, change: Partial<Review>): Promise<number> {
  const payload = {
    station: 'section-1',
    parameters: ['tp'],
    averaging: 'instant' as const,
    provider: 'cnemc',
    fromS: 0,
    toS: 1,
    validity: 'invalid' as const,
    stage: 2,
    seenSeq: system.journal.head().seq,
    reason: 'probe out of the water',
    ...change,
  };
  acts += 1;
  const act = { id: `review-${acts}`, actor: 'chen', atS: 1_900_000_000 + acts };
  const seq = await system.state.acts.perform({ ...act, kind: 'review-readings', version: 1, payload });
  await applied(system, seq);
  return seq;
}

describe('a review of readings', () => {
  let system: System;
  let timeS: Float64Array;
  beforeAll(async () => {
    system = await open('reviewed');
    await ingest(system, table.text);
    ({ timeS } = await tp(system));
  });
  afterAll(() => system.close());

  test('marks the values that were seen, keeps what stood before, and both positions can be asked for', async () => {
    const before = await tp(system);
    const seq = await review(system, { fromS: timeS[1]!, toS: timeS[4]! });
    const after = await tp(system);
    expect([...after.value]).toEqual([...before.value]);
    expect([...after.flags].slice(0, 5).map((flags) => unpackFlags(flags).validity)).toEqual([
      'valid',
      'invalid',
      'invalid',
      'invalid',
      'valid',
    ]);
    expect(unpackFlags(after.flags[1]!).stage).toBe(2);
    expect([...(await tp(system, seq - 1)).flags]).toEqual([...before.flags]);
    const versions = await system.readings.past({ ...before.key, timeS: timeS[2]! });
    expect(versions.at(-1)).toMatchObject({ seq, seqEnd: null });
    expect(versions.at(-2)).toMatchObject({ seqEnd: seq, flags: before.flags[2] });
  });

  test('stands when the source shows the same values again, gives way to a value that is new, and not to a lower level', async () => {
    const reviewed = await tp(system);
    const report = await ingest(system, table.text);
    expect(report.cells).toMatchObject({ accepted: 0, revised: 0 });
    expect([...(await tp(system)).flags]).toEqual([...reviewed.flags]);
    await review(system, { fromS: timeS[1]!, toS: timeS[2]!, stage: 1, validity: 'valid' });
    expect((await tp(system)).flags[1]).toBe(reviewed.flags[1]);
    await review(system, { fromS: timeS[1]!, toS: timeS[2]!, stage: 3, validity: 'valid' });
    expect(unpackFlags((await tp(system)).flags[1]!)).toMatchObject({ validity: 'valid', stage: 3 });
    await review(system, { fromS: timeS[1]!, toS: timeS[2]!, stage: 4, validity: 'invalid' });
    expect(unpackFlags((await tp(system)).flags[1]!)).toMatchObject({ validity: 'invalid', stage: 4 });
  });

  test('does not touch a value that came after the reviewer looked', async () => {
    const versions = await Promise.all(
      [...timeS].map(async (time) => ({
        time,
        seq: (await system.readings.past({ ...(await tp(system)).key, timeS: time })).at(-1)?.seq ?? 0,
      })),
    );
    const newest = versions.filter(({ time }) => time > timeS[5]!).toSorted((a, b) => b.seq - a.seq)[0]!;
    const flags = new Map((await tp(system)).timeS.entries().map(([row, time]) => [time, row]));
    await review(system, { fromS: newest.time, toS: newest.time + 1, seenSeq: newest.seq - 1 });
    const after = await tp(system);
    expect(unpackFlags(after.flags[flags.get(newest.time)!]!).stage).toBe(0);
  });

  test('is there again after a rebuild of the readings, and after the state was lost', async () => {
    const before = await everything(system);
    const reviews = await system.state.readingActs.reviews({ limit: 100 });
    await system.rebuild(() => undefined);
    expect(await everything(system)).toEqual(before);
    await system.close();
    rmSync(path.join(folder, 'reviewed', 'state'), { recursive: true });
    system = await open('reviewed');
    expect(await system.state.readingActs.reviews({ limit: 100 })).toEqual(reviews);
    expect(reviews.length).toBe(acts);
  });

  test.skipIf(influxdProgram === null)('is the same from the same journal on a real influxd', async () => {
    const influxd: Influxd = await startInfluxd();
    const before = await everything(system);
    await system.close();
    cpSync(path.join(folder, 'reviewed', 'journal'), path.join(folder, 'influx', 'journal'), {
      recursive: true,
    });
    process.env.JIEHE_INFLUX_URL = influxd.url;
    const other = await open('influx').finally(() => delete process.env.JIEHE_INFLUX_URL);
    await applied(other, other.journal.head().seq);
    expect(await everything(other)).toEqual(before);
    await other.close();
    await influxd.stop();
    system = await open('reviewed');
  });
});

describe('a registration of a station', () => {
  test('gives an unknown one its name from then on and its earlier readings; a rebuild ends equal', async () => {
    const system = await open('registered');
    const unknown = capturedTable({ seed: 4, captures: 5, sections: ['新断面'] });
    await ingest(system, unknown.text);
    expect(await system.readings.series(query)).toEqual([]);
    const payload = {
      provider: 'cnemc',
      naturalKey: '浙江省/新断面',
      station: 'section-1',
      from: '2021-01-01',
      to: null,
    };
    const act = { id: 'register-1', actor: 'chen', atS: 1_900_000_000 };
    const seq = await system.state.acts.perform({ ...act, kind: 'register-station', version: 1, payload });
    await applied(system, seq);
    expect(system.config().sections[0]!.aliases.map(({ key }) => key)).toContain('浙江省/新断面');
    const [stranger] = await system.state.issues.unknownStations();
    const underName = await system.readings.series({ ...query, stations: [stranger!.id] });
    const taken = await tp(system);
    expect([...taken.value]).toEqual([...underName[0]!.value]);
    expect(await system.readings.series({ ...query, asOfSeq: seq - 1 })).toEqual([]);
    const more = capturedTable({ seed: 5, captures: 9, sections: ['新断面'] });
    await ingest(system, more.text);
    expect((await tp(system)).timeS.length).toBeGreaterThan(taken.timeS.length);
    const before = await everything(system);
    await system.rebuild(() => undefined);
    expect(await everything(system)).toEqual(before);
    const again = system.state.acts.perform({
      ...act,
      id: 'register-2',
      kind: 'register-station',
      version: 1,
      payload,
    });
    await expect(again).rejects.toMatchObject({ code: 'E_CONFLICT' });
    await system.close();
    const reopened = await open('registered');
    expect(reopened.config().sections[0]!.aliases.map(({ key }) => key)).toContain('浙江省/新断面');
    await reopened.close();
  });
});

describe('the state rebuilt from empty', () => {
  test('ends equal; a row that was changed behind the acts is named and put right', async () => {
    const system = await open('state');
    const { keyId } = await createKey(system.state.acts, {
      actor: 'chen',
      role: 'viewer',
      name: 'one',
      atS: 1,
    });
    await createKey(system.state.acts, { actor: 'chen', role: 'finance', name: 'two', atS: 2 });
    const untouched = await system.state.rebuild();
    expect(untouched.acts).toBe(2);
    expect(untouched.tables.filter((one) => !one.equal)).toEqual([]);
    expect(untouched.tables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['act', 'api_key', 'review']),
    );
    const keys = await system.state.keys.list();
    await sql`update api_key set role = 'administrator' where id = ${keyId}`.execute(system.state.db);
    const put = await system.state.rebuild();
    expect(put.tables.filter((one) => !one.equal).map(({ name }) => name)).toEqual(['api_key']);
    expect(await system.state.keys.list()).toEqual(keys);
    await expect(sql`delete from act`.execute(system.state.db)).rejects.toThrow('append-only');
    await system.close();
  });
});
