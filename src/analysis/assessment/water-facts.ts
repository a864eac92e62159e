import { editionInForce, type Config } from '../../domain/config/config.ts';
import type { Text } from '../../domain/config/facts.ts';
import type {
  ExceedanceWording,
  Standards,
  WaterEvaluation,
  WaterPeriods,
  WaterStandard,
} from '../../domain/config/standard.ts';
import { roundHalfEven, type Decimal } from '../../domain/decimal.ts';
import type { Static } from 'typebox';
import type { Confidence } from '../../domain/config/facts.ts';
import type { MeanFacts } from './month-values.ts';

/** Everything of the configuration that a verdict on a section and period rests on. */
export interface WaterFacts extends MeanFacts {
  standard: WaterStandard;
  method: WaterEvaluation;
  periods: WaterPeriods;
  wording: ExceedanceWording;
}

/** Editions in force on the last day of a period; null where one is missing. */
export function waterFactsOn(
  config: Standards & Pick<Config, 'parameters' | 'region'>,
  date: string,
): WaterFacts | null {
  const standard = editionInForce(config.waterStandards, date);
  const method = editionInForce(config.waterEvaluations, date);
  const periods = editionInForce(config.waterPeriods, date);
  const wording = editionInForce(config.exceedanceWordings, date);
  if (standard === null || method === null || periods === null || wording === null) return null;
  const { timeZone } = config.region;
  return { standard, method, periods, wording, parameters: config.parameters, timeZone };
}

/** A figure that no standard fixes and that the verdict rests on: printed as 约定缺省. */
export interface AgreedDefault {
  name: string;
  value: string;
  confidence: Static<typeof Confidence>;
  source: string;
  label: Text;
}

/** How sure a figure is, in words; of what is confirmed nothing is said. */
export const confidenceNames: Readonly<Record<string, Text>> = {
  'project-default': { zh: '约定缺省', en: 'Agreed default' },
  'from-memory': { zh: '凭记忆，待核', en: 'From memory, to be checked' },
  assumed: { zh: '假定', en: 'Assumed' },
  inferred: { zh: '推断', en: 'Inferred' },
};

/** Figures of the period rules that are not confirmed by a source. */
export function agreedDefaults(kind: string, rules: WaterPeriods): AgreedDefault[] {
  const longer = kind !== 'single' && kind !== 'day';
  const rows = [
    {
      name: 'day-minimum',
      value: `${rules.day.minValid}/${rules.day.ofExpected}`,
      provenance: rules.day.provenance,
      applies: kind !== 'single',
    },
    {
      name: 'month-minimum-days',
      value: rules.month.minDayShare,
      provenance: rules.month.provenance,
      applies: longer,
    },
    {
      name: 'month-mean-of',
      value: rules.month.meanOf,
      provenance: rules.month.provenance,
      applies: longer,
    },
    {
      name: 'quarter-minimum-months',
      value: String(rules.quarter.minMonths),
      provenance: rules.quarter.provenance,
      applies: kind === 'quarter',
    },
    {
      name: 'cumulative-every-month',
      value: String(rules.cumulative.everyMonth),
      provenance: rules.cumulative.provenance,
      applies: kind === 'cumulative',
    },
    {
      name: 'year-minimum-months',
      value: String(rules.year.minMonths),
      provenance: rules.year.provenance,
      applies: kind === 'year',
    },
  ];
  return rows.flatMap(({ name, value, provenance, applies }) => {
    const label = confidenceNames[provenance.confidence];
    if (!applies || label === undefined) return [];
    return [{ name, value, confidence: provenance.confidence, source: provenance.source, label }];
  });
}

/** Text of a figure at a number of decimals, rounded once half to even. */
export function fixed(value: Decimal, decimals: number): string {
  return roundHalfEven(value, decimals).toFixed(decimals);
}
