import { Type } from 'typebox';
import { sectionPeriodOf } from '../../analysis/assessment/index.ts';
import { AirExplanation } from '../verdicts/air-explanation.ts';
import { AirVerdictShape, airVerdictShape } from '../verdicts/air-shapes.ts';
import { airPeriodOf, airVerdict } from '../verdicts/air-verdicts.ts';
import { AssessmentShape, assessmentShape } from '../verdicts/assessment-shapes.ts';
import { requireAssessments, type Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { metaOf } from '../http/negotiation.ts';
import { answers, AsOfInput, IdInput, one, strict } from '../http/schemas.ts';
import { airStationOf, differenceOf, knownAt, sectionOf, whyOf } from '../verdicts/lookup.ts';
import { parseVerdictId, sectionVerdict } from '../verdicts/section-verdicts.ts';
import { DifferenceShape } from '../verdicts/verdict-difference.ts';
import { Explanation } from '../verdicts/verdict-explanation.ts';

const tags = ['verdicts'];

const hour = 'T([01]\\d|2[0-3])';
const minute = ':[0-5]\\d(:[0-5]\\d)?';
/** Pattern of a period; `clock` is what may follow a day. */
const periodPattern = (clock: string) =>
  `^\\d{4}(-(0[1-9]|1[0-2])(-\\d{2}${clock})?|-Q[1-4]|-01[/_]\\d{4}-(0[1-9]|1[0-2]))?$`;
const calendar = 'YYYY-MM-DD, YYYY-MM, YYYY-01/YYYY-MM (months 1 to N), YYYY-Qn or YYYY';
const aReading = 'YYYY-MM-DDTHH:MM (a single reading of a section, by the clock of the region)';
const anHour = 'YYYY-MM-DDTHH (the hour that begins then)';

/** A period of a query. `YYYY-01_YYYY-MM` is months 1 to N; Throws E_BAD_REQUEST. */
export const PeriodInput = Type.String({ pattern: periodPattern(''), description: calendar });

/** As {@link PeriodInput}, and the moment of a single reading. */
const SectionPeriodInput = Type.String({
  pattern: periodPattern(`(${hour}${minute})?`),
  description: `${aReading}, ${calendar}`,
});

/** As {@link PeriodInput}, and an hour by its begin. */
export const AirPeriodInput = Type.String({
  pattern: periodPattern(`(${hour})?`),
  description: `${anHour}, ${calendar}`,
});

const AnyPeriodInput = Type.String({
  pattern: periodPattern(`(${hour}(${minute})?)?`),
  description: `${aReading}, ${anHour}, ${calendar}`,
});

function verdictRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(
    { section: IdInput, period: SectionPeriodInput, asOf: Type.Optional(AsOfInput) },
    strict,
  );
  const schema = {
    tags,
    summary:
      'class of a section over a period or of a single reading, against its targets, as known at a position',
    querystring,
    response: answers({ 200: one(AssessmentShape) }, 'forbidden', 'notFound'),
  };
  app.get('/verdicts', { config: { tier: 'public' }, schema }, async (request) => {
    const period = sectionPeriodOf(request.query.period.replace('_', '/'));
    const { asOfSeq, config } = await knownAt(deps, request.query.asOf);
    const section = sectionOf(config, request.query.section);
    requireAssessments(await viewer.seenBy(request), section.id);
    const verdict = await sectionVerdict(deps, { config, section, period, asOfSeq });
    return { meta: metaOf(deps), result: assessmentShape(verdict) };
  });
}

const AnyExplanation = Type.Unsafe<Explanation | AirExplanation>({ anyOf: [Explanation, AirExplanation] });

function airVerdictRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(
    { station: IdInput, period: AirPeriodInput, asOf: Type.Optional(AsOfInput) },
    strict,
  );
  const schema = {
    tags,
    summary:
      'air of a station over an hour, a day or a longer period: index and attainment apart, as known at a position',
    querystring,
    response: answers({ 200: one(AirVerdictShape) }, 'forbidden', 'notFound'),
  };
  app.get('/verdicts/air', { config: { tier: 'public' }, schema }, async (request) => {
    const { query } = request;
    const asked = airPeriodOf(query.period.replace('_', '/'));
    const { asOfSeq, config } = await knownAt(deps, query.asOf);
    const station = airStationOf(config, query.station);
    requireAssessments(await viewer.seenBy(request), station.id);
    const verdict = await airVerdict(deps, { config, station, period: asked, asOfSeq });
    return { meta: metaOf(deps), result: airVerdictShape(verdict) };
  });
}

function whyRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const params = Type.Object({ id: Type.String({ maxLength: 200 }) }, strict);
  const querystring = Type.Object(
    {
      readings: Type.Integer({
        minimum: 0,
        maximum: 200,
        default: 20,
        description: 'readings shown of each deciding item, those furthest from the mean first',
      }),
    },
    strict,
  );
  const schema = {
    tags,
    summary: 'why: from the verdict through limits, means and flags to readings and journal entries',
    params,
    querystring,
    response: answers({ 200: one(AnyExplanation) }, 'forbidden', 'notFound', 'conflict'),
  };
  app.get('/verdicts/:id/why', { config: { tier: 'public' }, schema }, async (request) => {
    const { id } = request.params;
    const seen = await viewer.seenBy(request);
    requireAssessments(seen, parseVerdictId(id).station);
    const result = await whyOf(deps, { id, limit: request.query.readings }, seen);
    return { meta: metaOf(deps), result };
  });
}

function differenceRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(
    {
      station: IdInput,
      period: AnyPeriodInput,
      before: AsOfInput,
      after: Type.Optional(AsOfInput),
      readings: Type.Integer({ minimum: 0, maximum: 200, default: 20 }),
    },
    strict,
  );
  const schema = {
    tags,
    summary: 'what was known on an earlier day, what is known later, and why the verdict differs',
    querystring,
    response: answers({ 200: one(DifferenceShape) }, 'forbidden', 'notFound'),
  };
  app.get('/verdicts/difference', { config: { tier: 'public' }, schema }, async (request) => {
    const { station, period, before, after, readings } = request.query;
    const seen = await viewer.seenBy(request);
    requireAssessments(seen, station);
    const result = await differenceOf(deps, { station, period, before, after, readings }, seen);
    return { meta: metaOf(deps), result };
  });
}

/** Verdicts over periods, and why they are what they are. */
export function verdictRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  verdictRoute(app, deps, viewer);
  airVerdictRoute(app, deps, viewer);
  differenceRoute(app, deps, viewer);
  whyRoute(app, deps, viewer);
}
