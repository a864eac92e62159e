import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { unmetered } from '../../src/alert/meter.ts';
import { startOutbox, usualPace } from '../../src/alert/outbox.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import type { Config } from '../../src/domain/config/config.ts';
import { openFileJournal } from '../../src/ingest/journal/index.ts';
import type { System } from '../../src/main.ts';
import { startAlerting } from '../../src/serving/alerting.ts';
import { openDuckdbReadings } from '../../src/store/readings/duckdb/index.ts';
import { deliveryStore, openJobs, openOutbox, openState } from '../../src/store/state/index.ts';
import { composePlain, openHook } from './hook.ts';
import { httpReceiver } from './http-receiver.ts';
import { contactOf, policyOf, ruleOf, shippedConfig } from './timeline.ts';

export interface Feed {
  /** Rules, each of a section of its own. */
  rules: number;
  readingsPerS: number;
  /** New events a second. */
  eventsPerS: number;
  seconds: number;
  /** Told each ten seconds. */
  onLook?(look: MemoryLook): void;
}

/** Memory of the process in MiB right after a collection, receiver and feeder included. */
export interface MemoryLook {
  atS: number;
  rssMiB: number;
  /** What the program itself holds on to. */
  heapMiB: number;
  /** Buffers and the memory of PGlite. What is left of `rssMiB` is DuckDB's, bounded by its own limit, and the runtime's. */
  buffersMiB: number;
}

export interface Fed {
  readings: number;
  /** From a reading on disk in the journal to its message at the receiver, in ms, sorted. */
  delaysMs: number[];
  /** Events whose message did not come, neither during the run nor in the minutes after it in which others did. */
  missing: number;
  memory: MemoryLook[];
  /** `jiehe_alert_pass_seconds` as /metrics shows it. */
  metrics: string;
}

type Told = { station: string; beginS: number };

const tickMs = 200;
const lookEveryS = 10;
export const duckdbMemoryMiB = 256;
const mib = 1024 ** 2;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function lookAtMemory(atS: number): MemoryLook {
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { atS, rssMiB: rss / mib, heapMiB: heapUsed / mib, buffersMiB: external / mib };
}

const sectionOf = (at: number): string => `s${at}`;

function configOf(rules: number): Config {
  const shipped = shippedConfig();
  const section = shipped.sections.find(({ id }) => id === 'songxi-yanxia')!;
  const { region } = shipped;
  return {
    ...shipped,
    region,
    sections: Array.from({ length: rules }, (_, at) => ({ ...section, id: sectionOf(at) })),
    airStations: [],
    alertRules: Array.from({ length: rules }, (_, at) =>
      ruleOf({ id: `rule-${at}`, scope: { sections: [sectionOf(at)] } }),
    ),
    alertPolicies: [policyOf({ group: { by: ['station', 'rule'], waitSeconds: 0 } })],
    contacts: [contactOf('up', '331100', ['hook']), contactOf('down', '350700', ['hook'])],
    onCall: [],
  };
}

/**
 * Everything between a reading and a receiver, as `serve` runs it: journal with fsync, DuckDB, the engine's own loop, acts on PGlite,
 * the outbox, signed webhooks over HTTP. Sections take turns; a few readings lie beyond their limit for one value.
 */
export async function feedSteadily(feed: Feed): Promise<Fed> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-steady-'));
  const clock = { nowS: () => Math.floor(Date.now() / 1000) };
  const journal = await openFileJournal({ dir: path.join(folder, 'journal'), clock });
  const readings = await openDuckdbReadings({
    path: path.join(folder, 'r.duckdb'),
    memoryLimitMiB: duckdbMemoryMiB,
  });
  const state = await openState({ kind: 'pglite', dir: path.join(folder, 'state') }, { journal, clock });
  await state.acts.recover();
  const acceptedMs = new Map<string, number>();
  const delaysMs: number[] = [];
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const receiver = await httpReceiver(({ body }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: { facts: Told & { items?: Told[] } } };
    // A pass that comes late finds several events of a section, and tells them in one message.
    const told =
      type === 'alert.digest' ? (data.facts.items ?? []) : type === 'alert.opened' ? [data.facts] : [];
    for (const { station, beginS } of told) {
      const key = `${station} ${beginS}`;
      const since = acceptedMs.get(key);
      if (since === undefined) continue;
      delaysMs.push(performance.now() - since);
      acceptedMs.delete(key);
    }
    receiver.received.length = 0;
    return { status: 204 };
  });
  const config = configOf(feed.rules);
  const address = `${receiver.url}/duty`;
  config.contacts = config.contacts.map((contact) => ({
    ...contact,
    channels: [{ channel: 'hook', address: `${address}/${contact.id}` }],
  }));
  const channel = openHook(receiver.host, secret);
  const faults: unknown[] = [];
  const onError = (error: unknown): void => void faults.push(error);
  const jobs = await openJobs(state, { onError });
  const { queue, withAct } = await openOutbox(state.db, jobs);
  state.withEachAct(withAct);
  const outbox = await startOutbox({
    store: deliveryStore(state.db, state.acts),
    queue,
    channels: new Map([['hook', { channel, pace: usualPace }]]),
    compose: composePlain,
    clock,
    meter: unmetered,
    onError,
  });
  const parts = {
    config: () => config,
    readings,
    state,
    clock,
    journal,
    synthetic: false,
    lease: null,
    configWatch: { staleAgainst: () => null },
    log: { error: ({ err }: { err: unknown }) => onError(err) },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the engine's loop uses of a system
  const alerting = startAlerting(parts as unknown as System);

  const memory: MemoryLook[] = [];
  const perTick = Math.round((feed.readingsPerS * tickMs) / 1000);
  let [nextAt, sent, owed] = [0, 0, 0];
  const turns = new Map<string, { timeS: number; event: boolean }>();
  const startedMs = performance.now();
  for (let tick = 0; performance.now() - startedMs < feed.seconds * 1000; tick++) {
    const batch = new BatchBuilder('cnemc');
    const beyond: string[] = [];
    owed += (feed.eventsPerS * tickMs) / 1000;
    const timeS = clock.nowS();
    for (let nth = 0; nth < perTick; nth++, nextAt++) {
      const station = sectionOf(nextAt % feed.rules);
      const before = turns.get(station);
      // A feeder that catches up comes by twice in one second: another value at that time would correct the first one.
      if (before?.timeS === timeS) continue;
      const event = owed >= 1 && before !== undefined && !before.event;
      if (event) owed -= 1;
      turns.set(station, { timeS, event });
      sent += 1;
      batch.add({ series: batch.seriesOf(station, 'nh3n', 'instant'), timeS, value: event ? 2 : 0.2 });
      if (event) beyond.push(`${station} ${timeS}`);
    }
    const receivedS = clock.nowS();
    const entry = await journal.append({
      kind: 'raw',
      receivedS,
      meta: { source: 'steady' },
      body: randomBytes(perTick * 4),
    });
    const atMs = performance.now();
    for (const key of beyond) acceptedMs.set(key, atMs);
    await readings.apply({ seq: entry.seq, receivedS }, batch.build());
    const runS = (performance.now() - startedMs) / 1000;
    if (runS >= (memory.length + 1) * lookEveryS) {
      memory.push(lookAtMemory(Math.round(runS)));
      feed.onLook?.(memory.at(-1)!);
    }
    await wait(Math.max(0, startedMs + (tick + 1) * tickMs - performance.now()));
  }
  // A machine that could not keep up is late; lost is what does not come when nothing else comes either.
  let left = { count: acceptedMs.size, sinceMs: performance.now() };
  while (acceptedMs.size > 0 && performance.now() - left.sinceMs < 60_000) {
    await wait(50);
    if (acceptedMs.size < left.count) left = { count: acceptedMs.size, sinceMs: performance.now() };
  }
  const metrics = await alerting.metrics();
  await alerting.close();
  await outbox.close();
  await jobs.stop();
  await channel.close();
  await receiver.close();
  await state.close();
  await readings.close();
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
  if (faults.length > 0) throw new AggregateError(faults, 'the feed met faults');
  return {
    readings: sent,
    delaysMs: delaysMs.toSorted((a, b) => a - b),
    missing: acceptedMs.size,
    memory,
    metrics,
  };
}
