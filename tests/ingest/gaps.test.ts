import { afterAll, beforeAll, expect, test } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BatchBuilder } from '../../src/domain/batch.ts';
import { embeddedState } from '../embedded-state.ts';
import { gapsBetween, windowsOver } from '../../src/domain/gaps.ts';
import type { ReadingStore, RunReport, SourceAdapter } from '../../src/domain/ports.ts';
import { backfillInSteps } from '../../src/ingest/backfill.ts';
import { findGaps, repairSource } from '../../src/ingest/gaps.ts';
import { openDuckdbReadings } from '../../src/store/readings/duckdb/index.ts';
import { openState, type OpenState } from '../../src/store/state/index.ts';
import { openFileJournal } from '../../src/ingest/journal/index.ts';
import { fixtureConfig, source } from './sources/fixture-config.ts';

const HOUR_S = 3600;
const DAY_S = 86_400;
const NOW_S = 1_787_313_600;
const clock = { nowS: () => nowS };
let nowS = NOW_S;

test('a distance of more than one and a half steps is a gap from the step after to the next reading', () => {
  expect(gapsBetween([0, 10, 20, 50, 64, 80], 10)).toEqual([
    { fromS: 30, toS: 50 },
    { fromS: 74, toS: 80 },
  ]);
  expect(gapsBetween([5], 10)).toEqual([]);
});

test('windows join gaps that are near, keep their order, and are no longer than allowed', () => {
  const gaps = [
    { fromS: 100, toS: 120 },
    { fromS: 0, toS: 10 },
    { fromS: 15, toS: 40 },
  ];
  expect(windowsOver(gaps, { joinS: 5, longestS: 30 })).toEqual([
    { fromS: 0, toS: 30 },
    { fromS: 30, toS: 40 },
    { fromS: 100, toS: 120 },
  ]);
});

let folder: string;
let state: OpenState;
let readings: ReadingStore;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jiehe-gaps-'));
  const journal = await openFileJournal({ dir: path.join(folder, 'journal'), clock });
  state = await openState(embeddedState(path.join(folder, 'state')), { journal, clock });
  readings = await openDuckdbReadings({ path: path.join(folder, 'readings.duckdb') });
  closers.push(
    () => readings.close(),
    () => state.close(),
    () => journal.close(),
  );
});

afterAll(async () => {
  for (const close of closers) await close();
  await rm(folder, { recursive: true });
});

const report = (status: RunReport['status']): RunReport => ({
  runId: 'r',
  source: 's',
  startedS: 0,
  finishedS: 0,
  trigger: 'backfill',
  status,
  entries: 1,
  issues: {},
  message: status === 'failed' ? 'down' : null,
  cells: {
    read: 1,
    absent: 0,
    missing: 0,
    rejected: 0,
    accepted: 1,
    unchanged: 0,
    revised: 0,
    superseded: 0,
  },
});

let seq = 0;
async function store(hours: readonly number[], parameter = 'pm25'): Promise<void> {
  const builder = new BatchBuilder('cnemc');
  const series = builder.seriesOf('air-1267a', parameter, 'PT1H');
  for (const hour of hours) builder.add({ series, timeS: NOW_S + hour * HOUR_S, value: 10 });
  await readings.apply({ seq: ++seq, receivedS: NOW_S }, builder.build());
}

const air = source('cnemc-air', { medium: 'air', archiveUrl: 'http://127.0.0.1:9/' });
const adapter = {
  id: 'cnemc-air',
  backfill: () => undefined,
  historyStepDays: 1,
} as unknown as SourceAdapter;
const deps = () => ({ readings, gaps: state.gaps, clock, config: () => fixtureConfig({ sources: [air] }) });
const gapsOf = async (which: 'open' | 'filled' | 'unfillable') =>
  (await state.gaps.list({ source: air.id, state: which, limit: 100 })).map(({ fromS, toS, attempts }) => [
    (fromS - NOW_S) / HOUR_S,
    (toS - NOW_S) / HOUR_S,
    attempts,
  ]);

test('hours that are missing between stored ones are listed, filled by a back-fill, and given up with a reason when the upstream lacks them', async () => {
  await store([-50, -49, -46, -45, -44, -20]);
  expect(await findGaps(deps(), air)).toHaveLength(2);
  expect(await gapsOf('open')).toEqual([
    [-48, -46, 0],
    [-43, -20, 0],
  ]);
  const windows: number[][] = [];
  const pipeline = {
    backfill: async (_id: string, { fromS, toS }: { fromS: number; toS: number }) => {
      windows.push([(fromS - NOW_S) / HOUR_S, (toS - NOW_S) / HOUR_S]);
      if (windows.length === 1) await store([-48, -47]);
      return report('ok');
    },
  };
  const turn = () => repairSource({ ...deps(), pipeline }, { source: air, adapter });
  expect(await turn()).toEqual({ asked: 2, open: 1, unfillable: 0 });
  expect(windows).toEqual([
    [-48, -24],
    [-24, -20],
  ]);
  expect(await gapsOf('filled')).toEqual([[-48, -46, 1]]);
  expect(await gapsOf('open')).toEqual([[-43, -20, 1]]);
  expect((await turn()).asked, 'politely: not again at once').toBe(0);
  nowS += 7 * HOUR_S;
  await turn();
  nowS += 3 * DAY_S;
  expect(await turn()).toMatchObject({ open: 0, unfillable: 1 });
  const [given] = await state.gaps.list({ source: air.id, state: 'unfillable', limit: 1 });
  expect(given).toMatchObject({ attempts: 3, decidedS: nowS });
  expect(given!.reason).toContain('has no value there');
  nowS += 3 * DAY_S;
  expect((await turn()).asked, 'what was given up is not asked for again').toBe(0);
  await store(Array.from({ length: 23 }, (_, at) => -43 + at));
  await findGaps(deps(), air);
  expect(await gapsOf('unfillable')).toEqual([]);
  nowS = NOW_S;
});

test('an upstream without an answer uses up no attempt and ends the turn; a source without history gives up at once', async () => {
  await store([-10, -5], 'no2');
  const pipeline = { backfill: () => Promise.resolve(report('failed')) };
  const turn = await repairSource({ ...deps(), pipeline }, { source: air, adapter });
  expect(turn).toMatchObject({ asked: 1, open: 1 });
  expect((await state.gaps.list({ source: air.id, state: 'open', limit: 9 }))[0]).toMatchObject({
    parameter: 'no2',
    attempts: 0,
    lastAttemptS: NOW_S,
  });
  const { archiveUrl: _archive, ...live } = air;
  await repairSource({ ...deps(), pipeline }, { source: live, adapter });
  expect((await state.gaps.list({ source: air.id, state: 'unfillable', limit: 9 }))[0]!.reason).toContain(
    'no history',
  );
});

test('a back-fill goes on where it stopped, and a failed step is asked for again', async () => {
  const asked: number[] = [];
  let failing = true;
  const pipeline = {
    backfill: (_id: string, { fromS }: { fromS: number }) => {
      asked.push((fromS - NOW_S) / DAY_S);
      return Promise.resolve(report(failing && asked.length === 3 ? 'failed' : 'ok'));
    },
  };
  const steps = { pipeline, backfills: state.backfills, clock };
  const of = { source: 's', adapter, fromS: NOW_S - 5 * DAY_S, toS: NOW_S };
  const first = await backfillInSteps(steps, of);
  expect([first.report.status, first.report.message, first.steps, asked]).toEqual([
    'failed',
    'down',
    3,
    [-5, -4, -3],
  ]);
  failing = false;
  const second = await backfillInSteps(steps, { ...of, toS: null });
  expect([second.report.status, second.resumedFromS, asked]).toEqual([
    'ok',
    NOW_S - 3 * DAY_S,
    [-5, -4, -3, -3, -2, -1],
  ]);
  expect(second.report.cells.read).toBe(3);
  expect(await state.backfills.recent({ source: 's', limit: 9 })).toMatchObject([
    { finishedS: NOW_S, doneS: NOW_S, message: null },
  ]);
  await backfillInSteps(steps, of);
  expect(await state.backfills.recent({ source: 's', limit: 9 })).toHaveLength(2);
});
