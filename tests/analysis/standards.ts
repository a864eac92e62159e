import { loadStandards } from '../../src/cli/standards.ts';

/** The standards that ship, read once a test file. */
export const standards = loadStandards();
export const gb3838 = standards.waterStandards[0]!;
export const evaluation = standards.waterEvaluations[0]!;
export const [hj633of2012, hj633of2026] = [standards.aqiStandards[0]!, standards.aqiStandards[1]!];
