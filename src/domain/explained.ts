import type { Text } from './config/facts.ts';

/** Something of a rule in words of both languages; `unit` null where it has none. */
export interface ExplainedValue {
  /** As the rule calls it. */
  key: string;
  name: Text;
  unit: Text | null;
  value: Text;
}

/** One step of a rule in words: what it says, what it computes, what it read, what came of it, and where it stands. */
export interface ExplainedStep {
  step: string;
  name: Text;
  rule: Text;
  formula: Text;
  inputs: ExplainedValue[];
  /** Null where the step did not come to anything. */
  result: Text | null;
  unit: Text | null;
  source: Text;
  /** The step did not apply to the case. */
  skipped: boolean;
  /** What the step lacked; empty where nothing was missing. */
  missing: Text[];
}

/** What a rule came to at a section, and every step of it. */
export interface Explained {
  figures: ExplainedValue[];
  steps: ExplainedStep[];
}
