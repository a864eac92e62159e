import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import { silenceStates, type SeriesSilence } from '../../domain/silence.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { answers, IdInput, many, NullableInstant, NullableText, oneOf, strict } from '../http/schemas.ts';

const Silence = Type.Object({
  station: Type.String(),
  source: Type.String(),
  provider: Type.String(),
  parameter: NullableText,
  averaging: NullableText,
  state: Type.String({ description: silenceStates.join(', ') }),
  lastEnd: NullableInstant,
  due: NullableInstant,
  cadenceS: Type.Integer({ description: 'expected seconds between readings' }),
  patienceS: Type.Number({ description: 'seconds that the next reading may take after the newest one' }),
  patienceFrom: Type.String({ description: 'learned, configured or calendar' }),
  intervals: Type.Integer({ description: 'intervals of its history that patience was learned from' }),
});
const byId = Type.Object({ id: IdInput }, strict);
const stateQuery = Type.Object({ state: Type.Optional(oneOf(silenceStates)) }, strict);

/** Series that report, and those that have fallen silent: of everything, of a station, of a source. */
export function silenceRoutes(app: Api, deps: ApiDeps): void {
  const list = async (wanted: (one: SeriesSilence) => boolean, state: string | undefined) => {
    if (deps.silence === undefined) throw new MonitorError('E_NOT_READY', 'this process watches no silence');
    const iso = isoTimes(deps.config().region.timeZone);
    const isoOrNull = (atS: number | null): string | null => (atS === null ? null : iso(atS));
    const states = await deps.silence.states();
    return {
      meta: metaOf(deps),
      results: states
        .filter((one) => wanted(one) && (state === undefined || one.state === state))
        .map(({ lastEndS, dueS, ...one }) => ({
          ...one,
          lastEnd: isoOrNull(lastEndS),
          due: isoOrNull(dueS),
        })),
    };
  };
  const response = answers({ 200: many(Silence) }, 'notFound');
  const config = { tier: 'public' } as const;
  const tags = ['silence'];
  app.get(
    '/silence',
    {
      config,
      schema: { tags, summary: 'series that report or are silent', querystring: stateQuery, response },
    },
    (request) => list(() => true, request.query.state),
  );
  app.get(
    '/stations/:id/silence',
    {
      config,
      schema: { tags, summary: 'silence of one station', params: byId, querystring: stateQuery, response },
    },
    (request) => list((one) => one.station === request.params.id, request.query.state),
  );
  app.get(
    '/sources/:id/silence',
    {
      config,
      schema: { tags, summary: 'silence of one source', params: byId, querystring: stateQuery, response },
    },
    (request) => {
      const { id } = request.params;
      if (!deps.config().sources.some((source) => source.id === id))
        throw new MonitorError('E_NOT_FOUND', `there is no source "${id}"`);
      return list((one) => one.source === id, request.query.state);
    },
  );
}
