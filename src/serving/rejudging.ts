import { setImmediate as nextTurn } from 'node:timers/promises';
import { boundsOf, periodOf, type AssessmentPeriod } from '../analysis/assessment/index.ts';
import { airFactsOf, type JudgedAirStation } from '../api/verdicts/air-verdicts.ts';
import { regionAirVerdicts } from '../api/verdicts/region-air.ts';
import { regionVerdicts } from '../api/verdicts/region-verdicts.ts';
import { countedAssessment, factsOf, type JudgedSection } from '../api/verdicts/section-verdicts.ts';
import { stationEvents } from '../api/verdicts/station-events.ts';
import { providersOf } from '../api/region/stations-view.ts';
import type { Config } from '../domain/config/config.ts';
import type { AirStation, Section } from '../domain/config/region.ts';
import type { LatestEvent, LatestVerdict } from '../domain/latest-verdicts.ts';
import type { Clock, CursorStore, ReadingStore, StateStore } from '../domain/ports.ts';
import { civilDate } from '../domain/time.ts';
import { exists, rulesOn, Touched } from './touched.ts';

export const REJUDGED_CURSOR = 'rejudging';
const changesPerPage = 5_000;
interface Progress {
  changes: string | null;
  /** Journal position up to which acts are taken account of. */
  seq: number;
  configHash: string | null;
}

const nothingJudged: Progress = { changes: null, seq: 0, configHash: null };

async function progressOf(cursors: Pick<CursorStore, 'get'>): Promise<Progress> {
  const stored = await cursors.get(REJUDGED_CURSOR);
  return stored === null ? nothingJudged : (JSON.parse(stored) as Progress);
}

/** Journal position up to which the table of the newest verdicts holds; 0 before the first pass. */
export const judgedThrough = async (cursors: Pick<CursorStore, 'get'>): Promise<number> =>
  (await progressOf(cursors)).seq;

export interface RejudgeReport {
  /** Journal position up to which the table holds. */
  asOfSeq: number;
  stations: number;
  /** Verdicts computed again, and those of them that became others. */
  touched: number;
  changed: number;
}

export interface RejudgingParts {
  readings: Pick<ReadingStore, 'changesSince' | 'series' | 'tallies' | 'position'>;
  state: Pick<StateStore, 'cursors' | 'circumstances' | 'latestVerdicts'>;
  config(): Config;
  clock: Clock;
}

/**
 * Computes anew exactly the verdicts that a change touches: of readings (late, corrected, reviewed) by the projection log, of special
 * circumstances by their acts, of standards and stations by the hash of the rules each verdict rests on.
 */
export class Rejudging {
  readonly #parts: RejudgingParts;
  #running: Promise<RejudgeReport> | null = null;

  constructor(parts: RejudgingParts) {
    this.#parts = parts;
  }

  /** One pass over what changed since the last; passes do not overlap. `all`: the table is emptied and everything judged again. */
  run(options: { all?: boolean; signal?: AbortSignal } = {}): Promise<RejudgeReport> {
    const before = this.#running ?? Promise.resolve();
    const pass = before.then(
      () => this.#pass(options),
      () => this.#pass(options),
    );
    this.#running = pass;
    return pass;
  }

  async #pass({ all = false, signal }: { all?: boolean; signal?: AbortSignal }): Promise<RejudgeReport> {
    const { state, readings, config: current } = this.#parts;
    const config = current();
    if (all) await state.latestVerdicts.clear();
    const from = all ? nothingJudged : await progressOf(state.cursors);
    const touched = new Touched(config, civilDate(this.#parts.clock.nowS(), config.region.timeZone));
    const changes = await this.#readingChanges(from.changes, touched, signal);
    // After the changes: whatever was told is known at this position.
    const asOfSeq = await readings.position();
    await this.#actChanges(from.seq, asOfSeq, touched);
    if (from.configHash !== config.hash) await this.#ruleChanges(touched);
    const report = await this.#judge(config, touched.list(), asOfSeq, signal);
    const done: Progress = { changes, seq: asOfSeq, configHash: config.hash };
    await state.cursors.set(REJUDGED_CURSOR, JSON.stringify(done));
    return report;
  }

  async #readingChanges(cursor: string | null, touched: Touched, signal?: AbortSignal): Promise<string> {
    let at = cursor;
    for (;;) {
      signal?.throwIfAborted();
      const page = await this.#parts.readings.changesSince(at, changesPerPage);
      for (const entry of page.entries)
        for (const { key, firstS, lastS, accepted, revised } of entry.series)
          if (accepted + revised > 0 && touched.measures(key))
            touched.add({ station: key.station, firstS, lastS });
      at = page.cursor;
      if (!page.more) return at;
    }
  }

  /** The interval as it stood and as it stands now: a decision may have named another one. */
  async #actChanges(afterSeq: number, throughSeq: number, touched: Touched): Promise<void> {
    const now = await this.#parts.state.circumstances.list({ asOfSeq: throughSeq });
    const moved = now.filter(({ steps }) => steps.some(({ seq }) => seq > afterSeq));
    if (moved.length === 0) return;
    const old = await this.#parts.state.circumstances.list({ asOfSeq: afterSeq });
    const ids = new Set(moved.map(({ id }) => id));
    for (const { section, fromS, toS } of [...moved, ...old.filter(({ id }) => ids.has(id))])
      touched.add({ station: section, firstS: fromS, lastS: toS - 1 });
  }

  /** Verdicts that rest on other rules than those of now; stations that left the configuration keep theirs. */
  async #ruleChanges(touched: Touched): Promise<void> {
    const config = this.#parts.config();
    const hashes = new Map<string, string>();
    for (const { station, period, rules } of await this.#parts.state.latestVerdicts.known()) {
      const one = periodOf(period);
      const hash = rulesOn(config, station, one.to, hashes);
      if (hash !== null && hash !== rules) touched.addPeriod(station, one);
    }
  }

  /** A year at a time: all stations and periods of it are judged from one pass over its readings. */
  async #judge(
    config: Config,
    list: readonly { station: string; periods: readonly AssessmentPeriod[] }[],
    asOfSeq: number,
    signal?: AbortSignal,
  ): Promise<RejudgeReport> {
    const report = { asOfSeq, stations: list.length, touched: 0, changed: 0 };
    const years = new Set(list.flatMap(({ periods }) => periods.map(yearOf)));
    for (const year of [...years].toSorted()) {
      const ofYear = list.map(({ station, periods }) => ({
        id: station,
        periods: periods.filter((period) => yearOf(period) === year),
      }));
      for (const { periods } of ofYear) report.touched += periods.length;
      for await (const { place, judged } of this.#judged(config, ofYear, asOfSeq)) {
        signal?.throwIfAborted();
        report.changed += await this.#keep(place.id, judged, asOfSeq);
        await this.#eventsOfYear(config, place, year, asOfSeq);
        await nextTurn();
      }
    }
    return report;
  }

  async *#judged(
    config: Config,
    list: readonly { id: string; periods: readonly AssessmentPeriod[] }[],
    asOfSeq: number,
  ): AsyncGenerator<{ place: Section | AirStation; judged: Judged[] }> {
    const of = { config, asOfSeq };
    const placed = <Place extends { id: string }>(
      places: readonly Place[],
      factsOn: (date: string) => unknown,
    ): { place: Place; periods: AssessmentPeriod[] }[] =>
      list.flatMap(({ id, periods }) => {
        const place = places.find((one) => one.id === id);
        const sound = periods.filter(({ to }) => exists(() => factsOn(to)));
        return place === undefined || sound.length === 0 ? [] : [{ place, periods: sound }];
      });
    const sections = placed(config.sections, (date) => factsOf(config, date));
    const water = sections.map(({ place, periods }) => ({ section: place, periods }));
    for await (const { section, verdicts } of regionVerdicts(this.#parts, { ...of, asked: water }))
      yield { place: section, judged: verdicts.map(judgedWater) };
    const stations = placed(config.airStations, (date) => airFactsOf(config, date));
    const air = stations
      .filter(({ place }) => providersOf(place).length > 0)
      .map(({ place, periods }) => ({ station: place, periods }));
    for await (const { station, verdicts } of regionAirVerdicts(this.#parts, { ...of, asked: air }))
      yield { place: station, judged: verdicts.map(judgedAir) };
  }

  /** Writes what became another verdict; answers how many. */
  async #keep(station: string, judged: readonly Judged[], asOfSeq: number): Promise<number> {
    const { state, clock } = this.#parts;
    const known = new Map((await state.latestVerdicts.known(station)).map((one) => [one.period, one]));
    const rows = judged.flatMap((one): LatestVerdict[] => {
      const before = known.get(one.period);
      if (before !== undefined && digestOf(before.id) === digestOf(one.id)) return [];
      return [{ ...one, previousId: before?.id ?? null, changedSeq: asOfSeq, judgedS: clock.nowS() }];
    });
    await state.latestVerdicts.put(rows);
    return rows.length;
  }

  async #eventsOfYear(
    config: Config,
    station: Section | AirStation,
    year: string,
    asOfSeq: number,
  ): Promise<void> {
    const { beginS: fromS, endS: toS } = boundsOf(periodOf(year), config.region.timeZone);
    const throughS = Math.min(toS, this.#parts.clock.nowS());
    const found = await stationEvents(this.#parts, { config, station, fromS, toS, throughS, asOfSeq });
    const seconds = (iso: string) => Date.parse(iso) / 1000;
    const events = found.flatMap(({ criterion, provider, events: list }) =>
      list.map((event): LatestEvent => ({
        station: station.id,
        criterion: criterion.id,
        parameter: criterion.parameter,
        provider,
        limit: criterion.limit,
        fromS: seconds(event.start),
        toS: seconds(event.end),
        open: event.open,
        values: event.values,
        peak: event.peak.value,
        multiple: event.peak.multiple,
      })),
    );
    await this.#parts.state.latestVerdicts.putEvents(station.id, { fromS, toS }, events);
  }
}

type Judged = Omit<LatestVerdict, 'previousId' | 'changedSeq' | 'judgedS'>;

const digestOf = (id: string): string => id.slice(id.lastIndexOf('~') + 1);
const yearOf = ({ to }: AssessmentPeriod): string => to.slice(0, 4);

function calendar(
  station: string,
  medium: LatestVerdict['medium'],
  period: Omit<AssessmentPeriod, 'kind'> & { kind: string },
) {
  const { kind, id, from, to } = period;
  return { station, medium, kind, period: id, from, to };
}

function judgedWater(verdict: JudgedSection): Judged {
  const { class: waterClass, decidingItems, targets } = countedAssessment(verdict);
  const met = targets.some((target) => target.met === false)
    ? false
    : targets.length === 0 || targets.some((target) => target.met === null)
      ? null
      : true;
  return {
    ...calendar(verdict.key.section, 'water', verdict.key.period),
    id: verdict.id,
    rules: verdict.rules,
    outcome: { class: waterClass, counts: verdict.counts, aqi: null, met, deciding: decidingItems },
  };
}

function judgedAir({ id, key, rules, day, span }: JudgedAirStation): Judged {
  return {
    ...calendar(key.section, 'air', key.period),
    id,
    rules,
    outcome: {
      class: null,
      counts: 'measured',
      aqi: day?.aqi?.aqi ?? null,
      met: day?.attains ?? span?.attains ?? null,
      deciding: day?.aqi?.primary ?? span?.composite?.leading ?? [],
    },
  };
}
