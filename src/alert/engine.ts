import { createHash } from 'node:crypto';
import {
  evaluateIncident,
  evaluateSchedule,
  evaluateStation,
  inForce,
  judgesWhole,
  neededFor,
  reachBackS,
  subjectKey,
  type LastSlot,
  type StationData,
  type SubjectEpisodes,
} from '../analysis/alerting/index.ts';
import { dayBegin } from '../analysis/statistics/civil-periods.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Alert, AlertStore, RecordAlerts } from '../domain/alerts.ts';
import type { DeliveryView } from '../domain/deliveries.ts';
import type { AlertRule } from '../domain/config/alerting.ts';
import type { Config } from '../domain/config/config.ts';
import type { AirStation, Section } from '../domain/config/region.ts';
import { MonitorError } from '../domain/errors.ts';
import type { ActLog } from '../domain/acts.ts';
import type { Clock, CursorStore, ReadingStore } from '../domain/ports.ts';
import { beginOfDay, civilDate, type EpochS } from '../domain/time.ts';
import { unmeteredStages, type StageMeter } from './stage-meter.ts';
import { isActive } from './lifecycle.ts';
import { alertPass, type PassInput } from './pass.ts';
import { patienceOf } from './ways.ts';
import { daySeconds, firstReachS, keptDays, Loads, narrowed, workOf, type Touched } from './pass-data.ts';

export interface EngineParts {
  config(): Config;
  readings: Pick<ReadingStore, 'series' | 'changesSince'>;
  store: AlertStore;
  acts: Pick<ActLog, 'perform'>;
  cursors: Pick<CursorStore, 'get' | 'set'>;
  clock: Clock;
  synthetic: boolean;
  /** No silence is looked for before: after a start the first readings are still on their way. */
  timedFromS?: EpochS;
  /** When each source's schedule last fired. */
  lastSlots(): Promise<LastSlot[]>;
  /** What became of messages; absent: nobody delivers. */
  deliveries?: DeliveryView;
  meter?: StageMeter;
}

/** Where the engine stands in the log of changes. */
const changesCursor = 'alerts:changes';
/** Silences, schedules and ends without data come with time, not with readings: looked at so often. */
const timedEveryS = 300;
const changesAtOnce = 5000;
/** A pass whose alerts went on meanwhile (a person, another process) is made again on what is there then. */
const attempts = 5;

type Evaluated = PassInput['evaluated'][number];

/**
 * Keeps alerts in step with readings: takes what changed, evaluates what it touches, and records the outcome of one pass as one act.
 * Nothing is kept in memory that a restart would miss; two processes that do the same record it once.
 */
export class AlertEngine {
  readonly #parts: EngineParts;
  readonly #meter: StageMeter;
  #timedS = -Infinity;
  #day = '';

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#meter = parts.meter ?? unmeteredStages;
  }

  /** One pass; resolves with what was recorded, null for nothing. Without a policy there is nobody to tell, and nothing is done. */
  async pass(): Promise<RecordAlerts | null> {
    const config = this.#parts.config();
    if (config.alertPolicies[0] === undefined) return null;
    const nowS = this.#parts.clock.nowS();
    const touched = await this.#touched(config, nowS);
    const asked = { sinceS: nowS - keptDays * daySeconds, ...narrowed(touched, config) };
    const known = await this.#parts.store.current(asked);
    const startedMs = performance.now();
    const evaluated = await this.#evaluate(config, { touched, nowS, known });
    this.#meter.took('evaluate', (performance.now() - startedMs) / 1000);
    const recorded = await this.#record(config, evaluated, { nowS, asked });
    if (touched.cursor !== null) await this.#parts.cursors.set(changesCursor, touched.cursor);
    if (touched.timed) this.#timedS = nowS;
    this.#day = civilDate(nowS, config.region.timeZone);
    return recorded;
  }

  async #touched(config: Config, nowS: EpochS): Promise<Touched> {
    const stations = new Map<string, EpochS>();
    const timed = nowS >= (this.#parts.timedFromS ?? 0) && nowS - this.#timedS >= timedEveryS;
    const day = civilDate(nowS, config.region.timeZone);
    const newDay = day !== this.#day;
    const newMonth = day.slice(0, 7) !== this.#day.slice(0, 7);
    let cursor = await this.#parts.cursors.get(changesCursor);
    for (;;) {
      const page = await this.#changes(cursor);
      for (const { series } of page.entries)
        for (const { key, firstS } of series)
          stations.set(key.station, Math.min(stations.get(key.station) ?? Infinity, firstS));
      cursor = page.cursor;
      if (!page.more) return { stations, timed, newDay, newMonth, cursor };
    }
  }

  async #changes(cursor: string | null) {
    try {
      return await this.#parts.readings.changesSince(cursor, changesAtOnce);
    } catch (error) {
      // A store that was made again counts anew; what it holds is evaluated again, and changes nothing.
      if (cursor === null || !(error instanceof MonitorError) || error.code !== 'E_BAD_REQUEST') throw error;
      return this.#parts.readings.changesSince(null, changesAtOnce);
    }
  }

  async #evaluate(
    config: Config,
    of: { touched: Touched; nowS: EpochS; known: readonly Alert[] },
  ): Promise<Evaluated[]> {
    const { touched, nowS } = of;
    const today = civilDate(nowS, config.region.timeZone);
    const loads = new Loads(this.#parts.readings, config, nowS);
    const found: Evaluated[] = [];
    const rules = config.alertRules.filter((one) => inForce(one, today));
    const zone = config.region.timeZone;
    const [todayS, monthS] = [dayBegin(nowS, zone), beginOfDay(`${today.slice(0, 7)}-01`, zone)];
    const byRule = Map.groupBy(of.known, ({ rule }) => rule);
    const mineOf = (rule: AlertRule): readonly Alert[] => byRule.get(rule.id) ?? [];
    const works = new Map(
      rules.map((rule) => [
        rule,
        workOf(rule, config, { touched, nowS, todayS, monthS, mine: mineOf(rule) }),
      ]),
    );
    await loads.together(
      [...works].flatMap(([rule, work]) =>
        (judgesWhole(rule) ? [] : work).flatMap(({ station, fromS }) =>
          neededFor(rule, station.id).map((id) => ({ id, fromS: fromS - firstReachS(rule, config) })),
        ),
      ),
    );
    for (const rule of rules) {
      if (rule.when.kind === 'schedule-silence') {
        if (touched.timed) found.push(...(await this.#schedules(rule, config, of)));
        continue;
      }
      if (rule.when.kind === 'incident') {
        found.push(...(await this.#incidents(rule, config, nowS)));
        continue;
      }
      const work = works.get(rule)!;
      if (work.length === 0) continue;
      const data = loads.there(work.flatMap(({ station }) => neededFor(rule, station.id)));
      for (const { station, fromS: stationFromS } of work) {
        const facts = { config, fromS: stationFromS, throughS: nowS };
        const episodes = await episodesAt(rule, { station, data, loads }, facts);
        found.push(
          ...withMissing(rule, station.id, episodes, mineOf(rule)).map((one) => ({
            ...one,
            fromS: stationFromS,
          })),
        );
      }
    }
    return found;
  }

  /** What was reported is not a matter of readings: all that is not long over is looked at each time. */
  async #incidents(rule: AlertRule, config: Config, nowS: EpochS): Promise<Evaluated[]> {
    const incidents = await this.#parts.store.incidents(nowS - keptDays * daySeconds);
    return incidents.flatMap((incident) =>
      evaluateIncident(rule, incident, { config, throughS: nowS }).map((one) => ({
        ...one,
        fromS: incident.fromS,
      })),
    );
  }

  /** Only the last slot of a source is known: an alert that goes on remembers where its silence began. */
  async #schedules(
    rule: AlertRule,
    config: Config,
    at: { nowS: EpochS; known: readonly Alert[] },
  ): Promise<Evaluated[]> {
    const slots = await this.#parts.lastSlots();
    return slots.flatMap((slot) => {
      const open = at.known.find(
        (one) => one.rule === rule.id && one.source === slot.source && isActive(one),
      );
      const since = open !== undefined && open.startS < slot.lastSlotS ? { sinceS: open.startS } : {};
      const fromS = since.sinceS ?? slot.lastSlotS;
      const facts = { config, fromS, throughS: at.nowS };
      return evaluateSchedule(rule, [{ ...slot, ...since }], facts).map((one) => ({ ...one, fromS }));
    });
  }

  async #record(
    config: Config,
    evaluated: readonly Evaluated[],
    { nowS, asked }: { nowS: EpochS; asked: Parameters<AlertStore['current']>[0] },
  ): Promise<RecordAlerts | null> {
    const { store, acts, deliveries, synthetic } = this.#parts;
    const patience = patienceOf(config.channels, nowS);
    for (let attempt = 1; ; attempt++) {
      const alerts = await store.current(asked);
      const evaluatedNow = new Set(evaluated.map(({ rule, subject }) => `${rule.id}~${subjectKey(subject)}`));
      const concerned = alerts.filter(
        (one) => isActive(one) || one.pending !== null || evaluatedNow.has(`${one.rule}~${one.subject}`),
      );
      const told = await store.told(concerned.map(({ id }) => id));
      const sent = told.map(({ notification }) => notification);
      const decidingMs = performance.now();
      const { record, held } = alertPass({
        config,
        policy: config.alertPolicies[0]!,
        nowS,
        alerts,
        told,
        silences: await store.silences(nowS),
        down: (await deliveries?.down(patience)) ?? [],
        stuck: (await deliveries?.stuck(sent, patience)) ?? new Set<string>(),
        evaluated,
        synthetic,
      });
      const recordingMs = performance.now();
      this.#meter.took('decide', (recordingMs - decidingMs) / 1000);
      this.#meter.holds(held, asked.only === undefined ? alerts : null);
      if (record === null) return null;
      const id = `alerts:${createHash('sha256').update(canonicalJson(record)).digest('hex').slice(0, 40)}`;
      try {
        const payload = { ...record };
        await acts.perform({ kind: 'record-alerts', version: 1, id, actor: 'system', atS: nowS, payload });
        this.#meter.took('record', (performance.now() - recordingMs) / 1000);
        this.#meter.recorded(record);
        return record;
      } catch (error) {
        const again = error instanceof MonitorError && error.code === 'E_CONFLICT' && attempt < attempts;
        this.#meter.refused();
        if (!again) throw error;
      }
    }
  }
}

type RuleAt = {
  station: Section | AirStation;
  data: ReadonlyMap<string, readonly StationData[]>;
  loads: Loads;
};

async function episodesAt(
  rule: AlertRule,
  of: RuleAt,
  facts: { config: Config; fromS: EpochS; throughS: EpochS },
): Promise<SubjectEpisodes[]> {
  const { station, data, loads } = of;
  if (rule.when.kind === 'silence') return silencesOf(rule, of, facts);
  if (!judgesWhole(rule)) return evaluateStation(rule, { station, data }, facts);
  const fromS = facts.fromS - reachBackS(rule, facts.config);
  return evaluateStation(rule, { station, data: await loads.whole(station, fromS) }, facts);
}

/** Patience is learned, which needs weeks of readings, only where the least that it could be is over. */
async function silencesOf(
  rule: AlertRule,
  of: RuleAt,
  facts: { config: Config; fromS: EpochS; throughS: EpochS },
): Promise<SubjectEpisodes[]> {
  const { station, data, loads } = of;
  const atLeast = evaluateStation(rule, { station, data }, { ...facts, learned: false });
  if (!atLeast.some(({ episodes }) => episodes.some(({ raisedS }) => raisedS !== null))) return atLeast;
  const whole = await loads.of([station.id], facts.fromS - reachBackS(rule, facts.config));
  return evaluateStation(rule, { station, data: whole }, facts);
}

/** A subject of which nothing is left, because every value was taken back, has no episode any more. */
function withMissing(
  rule: AlertRule,
  station: string,
  episodes: readonly SubjectEpisodes[],
  known: readonly Alert[],
): SubjectEpisodes[] {
  const found = new Set(episodes.map(({ subject }) => subjectKey(subject)));
  const missing = known.filter(
    (one) => one.rule === rule.id && one.station === station && !found.has(one.subject),
  );
  const subjects = new Map(missing.map((one) => [one.subject, one]));
  return [
    ...episodes,
    ...[...subjects.values()].map(({ parameter, provider, source }): SubjectEpisodes => {
      return { rule, subject: { station, parameter, provider, source }, episodes: [] };
    }),
  ];
}
