import { airCases, type AirFacts } from './air-cases.ts';
import { differencesOf } from './difference.ts';
import { CaseFault, Given } from './given.ts';
import type { CaseResult, ConformanceFacts, ConformanceRunner } from './runner.ts';
import { translate, vocabularyOf, type Vocabulary } from './vocabulary.ts';
import { waterCases, type WaterFacts } from './water-cases.ts';

interface WorkedCase {
  id: string;
  kind: string;
  given: unknown;
  expected: unknown;
  tolerance: number;
}

/** A file of worked examples: cases with a kind, an input and an expected result. */
function casesOf(document: unknown): unknown[] | null {
  if (document === null || typeof document !== 'object' || !('cases' in document)) return null;
  const { cases } = document;
  const shaped = (entry: unknown) =>
    entry !== null && typeof entry === 'object' && 'kind' in entry && 'expected' in entry;
  return Array.isArray(cases) && cases.some(shaped) ? cases : null;
}

function readCase(entry: unknown, at: number): WorkedCase {
  const fields = new Map(Object.entries(entry !== null && typeof entry === 'object' ? entry : {}));
  const text = (name: string, otherwise: string) => {
    const value: unknown = fields.get(name);
    return typeof value === 'string' ? value : otherwise;
  };
  const tolerance: unknown = fields.get('tolerance');
  return {
    id: text('id', `case ${at + 1}`),
    kind: text('kind', ''),
    given: fields.get('given') ?? fields.get('input'),
    expected: fields.get('expected'),
    tolerance: typeof tolerance === 'number' ? tolerance : 0,
  };
}

interface AllFacts {
  vocabulary: Vocabulary;
  water: WaterFacts | null;
  air: AirFacts | null;
}

function factsOf(config: ConformanceFacts): AllFacts {
  const standard = config.waterStandards.at(-1);
  const method = config.waterEvaluations.at(-1);
  const quality = config.stationQuality.at(-1);
  return {
    vocabulary: vocabularyOf(config),
    water: standard && method && quality ? { standard, method, quality } : null,
    air: quality ? { ...config, quality } : null,
  };
}

function runCase(example: WorkedCase, facts: AllFacts): CaseResult {
  const { id, kind } = example;
  const failed = (reason: string): CaseResult => ({ id, kind, passed: false, differences: [], reason });
  const isWater = Object.hasOwn(waterCases, kind);
  const medium = isWater ? 'water' : 'air';
  if (!isWater && !Object.hasOwn(airCases, kind)) return failed(`no function for examples of kind "${kind}"`);
  if (example.expected === undefined) return failed('the case has no expected result');
  const prepared = (document: unknown) => translate(document, medium, facts.vocabulary);
  try {
    const given = new Given(prepared(example.given));
    const actual = isWater
      ? facts.water && waterCases[kind]!(given, facts.water)
      : facts.air && airCases[kind]!(given, facts.air);
    const differences = differencesOf(prepared(example.expected), actual, example.tolerance);
    return { id, kind, passed: differences.length === 0, differences };
  } catch (error) {
    return failed(error instanceof CaseFault ? error.message : `failed: ${String(error)}`);
  }
}

/** Worked examples of the standards, in the form that ships and in that of the reference documents. */
export const standardsRunner: ConformanceRunner = {
  name: 'standards',
  accepts: (document) => casesOf(document) !== null,
  run: (document, config) => {
    const facts = factsOf(config);
    return (casesOf(document) ?? []).map((entry, at) => runCase(readCase(entry, at), facts));
  },
};
