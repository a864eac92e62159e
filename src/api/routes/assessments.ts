import { Type, type Static } from 'typebox';
import {
  cumulativePeriod,
  monthPeriod,
  operatingParty,
  periodBefore,
  periodOf,
  periodTrends,
  sectionReport,
  warningMethodOf,
  SectionMonths,
  waterFactsOn,
  yearBefore,
  type AssessmentPeriod,
  type SectionChange,
} from '../../analysis/assessment/index.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';
import type { WaterEarlyWarning } from '../../domain/config/standard.ts';
import { AssessmentShape, assessmentShape } from '../verdicts/assessment-shapes.ts';
import { requireAssessments, type Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { metaOf } from '../http/negotiation.ts';
import {
  answers,
  AsOfInput,
  IdInput,
  NullableBoolean,
  NullableInteger,
  NullableText,
  NullableTextPair,
  one,
  oneOf,
  strict,
  TextPair,
} from '../http/schemas.ts';
import { countedAssessment, factsOf, judgeSection, sectionVerdict } from '../verdicts/section-verdicts.ts';
import { sectionSources } from '../verdicts/section-sources.ts';
import { grounds, Rule, ruleFrom } from '../verdicts/rules.ts';
import { knownAt, sectionOf } from '../verdicts/lookup.ts';
import { PeriodInput } from './verdicts.ts';

const ChangeShape = Type.Object({
  against: Type.String(),
  comparable: Type.Boolean(),
  reasons: Type.Array(Type.Object({ reason: Type.String(), concerns: Type.Array(Type.String()) })),
  text: NullableTextPair,
  classesWorse: NullableInteger,
  verdict: NullableTextPair,
});

const WarningShape = Type.Object({
  method: Type.String(),
  level: NullableInteger,
  name: NullableTextPair,
  reason: NullableText,
  monthDown: NullableInteger,
  cumulativeDown: NullableInteger,
  cumulativeTargetMet: NullableBoolean,
  rules: Type.Array(Rule),
});

const ReportShape = Type.Object({
  section: Type.String(),
  month: AssessmentShape,
  lastMonth: AssessmentShape,
  sameMonthLastYear: AssessmentShape,
  cumulative: AssessmentShape,
  cumulativeLastYear: AssessmentShape,
  changes: Type.Object({ onMonth: ChangeShape, onYear: ChangeShape, cumulativeOnYear: ChangeShape }),
  outlook: Type.Array(
    Type.Object({
      kind: Type.String(),
      targetClass: Type.Integer(),
      items: Type.Array(
        Type.Object({
          parameter: Type.String(),
          soFar: Type.String(),
          limit: Type.String(),
          needed: NullableText,
          monthsLeft: Type.Integer(),
          shortOfTarget: Type.Boolean(),
        }),
      ),
    }),
  ),
  earlyWarning: Type.Unsafe<Static<typeof WarningShape> | null>({ anyOf: [WarningShape, { type: 'null' }] }),
});

function explainedWarning<W>(warning: W | null, method: WaterEarlyWarning | null) {
  if (warning === null || method === null) return null;
  const says = 'month and cumulative class against those of last year, and the target of the cumulative one';
  return { ...warning, rules: [ruleFrom(method.id, says, method.provenance)] };
}

async function report(
  deps: ApiDeps,
  of: { config: Config; section: Section; year: number; month: number; asOfSeq: number },
): Promise<Static<typeof ReportShape>> {
  const { config, section, asOfSeq } = of;
  const month = monthPeriod(of.year, of.month);
  const cumulative = cumulativePeriod(of.year, of.month);
  const facts = factsOf(config, month.to);
  const lastYear = yearBefore(cumulative);
  // A loss of data is held against the period before, which for months 1 to N is a year earlier still.
  const { from } = operatingParty(config, section) === null ? lastYear : yearBefore(lastYear);
  const sources = await sectionSources(deps, { config, section, from, to: month.to, asOfSeq });
  const circumstances = await deps.state.circumstances.list({ section: section.id, asOfSeq });
  const shared = {
    months: new SectionMonths(sources, facts),
    warning: warningMethodOf(config, section, month.to),
  };
  const found = sectionReport(section, shared, of, (date) => waterFactsOn(config, date))!;
  const shape = ({ period }: { period: AssessmentPeriod }) =>
    assessmentShape(judgeSection({ config, section, period, asOfSeq, sources, circumstances }));
  const change = ({ against, comparable, reasons, text, classesWorse, verdict }: SectionChange) => ({
    against,
    comparable,
    reasons,
    text,
    classesWorse,
    verdict,
  });
  return {
    section: section.id,
    month: shape(found.month),
    lastMonth: shape(found.lastMonth),
    sameMonthLastYear: shape(found.sameMonthLastYear),
    cumulative: shape(found.cumulative),
    cumulativeLastYear: shape(found.cumulativeLastYear),
    changes: {
      onMonth: change(found.changes.onMonth),
      onYear: change(found.changes.onYear),
      cumulativeOnYear: change(found.changes.cumulativeOnYear),
    },
    outlook: found.outlook,
    earlyWarning: explainedWarning(found.earlyWarning, shared.warning),
  };
}

const TrendShape = Type.Object({
  section: Type.String(),
  periods: Type.Array(Type.String(), { description: 'in order of time' }),
  items: Type.Array(
    Type.Object({
      parameter: Type.String(),
      values: Type.Array(NullableText),
      rs: NullableText,
      critical: NullableText,
      direction: NullableText,
      reason: NullableText,
      text: TextPair,
    }),
  ),
  ...grounds,
});

function trendRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(
    {
      section: IdInput,
      period: PeriodInput,
      periods: Type.Integer({
        minimum: 5,
        maximum: 30,
        default: 5,
        description: 'how many, the given one last',
      }),
      step: oneOf(['year', 'before'], {
        default: 'year',
        description: 'year: the same period of years; before: one after the other',
      }),
      asOf: Type.Optional(AsOfInput),
    },
    strict,
  );
  const schema = {
    tags: ['verdicts'],
    summary: "trend of each item of a section over several periods, by Spearman's rank correlation",
    querystring,
    response: answers({ 200: one(TrendShape) }, 'forbidden', 'notFound'),
  };
  app.get('/assessments/trends', { config: { tier: 'public' }, schema }, async (request) => {
    const { query } = request;
    const { asOfSeq, config } = await knownAt(deps, query.asOf);
    const section = sectionOf(config, query.section);
    requireAssessments(await viewer.seenBy(request), section.id);
    const periods = [periodOf(query.period.replace('_', '/'))];
    const back = query.step === 'year' ? yearBefore : periodBefore;
    while (periods.length < query.periods) periods.unshift(back(periods[0]!));
    const { method } = factsOf(config, periods.at(-1)!.to);
    const verdicts = [];
    for (const period of periods)
      verdicts.push(await sectionVerdict(deps, { config, section, period, asOfSeq }));
    const result = {
      section: section.id,
      periods: periods.map(({ id }) => id),
      items: periodTrends(verdicts.map(countedAssessment), method),
      rules: [ruleFrom(method.id, 'rank correlation and its critical values', method.trend.provenance)],
      verdicts: verdicts.map(({ id }) => id),
    };
    return { meta: metaOf(deps), result };
  });
}

/** Monthly reports of sections, and trends. */
export function assessmentRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const params = Type.Object({ id: IdInput }, strict);
  const querystring = Type.Object(
    {
      month: Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$', description: 'YYYY-MM' }),
      asOf: Type.Optional(AsOfInput),
    },
    strict,
  );
  const schema = {
    tags: ['verdicts'],
    summary:
      'a section in one month: beside it last month, the same month last year, months 1 to N and those of last year',
    params,
    querystring,
    response: answers({ 200: one(ReportShape) }, 'forbidden', 'notFound'),
  };
  app.get('/assessments/sections/:id', { config: { tier: 'public' }, schema }, async (request) => {
    const [year = 0, month = 0] = request.query.month.split('-').map(Number);
    const { asOfSeq, config } = await knownAt(deps, request.query.asOf);
    const section = sectionOf(config, request.params.id);
    requireAssessments(await viewer.seenBy(request), section.id);
    const result = await report(deps, { config, section, year, month, asOfSeq });
    return { meta: metaOf(deps), result };
  });
  trendRoute(app, deps, viewer);
}
