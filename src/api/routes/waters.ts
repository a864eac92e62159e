import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { periodOf } from '../../analysis/assessment/index.ts';
import { SpanShape } from '../verdicts/air-shapes.ts';
import { requireAssessments, type Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { metaOf } from '../http/negotiation.ts';
import { rankAir, rankWater } from '../verdicts/rankings.ts';
import { grounds } from '../verdicts/rules.ts';
import {
  answers,
  AsOfInput,
  NullableInteger,
  NullableText,
  NullableTextPair,
  one,
  strict,
  TextPair,
} from '../http/schemas.ts';
import { assessLakeOf, assessWater, sectionsOfWater, type LakeResult } from '../region/waters.ts';
import { knownAt } from '../verdicts/lookup.ts';
import { PeriodInput } from './verdicts.ts';

const tags = ['verdicts'];
const asked = { period: PeriodInput, asOf: Type.Optional(AsOfInput) };

const BasinShape = Type.Object({
  id: Type.String(),
  period: Type.String(),
  sections: Type.Integer(),
  judged: Type.Array(Type.String()),
  notJudged: Type.Array(Type.String(), { description: 'without a class: counted in no share' }),
  byClass: Type.Record(Type.String(), Type.Integer()),
  goodPercent: NullableText,
  worstPercent: NullableText,
  condition: NullableTextPair,
  colour: NullableText,
  by: NullableText,
  mainPollutants: Type.Array(
    Type.Object({
      item: Type.String(),
      exceedRatePercent: Type.Optional(Type.String()),
      class: Type.Optional(Type.Integer()),
      multiple: Type.Optional(NullableText),
    }),
  ),
  status: Type.String(),
  reason: NullableText,
});
const ComparabilityShape = Type.Object({
  comparable: Type.Boolean(),
  reasons: Type.Array(Type.Object({ reason: Type.String(), concerns: Type.Array(Type.String()) })),
  text: NullableTextPair,
});
const ChangeShape = Type.Object({
  ...ComparabilityShape.properties,
  points: NullableText,
  verdict: NullableTextPair,
});
const WaterShape = Type.Object({
  ...grounds,
  now: BasinShape,
  lastYear: Type.Unsafe<Static<typeof BasinShape> | null>({ anyOf: [BasinShape, { type: 'null' }] }),
  change: Type.Unsafe<Static<typeof ChangeShape> | null>({ anyOf: [ChangeShape, { type: 'null' }] }),
});

const TrophicShape = Type.Object({
  index: Type.String(),
  grade: TextPair,
  missing: Type.Array(Type.String()),
});
const LakeFigures = Type.Object({
  points: Type.Array(Type.String()),
  pointsByItem: Type.Record(Type.String(), Type.Integer(), {
    description: 'how many of the points had a value of the item',
  }),
  class: NullableInteger,
  className: NullableTextPair,
  condition: NullableTextPair,
  decidingItems: Type.Array(Type.String()),
  values: Type.Record(Type.String(), NullableText),
  status: Type.String(),
  reason: NullableText,
  trophic: Type.Unsafe<Static<typeof TrophicShape> | null>({ anyOf: [TrophicShape, { type: 'null' }] }),
});
const LakeShape = Type.Object({
  ...grounds,
  lake: Type.String(),
  name: TextPair,
  period: Type.String(),
  whole: LakeFigures,
  zones: Type.Array(Type.Object({ zone: Type.String(), figures: LakeFigures })),
});

function lakeFigures({ points, pointsByItem, assessment, trophic }: LakeResult['whole']) {
  const { class: waterClass, className, condition, decidingItems, items, status, reason } = assessment;
  const values = Object.fromEntries(items.map(({ parameter, value }) => [parameter, value]));
  return {
    points,
    pointsByItem,
    class: waterClass,
    className,
    condition,
    decidingItems,
    values,
    status,
    reason,
    trophic,
  };
}

/** A figure over several stations is for those who may see what is judged of each. Throws E_UNAUTHORIZED, E_FORBIDDEN. */
async function requireAll(
  viewer: Viewer,
  request: FastifyRequest,
  stations: readonly { id: string }[],
): Promise<void> {
  const seen = await viewer.seenBy(request);
  for (const { id } of stations) requireAssessments(seen, id);
}

function basinRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(
    {
      id: Type.String({ minLength: 1, maxLength: 120, description: 'a river, or the name of a basin' }),
      ...asked,
    },
    strict,
  );
  const schema = {
    tags,
    summary: 'a river or basin by the shares of its sections, beside the year before',
    querystring,
    response: answers({ 200: one(WaterShape) }, 'forbidden', 'notFound'),
  };
  app.get('/assessments/waters', { config: { tier: 'public' }, schema }, async (request) => {
    const { id, asOf } = request.query;
    const period = periodOf(request.query.period.replace('_', '/'));
    const { asOfSeq, config } = await knownAt(deps, asOf);
    await requireAll(viewer, request, sectionsOfWater(config, id));
    return { meta: metaOf(deps), result: await assessWater(deps, { config, id, period, asOfSeq }) };
  });
}

function lakeRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object({ id: Type.String({ minLength: 1, maxLength: 120 }), ...asked }, strict);
  const schema = {
    tags,
    summary: 'a lake from the means over its points, each zone of it, and its trophic state',
    querystring,
    response: answers({ 200: one(LakeShape) }, 'forbidden', 'notFound'),
  };
  app.get('/assessments/lakes', { config: { tier: 'public' }, schema }, async (request) => {
    const { id, asOf } = request.query;
    const period = periodOf(request.query.period.replace('_', '/'));
    const { asOfSeq, config } = await knownAt(deps, asOf);
    const points = config.sections.filter(({ lake }) => lake?.id === id);
    await requireAll(viewer, request, points);
    const found = await assessLakeOf(deps, { config, id, period, asOfSeq });
    const zones = found.zones.map(({ zone, assessed }) => ({ zone, figures: lakeFigures(assessed) }));
    const result = {
      lake: found.lake,
      name: found.name,
      period: period.id,
      whole: lakeFigures(found.whole),
      zones,
      rules: found.rules,
      verdicts: found.verdicts,
    };
    return { meta: metaOf(deps), result };
  });
}

const WaterRankingShape = Type.Object({
  rule: Type.String(),
  confidence: Type.String(),
  rules: grounds.rules,
  cities: Type.Array(
    Type.Object({
      city: Type.String(),
      index: NullableText,
      rank: NullableInteger,
      changePercent: NullableText,
      comparability: ComparabilityShape,
      sections: Type.Integer(),
      items: Type.Integer(),
      missing: Type.Array(Type.String()),
      verdicts: grounds.verdicts,
    }),
  ),
});

const span = SpanShape.properties;
const AirRankingShape = Type.Object({
  assessment: Type.String(),
  rules: grounds.rules,
  cities: Type.Array(
    Type.Object({
      city: Type.String(),
      points: Type.Integer(),
      rank: NullableInteger,
      composite: span.composite,
      items: Type.Array(
        Type.Object({
          parameter: Type.String(),
          validDays: Type.Integer(),
          mean: NullableText,
          percentile: NullableText,
        }),
      ),
      attainment: span.attainment,
      goodDays: span.goodDays,
      verdicts: grounds.verdicts,
    }),
  ),
});

function rankingRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(asked, strict);
  const summary = 'cities by the water index of their sections, smaller is better, with its change';
  app.get(
    '/rankings/water',
    {
      config: { tier: 'public' },
      schema: {
        tags,
        summary,
        querystring,
        response: answers({ 200: one(WaterRankingShape) }, 'forbidden', 'notFound'),
      },
    },
    async (request) => {
      const period = periodOf(request.query.period.replace('_', '/'));
      const { asOfSeq, config } = await knownAt(deps, request.query.asOf);
      await requireAll(viewer, request, config.sections);
      return { meta: metaOf(deps), result: await rankWater(deps, { config, period, asOfSeq }) };
    },
  );
  app.get(
    '/rankings/air',
    {
      config: { tier: 'public' },
      schema: {
        tags,
        summary: 'cities by the composite air index of their points, smaller is better',
        querystring,
        response: answers({ 200: one(AirRankingShape) }, 'forbidden', 'notFound'),
      },
    },
    async (request) => {
      const period = periodOf(request.query.period.replace('_', '/'));
      const { asOfSeq, config } = await knownAt(deps, request.query.asOf);
      await requireAll(viewer, request, config.airStations);
      return { meta: metaOf(deps), result: await rankAir(deps, { config, period, asOfSeq }) };
    },
  );
}

/** Rivers, basins, lakes and cities over periods. */
export function waterRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  basinRoute(app, deps, viewer);
  lakeRoute(app, deps, viewer);
  rankingRoutes(app, deps, viewer);
}
