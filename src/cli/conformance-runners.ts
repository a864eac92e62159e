import type { ConformanceRunner } from '../analysis/conformance/runner.ts';
import { standardsRunner } from '../analysis/conformance/standards-runner.ts';
import { compensationConformance } from '../analysis/liability/conformance.ts';
import { hj212Runner } from '../ingest/sources/hj212/conformance.ts';

/** Every shape of worked examples that can be run; the first that accepts a document runs it. */
export const conformanceRunners: readonly ConformanceRunner[] = [
  hj212Runner,
  compensationConformance,
  standardsRunner,
];
