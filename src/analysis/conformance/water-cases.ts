import type { Text } from '../../domain/config/facts.ts';
import type { StationQuality, WaterEvaluation, WaterStandard } from '../../domain/config/standard.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';
import { rankCorrelation } from '../statistics/rank-correlation.ts';
import { roundKeepNonZero } from '../statistics/rounding.ts';
import * as water from '../water/index.ts';
import { CaseFault, type Given } from './given.ts';

export interface WaterFacts {
  standard: WaterStandard;
  method: WaterEvaluation;
  quality: StationQuality;
}

export type CaseRun<F> = (given: Given, facts: F) => unknown;

function statusOf(sectionClass: number | null, standard: WaterStandard): string | null {
  return sectionClass === null
    ? null
    : (water.waterLimits(standard).classOf.get(sectionClass)?.status.zh ?? null);
}

function itemClass(given: Given, { standard }: WaterFacts, value: Decimal | null): number | null {
  const item = given.text('item');
  if (!water.waterLimits(standard).byParameter.has(item))
    throw new CaseFault(`item "${item}" is not in ${standard.id}`);
  return value === null
    ? null
    : (water.classifyItems({ [item]: value }, given.bodyType(), standard)[0]?.class ?? null);
}

function known(values: Readonly<Record<string, unknown>>, standard: WaterStandard): void {
  for (const item of Object.keys(values)) {
    if (!water.waterLimits(standard).byParameter.has(item))
      throw new CaseFault(`item "${item}" is not in ${standard.id}`);
  }
}

function section(given: Given, { standard }: WaterFacts, values = given.table('values')): water.WaterVerdict {
  known(values, standard);
  return water.classifyReading({ values, bodyType: given.bodyType() }, standard);
}

function measured(text: string, { method }: WaterFacts): water.Measured | null {
  return water.parseMeasured(text, new Decimal(method.belowDetection.share));
}

function rankOf(status: string, method: WaterEvaluation): number {
  const rank = method.basin.verdicts.findIndex((row) => row.status.zh === status);
  if (rank === -1) throw new CaseFault(`"${status}" is not a verdict of ${method.id}`);
  return rank;
}

const name = (text: Text | undefined) => text?.zh ?? null;

const classes: Record<string, CaseRun<WaterFacts>> = {
  itemClass: (given, facts) => ({ class: itemClass(given, facts, given.decimalOrNull('value')) }),
  sectionClass: (given, facts) => {
    const verdict = section(given, facts);
    const { reference, decidingItems } = verdict;
    return {
      class: verdict.class,
      status: statusOf(verdict.class, facts.standard),
      determining: decidingItems,
      reference,
    };
  },
  targetCompliance: (given, facts) => {
    const verdict = section(given, facts);
    const { over } = water.overTarget(
      verdict.items,
      given.number('targetClass'),
      given.bodyType(),
      facts.standard,
    );
    return { meets: over.length === 0, exceeded: over };
  },
  supplementary: (given, { standard }) => {
    const verdict = water.judgeDrinkingSource(given.text('item'), given.decimal('value'), standard);
    if (verdict === null) throw new CaseFault(`"${given.text('item')}" is not a drinking-water source item`);
    return { meets: verdict.meets, multiple: verdict.multiple };
  },
  belowDetection: (given, facts) => {
    const value = measured(given.text('raw'), facts)?.value ?? null;
    return { value: value?.toFixed() ?? null, class: itemClass(given, facts, value) };
  },
  mainPollutants: (given, facts) => ({
    list: water.mainPollutants(section(given, facts).items, given.bodyType(), facts),
  }),
};

const statistics: Record<string, CaseRun<WaterFacts>> = {
  round: (given) => ({
    value: roundHalfEven(given.decimal('value'), given.number('decimals')).toFixed(given.number('decimals')),
  }),
  roundKeepNonZero: (given) => ({
    value: roundKeepNonZero(given.decimal('value'), given.number('decimals')),
  }),
  phMean: (given, facts) => {
    const { standard, method } = facts;
    const values = given.decimals('values').filter((value) => value !== null);
    const [parameter = ''] = method.meanByHydrogenIon.items;
    const mean = water.periodMean(parameter, values, method);
    if (mean === null) return { mean: null, evaluationValue: null, meetsGb3838: null };
    const evaluationValue = water.evaluationValue(parameter, mean, method);
    const [verdict] = water.classifyItems({ [parameter]: evaluationValue }, null, standard);
    const meetsGb3838 = verdict?.class !== standard.worstClass;
    return { mean: roundHalfEven(mean, 4).toFixed(), evaluationValue, meetsGb3838 };
  },
  periodMean: (given, facts) => {
    const values = given.texts('raw').map((raw) => measured(raw, facts)?.value ?? null);
    const item = given.text('item');
    const mean = water.periodMean(
      item,
      values.filter((value) => value !== null),
      facts.method,
    );
    if (mean === null) return { evaluationValue: null, class: null };
    const evaluationValue = water.evaluationValue(item, mean, facts.method);
    return { evaluationValue, class: itemClass(given, facts, new Decimal(evaluationValue)) };
  },
  spearman: (given, { method }) => {
    const values = given.decimals('values').map((value) => value?.toFixed() ?? '');
    const { rs, significant } = rankCorrelation(values, method.trend.spearman);
    const { decimals } = method.trend.spearman;
    return { rs: roundHalfEven(rs, decimals).toFixed(decimals), significant };
  },
};

const basins: Record<string, CaseRun<WaterFacts>> = {
  basinStatus: (given, { method }) => {
    const shares = {
      sections: given.number('sections'),
      good: given.number('classItoIII'),
      worst: given.number('belowV'),
    };
    return { status: name(water.basinVerdict(shares, method)?.status) };
  },
  smallBasin: (given, facts) => {
    const group = given.group('sectionValues');
    const values = Object.fromEntries(group.names().map((item) => [item, group.decimals(item)]));
    const means = water.meansOverSections(values, facts.method);
    known(means, facts.standard);
    const verdict = water.classifyReading({ values: means, bodyType: given.bodyType() }, facts.standard);
    return { means, class: verdict.class, status: statusOf(verdict.class, facts.standard) };
  },
  basinMainPollutants: (given, { method }) => {
    const group = given.group('sectionsAboveClassIII');
    const above = Object.fromEntries(group.names().map((item) => [item, group.number(item)]));
    return { list: water.basinMainPollutants(given.number('sections'), above, method) };
  },
  trendByShares: (given, { method }) => {
    const shares = (period: 1 | 2) => ({
      goodPercent: given.decimal(`G${period}`),
      worstPercent: given.decimal(`D${period}`),
    });
    const { points, verdict } = water.trendByShares(shares(1), shares(2), method);
    return { x: points.toFixed(), verdict: verdict.zh };
  },
  trendByLevel: (given, { method }) => {
    const [before, after] = [rankOf(given.text('before'), method), rankOf(given.text('after'), method)];
    return { verdict: water.trendByLevels(before, after, method).zh };
  },
  tli: (given, { method }) => {
    const state = water.trophicState(given.table('values'), method);
    const parts = Object.fromEntries(
      Object.entries(state?.parts ?? {}).map(([item, part]) => [item, part.toFixed()]),
    );
    return { parts, tli: state?.index.toFixed() ?? null, grade: name(state?.grade) };
  },
  tliGrade: (given, { method }) => ({ grade: water.trophicGrade(given.decimal('tli'), method).zh }),
};

const quality: Record<string, CaseRun<WaterFacts>> = {
  actualWaterComparison: (given, { standard, quality: rules }) => {
    const sample = {
      item: given.text('item'),
      bodyType: given.bodyType(),
      laboratory: given.decimalOrNull('lab'),
      automatic: given.decimalOrNull('auto'),
      detectionLimit: given.decimal('detectionLimit'),
    };
    const verdict = water.compareWithLaboratory(sample, rules, standard);
    if (verdict === null) throw new CaseFault(`item "${sample.item}" has no class limits to compare by`);
    return verdict;
  },
  waterStationState: (given, { quality: rules }) => ({ use: water.useOfState(given.number('state'), rules) }),
  doSaturation: (given, { quality: rules }) => {
    const { decimals } = rules.oxygenSaturation;
    const saturation = water.oxygenSaturation(given.decimal('temperatureC'), rules);
    return { saturationMgL: roundHalfEven(saturation, decimals).toFixed(decimals) };
  },
  stuckWater: (given, facts) => ({
    suspicious: water.looksStuck(
      given.texts('values').map((text) => measured(text, facts)),
      facts.quality,
    ),
  }),
};

/** Kind of example to the production function it exercises. */
export const waterCases: Readonly<Record<string, CaseRun<WaterFacts>>> = {
  ...classes,
  ...statistics,
  ...basins,
  ...quality,
};
