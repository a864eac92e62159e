import { Type } from 'typebox';
import { periodOf } from '../../analysis/assessment/index.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';
import { MonitorError } from '../../domain/errors.ts';
import { AssessmentShape, assessmentShape } from '../assessment-shapes.ts';
import { requireAssessments, type Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../fastify-types.ts';
import { asOfPosition } from '../instants.ts';
import { metaOf } from '../negotiation.ts';
import { answers, AsOfInput, IdInput, one } from '../schemas.ts';
import { parseVerdictId, sectionVerdict } from '../section-verdicts.ts';
import { Explanation, explainVerdict } from '../verdict-explanation.ts';

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
    const config = deps.config();
    const section = sectionOf(config, request.query.section);
    requireAssessments(await viewer.seenBy(request), section.id);
    const period = periodOf(request.query.period.replace('_', '/'));
    const asOfSeq = await positionOf(deps, request.query.asOf);
    const { id, assessment } = await sectionVerdict(deps, { config, section, period, asOfSeq });
    return { meta: metaOf(deps), result: assessmentShape(assessment, { id, asOfSeq }) };
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
    response: answers({ 200: one(Explanation) }, 'forbidden', 'notFound', 'conflict'),
  };
  app.get('/verdicts/:id/why', { config: { tier: 'public' }, schema }, async (request) => {
    const config = deps.config();
    const key = parseVerdictId(request.params.id);
    const section = sectionOf(config, key.section);
    const seen = await viewer.seenBy(request);
    requireAssessments(seen, section.id);
    if (key.asOfSeq > deps.journal.head().seq)
      throw new MonitorError('E_NOT_FOUND', `no such verdict: ${request.params.id}`, {
        details: { id: request.params.id },
      });
    const verdict = await sectionVerdict(deps, { config, section, period: key.period, asOfSeq: key.asOfSeq });
    if (verdict.id !== request.params.id) {
      throw new MonitorError(
        'E_CONFLICT',
        'the same question has another answer now: configuration or rules are no longer those of this verdict',
        { details: { asked: request.params.id, now: verdict.id, configHash: config.hash } },
      );
    }
    const result = await explainVerdict(seen, verdict, { config, limit: request.query.readings });
    return { meta: metaOf(deps), result };
  });
}

/** Verdicts over periods, and why they are what they are. */
export function verdictRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  verdictRoute(app, deps, viewer);
  whyRoute(app, deps, viewer);
}
