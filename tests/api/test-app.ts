import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../src/api/app.ts';
import { embeddedState } from '../embedded-state.ts';
import type { ApiDeps, JudgedRow, Judges } from '../../src/api/deps.ts';
import { BatchBuilder, type ReadingBatch } from '../../src/domain/batch.ts';
import { packFlags } from '../../src/domain/flags.ts';
import type { Journal, ReadingStore } from '../../src/domain/ports.ts';
import type { Role } from '../../src/domain/roles.ts';
import { circumstanceActs } from '../../src/serving/judging.ts';
import { QualityDesk } from '../../src/api/quality/quality-desk.ts';
import { silenceWatch } from '../../src/api/quality/silence-watch.ts';
import { openFileJournal } from '../../src/ingest/journal/index.ts';
import { openDuckdbReadings } from '../../src/store/readings/duckdb/index.ts';
import { openInfluxReadings } from '../../src/store/readings/influx/index.ts';
import { sourceAdapters } from '../../src/ingest/sources/index.ts';
import { UploadDesk } from '../../src/ingest/upload-desk.ts';
import { createKey, openState, revokeKey } from '../../src/store/state/index.ts';
import { standards } from '../analysis/standards.ts';
import type { LoadService } from '../../src/domain/loads.ts';
import { sectionAttribution } from '../../src/settle/attributions.ts';
import { sectionLoad } from '../../src/settle/loads.ts';
import { pactFollowUp, pactSettlements } from './pact-settlements.ts';
import { fixtureConfig } from './region-fixture.ts';

/** 2026-03-02T08:00+08:00. */
export const nowS = Date.UTC(2026, 2, 2) / 1000;
export const hourS = 3600;

export const people = {
  viewer: { role: 'viewer', jurisdiction: '331100' },
  stranger: { role: 'viewer', jurisdiction: '350700' },
  unbound: { role: 'viewer', jurisdiction: null },
  duty: { role: 'duty-officer', jurisdiction: '331100' },
  finance: { role: 'finance', jurisdiction: '330300' },
  signatory: { role: 'signatory', jurisdiction: '330300' },
  office: { role: 'joint-office', jurisdiction: null },
  administrator: { role: 'administrator', jurisdiction: null },
} as const satisfies Record<string, { role: Role; jurisdiction: string | null }>;
export type Person = keyof typeof people;

/** Judges that show what they were asked: the class is the number of readings, and the first one is over its limit. */
export function echoJudges(asked: JudgedRow[]): Judges {
  const standing = 'single-unreviewed';
  return {
    water(_section, row) {
      asked.push(row);
      const text = { zh: '单次值', en: 'single value' };
      const over = {
        parameter: row.readings[0]?.parameter ?? '',
        value: '0.3',
        limit: '0.1',
        against: 'hand-over',
        grade: 2,
        multiple: '2.0',
        standing,
        text,
      };
      const targets = [{ kind: 'hand-over', targetClass: 2, met: false }];
      return {
        kind: 'water',
        class: row.readings.length,
        className: null,
        decidingItems: ['tp'],
        targets,
        status: 'ok',
        reason: null,
        edition: 'e1',
        standing,
        overLimits: [over],
      };
    },
    air(_station, row) {
      asked.push(row);
      return {
        kind: 'air',
        aqi: 42,
        level: 1,
        levelName: null,
        primary: [],
        iaqi: { pm25: 42 },
        status: 'ok',
        reason: null,
        edition: 'e2',
        standing,
        overLimits: [],
      };
    },
  };
}

/** Four samples at `up`, another provider's, 26 hours of air, a revision: four entries, received a minute apart up to now. */
function fixtureBatches(): ReadingBatch[] {
  const water = new BatchBuilder('bureau');
  const tp = water.seriesOf('up', 'tp', 'instant');
  const nh3n = water.seriesOf('up', 'nh3n', 'instant');
  const published = water.seriesOf('up', 'published_class', 'instant');
  const missing = packFlags({ qualifiers: ['missing'] });
  for (let hour = 4; hour >= 1; hour--) {
    const timeS = nowS - hour * hourS;
    water.add({
      series: tp,
      timeS,
      value: hour === 2 ? null : ([0, 0.11, 0, 0.13, 0.14][hour] ?? null),
      flags: hour === 2 ? missing : 0,
    });
    water.add({
      series: nh3n,
      timeS,
      value: 0.5,
      flags: hour === 1 ? packFlags({ validity: 'suspect' }) : 0,
    });
    water.add({ series: published, timeS, value: 3 });
  }
  const neighbour = new BatchBuilder('neighbour');
  neighbour.add({ series: neighbour.seriesOf('up', 'tp', 'instant'), timeS: nowS - 400 * hourS, value: 0.2 });
  const air = new BatchBuilder('airnet');
  const pm = air.seriesOf('roof', 'pm25', 'PT1H');
  for (let hour = 26; hour >= 1; hour--)
    air.add({ series: pm, timeS: nowS - hour * hourS, value: 30 + hour });
  const revision = new BatchBuilder('bureau');
  revision.add({
    series: revision.seriesOf('up', 'tp', 'instant'),
    timeS: nowS - 4 * hourS,
    value: 0.19,
    publishedS: nowS - 60,
  });
  return [water, neighbour, air, revision].map((builder) => builder.build());
}

/** Servers in the place of the embedded stores. */
export interface Servers {
  influxUrl: string;
  influxDatabase: string;
  databaseUrl: string;
}

/** Journal, DuckDB and PGlite in a temporary folder, or servers, filled, with a key for each of the people. */
export async function openStores(servers?: Servers) {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-api-'));
  const journal = await openFileJournal({ dir: path.join(folder, 'journal') });
  const readings =
    servers === undefined
      ? await openDuckdbReadings({ path: path.join(folder, 'readings.duckdb'), memoryLimitMiB: 256 })
      : await openInfluxReadings({
          url: servers.influxUrl,
          database: servers.influxDatabase,
          retentionPolicy: 'evidence',
        });
  const clock = { nowS: () => nowS };
  const place: Parameters<typeof openState>[0] =
    servers === undefined
      ? embeddedState(path.join(folder, 'state'))
      : { kind: 'postgres', url: servers.databaseUrl };
  const state = await openState(place, { journal, clock });
  for (const [at, batch] of fixtureBatches().entries()) {
    const receivedS = nowS - 180 + at * 60;
    const entry = await journal.append({
      kind: 'raw',
      receivedS,
      meta: { source: 'test' },
      body: new TextEncoder().encode(String(at)),
    });
    await readings.apply({ seq: entry.seq, receivedS }, batch);
  }
  const tokens = {} as Record<Person, string>;
  for (const [name, { role, jurisdiction }] of Object.entries(people)) {
    tokens[name as Person] = (
      await createKey(state.acts, { actor: 'system', holder: name, role, jurisdiction, atS: nowS })
    ).token;
  }
  const unknown = { id: 'unregistered:bureau:x', provider: 'bureau', naturalKey: 'x', name: '未知' };
  await state.issues.noteUnknownStations([unknown], 1, nowS);
  const close = async () => {
    await state.close();
    await readings.close();
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { journal, readings, state, tokens, close };
}
export type Stores = Awaited<ReturnType<typeof openStores>>;

export interface TestApp {
  deps: ApiDeps;
  app: FastifyInstance;
  stores: AppStores;
  faults: unknown[];
  asked: JudgedRow[];
  progress: { journalSeq: number; appliedSeq: number };
  /** Calls of `latest`, and the fault that it shall have from now on. */
  latest: { calls: number; fault: Error | null };
  as: (person: Person) => { authorization: string };
}

/** Loads by the rules that ship, from the readings of these stores. */
function fixtureLoads(stores: Pick<Stores, 'readings'>): LoadService {
  const config = { ...fixtureConfig, ...standards };
  return {
    load: (query, readings = stores.readings) => sectionLoad({ config, readings }, query),
    attribution: (query, readings = stores.readings) => sectionAttribution({ config, readings }, query),
  };
}

/** What the API reads and writes; all that an open system has too. */
export type AppStores = Pick<Stores, 'readings' | 'state' | 'tokens'> & { journal: Journal };

/** The whole API on real stores; `change` replaces single dependencies. */
export async function testApp(stores: AppStores, change: Partial<ApiDeps> = {}): Promise<TestApp> {
  const { journal, state, tokens } = stores;
  const faults: unknown[] = [];
  const asked: JudgedRow[] = [];
  const progress = { journalSeq: journal.head().seq, appliedSeq: 4 };
  const latest: TestApp['latest'] = { calls: 0, fault: null };
  const readings: ReadingStore = {
    ...stores.readings,
    latest: (query) => {
      latest.calls++;
      return latest.fault === null ? stores.readings.latest(query) : Promise.reject(latest.fault);
    },
  };
  const deps: ApiDeps = {
    config: () => fixtureConfig,
    readings,
    state,
    journal,
    clock: { nowS: () => nowS },
    progress: () => progress,
    synthetic: false,
    judges: echoJudges(asked),
    preview: async ({ agreement, period }) => ({ agreement: agreement.id, period, amountFen: 100 }),
    loads: fixtureLoads(stores),
    settlements: pactSettlements(),
    followUp: pactFollowUp,
    nextDueS: (id) => (id === 'bureau-water' ? nowS + hourS : null),
    webDist: null,
    command: null,
    keyActs: {
      create: (key) => createKey(state.acts, key),
      revoke: (revocation) => revokeKey(state.acts, revocation),
    },
    readingActs: {
      review: ({ review, ...act }) =>
        state.acts.perform({ ...act, kind: 'review-readings', version: 1, payload: { ...review } }),
      register: ({ registration, ...act }) =>
        state.acts.perform({
          ...act,
          kind: 'register-station',
          version: registration.grounds === undefined ? 1 : 2,
          payload: { ...registration },
        }),
    },
    acts: state.acts,
    sealing: {
      seal: (text) => `v1.${Buffer.from(`${'-'.repeat(28)}${text}`).toString('base64url')}`,
      open: (sealed) => Buffer.from(sealed.slice(3), 'base64url').toString().slice(28),
    },
    publicUrl: null,
    openId: null,
    circumstanceActs: circumstanceActs(state.acts),
    uploads: new UploadDesk({
      journal,
      acts: state.acts,
      uploads: state.uploads,
      projector: { applied: () => Promise.reject(new Error('nothing is projected here')) },
      runs: state.runs,
      adapters: sourceAdapters,
      config: () => fixtureConfig,
      clock: { nowS: () => nowS },
      synthetic: false,
    }),
    quality: new QualityDesk({
      config: () => fixtureConfig,
      readings: stores.readings,
      state,
      journal,
      clock: { nowS: () => nowS },
      refresh: () => Promise.resolve(),
    }),
    silence: silenceWatch({
      config: () => fixtureConfig,
      readings: stores.readings,
      clock: { nowS: () => nowS },
    }),
    deviceActs: {
      approve: (approval, by) =>
        state.acts.perform({ ...by, kind: 'approve-device', version: 1, payload: { ...approval } }),
      withdraw: (withdrawal, by) =>
        state.acts.perform({ ...by, kind: 'withdraw-device', version: 1, payload: { ...withdrawal } }),
      request: (request, by) =>
        state.acts.perform({ ...by, kind: 'request-device-data', version: 1, payload: { ...request } }),
    },
    version: '0.0.0-test',
    rateLimit: { requests: 100_000, windowSeconds: 60 },
    onFault: (fault) => faults.push(fault),
    ...change,
  };
  const app = await buildApp(deps);
  return {
    deps,
    app,
    stores,
    faults,
    asked,
    progress,
    latest,
    as: (person) => ({ authorization: `Bearer ${tokens[person]}` }),
  };
}
