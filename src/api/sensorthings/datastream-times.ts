import type { Seen } from '../auth/seen-by.ts';
import { intervals } from '../readings/reading-shapes.ts';
import type { Catalogue, Entity } from './catalogue.ts';
import { batched } from './observations.ts';
import { noOptions, type Options } from './options.ts';

/** First and last time of datastreams, asked of the store only where they are shown, and each beginning once. */
export class DatastreamTimes {
  readonly #catalogue: Catalogue;
  readonly #beginMs = new Map<number, number>();

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  /** The entities with `phenomenonTime` and `resultTime` where the options ask for them. */
  async added(seen: Seen, entities: readonly Entity[], options: Options): Promise<readonly Entity[]> {
    const asked =
      options.select === null ||
      ['phenomenonTime', 'resultTime'].some((name) => options.select?.includes(name));
    if (!asked) return entities;
    const { datastreams } = this.#catalogue;
    const unknown = entities
      .filter(({ id }) => !this.#beginMs.has(id))
      .map(({ id }) => datastreams.get(id))
      .filter((one) => one !== undefined);
    const first = await batched(seen, unknown, { most: 1, newest: false });
    for (const [id, [row]] of first) if (row !== undefined) this.#beginMs.set(id, row.beginMs);
    return entities.map((entity) => ({
      ...entity,
      body: { ...entity.body, ...this.#timesOf(seen, entity.id) },
    }));
  }

  /** The catalogue with the times of every datastream, for filters and orders by them. */
  async catalogue(seen: Seen): Promise<Catalogue> {
    const { sets } = this.#catalogue;
    const timed = await this.added(seen, [...sets.Datastreams.values()], noOptions());
    return {
      ...this.#catalogue,
      sets: { ...sets, Datastreams: new Map(timed.map((entity) => [entity.id, entity])) },
    };
  }

  #timesOf(seen: Seen, id: number): Record<string, string> {
    const one = this.#catalogue.datastreams.get(id);
    const beginMs = this.#beginMs.get(id);
    if (one === undefined || beginMs === undefined) return {};
    const { raw, reviewed } = seen.audience.sees(one.key);
    const delayS = Math.min(raw ?? Infinity, reviewed ?? Infinity);
    const { endS } = intervals(one.key.averaging, seen.config().region.timeZone)(one.lastS);
    const endMs = Math.max(beginMs, Math.min(endS, seen.audience.nowS - delayS) * 1000);
    const span = `${new Date(beginMs).toISOString()}/${new Date(delayS === 0 ? endS * 1000 : endMs).toISOString()}`;
    return { phenomenonTime: span, resultTime: span };
  }
}
