import { Type } from 'typebox';
import { periodOf } from '../../analysis/assessment/index.ts';
import type { Config } from '../../domain/config/config.ts';
import type { AirStation, Section } from '../../domain/config/region.ts';
import { MonitorError } from '../../domain/errors.ts';
import { AirExplanation, explainAirVerdict } from '../verdicts/air-explanation.ts';
import { AirVerdictShape, airVerdictShape } from '../verdicts/air-shapes.ts';
import { airPeriodOf, airVerdict } from '../verdicts/air-verdicts.ts';
import { AssessmentShape, assessmentShape } from '../verdicts/assessment-shapes.ts';
import { requireAssessments, type Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { asOfPosition } from '../http/instants.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { answers, AsOfInput, IdInput, one } from '../http/schemas.ts';
import { parseVerdictId, sectionVerdict } from '../verdicts/section-verdicts.ts';
import {
  comparedAir,
  comparedSection,
  DifferenceShape,
  verdictDifference,
  type ComparedVerdict,
} from '../verdicts/verdict-difference.ts';
import { Explanation, explainVerdict } from '../verdicts/verdict-explanation.ts';

const strict = { additionalProperties: false };
const tags = ['verdicts'];

/** A section by id. Throws E_NOT_FOUND. */
export function sectionOf(config: Config, id: string): Section {
  const section = config.sections.find((candidate) => candidate.id === id);
  if (section === undefined)
    throw new MonitorError('E_NOT_FOUND', `no such section: ${id}`, { details: { section: id } });
  return section;
}

/** A period of a query. `YYYY-01_YYYY-MM` is months 1 to N; Throws E_BAD_REQUEST. */
export const PeriodInput = Type.String({
  pattern: '^\\d{4}(-(0[1-9]|1[0-2])(-\\d{2})?|-Q[1-4]|-01[/_]\\d{4}-(0[1-9]|1[0-2]))?$',
  description: 'YYYY-MM-DD, YYYY-MM, YYYY-01/YYYY-MM (months 1 to N), YYYY-Qn or YYYY',
});

/** As {@link PeriodInput}, and an hour by its begin. */
export const AirPeriodInput = Type.String({
  pattern: '^\\d{4}(-(0[1-9]|1[0-2])(-\\d{2}(T([01]\\d|2[0-3]))?)?|-Q[1-4]|-01[/_]\\d{4}-(0[1-9]|1[0-2]))?$',
  description:
    'YYYY-MM-DDTHH (the hour that begins then), YYYY-MM-DD, YYYY-MM, YYYY-01/YYYY-MM, YYYY-Qn or YYYY',
});

/** The configuration as it stood at a position: an earlier day is judged by what was in force then. */
export function configAt(deps: Pick<ApiDeps, 'config' | 'configAt'>, seq: number): Promise<Config> {
  return deps.configAt === undefined ? Promise.resolve(deps.config()) : deps.configAt(seq);
}

/** What a query asks to be judged by: a position and the configuration that stood there. */
export async function knownAt(
  deps: ApiDeps,
  asOf: string | undefined,
): Promise<{ asOfSeq: number; config: Config }> {
  const asOfSeq = await positionOf(deps, asOf);
  return { asOfSeq, config: asOf === undefined ? deps.config() : await configAt(deps, asOfSeq) };
}

/** The journal position of a query, or the one up to which readings are projected. */
export async function positionOf(deps: ApiDeps, asOf: string | undefined): Promise<number> {
  if (asOf === undefined) return deps.progress().appliedSeq;
  return asOfPosition(deps.journal, asOf, deps.config().region.timeZone);
}

function verdictRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(
    { section: IdInput, period: PeriodInput, asOf: Type.Optional(AsOfInput) },
    strict,
  );
  const schema = {
    tags,
    summary: 'class of a section over a period, against its targets, as known at a position',
    querystring,
    response: answers({ 200: one(AssessmentShape) }, 'forbidden', 'notFound'),
  };
  app.get('/verdicts', { config: { tier: 'public' }, schema }, async (request) => {
    const period = periodOf(request.query.period.replace('_', '/'));
    const { asOfSeq, config } = await knownAt(deps, request.query.asOf);
    const section = sectionOf(config, request.query.section);
    requireAssessments(await viewer.seenBy(request), section.id);
    const verdict = await sectionVerdict(deps, { config, section, period, asOfSeq });
    return { meta: metaOf(deps), result: assessmentShape(verdict) };
  });
}

const AnyExplanation = Type.Unsafe<Explanation | AirExplanation>({ anyOf: [Explanation, AirExplanation] });

/** An air station by id. Throws E_NOT_FOUND. */
export function airStationOf(config: Config, id: string): AirStation {
  const station = config.airStations.find((candidate) => candidate.id === id);
  if (station === undefined)
    throw new MonitorError('E_NOT_FOUND', `no such air station: ${id}`, { details: { station: id } });
  return station;
}

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
    const { station, period, asOfSeq } = parseVerdictId(id);
    const unknown = new MonitorError('E_NOT_FOUND', `no such verdict: ${id}`, { details: { id } });
    const seen = await viewer.seenBy(request);
    requireAssessments(seen, station);
    if (asOfSeq > deps.journal.head().seq) throw unknown;
    const config = await configAt(deps, asOfSeq);
    const limit = request.query.readings;
    const section = config.sections.find(({ id: candidate }) => candidate === station);
    if (section !== undefined) {
      const verdict = await sectionVerdict(deps, { config, section, period: periodOf(period), asOfSeq });
      requireSame(id, verdict.id, config);
      return { meta: metaOf(deps), result: await explainVerdict(seen, verdict, { config, limit }) };
    }
    const airStation = config.airStations.find(({ id: candidate }) => candidate === station);
    if (airStation === undefined) throw unknown;
    const verdict = await airVerdict(deps, {
      config,
      station: airStation,
      period: airPeriodOf(period),
      asOfSeq,
    });
    requireSame(id, verdict.id, config);
    return { meta: metaOf(deps), result: await explainAirVerdict(seen, verdict, { config, limit }) };
  });
}

function requireSame(asked: string, now: string, config: Config): void {
  if (asked === now) return;
  throw new MonitorError(
    'E_CONFLICT',
    'the same question has another answer now: configuration or rules are no longer those of this verdict',
    { details: { asked, now, configHash: config.hash } },
  );
}

/** A verdict on a section or air station as it was known at a position. */
async function comparedAt(
  deps: ApiDeps,
  of: { station: string; period: string; asOf: string | undefined },
): Promise<ComparedVerdict> {
  const { asOfSeq, config } = await knownAt(deps, of.asOf);
  if (config.airStations.some(({ id }) => id === of.station)) {
    const station = airStationOf(config, of.station);
    const verdict = await airVerdict(deps, { config, station, period: airPeriodOf(of.period), asOfSeq });
    return comparedAir(verdict, config);
  }
  const section = sectionOf(config, of.station);
  return comparedSection(
    await sectionVerdict(deps, { config, section, period: periodOf(of.period), asOfSeq }),
    config,
  );
}

function differenceRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(
    {
      station: IdInput,
      period: AirPeriodInput,
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
    const { station, before, after, readings } = request.query;
    const period = request.query.period.replace('_', '/');
    const seen = await viewer.seenBy(request);
    requireAssessments(seen, station);
    const old = await comparedAt(deps, { station, period, asOf: before });
    const now = await comparedAt(deps, { station, period, asOf: after });
    const at = { limit: readings, iso: isoTimes(deps.config().region.timeZone) };
    return { meta: metaOf(deps), result: await verdictDifference(seen, old, now, at) };
  });
}

/** Verdicts over periods, and why they are what they are. */
export function verdictRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  verdictRoute(app, deps, viewer);
  airVerdictRoute(app, deps, viewer);
  differenceRoute(app, deps, viewer);
  whyRoute(app, deps, viewer);
}
