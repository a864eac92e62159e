import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { embeddedState } from '../embedded-state.ts';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { AlertEngine, type EngineParts } from '../../src/alert/engine.ts';
import { unmeteredStages } from '../../src/alert/stage-meter.ts';
import { checkFiles } from '../../src/config/index.ts';
import type { Alert, AlertActKind, RecordAlerts } from '../../src/domain/alerts.ts';
import type { AlertPolicy, AlertRule, Contact, OnCall } from '../../src/domain/config/alerting.ts';
import type { Config } from '../../src/domain/config/config.ts';
import { packFlags } from '../../src/domain/flags.ts';
import type { Notification, NotificationKind } from '../../src/domain/notifications.ts';
import type { EntryChange, Journal, SeriesColumns } from '../../src/domain/ports.ts';
import { instantOfCivil, type AveragingId } from '../../src/domain/time.ts';
import { openFileJournal } from '../../src/ingest/journal/index.ts';
import { openState, type OpenState } from '../../src/store/state/index.ts';
import { shippedDirectory, textsOf } from '../config/small-region.ts';

export const minute = 60;
export const hour = 3600;
export const day = 86_400;
const provenance = { source: 'made for a test', confidence: 'assumed' } as const;
const text = (en: string) => ({ zh: en, en });
const everyDay = [1, 2, 3, 4, 5, 6, 7];

let shipped: Config | null = null;
/** The configuration that ships, read once. */
export function shippedConfig(): Config {
  if (shipped === null) {
    const { config, faults } = checkFiles(
      textsOf(shippedDirectory, ['parameters', 'standards', 'schemes', 'regions']),
    );
    if (config === null) throw new Error(JSON.stringify(faults));
    shipped = config;
  }
  return shipped;
}

export function ruleOf(change: Partial<AlertRule> = {}): AlertRule {
  return {
    id: 'ammonia',
    title: text('Ammonia above its limit'),
    from: '2000-01-01',
    to: null,
    when: { kind: 'item-over-limit', on: 'single', items: ['nh3n'] },
    scope: { sections: ['songxi-yanxia'] },
    raise: 0,
    forMinutes: 0,
    forValues: 1,
    endAfterValues: 1,
    bridgeHours: 24,
    severity: [{ above: 0, severity: 'major' }],
    provenance,
    ...change,
  };
}

export function contactOf(id: string, jurisdiction: string | null, channels = ['mail', 'phone']): Contact {
  const list = channels.map((channel) => ({ channel, address: `${id}@${channel}` }));
  return { id, name: text(id), jurisdiction, language: 'zh', channels: list, provenance };
}

export function calendarOf(id: string, jurisdiction: string | null, contacts: string[]): OnCall {
  const shifts = [{ weekdays: everyDay, begin: '00:00', end: '00:00', contacts }];
  return { id, jurisdiction, shifts, provenance };
}

export const policyOf = (change: Partial<AlertPolicy> = {}): AlertPolicy => ({
  kind: 'alert-policy',
  id: 'test',
  severities: [
    { severity: 'info', escalateMinutes: [], digest: true },
    { severity: 'minor', escalateMinutes: [], digest: true },
    { severity: 'major', escalateMinutes: [], digest: false },
    { severity: 'critical', escalateMinutes: [], digest: false },
  ],
  digestTime: '08:30',
  group: { by: ['jurisdiction', 'rule'], waitSeconds: 0 },
  notOlderThanHours: 72,
  closeAfterHours: 24,
  routes: [{ id: 'both', match: {}, side: 'both' }],
  inhibitions: [],
  maintenance: [],
  provenance,
  ...change,
});

/** A policy that chases those who do not answer. */
export const chasing: Partial<AlertPolicy> = {
  severities: [
    { severity: 'major', escalateMinutes: [30, 30], digest: false },
    { severity: 'critical', escalateMinutes: [10, 10], digest: false },
  ],
};

export interface Told {
  atS: number;
  kind: NotificationKind;
  to: string;
  channel: string;
  message: Notification;
}

interface Point {
  value: number;
  flags: number;
}

/** One state and journal for a file of scenarios; each scenario begins on a day of its own, and empty. */
export async function openWorld(): Promise<{
  state: OpenState;
  journal: Journal;
  clock: { atS: number };
  /** Scenarios so far: each begins later than those before, on one state. */
  scenarios: number;
  close(): Promise<void>;
}> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-alerts-'));
  const clock = { atS: 0 };
  const now = { nowS: () => clock.atS };
  const journal: Journal = await openFileJournal({ dir: path.join(folder, 'journal'), clock: now });
  const state = await openState(embeddedState(path.join(folder, 'state')), { journal, clock: now });
  await state.acts.recover();
  return {
    state,
    journal,
    clock,
    scenarios: 0,
    async close() {
      await state.close();
      await journal.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A black box on a fake clock: readings go in at a time, messages come out at a time. What lies between is the engine as it runs, on
 * a real state; only the store of readings and the receivers are the test's.
 */
export class Timeline {
  readonly world: { state: OpenState; clock: { atS: number }; scenarios: number };
  readonly startS: number;
  readonly told: Told[] = [];
  config: Config;
  readonly points = new Map<string, Map<number, Point>>();
  /** Messages that do not arrive. */
  readonly stuck = new Set<string>();
  downChannels: string[] = [];
  slots: { source: string; lastSlotS: number }[] = [];
  #log: EntryChange[] = [];
  #engine: AlertEngine;

  constructor(
    world: Timeline['world'],
    given: Partial<
      Pick<Config, 'alertRules' | 'contacts' | 'onCall' | 'sections' | 'sources' | 'channels'>
    > & {
      policy?: AlertPolicy;
    } = {},
  ) {
    this.world = world;
    // 08:00 of a Monday in the region, another one for each scenario.
    this.startS = instantOfCivil('2021-03-01T08:00', 'Asia/Shanghai') + world.scenarios++ * 14 * day;
    world.clock.atS = this.startS;
    const { policy = policyOf(), ...lists } = given;
    this.config = {
      ...shippedConfig(),
      alertRules: [ruleOf()],
      contacts: [
        contactOf('up', '331100'),
        contactOf('up-lead', '331100'),
        contactOf('down', '350700'),
        contactOf('down-lead', '350700'),
        contactOf('office', null),
      ],
      onCall: [
        calendarOf('up', '331100', ['up', 'up-lead']),
        calendarOf('down', '350700', ['down', 'down-lead']),
        calendarOf('office', null, ['office']),
      ],
      alertPolicies: [policy],
      ...lists,
    };
    this.#engine = this.engine();
  }

  /** Another process on the same state and readings. */
  engine(change: Partial<EngineParts> = {}): AlertEngine {
    const { state, clock } = this.world;
    const cursors = new Map<string, string>();
    return new AlertEngine({
      config: () => this.config,
      readings: this.readings(),
      store: state.alerts,
      acts: state.acts,
      cursors: {
        get: (name) => Promise.resolve(cursors.get(name) ?? null),
        set: (name, value) => Promise.resolve(void cursors.set(name, value)),
      },
      clock: { nowS: () => clock.atS },
      synthetic: false,
      lastSlots: () => Promise.resolve(this.slots),
      deliveries: {
        stuck: () => Promise.resolve(this.stuck),
        down: () => Promise.resolve(this.downChannels),
      },
      meter: { ...unmeteredStages, recorded: (record) => this.receive(record) },
      ...change,
    });
  }

  /** As after a crash: nothing in memory is left. */
  restart(): void {
    this.#engine = this.engine();
  }

  receive({ notifications }: RecordAlerts): void {
    for (const message of notifications) {
      // As the outbox: a message whose id is known is the same message.
      if (this.told.some((one) => one.message.id === message.id)) continue;
      this.told.push({
        atS: this.world.clock.atS - this.startS,
        kind: message.kind,
        to: message.contact,
        channel: message.channel,
        message,
      });
    }
  }

  readings(): EngineParts['readings'] {
    return {
      series: (query) =>
        Promise.resolve(
          query.stations.flatMap((station) =>
            query.parameters.flatMap((parameter): SeriesColumns[] => {
              const key = `${station}\t${parameter}\t${query.averaging}\t${query.provider}`;
              const rows = [...(this.points.get(key) ?? [])]
                .filter(([at]) => at >= query.fromS && at < query.toS)
                .sort(([a], [b]) => a - b);
              if (rows.length === 0) return [];
              return [
                {
                  key: { station, parameter, averaging: query.averaging, provider: query.provider },
                  timeS: Float64Array.from(rows, ([at]) => at),
                  value: Float64Array.from(rows, ([, { value }]) => value),
                  flags: Uint16Array.from(rows, ([, { flags }]) => flags),
                },
              ];
            }),
          ),
        ),
      changesSince: (cursor) => {
        const from = Number(cursor ?? 0);
        return Promise.resolve({
          entries: this.#log.slice(from),
          cursor: String(this.#log.length),
          more: false,
        });
      },
    };
  }

  /** Readings of one moment, without looking at them yet. Times count from the start of the scenario. */
  put(
    atS: number,
    values: Record<string, number | null>,
    of: { station?: string; provider?: string; averaging?: AveragingId; invalid?: boolean } = {},
  ): void {
    const { station = 'songxi-yanxia', provider = 'cnemc', averaging = 'instant', invalid = false } = of;
    const timeS = this.startS + atS;
    const flags = invalid ? packFlags({ validity: 'invalid' }) : 0;
    const counts = { accepted: 1, unchanged: 0, revised: 0, superseded: 0 };
    const series = Object.entries(values).map(([parameter, value]) => {
      const key = `${station}\t${parameter}\t${averaging}\t${provider}`;
      const known = this.points.get(key) ?? new Map<number, Point>();
      this.points.set(key, known.set(timeS, { value: value ?? Number.NaN, flags }));
      return {
        key: { station, parameter, averaging, provider },
        firstS: timeS,
        lastS: timeS,
        accepted: 1,
        revised: 0,
        superseded: 0,
        revisedS: [],
      };
    });
    this.#log.push({ seq: this.#log.length + 1, ...counts, series });
  }

  /** The clock goes on to a time, and the engine looks. */
  async at(atS: number): Promise<void> {
    this.world.clock.atS = this.startS + atS;
    await this.#engine.pass();
  }

  /** Ammonia of one moment arrives at that moment, or `late`. */
  async feed(atS: number, value: number | null, late = 0): Promise<void> {
    this.put(atS, { nh3n: value });
    await this.at(atS + late);
  }

  /** Who was told of what between two times, both inclusive, as `kind:contact`, sorted. */
  between(fromS: number, toS: number): string[] {
    return this.told
      .filter(({ atS }) => atS >= fromS && atS <= toS)
      .map(({ kind, to }) => `${kind}:${to}`)
      .sort();
  }

  async alerts(): Promise<Alert[]> {
    const alerts = await this.world.state.alerts.list({ limit: 10_000 });
    return alerts.filter(({ openedS }) => openedS >= this.startS).reverse();
  }

  async only(): Promise<Alert> {
    const alerts = await this.alerts();
    expect(alerts.map(({ id }) => id)).toHaveLength(1);
    return alerts[0]!;
  }

  async steps(id?: string): Promise<string[]> {
    const found = await this.world.state.alerts.get(id ?? (await this.only()).id);
    return found!.steps.map(({ kind, reason }) => `${kind}:${reason}`);
  }

  async act(kind: AlertActKind, payload: Record<string, unknown>, actor = 'duty'): Promise<number> {
    const envelope = { version: 1, id: `${kind}:${randomUUID()}`, actor, atS: this.world.clock.atS } as const;
    return this.world.state.acts.perform({ ...envelope, kind, payload });
  }

  /** Nothing of this scenario is left for the next one. */
  async clear(): Promise<void> {
    for (const table of ['alert', 'alert_step', 'alert_told', 'alert_silence', 'incident'])
      await sql`delete from ${sql.table(table)}`.execute(this.world.state.db);
  }
}
