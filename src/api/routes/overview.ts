import { Type } from 'typebox';
import { mapPlaces } from '../../analysis/network/map-places.ts';
import { MonitorError } from '../../domain/errors.ts';
import { civilDate } from '../../domain/time.ts';
import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import type { LatestVerdicts } from '../readings/latest-view.ts';
import { metaOf } from '../http/negotiation.ts';
import { scalesAt, ScalesShape, summaryOf, SummaryShape } from '../region/overview.ts';
import { answers, IdInput, many, NullableNumber, one, strict } from '../http/schemas.ts';
import { limitsOf, StationLimits } from '../verdicts/station-limits.ts';

const config = { tier: 'public' } as const;
const tags = ['overview'];

const MapPlaceShape = Type.Object({
  section: Type.String(),
  lon: Type.Number(),
  lat: Type.Number(),
  basis: Type.String({
    description:
      'position: a place that a source gives; reach-km, somewhere-on-reach: for drawing only, and to be marked so',
  }),
  uncertaintyKm: NullableNumber,
});

function limitRoute(app: Api, deps: ApiDeps): void {
  const schema = {
    tags,
    summary: 'limits that hold for a station, and the grades of each parameter',
    params: Type.Object({ id: IdInput }, strict),
    querystring: Type.Object(
      { date: Type.Optional(Type.String({ format: 'date', description: 'civil date; else today' })) },
      strict,
    ),
    response: answers({ 200: one(StationLimits) }, 'notFound'),
  };
  app.get('/stations/:id/limits', { config, schema }, (request) => {
    const facts = deps.config();
    const { id } = request.params;
    const station = [...facts.sections, ...facts.airStations].find((candidate) => candidate.id === id);
    if (station === undefined)
      throw new MonitorError('E_NOT_FOUND', `no section or air station: ${id}`, { details: { id } });
    const date = request.query.date ?? civilDate(deps.clock.nowS(), facts.region.timeZone);
    return { meta: metaOf(deps), result: limitsOf(station, facts, date) };
  });
}

/** What the head of a page needs: counts, scales, limits, and places to draw at. */
export function overviewRoutes(
  app: Api,
  deps: ApiDeps,
  { verdicts, viewer }: { verdicts: LatestVerdicts; viewer: Viewer },
): void {
  const summary = 'counts of the newest state: heard, by class and level, against targets, over a limit';
  const response = answers({ 200: one(SummaryShape) });
  app.get('/summary', { config, schema: { tags, summary, response } }, async (request) => {
    const facts = deps.config();
    const nowS = Math.floor(deps.clock.nowS() / 60) * 60;
    const enabled = facts.sources.filter((source) => source.enabled);
    const seen = await viewer.seenBy(request);
    const [water, air, ...runs] = await Promise.all([
      verdicts.of('water', seen),
      verdicts.of('air', seen),
      ...enabled.map(async ({ id }) => (await deps.state.runs.recent({ source: id, limit: 1 }))[0] ?? null),
    ]);
    const at = { nowS, ...deps.progress() };
    return { meta: metaOf(deps), result: summaryOf(facts, { water, air }, runs, at) };
  });

  const scales = {
    tags,
    summary: 'classes and index levels in force, with names and colours',
    response: answers({ 200: one(ScalesShape) }),
  };
  app.get('/scales', { config, schema: scales }, () => ({
    meta: metaOf(deps),
    result: scalesAt(deps.config(), deps.clock.nowS()),
  }));

  const places = {
    tags,
    summary: 'where a map draws a section, and what that place rests on; sections without one are left out',
    response: answers({ 200: many(MapPlaceShape) }),
  };
  app.get('/map-places', { config, schema: places }, () => ({
    meta: metaOf(deps),
    results: mapPlaces(deps.config()),
  }));

  limitRoute(app, deps);
}
