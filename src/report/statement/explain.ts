import { type Phrases, type PhraseFacts, languages, phrasesOf } from '../../analysis/liability/phrases.ts';
import type { StepNode } from '../../domain/preview.ts';
import type { Text } from '../../domain/config/facts.ts';
import type { Explained, ExplainedStep, ExplainedValue } from '../../domain/explained.ts';

/** Steps that applied to the case. */
export const taken = ({ steps }: Explained): ExplainedStep[] => steps.filter((one) => !one.skipped);

type Both = Record<'zh' | 'en', Phrases>;

const inBoth = (said: (phrases: Phrases) => string, phrases: Both): Text => ({
  zh: said(phrases.zh),
  en: said(phrases.en),
});

function unitOf(key: string, phrases: Both): Text | null {
  const unit = inBoth((one) => one.unit(key), phrases);
  return unit.zh === '' ? null : unit;
}

const valuesOf = (of: Record<string, unknown>, phrases: Both): ExplainedValue[] =>
  Object.entries(of).map(([key, value]) => ({
    key,
    name: inBoth((one) => one.name(key), phrases),
    unit: unitOf(key, phrases),
    value: inBoth((one) => one.value(value), phrases),
  }));

function stepOf(node: StepNode, phrases: Both): ExplainedStep {
  return {
    step: node.step,
    name: inBoth((one) => one.name(node.step), phrases),
    rule: node.rule,
    formula: inBoth((one) => one.formula(node), phrases),
    inputs: valuesOf(node.inputs, phrases),
    result: node.result === null ? null : inBoth((one) => one.value(node.result), phrases),
    unit: unitOf(node.step, phrases),
    source: inBoth((one) => one.source(node.provenance), phrases),
    skipped: node.skipped,
    missing: node.missing.map((what) => inBoth((one) => one.missing(what), phrases)),
  };
}

/** A section of a preview or a statement in words. Throws E_CONFIG for a formula that does not parse. */
export function explain(
  { figures, why }: { figures: Record<string, unknown>; why: readonly StepNode[] },
  facts: PhraseFacts,
): Explained {
  const [zh, en] = languages.map((language) => phrasesOf(facts, language)) as [Phrases, Phrases];
  const phrases = { zh, en };
  return {
    figures: valuesOf(figures, phrases),
    steps: why.map((one) => stepOf(one, phrases)),
  };
}
