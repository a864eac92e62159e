import { randomUUID } from 'node:crypto';
import type { SeriesKey } from '../../domain/batch.ts';
import type { PublicId, PublicIdKind } from '../../domain/public-ids.ts';
import { averagings, type AveragingId, type EpochS } from '../../domain/time.ts';
import type { ApiDeps } from '../deps.ts';

/** A series that has readings, with the key time of its newest one. */
export interface ListedSeries {
  key: SeriesKey;
  lastS: EpochS;
}

const listedForS = 60;

/**
 * Every series of a measured quantity at a registered station that has readings; asked of the store when entries were applied, at most
 * once a minute, for all readers together. What a source itself judges is no observation and is left out.
 */
export class SeriesList {
  readonly #deps: ApiDeps;
  #listed: { atS: EpochS; seq: number; hash: string; list: Promise<ListedSeries[]> } | null = null;

  constructor(deps: ApiDeps) {
    this.#deps = deps;
  }

  /** Journal position that the list was asked for at; 0 before that. */
  get asOfSeq(): number {
    return this.#listed?.seq ?? 0;
  }

  all(): Promise<ListedSeries[]> {
    const { hash } = this.#deps.config();
    const atS = this.#deps.clock.nowS();
    const seq = this.#deps.progress().appliedSeq;
    const held = this.#listed;
    if (held !== null && held.hash === hash && (held.seq === seq || Math.abs(atS - held.atS) < listedForS))
      return held.list;
    const list = this.#read();
    const listed = { atS, seq, hash, list };
    this.#listed = listed;
    list.catch(() => {
      if (this.#listed === listed) this.#listed = null;
    });
    return list;
  }

  async #read(): Promise<ListedSeries[]> {
    const { config, readings } = this.#deps;
    const { sections, airStations, flowStations, sources, parameters } = config();
    const stations = [...sections, ...airStations, ...flowStations];
    const providers = new Set([
      ...stations.flatMap((station) => station.aliases.map(({ provider }) => provider)),
      ...sources.map(({ provider }) => provider),
    ]);
    const known = new Set(stations.map(({ id }) => id));
    const measured = new Set(
      parameters.filter(({ type, published }) => type === 'quantity' && !published).map(({ id }) => id),
    );
    const listed: ListedSeries[] = [];
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of `averagings` are its ids
    for (const averaging of Object.keys(averagings) as AveragingId[]) {
      for (const provider of providers) {
        for (const { key, timeS } of await readings.latest({ averaging, provider, sinceS: 0 }))
          if (known.has(key.station) && measured.has(key.parameter)) listed.push({ key, lastS: timeS });
      }
    }
    return listed;
  }
}

export const seriesName = ({ station, parameter, averaging, provider }: SeriesKey): string =>
  [station, parameter, averaging, provider].join(' ');

/** Whole numbers for natural keys: those that have none get one by an act of the system. */
export class PublicIds {
  readonly #deps: ApiDeps;
  readonly #known = new Map<PublicIdKind, Map<string, PublicId>>();

  constructor(deps: ApiDeps) {
    this.#deps = deps;
  }

  /** Ids of these keys and of all others of their kind. */
  async of(kind: PublicIdKind, keys: readonly string[]): Promise<ReadonlyMap<string, PublicId>> {
    const known = this.#known.get(kind) ?? new Map<string, PublicId>();
    this.#known.set(kind, known);
    if (keys.every((key) => known.has(key))) return known;
    await this.#learn(kind, known);
    const missing = keys.filter((key) => !known.has(key));
    if (missing.length > 0) {
      const act = {
        kind: 'give-public-ids',
        version: 1,
        id: `ids-${randomUUID()}`,
        actor: 'system',
      } as const;
      for (let from = 0; from < missing.length; from += 5000)
        await this.#deps.acts.perform({
          ...act,
          id: `${act.id}-${from}`,
          atS: this.#deps.clock.nowS(),
          payload: { kind, keys: missing.slice(from, from + 5000) },
        });
      await this.#learn(kind, known);
    }
    return known;
  }

  async #learn(kind: PublicIdKind, known: Map<string, PublicId>): Promise<void> {
    const last = Math.max(0, ...[...known.values()].map(({ id }) => id));
    for (const { key, id, atS } of await this.#deps.state.publicIds.given(kind, last))
      known.set(key, { id, atS });
  }
}
