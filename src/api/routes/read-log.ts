import { Type } from 'typebox';
import { withSuperiors } from '../../domain/sharing.ts';
import { decide } from '../auth/access.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import { answers, Instant, many, NullableInstant, NullableText, paging, strict } from '../http/schemas.ts';

const ReadShape = Type.Object({
  id: Type.Integer(),
  at: Instant,
  actor: Type.String(),
  readerJurisdiction: NullableText,
  door: Type.String({ description: 'api, sensorthings, ogc, feed or export' }),
  owner: Type.String(),
  provider: Type.String(),
  stations: Type.String(),
  parameters: Type.String(),
  from: NullableInstant,
  to: NullableInstant,
});

/** Who looked at readings that are not public: an owner sees who read its own, the joint office all. */
export function readLogRoutes(app: Api, deps: ApiDeps): void {
  const querystring = Type.Object(paging(1000, 100), strict);
  const schema = {
    tags: ['access'],
    summary: 'reads of data that is not public, newest first; an owner sees those of its own',
    querystring,
    response: answers({ 200: many(ReadShape) }, 'forbidden'),
  };
  app.get('/read-log', { config: { tier: 'owner' }, schema }, async (request, reply) => {
    const config = deps.config();
    const own = request.actor?.jurisdiction ?? null;
    const below = config.jurisdictions
      .map(({ code }) => code)
      .filter((code) => own !== null && withSuperiors(config.jurisdictions, code).includes(own));
    const owners = decide(request.actor, { tier: 'office' }).allow ? null : below;
    const { rows, next } = await pageOf(request, reply, {
      key: { id: 'number' },
      read: (page) => deps.state.readLog.list({ owners, ...page }),
    });
    const iso = isoTimes(config.region.timeZone);
    const at = (atS: number | null): string | null => (atS === null ? null : iso(atS));
    const results = rows.map(({ atS, fromS, toS, ...read }) => ({
      ...read,
      at: iso(atS),
      from: at(fromS),
      to: at(toS),
    }));
    return { meta: metaOf(deps, next), results };
  });
}
