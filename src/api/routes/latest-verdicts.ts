import { Type } from 'typebox';
import { parseInstant } from '../../domain/time.ts';
import { withoutAssessments, type Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import {
  answers,
  IdInput,
  Instant,
  InstantInput,
  many,
  NullableBoolean,
  NullableInteger,
  NullableText,
  oneOf,
  paging,
  strict,
} from '../http/schemas.ts';
import { PeriodInput } from './verdicts.ts';

const tags = ['verdicts'];

const LatestShape = Type.Object({
  station: Type.String(),
  medium: Type.String(),
  kind: Type.String(),
  period: Type.String(),
  from: Type.String(),
  to: Type.String(),
  id: Type.String({ description: 'ask /verdicts/{id}/why' }),
  class: NullableInteger,
  counts: Type.String(),
  aqi: NullableInteger,
  met: NullableBoolean,
  deciding: Type.Array(Type.String()),
  previousId: NullableText,
  changedSeq: Type.Integer({ description: 'journal position as of which it became this one' }),
  judged: Instant,
  difference: NullableText,
});

function latestRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(
    {
      station: Type.Optional(IdInput),
      medium: Type.Optional(oneOf(['water', 'air'])),
      kind: Type.Optional(oneOf(['day', 'month', 'cumulative', 'quarter', 'year'])),
      period: Type.Optional(PeriodInput),
      changedAfter: Type.Optional(
        Type.Integer({ minimum: 0, description: 'verdicts that became others after this journal position' }),
      ),
      ...paging(1000, 200),
    },
    strict,
  );
  const schema = {
    tags,
    summary: 'newest verdicts of all stations and periods, kept up as readings, acts and rules change',
    querystring,
    response: answers({ 200: many(LatestShape) }),
  };
  app.get('/verdicts/latest', { config: { tier: 'public' }, schema }, async (request, reply) => {
    const { station, medium, kind, period, changedAfter } = request.query;
    const iso = isoTimes(deps.config().region.timeZone);
    const filter = {
      except: withoutAssessments(await viewer.seenBy(request), station),
      ...(station === undefined ? {} : { station }),
      ...(medium === undefined ? {} : { medium }),
      ...(kind === undefined ? {} : { kind }),
      ...(period === undefined ? {} : { period: period.replace('_', '/') }),
      ...(changedAfter === undefined ? {} : { changedAfterSeq: changedAfter }),
    };
    const { rows, next } = await pageOf(request, reply, {
      key: { station: 'text', period: 'text' },
      read: (page) => deps.state.latestVerdicts.list({ ...filter, ...page }),
    });
    const results = rows.map(({ outcome, rules: _rules, judgedS, ...one }) => ({
      ...one,
      ...outcome,
      judged: iso(judgedS),
      difference: one.previousId === null ? null : differenceUrl(one, one.previousId),
    }));
    return { meta: metaOf(deps, next), results };
  });
}

function differenceUrl(
  one: { station: string; period: string; changedSeq: number },
  previousId: string,
): string {
  const before = previousId.split('~')[2] ?? '';
  const query = new URLSearchParams({
    station: one.station,
    period: one.period.replace('/', '_'),
    before,
    after: String(one.changedSeq),
  });
  return `/api/v1/verdicts/difference?${query.toString()}`;
}

const EventShape = Type.Object({
  station: Type.String(),
  criterion: Type.String(),
  parameter: Type.String(),
  provider: Type.String(),
  limit: Type.String(),
  start: Instant,
  end: Instant,
  open: Type.Boolean(),
  values: Type.Integer(),
  peak: Type.Number(),
  multiple: NullableText,
});

function latestEventsRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(
    {
      station: Type.Optional(IdInput),
      open: Type.Optional(Type.Boolean()),
      since: Type.Optional(InstantInput),
      ...paging(1000, 200),
    },
    strict,
  );
  const schema = {
    tags,
    summary: 'events of all stations, newest first; of unreviewed values they are no exceedances (超标)',
    querystring,
    response: answers({ 200: many(EventShape) }),
  };
  app.get('/events/latest', { config: { tier: 'public' }, schema }, async (request, reply) => {
    const { station, open, since } = request.query;
    const { timeZone } = deps.config().region;
    const iso = isoTimes(timeZone);
    const filter = {
      except: withoutAssessments(await viewer.seenBy(request), station),
      ...(station === undefined ? {} : { station }),
      ...(open === undefined ? {} : { open }),
      ...(since === undefined ? {} : { sinceS: parseInstant(since, timeZone) }),
    };
    const { rows, next } = await pageOf(request, reply, {
      key: { fromS: 'number', station: 'text', criterion: 'text' },
      read: (page) => deps.state.latestVerdicts.events({ ...filter, ...page }),
    });
    const results = rows.map(({ fromS, toS, ...one }) => ({ ...one, start: iso(fromS), end: iso(toS) }));
    return { meta: metaOf(deps, next), results };
  });
}

/** The kept table of the newest verdicts and events. */
export function latestVerdictRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  latestRoute(app, deps, viewer);
  latestEventsRoute(app, deps, viewer);
}
