import { Type, type Static } from 'typebox';
import type { SeriesQuery } from '../../domain/ports.ts';
import type { StoredObjection } from '../../domain/quality.ts';
import type { EpochS } from '../../domain/time.ts';
import type { ApiDeps } from '../deps.ts';
import { isoTimes } from '../http/iso-times.ts';
import { Instant, NullableText } from '../http/schemas.ts';

const ObjectionMark = Type.Object({
  id: Type.String(),
  station: Type.String(),
  parameters: Type.Array(Type.String()),
  from: Instant,
  to: Instant,
  outcome: NullableText,
});

/** Objections to readings of an answer, so that whoever reads a value sees that somebody disagrees with it. `outcome` null: not answered. */
export const ObjectionMarks = Type.Array(ObjectionMark, {
  description: 'objections to these readings (/api/v1/quality/objections); outcome null: not answered yet',
});

const mostLooked = 1000;

type Marked = Pick<SeriesQuery, 'stations' | 'parameters' | 'averaging' | 'provider' | 'fromS' | 'toS'>;

/**
 * The newest objections of a moment, held so that reading a series asks the state for nothing. An act of this process is seen by the
 * next request, one of another process within a second.
 */
export class Objections {
  readonly #deps: Pick<ApiDeps, 'acts' | 'clock' | 'config' | 'state'>;
  #held: { revision: number; atS: EpochS; all: Promise<readonly StoredObjection[]> } | null = null;

  constructor(deps: Pick<ApiDeps, 'acts' | 'clock' | 'config' | 'state'>) {
    this.#deps = deps;
  }

  /** Those that touch the readings asked for, newest first. Rejects as the state does. */
  async marks(of: Marked): Promise<Static<typeof ObjectionMarks>> {
    const iso = isoTimes(this.#deps.config().region.timeZone);
    const all = await this.#all();
    return all
      .filter((one) => touches(one, of))
      .map(({ id, station, parameters, fromS, toS, answer }) => ({
        id,
        station,
        parameters: [...parameters],
        from: iso(fromS),
        to: iso(toS),
        outcome: answer?.outcome ?? null,
      }));
  }

  #all(): Promise<readonly StoredObjection[]> {
    const { acts, clock, state } = this.#deps;
    const [revision, atS] = [acts.revision(), clock.nowS()];
    if (this.#held?.revision === revision && this.#held.atS === atS) return this.#held.all;
    const all = state.quality.objections({ limit: mostLooked });
    const held = { revision, atS, all };
    this.#held = held;
    all.catch(() => {
      if (this.#held === held) this.#held = null;
    });
    return all;
  }
}

function touches(objection: StoredObjection, of: Marked): boolean {
  return (
    objection.provider === of.provider &&
    objection.averaging === of.averaging &&
    of.stations.includes(objection.station) &&
    objection.parameters.some((parameter) => of.parameters.includes(parameter)) &&
    objection.fromS < of.toS &&
    objection.toS > of.fromS
  );
}
