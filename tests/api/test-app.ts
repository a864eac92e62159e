import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../src/api/app.ts';
import type { ApiDeps, JudgedRow } from '../../src/api/deps.ts';
import type { AirVerdict, WaterVerdict } from '../../src/api/verdict-shapes.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import { packFlags } from '../../src/domain/flags.ts';
import type { Actor } from '../../src/domain/ports.ts';
import { fixtureConfig } from './region-fixture.ts';
import { memoryJournal, memoryState, MemoryReadings } from './memory-stores.ts';

/** 2026-03-02T08:00+08:00. */
export const nowS = Date.UTC(2026, 2, 2) / 1000;
export const hourS = 3600;

export const actors = {
  jh_viewer: { id: 'viewer', role: 'viewer', jurisdiction: '331100' },
  jh_stranger: { id: 'stranger', role: 'viewer', jurisdiction: '350700' },
  jh_nobody: { id: 'nobody', role: 'viewer', jurisdiction: null },
  jh_duty: { id: 'duty', role: 'duty-officer', jurisdiction: '331100' },
  jh_finance: { id: 'finance', role: 'finance', jurisdiction: '330300' },
  jh_signatory: { id: 'signatory', role: 'signatory', jurisdiction: '330300' },
  jh_office: { id: 'office', role: 'joint-office', jurisdiction: null },
  jh_admin: { id: 'admin', role: 'administrator', jurisdiction: null },
} as const satisfies Record<string, Actor>;

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Judges that show what they were asked: the class is the number of readings, and the first one is over its limit. */
function echoJudges(asked: JudgedRow[]): ApiDeps['judges'] {
  const standing = 'single-unreviewed';
  return {
    water(_section, row): WaterVerdict {
      asked.push(row);
      const [first] = row.readings;
      const over = {
        parameter: first?.parameter ?? '',
        value: '0.3',
        limit: '0.1',
        against: 'hand-over',
        grade: 2,
        multiple: '2.0',
        standing,
        text: { zh: '单次值', en: 'single value' },
      };
      return {
        kind: 'water',
        class: row.readings.length,
        className: null,
        decidingItems: ['tp'],
        targets: [{ kind: 'hand-over', targetClass: 2, met: false }],
        status: 'judged',
        reason: null,
        edition: 'e1',
        standing,
        overLimits: [over],
      };
    },
    air(_station, row): AirVerdict {
      asked.push(row);
      return {
        kind: 'air',
        aqi: 42,
        level: 1,
        levelName: null,
        primary: [],
        iaqi: { pm25: 42 },
        status: 'judged',
        reason: null,
        edition: 'e2',
        standing,
        overLimits: [],
      };
    },
  };
}

/** Four hours of readings at `up` (two providers), a revision, and an hour of air; journal entries 1 to 4, one a minute. */
function filledReadings(): MemoryReadings {
  const store = new MemoryReadings();
  const water = new BatchBuilder('bureau');
  const tp = water.seriesOf('up', 'tp', 'instant');
  const nh3n = water.seriesOf('up', 'nh3n', 'instant');
  const published = water.seriesOf('up', 'published_class', 'instant');
  for (let hour = 4; hour >= 1; hour--) {
    const timeS = nowS - hour * hourS;
    water.add({
      series: tp,
      timeS,
      value: hour === 2 ? null : 0.1 + hour / 100,
      flags: hour === 2 ? packFlags({ qualifiers: ['missing'] }) : 0,
    });
    water.add({
      series: nh3n,
      timeS,
      value: 0.5,
      flags: hour === 1 ? packFlags({ validity: 'suspect' }) : 0,
    });
    water.add({ series: published, timeS, value: 3 });
  }
  store.apply(1, water.build());
  const neighbour = new BatchBuilder('neighbour');
  neighbour.add({ series: neighbour.seriesOf('up', 'tp', 'instant'), timeS: nowS - 40 * hourS, value: 0.2 });
  store.apply(2, neighbour.build());
  const air = new BatchBuilder('airnet');
  const pm = air.seriesOf('roof', 'pm25', 'PT1H');
  for (let hour = 26; hour >= 1; hour--)
    air.add({ series: pm, timeS: nowS - hour * hourS, value: 30 + hour });
  store.apply(3, air.build());
  const revision = new BatchBuilder('bureau');
  revision.add({
    series: revision.seriesOf('up', 'tp', 'instant'),
    timeS: nowS - 4 * hourS,
    value: 0.19,
    publishedS: nowS - 60,
  });
  store.apply(4, revision.build());
  return store;
}

export interface TestApp {
  app: FastifyInstance;
  readings: MemoryReadings;
  state: ReturnType<typeof memoryState>;
  faults: unknown[];
  asked: JudgedRow[];
  progress: { journalSeq: number; appliedSeq: number };
  clock: { nowS: number };
}

/** The whole API on doubles of the stores, with data in it. */
export async function testApp(change: Partial<ApiDeps> = {}): Promise<TestApp> {
  const readings = filledReadings();
  const state = memoryState(actors);
  const faults: unknown[] = [];
  const asked: JudgedRow[] = [];
  const progress = { journalSeq: 4, appliedSeq: 4 };
  const clock = { nowS };
  let secrets = 0;
  const app = await buildApp({
    config: () => fixtureConfig,
    readings,
    state: state.state,
    journal: memoryJournal([nowS - 180, nowS - 120, nowS - 60, nowS]),
    clock: { nowS: () => clock.nowS },
    progress: () => progress,
    synthetic: false,
    judges: echoJudges(asked),
    preview: async ({ agreement, period }) => ({ agreement: agreement.id, period, amountFen: 100 }),
    nextDueS: (id) => (id === 'bureau-water' ? nowS + hourS : null),
    webDist: null,
    command: null,
    newSecret: () => `secret-${++secrets}-${'x'.repeat(24)}`,
    version: '0.0.0-test',
    rateLimit: { requests: 100_000, windowSeconds: 60 },
    onFault: (fault) => faults.push(fault),
    ...change,
  });
  return { app, readings, state, faults, asked, progress, clock };
}
