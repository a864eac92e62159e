import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import {
  answers,
  IdInput,
  Instant,
  many,
  NullableInstant,
  NullableText,
  oneOf,
  paging,
  strict,
} from '../http/schemas.ts';

const GapShape = Type.Object({
  station: Type.String(),
  parameter: Type.String(),
  averaging: Type.String(),
  from: Instant,
  to: Instant,
  state: Type.String(),
  attempts: Type.Integer(),
  lastAttempt: NullableInstant,
  found: Instant,
  decided: NullableInstant,
  reason: NullableText,
});

/** Where readings of a source are missing, and what became of asking for them. */
export function gapRoutes(app: Api, deps: ApiDeps): void {
  const params = Type.Object({ id: IdInput }, strict);
  const querystring = Type.Object(
    { state: Type.Optional(oneOf(['open', 'filled', 'unfillable'] as const)), ...paging(5000, 500) },
    strict,
  );
  app.get(
    '/sources/:id/gaps',
    {
      config: { tier: 'public' },
      schema: {
        tags: ['sources'],
        summary: 'readings that are missing between stored ones, oldest first',
        params,
        querystring,
        response: answers({ 200: many(GapShape) }, 'notFound'),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { state } = request.query;
      if (!deps.config().sources.some((source) => source.id === id))
        throw new MonitorError('E_NOT_FOUND', `no such source: ${id}`, { details: { id } });
      const iso = isoTimes(deps.config().region.timeZone);
      const filter = { source: id, ...(state === undefined ? {} : { state }) };
      const { rows, next } = await pageOf(request, reply, {
        key: { fromS: 'number', id: 'number' },
        read: async (page) => (await deps.state.gaps?.list({ ...filter, ...page })) ?? [],
      });
      const orNull = (atS: number | null) => (atS === null ? null : iso(atS));
      const results = rows.map((gap) => ({
        station: gap.station,
        parameter: gap.parameter,
        averaging: gap.averaging,
        from: iso(gap.fromS),
        to: iso(gap.toS),
        state: gap.state,
        attempts: gap.attempts,
        lastAttempt: orNull(gap.lastAttemptS),
        found: iso(gap.foundS),
        decided: orNull(gap.decidedS),
        reason: gap.reason,
      }));
      return { meta: metaOf(deps, next), results };
    },
  );
}
