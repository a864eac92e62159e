import type { FastifyRequest } from 'fastify';
import { MonitorError } from '../../domain/errors.ts';
import type { ReadingBatch, SeriesKey } from '../../domain/batch.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Actor } from '../../domain/ports.ts';
import type { StoredPublication } from '../../domain/sharing.ts';
import type { EpochS } from '../../domain/time.ts';
import type { ApiDeps } from '../deps.ts';
import { measuringWays } from '../../analysis/assessment/index.ts';
import { providersOf, registry } from '../region/stations-view.ts';
import { Audience } from './audience.ts';
import type { ReadAudit } from './read-audit.ts';
import { sharedReadings, type Readable } from './shared-readings.ts';

/** Readings that were given out and are not for everyone. */
export interface Noted {
  keys: readonly SeriesKey[];
  fromS: EpochS | null;
  toS: EpochS | null;
}

/** The API's dependencies as one person sees them: readings without what is not theirs to see. */
export interface Seen extends ApiDeps {
  audience: Audience;
  readings: Readable;
  /** What this request read so far, whoever owns it; kept beside an answer that is kept. */
  noted: Noted[];
  /** Notes that this one, too, was given what another of the same circle read. */
  noteAgain(noted: readonly Noted[]): void;
}

/** Audiences of a moment that are kept for further requests. */
const mostAudiences = 1000;

/** Finds what each request may see, and notes who looked at what is not public. */
export class Viewer {
  readonly #deps: ApiDeps;
  readonly #audit: ReadAudit;
  #audiences: { of: unknown[]; kept: Map<string, Audience> } = { of: [], kept: new Map() };
  #publications: { atS: number; list: Promise<readonly StoredPublication[]> } | null = null;

  constructor(deps: ApiDeps, audit: ReadAudit) {
    this.#deps = deps;
    this.#audit = audit;
  }

  /** `door` names the way in, for the read log. */
  async seenBy(request: Pick<FastifyRequest, 'actor'>, door = 'api'): Promise<Seen> {
    const deps = this.#deps;
    const { actor } = request;
    const audience = await this.#audienceOf(actor);
    const { timeZone } = deps.config().region;
    const shared = sharedReadings(deps.readings, audience, timeZone);
    const noted: Noted[] = [];
    if (actor === null) return { ...deps, audience, readings: shared, noted, noteAgain: () => undefined };
    const anyone = await this.#audienceOf(null);
    const note = this.#noting({ actor, anyone, door, noted });
    const noteAgain = (all: readonly Noted[]): void => {
      for (const { keys, fromS, toS } of all) note(keys, fromS, toS);
    };
    return { ...deps, audience, readings: audited(shared, note), noted, noteAgain };
  }

  async #audienceOf(actor: Actor | null): Promise<Audience> {
    const { config, clock, synthetic } = this.#deps;
    const publications = await this.#inForce();
    const nowS = clock.nowS();
    const of = [config(), publications, nowS];
    const same = of.every((one, at) => one === this.#audiences.of[at]);
    if (!same || this.#audiences.kept.size >= mostAudiences) this.#audiences = { of, kept: new Map() };
    const who = JSON.stringify(actor);
    let audience = this.#audiences.kept.get(who);
    if (audience === undefined) {
      audience = new Audience({ config: config(), actor, publications, synthetic, nowS });
      this.#audiences.kept.set(who, audience);
    }
    return audience;
  }

  /** A publication or its withdrawal takes effect within a second, also where another process decided it. */
  #inForce(): Promise<readonly StoredPublication[]> {
    const atS = this.#deps.clock.nowS();
    if (this.#publications === null || atS !== this.#publications.atS) {
      const list = this.#deps.state.publications.list({ state: 'in-force' });
      this.#publications = { atS, list };
      list.catch(() => (this.#publications = null));
    }
    return this.#publications.list;
  }

  /** After an act of this process: the next request sees it. */
  forgetPublications(): void {
    this.#publications = null;
  }

  #noting(of: { actor: Actor; anyone: Audience; door: string; noted: Noted[] }): Note {
    const { actor, anyone, door, noted } = of;
    const { clock, config } = this.#deps;
    const stations = registry(config());
    const ownerOf = (id: string): string => stations.get(id)?.station.locatedIn ?? '';
    return (keys, fromS, toS) => {
      const closed = keys.filter((key) => {
        const { raw, reviewed } = anyone.sees(key);
        return raw !== 0 || reviewed !== 0;
      });
      if (closed.length === 0) return;
      noted.push({ keys: closed, fromS, toS });
      const foreign = closed.filter((key) => ownerOf(key.station) !== actor.jurisdiction);
      if (foreign.length > 0)
        this.#audit.note({ actor, door, keys: foreign, ownerOf, fromS, toS, nowS: clock.nowS() });
    };
  }
}

type Note = (keys: readonly SeriesKey[], fromS: EpochS | null, toS: EpochS | null) => void;

/** The same readings; what is given out is noted. */
function audited(readings: Readable, note: Note): Readable {
  return {
    ...readings,
    async series(query) {
      const columns = await readings.series(query);
      note(
        columns.map(({ key }) => key),
        query.fromS,
        query.toS,
      );
      return columns;
    },
    async latest(query) {
      const rows = await readings.latest(query);
      note(
        rows.map(({ key }) => key),
        null,
        null,
      );
      return rows;
    },
    async written(fromSeq, throughSeq) {
      const batches = (await readings.written?.(fromSeq, throughSeq)) ?? new Map<number, ReadingBatch>();
      for (const { provider, series } of batches.values())
        note(
          series.map((key) => ({ ...key, provider })),
          null,
          null,
        );
      return batches;
    },
    async past(point) {
      const versions = await readings.past(point);
      if (versions.length > 0) note([point], point.timeS, point.timeS);
      return versions;
    },
  };
}

/** Whoever a verdict on a station may rest on, samples by hand included, and is not open to this reader. */
function closedProviders(seen: Seen, station: string): string[] {
  const { config } = seen.audience;
  const found = registry(config).get(station);
  if (found === undefined) return [];
  const providers =
    'bodyType' in found.station
      ? measuringWays(config, found.station).map(({ provider }) => provider)
      : providersOf(found.station);
  return [...new Set(providers)].filter(
    (provider) => seen.audience.seesProduct('assessments', station, provider).raw === null,
  );
}

/** Whether what is judged of a station may be seen; for lists, which leave out the others. */
export function seesAssessments(seen: Seen, station: string): boolean {
  return closedProviders(seen, station).length === 0;
}

/** Circles of readers of which the closed stations are known at once. */
const mostCircles = 100;
/** By configuration and circle; which stations are closed does not change within a day, only by a publication, which is in the name. */
const closedTo = new WeakMap<Config, Map<string, readonly string[]>>();

/**
 * Of a station, or of all of the region, those of which this reader may not see what is judged: a list in pages must not read them, since
 * a row that is left out later would still be named by the cursor behind it.
 */
export function withoutAssessments(seen: Seen, station: string | undefined): readonly string[] {
  if (station !== undefined) return seesAssessments(seen, station) ? [] : [station];
  const { config, name } = seen.audience;
  const circles = closedTo.get(config) ?? new Map<string, readonly string[]>();
  closedTo.set(config, circles);
  const circle = `${seen.synthetic} ${name}`;
  const known = circles.get(circle);
  if (known !== undefined) return known;
  const closed = [...registry(config).keys()].filter((one) => !seesAssessments(seen, one));
  if (circles.size === mostCircles) circles.clear();
  circles.set(circle, closed);
  return closed;
}

/** What is judged of a station is given to those who may see it, whatever they may see of the readings. Throws E_UNAUTHORIZED, E_FORBIDDEN. */
export function requireAssessments(seen: Seen, station: string): void {
  const closed = closedProviders(seen, station);
  if (closed.length === 0) return;
  const reason = seen.audience.actor === null ? 'NOT_SIGNED_IN' : 'NOT_A_PARTY';
  throw new MonitorError(
    reason === 'NOT_SIGNED_IN' ? 'E_UNAUTHORIZED' : 'E_FORBIDDEN',
    `what is judged of ${station} is for the parties until its publication is decided`,
    { details: { reason, station, providers: closed } },
  );
}

/**
 * Series for a figure that is computed from several of them: where nothing of one may be seen, the whole is refused, so that no
 * figure rests on what its reader may not see, nor quietly on the rest. Throws E_UNAUTHORIZED, E_FORBIDDEN.
 */
export function seriesOfFigures(seen: Seen): Pick<Readable, 'series'> {
  return {
    async series(query) {
      const { provider } = query;
      for (const station of query.stations) {
        for (const parameter of query.parameters) {
          const { raw, reviewed } = seen.audience.sees({ station, parameter, provider });
          if (raw !== null || reviewed !== null) continue;
          const reason = seen.audience.actor === null ? 'NOT_SIGNED_IN' : 'NOT_A_PARTY';
          throw new MonitorError(
            reason === 'NOT_SIGNED_IN' ? 'E_UNAUTHORIZED' : 'E_FORBIDDEN',
            `this rests on ${parameter} of ${station} by ${provider}, which this reader may not see`,
            { details: { reason, station, parameter, provider } },
          );
        }
      }
      return seen.readings.series(query);
    },
  };
}
