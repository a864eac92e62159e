import { neededFor, reachBackS, stationsOf, type StationData } from '../analysis/alerting/index.ts';
import type { Alert } from '../domain/alerts.ts';
import type { AlertRule } from '../domain/config/alerting.ts';
import type { Config } from '../domain/config/config.ts';
import type { AirStation, Section } from '../domain/config/region.ts';
import type { EpochS } from '../domain/time.ts';
import { isActive } from './lifecycle.ts';
import { stationData, type SeriesSource } from './station-data.ts';

export const daySeconds = 86_400;
/** What ended longer ago is not judged again when readings of its time change. */
export const keptDays = 40;

/** What readings and time have touched since the last pass. */
export interface Touched {
  /** Earliest changed key time by station. */
  stations: Map<string, EpochS>;
  timed: boolean;
  newDay: boolean;
  newMonth: boolean;
  cursor: string | null;
}

/** Of silences the history that patience is learned from comes only where it is needed. */
export const firstReachS = (rule: AlertRule, config: Config): number =>
  rule.when.kind === 'silence' ? daySeconds : reachBackS(rule, config);

/** Between the passes that time brings, only what readings have touched, and what was reported, is looked at. */
export function narrowed(
  touched: Touched,
  config: Config,
): { only?: { stations: readonly string[]; rules: readonly string[] } } {
  if (touched.timed || touched.newDay) return {};
  const stations = new Set(touched.stations.keys());
  for (const { when } of config.alertRules)
    if (when.kind === 'divergence')
      for (const { upstream, downstream } of when.pairs) if (stations.has(upstream)) stations.add(downstream);
  const rules = config.alertRules.filter(({ when }) => when.kind === 'incident').map(({ id }) => id);
  return { only: { stations: [...stations], rules } };
}

export interface Work {
  station: Section | AirStation;
  fromS: EpochS;
}

const watched = new WeakMap<Config, Map<AlertRule, (Section | AirStation)[]>>();

/** Stations of a rule; looked up once for a configuration, which is never changed in place. */
function watchedBy(rule: AlertRule, config: Config): (Section | AirStation)[] {
  const known = watched.get(config) ?? new Map<AlertRule, (Section | AirStation)[]>();
  watched.set(config, known);
  const stations = known.get(rule) ?? stationsOf(rule, config);
  known.set(rule, stations);
  return stations;
}

const eachS = { single: 6 * 3600, day: daySeconds, month: 31 * daySeconds };

/** What one value of a rule stands for: a reading, or a day or month that is over. */
function basisOf({ when }: AlertRule): keyof typeof eachS {
  if (when.kind === 'early-warning') return 'month';
  return 'on' in when && when.on !== 'single' ? 'day' : 'single';
}

/** Whether time alone makes a rule look again; `goesOn`: an alert of it may end without a reading. */
function isDue(rule: AlertRule, touched: Touched, goesOn: boolean): boolean {
  const basis = basisOf(rule);
  if (basis === 'month') return touched.newMonth || (touched.newDay && goesOn);
  if (basis === 'day') return touched.newDay;
  return touched.timed && (rule.when.kind === 'silence' || goesOn);
}

/** Event time before a change that can matter to a rule: what bridges, lasts and counts. */
function lookBackS(rule: AlertRule): number {
  const values = rule.forValues + rule.endAfterValues + 2;
  const bridge = Math.max(2 * daySeconds, 2 * rule.bridgeHours * 3600, rule.forMinutes * 120);
  return bridge + values * eachS[basisOf(rule)];
}

/** When and what is looked at; `mine`: the alerts of the rule that are known. */
interface WorkAt {
  touched: Touched;
  nowS: EpochS;
  todayS: EpochS;
  monthS: EpochS;
  mine: readonly Alert[];
}

/** Stations of a rule that have to be looked at now, and from when on: far enough back to see every alert it has whole. */
export function workOf(rule: AlertRule, config: Config, at: WorkAt): Work[] {
  const { touched, nowS, mine } = at;
  const overS = { single: Infinity, day: at.todayS, month: at.monthS }[basisOf(rule)];
  return watchedBy(rule, config).flatMap((station): Work[] => {
    const changes = neededFor(rule, station.id).map((id) => touched.stations.get(id) ?? Infinity);
    const changedS = Math.max(Math.min(...changes), nowS - keptDays * daySeconds);
    const own = mine.filter((alert) => alert.station === station.id && alert.state !== 'withdrawn');
    const changed = changedS < overS;
    const byTime = isDue(
      rule,
      touched,
      own.some((alert) => isActive(alert)),
    );
    if (!changed && !byTime) return [];
    const back = lookBackS(rule);
    let fromS = Math.min(changed ? changedS : nowS, nowS) - back;
    for (const alert of own)
      if ((alert.endS ?? Infinity) >= fromS) fromS = Math.min(fromS, alert.startS - back);
    return [{ station, fromS }];
  });
}

/** Readings asked for once a pass: a later rule that reaches no further back gets what is there. */
export class Loads {
  readonly #readings: SeriesSource;
  readonly #config: Config;
  readonly #nowS: EpochS;
  readonly #stations: ReadonlyMap<string, Section | AirStation>;
  readonly #known = new Map<string, { fromS: EpochS; data: readonly StationData[] }>();

  constructor(readings: SeriesSource, config: Config, nowS: EpochS) {
    this.#readings = readings;
    this.#config = config;
    this.#nowS = nowS;
    this.#stations = new Map([...config.sections, ...config.airStations].map((one) => [one.id, one]));
  }

  /** All that a pass will ask, in few questions: stations that are needed from about the same time on share one. */
  async together(wants: readonly { id: string; fromS: EpochS }[]): Promise<void> {
    const earliest = new Map<string, EpochS>();
    for (const { id, fromS } of wants) earliest.set(id, Math.min(earliest.get(id) ?? Infinity, fromS));
    const byDay = new Map<number, string[]>();
    for (const [id, fromS] of earliest) {
      const day = Math.floor(fromS / daySeconds) * daySeconds;
      byDay.set(day, [...(byDay.get(day) ?? []), id]);
    }
    for (const [fromS, ids] of byDay) await this.of(ids, fromS);
  }

  /** Of stations, from `fromS` on; what lies there already is not asked for again. */
  async of(ids: readonly string[], fromS: EpochS): Promise<Map<string, readonly StationData[]>> {
    const missing = [...new Set(ids)].flatMap((id) => {
      const station = this.#stations.get(id);
      return station === undefined || (this.#known.get(id)?.fromS ?? Infinity) <= fromS ? [] : [station];
    });
    if (missing.length > 0) {
      const data = await stationData(this.#readings, missing, this.#config, { fromS, toS: this.#nowS });
      for (const { id } of missing) this.#known.set(id, { fromS, data: data.get(id) ?? [] });
    }
    return this.there(ids);
  }

  /** All that is measured of one station; years of it are not kept for the rest of the pass. */
  whole(station: Section | AirStation, fromS: EpochS): Promise<Map<string, StationData[]>> {
    return stationData(this.#readings, [station], this.#config, { fromS, toS: this.#nowS, whole: true });
  }

  /** What lies there of stations; nothing is asked for. */
  there(ids: readonly string[]): Map<string, readonly StationData[]> {
    return new Map(ids.map((id) => [id, this.#known.get(id)?.data ?? []]));
  }
}
