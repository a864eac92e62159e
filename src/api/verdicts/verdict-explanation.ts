import { Type, type Static } from 'typebox';
import { averagingOf, boundsOf } from '../../analysis/assessment/index.ts';
import { waterLimits } from '../../analysis/water/index.ts';
import type { Config } from '../../domain/config/config.ts';
import type { ApiDeps } from '../deps.ts';
import { isoTimes } from '../http/iso-times.ts';
import { noReadings, ReadingNodes, readingNodes } from '../readings/reading-nodes.ts';
import { NullableInteger, NullableText } from '../http/schemas.ts';
import { Rule, ruleFrom } from './rules.ts';
import type { CountedFigure, SectionVerdict } from './section-verdicts.ts';

const ItemNode = Type.Object({
  parameter: Type.String(),
  class: NullableInteger,
  decides: Type.Boolean(),
  value: NullableText,
  unrounded: NullableText,
  limits: Type.Array(Type.String(), {
    description: 'classes 1 to 5 for the kind of water body; empty where unknown',
  }),
  rules: Type.Array(Rule),
  source: Type.Object({ provider: NullableText, method: NullableText, order: Type.Array(Type.String()) }),
  counts: Type.Object({
    expected: NullableInteger,
    observed: Type.Integer(),
    valid: Type.Integer(),
    validDays: Type.Integer(),
    days: Type.Integer(),
    belowDetection: Type.Integer(),
  }),
  months: Type.Array(Type.Object({ month: Type.String(), mean: NullableText, reason: NullableText })),
  readings: ReadingNodes,
});

/** The tree from a verdict to its readings and journal entries. */
export const Explanation = Type.Object({
  id: Type.String(),
  section: Type.String(),
  period: Type.String(),
  asOfSeq: Type.Integer(),
  configHash: Type.String(),
  class: NullableInteger,
  reason: NullableText,
  bodyType: Type.Object({ value: NullableText, origin: NullableText, confidence: NullableText }),
  rules: Type.Array(Rule),
  items: Type.Array(ItemNode),
  missing: Type.Array(Type.String(), { description: 'evaluated items without a value' }),
  circumstances: Type.Array(
    Type.Object({
      id: Type.String(),
      took: Type.String(),
      journal: Type.Array(Type.String(), { description: 'entries of its acts, in order' }),
    }),
  ),
  figures: Type.Array(
    Type.Object({
      figure: Type.String(),
      counts: Type.Boolean(),
      class: NullableInteger,
      decidingItems: Type.Array(Type.String()),
    }),
    { description: 'as measured, and as decided or guarded where that differs' },
  ),
});
export type Explanation = Static<typeof Explanation>;

/** How a mean over a period comes about. */
function meanRules({ method, periods }: SectionVerdict['facts'], parameter: string): Rule[] {
  const pair = method.decimals.items.find((one) => one.parameter === parameter);
  const { precedence, day, month } = periods;
  return [
    ruleFrom(
      method.id,
      `rounded once, half to even, to ${pair?.evaluation ?? 'all'} decimals`,
      method.decimals.provenance,
    ),
    ...(method.meanByHydrogenIon.items.includes(parameter)
      ? [ruleFrom(method.id, 'mean through hydrogen ions', method.meanByHydrogenIon.provenance)]
      : []),
    ruleFrom(periods.id, 'one source a month, by precedence', precedence.provenance),
    ruleFrom(periods.id, `a day needs ${day.minValid} of ${day.ofExpected} readings`, day.provenance),
    ruleFrom(periods.id, `a month needs ${month.minDayShare} of its days`, month.provenance),
  ];
}

function itemRules({ facts, key }: SectionVerdict, parameter: string): Rule[] {
  const { standard, periods, wording } = facts;
  const item = waterLimits(standard).byParameter.get(parameter)?.item;
  const limits =
    item === undefined
      ? []
      : [ruleFrom(standard.id, `limits of the item, ${item.rule}`, item.provenance, item.clause)];
  if (key.period.kind !== 'single') return [...limits, ...meanRules(facts, parameter)];
  return [
    ...limits,
    ruleFrom(periods.id, 'the first automatic source with a valid reading', periods.precedence.provenance),
    ruleFrom(
      wording.id,
      'a single reading is worded by its review and is no exceedance (超标)',
      wording.inForce.provenance,
    ),
  ];
}

/** Readings of the source that an item was averaged from. */
function itemReadings(
  deps: { readings: Pick<ApiDeps['readings'], 'past'> },
  verdict: SectionVerdict,
  item: SectionVerdict['assessment']['items'][number],
  at: { limit: number; iso: (atS: number) => string; config: Config },
): Promise<ReadingNodes> {
  const { key, facts } = verdict;
  const used = verdict.sources.find(
    (source) => source.provider === item.provider && source.method === item.method,
  );
  const series = used?.series.find(({ parameter }) => parameter === item.parameter);
  if (used === undefined || series === undefined) return Promise.resolve(noReadings);
  const { provider } = used;
  const averaging = averagingOf(at.config, key.section, used);
  const of = { station: key.section, parameter: item.parameter, averaging, provider };
  const span = { ...boundsOf(key.period, facts.timeZone), asOfSeq: key.asOfSeq };
  return readingNodes(deps, { key: of, series, ...span }, { ...at, around: Number(item.unrounded ?? 0) });
}

/** The editions that the whole verdict rests on. */
function verdictRules(facts: SectionVerdict['facts']): Rule[] {
  const named = ruleFrom;
  return [
    named(facts.standard.id, 'the worst class among the evaluated items', facts.method.inForce.provenance),
    named(facts.method.id, 'edition in force on the last day', facts.method.inForce.provenance),
    named(facts.standard.id, 'edition in force on the last day', facts.standard.inForce.provenance),
    named(facts.periods.id, 'edition in force on the last day', facts.periods.inForce.provenance),
  ];
}

/**
 * Why a verdict is what it is: rules with clause and confidence, statistics with their counts, flags, readings and journal entries.
 * Readings of deciding items and of items over a target, of a single reading those of every item, at most `limit` an item; the rest are under `all`.
 */
export async function explainVerdict(
  deps: { readings: Pick<ApiDeps['readings'], 'past'> },
  verdict: SectionVerdict,
  of: { config: Config; limit: number },
): Promise<Explanation> {
  const { assessment, facts, key } = verdict;
  const section = of.config.sections.find(({ id }) => id === key.section)!;
  const body = section.bodyType ?? null;
  const at = { iso: isoTimes(facts.timeZone), config: of.config };
  const limits = waterLimits(facts.standard).byParameter;
  const over = new Set(assessment.targets.flatMap((target) => target.over.map(({ item }) => item)));
  const deciding = new Set(assessment.decidingItems);
  const items: Static<typeof ItemNode>[] = [];
  for (const item of assessment.items) {
    const entry = limits.get(item.parameter)?.item;
    const wanted = key.period.kind === 'single' || deciding.has(item.parameter) || over.has(item.parameter);
    const steps = entry === undefined || body === null ? null : entry[body.value];
    const within = entry?.within === undefined ? [] : [`${entry.within.min}-${entry.within.max}`];
    const { expected, observed, valid, validDays, days, belowDetection } = item;
    const rule = facts.periods.precedence.rules.find((one) => one.items.includes(item.parameter));
    items.push({
      parameter: item.parameter,
      class: item.class,
      decides: deciding.has(item.parameter),
      value: item.value,
      unrounded: item.unrounded,
      limits: [...(steps ?? within)],
      rules: itemRules(verdict, item.parameter),
      source: {
        provider: item.provider,
        method: item.method,
        order: [...(rule?.order ?? facts.periods.precedence.others)],
      },
      counts: { expected, observed, valid, validDays, days, belowDetection },
      months: key.period.months.map((month) => {
        const found = verdict.months.of(month).find(({ parameter }) => parameter === item.parameter);
        const mean = found?.mean?.toDecimalPlaces(12).toFixed() ?? null;
        return { month, mean, reason: found?.reason ?? null };
      }),
      readings: await itemReadings(deps, verdict, item, { ...at, limit: wanted ? of.limit : 0 }),
    });
  }
  const present = new Set(
    assessment.items.filter(({ value }) => value !== null).map(({ parameter }) => parameter),
  );
  return {
    id: verdict.id,
    section: key.section,
    period: key.period.id,
    asOfSeq: key.asOfSeq,
    configHash: of.config.hash,
    class: assessment.class,
    reason: assessment.reason,
    bodyType: {
      value: body?.value ?? null,
      origin: body?.origin ?? null,
      confidence: body?.provenance.confidence ?? null,
    },
    rules: verdictRules(facts),
    items,
    missing: facts.standard.items
      .filter(({ evaluated, parameter }) => evaluated && !present.has(parameter))
      .map(({ parameter }) => parameter),
    circumstances: circumstanceNodes(verdict),
    figures: figureNodes(verdict),
  };
}

function circumstanceNodes({ both, circumstances }: SectionVerdict): Explanation['circumstances'] {
  return circumstances.map(({ id, steps }) => ({
    id,
    took: both.applied.some((one) => one.id === id) ? 'effect' : both.held.includes(id) ? 'hold' : 'none',
    journal: steps.map(({ seq }) => `/api/v1/journal/${seq}`),
  }));
}

function figureNodes({ assessment, both, guard, counts }: SectionVerdict): Explanation['figures'] {
  const figure = (name: CountedFigure, of: typeof assessment) => ({
    figure: name,
    counts: counts === name,
    class: of.class,
    decidingItems: of.decidingItems,
  });
  return [
    figure('measured', assessment),
    ...(both.applied.length === 0 ? [] : [figure('decided', both.asDecided)]),
    ...(guard === null || guard.lost.length === 0 ? [] : [figure('guarded', guard.guarded)]),
  ];
}
