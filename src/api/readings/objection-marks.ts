import { Type, type Static } from 'typebox';
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

export async function objectionMarks(
  deps: Pick<ApiDeps, 'state' | 'config'>,
  of: {
    stations: readonly string[];
    parameters: readonly string[];
    averaging: string;
    provider: string;
    fromS: EpochS;
    toS: EpochS;
  },
): Promise<Static<typeof ObjectionMarks>> {
  const iso = isoTimes(deps.config().region.timeZone);
  const all = await deps.state.quality.objections({ limit: mostLooked });
  return all
    .filter(
      (one) =>
        one.provider === of.provider &&
        one.averaging === of.averaging &&
        of.stations.includes(one.station) &&
        one.parameters.some((parameter) => of.parameters.includes(parameter)) &&
        one.fromS < of.toS &&
        one.toS > of.fromS,
    )
    .map(({ id, station, parameters, fromS, toS, answer }) => ({
      id,
      station,
      parameters: [...parameters],
      from: iso(fromS),
      to: iso(toS),
      outcome: answer?.outcome ?? null,
    }));
}
