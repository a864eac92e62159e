import type { Config } from '../../domain/config/config.ts';

/** One figure of a worked example that came out differently; `path` is dotted within the expected result. */
export interface CaseDifference {
  path: string;
  expected: unknown;
  actual: unknown;
}

/** `reason` says why a case could not be run at all; such a case counts as failed. */
export interface CaseResult {
  id: string;
  kind: string;
  passed: boolean;
  differences: CaseDifference[];
  reason?: string;
}

/** The facts that worked examples are run against: those of production, and no others. */
export type ConformanceFacts = Pick<
  Config,
  | 'waterStandards'
  | 'waterEvaluations'
  | 'aqiStandards'
  | 'airStandards'
  | 'airAssessments'
  | 'stationQuality'
  | 'parameters'
  | 'schemes'
>;

/**
 * Runs the worked examples of one file shape through the functions that production uses.
 * `accepts` looks only at the shape of the parsed document; `run` never throws for a bad case but returns it as failed.
 */
export interface ConformanceRunner {
  name: string;
  accepts(document: unknown): boolean;
  run(document: unknown, config: ConformanceFacts): CaseResult[];
}
