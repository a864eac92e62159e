import type { Decimal } from '../../domain/decimal.ts';
import { isWithin, overlapS, type EpochS, type Interval } from '../../domain/time.ts';
import { type FlowSteps, type LoadSample, meanOf, stepAt } from './samples.ts';

/** What a method computes, before the errors of measuring are added; `daily` where the method knows each step. */
export interface LoadFigure {
  grams: Decimal;
  standardErrorGrams: Decimal;
  /** Grams of each step of the period, null where its flow is not known. */
  daily?: (Decimal | null)[];
  /** Share of the load on steps with more flow than any sample saw. */
  extrapolatedShare?: Decimal;
  /** The same concentrations under the flow of other years; null without a longer record. Slow, so only on demand. */
  flowNormalisedGrams?: () => Decimal | null;
}

export type PairedSample = LoadSample & { flowM3s: Decimal };

/** Samples and flow of one period, paired; what every method reads. */
export interface LoadCase {
  beginS: EpochS;
  endS: EpochS;
  durationS: number;
  /** Samples of the period, sorted. */
  samples: readonly LoadSample[];
  /** All samples that are known, the period's among them, sorted. */
  all: readonly LoadSample[];
  /** The period's samples with a flow, at their moment or on their day. */
  paired: readonly PairedSample[];
  /** All samples with a flow, those outside the period as well: what a rating curve learns from. */
  calibration: readonly PairedSample[];
  /** Steps of the period. */
  flow: FlowSteps;
  /** All steps that are known, the period's among them. */
  record: FlowSteps;
  meanFlowM3s: Decimal | null;
  stepsWithFlow: number;
}

/**
 * Cuts a record to a period. `samples` may reach beyond the period; so may the flow, which then is the reference for a
 * flow-normalised load. A sample without a flow of its own takes that of its day. Days that begin in an `exempt` span neither
 * count nor are expected.
 */
export function loadCase(
  samples: readonly LoadSample[],
  record: FlowSteps,
  period: Interval,
  exempt: readonly Interval[] = [],
): LoadCase {
  const counts = ({ timeS }: { timeS: EpochS }): boolean => !isWithin(timeS, exempt);
  const sorted = samples.filter(counts).toSorted((a, b) => a.timeS - b.timeS);
  const calibration = sorted.flatMap((one): PairedSample[] => {
    const flowM3s = one.flowM3s ?? record.m3s[stepAt(record, one.timeS)] ?? null;
    return flowM3s === null ? [] : [{ ...one, flowM3s }];
  });
  const within = (one: { timeS: EpochS }): boolean => one.timeS >= period.beginS && one.timeS < period.endS;
  const flow = stepsWithin(record, period, exempt);
  const known = flow.m3s.filter((one) => one !== null);
  return {
    ...period,
    durationS: exempt.reduce((left, one) => left - overlapS(one, period), period.endS - period.beginS),
    samples: sorted.filter(within),
    all: sorted,
    paired: calibration.filter(within),
    calibration,
    flow,
    record,
    meanFlowM3s: meanOf(known),
    stepsWithFlow: known.length,
  };
}

function stepsWithin(record: FlowSteps, period: Interval, exempt: readonly Interval[]): FlowSteps {
  const kept = [...record.beginS.keys()].filter(
    (at) => isWithin(record.beginS[at]!, [period]) && !isWithin(record.beginS[at]!, exempt),
  );
  return {
    beginS: Float64Array.from(kept, (at) => record.beginS[at]!),
    endS: Float64Array.from(kept, (at) => record.endS[at]!),
    m3s: kept.map((at) => record.m3s[at] ?? null),
    zeroNotReported: kept.map((at) => record.zeroNotReported[at] ?? 0),
  };
}
