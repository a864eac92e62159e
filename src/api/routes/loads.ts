import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Section } from '../../domain/config/region.ts';
import { LoadMethodId } from '../../domain/config/load-method.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { LoadService } from '../../domain/loads.ts';
import { requireAccess } from '../auth/authentication.ts';
import { requireAssessments, seriesOfFigures, type Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
import { metaOf } from '../http/negotiation.ts';
import { answers, AsOfInput, IdInput, IdList, one, oneOf, strict } from '../http/schemas.ts';
import { positionOf, sectionOf } from '../verdicts/lookup.ts';

const date = Type.String({ format: 'date', description: 'YYYY-MM-DD, a civil day of the region' });
const shared = {
  section: IdInput,
  parameter: IdInput,
  from: date,
  to: date,
  method: Type.Optional(
    oneOf(
      LoadMethodId.anyOf.map((entry) => entry.const),
      { description: 'absent: what the rules prefer' },
    ),
  ),
  asOf: Type.Optional(AsOfInput),
};
const Figures = Type.Record(Type.String(), Type.Unknown(), {
  description: 'decimals are text; `why` names rules, stations, providers and transfer; docs/loads.md',
});

/** Governments that a section concerns: where it lies, who answers for it, and both sides of its border. */
function concerned(section: Section): string[] {
  const codes = [section.locatedIn, section.assessed, section.border?.protecting, section.border?.benefiting];
  return [...new Set(codes.filter((code) => code !== undefined && code !== null))];
}

function serviceOf(deps: ApiDeps): LoadService {
  if (deps.loads === undefined || deps.loads === null)
    throw new MonitorError('E_NOT_READY', 'this process computes no loads');
  return deps.loads;
}

/** Civil dates, both inclusive. */
function checkDays({ from, to }: { from: string; to: string }): void {
  rejectIfAny(
    from <= to ? [] : [{ field: 'querystring.to', value: to, expected: 'a date not before `from`' }],
  );
}

/** Loads past sections and what of them is entering or local, each with its why. */
export function loadRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  /** The readings that this person's figure may rest on; throws where the section's figures are not theirs to see. */
  const seriesFor = async (request: Pick<FastifyRequest, 'actor'>, id: string) => {
    const section = sectionOf(deps.config(), id);
    const jurisdictions = concerned(section);
    requireAccess(request.actor, { tier: 'partner', jurisdictions, synthetic: deps.synthetic });
    const seen = await viewer.seenBy(request);
    requireAssessments(seen, id);
    return seriesOfFigures(seen);
  };
  const config = { tier: 'partner' as const, decidedByRow: true };
  const response = answers({ 200: one(Figures) }, 'forbidden', 'notFound');
  const tags = ['loads'];
  const querystring = Type.Object(shared, strict);
  const summary = 'load of one parameter past a section, with its uncertainty, coverage and why (通量)';
  app.get('/loads', { config, schema: { tags, summary, querystring, response } }, async (request) => {
    checkDays(request.query);
    const series = await seriesFor(request, request.query.section);
    const { asOf, ...query } = request.query;
    const asOfSeq = await positionOf(deps, asOf);
    return {
      meta: metaOf(deps),
      result: { ...(await serviceOf(deps).load({ ...query, asOfSeq }, series)), asOfSeq },
    };
  });

  const attribution = {
    tags,
    summary:
      'contributions of entering and local water at a section; technical analysis (来水与本地新增贡献)',
    querystring: Type.Object({ ...shared, entering: Type.Optional(IdList) }, strict),
    response,
  };
  app.get('/attributions', { config, schema: attribution }, async (request) => {
    checkDays(request.query);
    const series = await seriesFor(request, request.query.section);
    const { asOf, entering, ...query } = request.query;
    const asOfSeq = await positionOf(deps, asOf);
    const named = entering === undefined ? {} : { entering: entering.split(',') };
    const found = await serviceOf(deps).attribution({ ...query, asOfSeq, ...named }, series);
    return { meta: metaOf(deps), result: { ...found, asOfSeq } };
  });
}
