import type { LoadCoverage } from '../../domain/config/load-method.ts';
import type { Text } from '../../domain/config/facts.ts';
import { Decimal } from '../../domain/decimal.ts';
import type { EpochS } from '../../domain/time.ts';
import type { LoadCase, LoadFigure } from './load-case.ts';
import { type FlowSteps, stepAt, total } from './samples.ts';

/** On what a load rests. Counts of days; shares are of all days of the period. */
export interface Coverage {
  days: number;
  daysWithFlow: number;
  flowShare: Decimal;
  /** Zero readings that the source means as "not reported". */
  zeroNotReported: number;
  samples: number;
  daysSampled: number;
  sampledShare: Decimal;
  /** The days with the highest flow that is known, and those of them with a sample. */
  highFlowDays: number;
  highFlowSampled: number;
  highFlowShare: Decimal;
  /** Begin of the high-flow days that have no sample. */
  highFlowUnsampledS: number[];
  /** Share of the five days with the most water, of the volume and (null where the method knows no days) of the load. */
  topFiveVolumeShare: Decimal | null;
  topFiveLoadShare: Decimal | null;
}

export interface Shortfall {
  code: 'flow-coverage' | 'sample-coverage' | 'high-flow-coverage' | 'too-few-samples' | 'left-out';
  text: Text;
}

/** Zero of nothing. */
export const shareOf = (part: number | Decimal, whole: number | Decimal): Decimal =>
  new Decimal(whole).isZero() ? new Decimal(0) : new Decimal(part).div(whole);

/** `sampledS`: when the concentration was measured. `highFlowShare`: the share of the days that counts as high flow. */
export function coverageOf(
  of: LoadCase,
  sampledS: readonly EpochS[],
  highFlowShare: string,
  figure: LoadFigure | null,
): Coverage {
  const days = Math.round(of.durationS / 86400);
  const sampled = new Set(sampledS.map((timeS) => stepAt(of.flow, timeS)).filter((step) => step >= 0));
  const byFlow = byFlowDescending(of.flow);
  const high = highFlowSteps(of.flow, highFlowShare);
  const unsampled = high.filter((step) => !sampled.has(step));
  return {
    days,
    daysWithFlow: of.stepsWithFlow,
    flowShare: Decimal.min(shareOf(of.stepsWithFlow, days), 1),
    zeroNotReported: of.flow.zeroNotReported.reduce((sum, count) => sum + count, 0),
    samples: sampledS.length,
    daysSampled: sampled.size,
    sampledShare: Decimal.min(shareOf(sampled.size, days), 1),
    highFlowDays: high.length,
    highFlowSampled: high.length - unsampled.length,
    highFlowShare: shareOf(high.length - unsampled.length, high.length),
    highFlowUnsampledS: unsampled.map((step) => of.flow.beginS[step]!).toSorted((a, b) => a - b),
    topFiveVolumeShare: topFive(of.flow, byFlow, (step) => volumeOf(of.flow, step)),
    topFiveLoadShare: topFive(of.flow, byFlow, (step) => figure?.daily?.[step] ?? null),
  };
}

/** To one decimal, cut. */
export const percentText = (share: Decimal): string =>
  `${share.times(100).toDecimalPlaces(1, Decimal.ROUND_DOWN).toFixed()} %`;

/** The share of the steps with the most flow that is known, most first. */
export function highFlowSteps(flow: FlowSteps, share: string): number[] {
  const byFlow = byFlowDescending(flow);
  return byFlow.slice(0, new Decimal(share).times(byFlow.length).ceil().toNumber());
}

/** Why a load does not rest on enough; empty when it does. */
export function shortfalls(coverage: Coverage, minimum: LoadCoverage): Shortfall[] {
  const found: Shortfall[] = [];
  const check = (code: Shortfall['code'], share: Decimal, least: string, name: Text): void => {
    if (share.gte(least)) return;
    const [is, wanted] = [percentText(share), percentText(new Decimal(least))];
    found.push({
      code,
      text: {
        zh: `${name.zh}${is}，低于约定的${wanted}`,
        en: `${name.en} ${is}, below the agreed ${wanted}`,
      },
    });
  };
  check('flow-coverage', coverage.flowShare, minimum.flowDays, {
    zh: '有流量的天数占',
    en: 'days with flow are',
  });
  check('sample-coverage', coverage.sampledShare, minimum.sampledDays, {
    zh: '有水质数据的天数占',
    en: 'days with a concentration are',
  });
  check('high-flow-coverage', coverage.highFlowShare, minimum.highFlowDays, {
    zh: '高流量日中有水质数据的占',
    en: 'high-flow days with a concentration are',
  });
  if (coverage.samples < minimum.leastSamples) {
    const { samples } = coverage;
    const text = {
      zh: `样品${samples}个，少于约定的${minimum.leastSamples}个`,
      en: `${samples} samples, fewer than the agreed ${minimum.leastSamples}`,
    };
    found.push({ code: 'too-few-samples', text });
  }
  return found;
}

/** Steps with flow, most first, ties in order of time. */
function byFlowDescending(flow: FlowSteps): number[] {
  return [...flow.m3s.keys()]
    .filter((step) => flow.m3s[step] !== null)
    .toSorted((a, b) => flow.m3s[b]!.comparedTo(flow.m3s[a]!) || a - b);
}

export const volumeOf = (flow: FlowSteps, step: number): Decimal | null =>
  flow.m3s[step]?.times(flow.endS[step]! - flow.beginS[step]!) ?? null;

function topFive(
  flow: FlowSteps,
  byFlow: readonly number[],
  amount: (step: number) => Decimal | null,
): Decimal | null {
  const amounts = byFlow.map((step) => amount(step)?.abs());
  const known = amounts.filter((one) => one !== undefined);
  const whole = total(known);
  if (flow.m3s.length === 0 || known.length < byFlow.length || whole.isZero()) return null;
  return total(known.toSorted((a, b) => b.comparedTo(a)).slice(0, 5)).div(whole);
}
