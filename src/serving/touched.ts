import {
  boundsOf,
  touchedVerdicts,
  type AssessmentPeriod,
  type ReadingChange,
} from '../analysis/assessment/index.ts';
import { airFactsOf, airRulesHash } from '../api/verdicts/air-verdicts.ts';
import { factsOf, rulesHash } from '../api/verdicts/section-verdicts.ts';
import type { Config } from '../domain/config/config.ts';
import { MonitorError } from '../domain/errors.ts';
import { civilDate } from '../domain/time.ts';

/** Days older than this are judged when asked for and not kept; longer periods are kept whatever their age. */
const daysKept = 400;

/** Whether there are standards for it: a period before the first edition has no verdict. */
export function exists(facts: () => unknown): boolean {
  try {
    facts();
    return true;
  } catch (error) {
    if (error instanceof MonitorError && error.code === 'E_NOT_FOUND') return false;
    throw error;
  }
}

/** The hash of the rules that judge a station on a date; null where nothing judges it. */
export function rulesOn(
  config: Config,
  station: string,
  date: string,
  known: Map<string, string>,
): string | null {
  const section = config.sections.find(({ id }) => id === station);
  const airStation = config.airStations.find(({ id }) => id === station);
  if (section === undefined && airStation === undefined) return null;
  if (section !== undefined) {
    if (!exists(() => factsOf(config, date))) return null;
    const facts = factsOf(config, date);
    const key = [station, facts.standard.id, facts.method.id, facts.periods.id, facts.wording.id].join(' ');
    const hash = known.get(key) ?? rulesHash(config, section, facts);
    known.set(key, hash);
    return hash;
  }
  if (!exists(() => airFactsOf(config, date))) return null;
  const facts = airFactsOf(config, date);
  const key = [station, facts.assessment.id, facts.wording.id].join(' ');
  const hash = known.get(key) ?? airRulesHash(config, airStation!, facts);
  known.set(key, hash);
  return hash;
}

/** What is to be judged again, by station; changes of the same days are one. */
export class Touched {
  readonly #config: Config;
  readonly #today: string;
  readonly #changes = new Map<string, ReadingChange>();
  readonly #periods = new Map<string, Map<string, AssessmentPeriod>>();
  readonly #sections: ReadonlySet<string>;
  readonly #airStations: ReadonlySet<string>;
  readonly #published: ReadonlySet<string>;

  constructor(config: Config, today: string) {
    this.#config = config;
    this.#today = today;
    this.#sections = new Set(config.sections.map(({ id }) => id));
    this.#airStations = new Set(config.airStations.map(({ id }) => id));
    this.#published = new Set(config.parameters.filter(({ published }) => published).map(({ id }) => id));
  }

  /** Whether a series is one that verdicts are computed from. */
  measures({
    station,
    parameter,
    averaging,
  }: {
    station: string;
    parameter: string;
    averaging: string;
  }): boolean {
    if (this.#published.has(parameter)) return false;
    if (this.#airStations.has(station)) return averaging === 'PT1H';
    return this.#sections.has(station) && (averaging === 'instant' || averaging === 'P1M');
  }

  add({ station, firstS, lastS }: ReadingChange): void {
    const { timeZone } = this.#config.region;
    const dayS = 86_400;
    const from = boundsOf({ from: civilDate(firstS, timeZone), to: civilDate(firstS, timeZone) }, timeZone);
    const key = `${station} ${from.beginS} ${Math.floor((lastS - from.beginS) / dayS)}`;
    if (!this.#changes.has(key)) this.#changes.set(key, { station, firstS, lastS });
  }

  addPeriod(station: string, period: AssessmentPeriod): void {
    const periods = this.#periods.get(station) ?? new Map<string, AssessmentPeriod>();
    this.#periods.set(station, periods);
    periods.set(period.id, period);
  }

  list(): { station: string; periods: AssessmentPeriod[] }[] {
    const { timeZone } = this.#config.region;
    for (const { station, periods } of touchedVerdicts([...this.#changes.values()], timeZone, this.#today))
      for (const period of periods) this.addPeriod(station, period);
    const oldest = new Date(Date.parse(`${this.#today}T00:00:00Z`) - daysKept * 86_400_000)
      .toISOString()
      .slice(0, 10);
    return [...this.#periods]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([station, periods]) => ({
        station,
        periods: [...periods.values()].filter(({ kind, from }) => kind !== 'day' || from >= oldest),
      }))
      .filter(({ periods }) => periods.length > 0);
  }
}
