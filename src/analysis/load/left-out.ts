import type { LeftOutBounds } from '../../domain/config/load-method.ts';
import type { Text } from '../../domain/config/facts.ts';
import { Decimal } from '../../domain/decimal.ts';
import { type EpochS, isWithin } from '../../domain/time.ts';
import { highFlowSteps, percentText, shareOf, type Shortfall, volumeOf } from './coverage.ts';
import type { LoadCase } from './load-case.ts';
import { type FlowSteps, type LoadSample, stepAt, total } from './samples.ts';

/** When readings that count, and those left out, were measured. */
export interface Reviewed {
  keptS: readonly EpochS[];
  outS: readonly EpochS[];
}

/** What a load leaves out because it is under review. `samples` and `flow`: as they would be with it. */
export interface UnderReview {
  bounds: LeftOutBounds;
  concentration: Reviewed & { keptMeanGM3: Decimal | null; outMeanGM3: Decimal | null };
  discharge: Reviewed;
  samples: readonly LoadSample[];
  flow: FlowSteps;
}

/** What is left out and what it would do. Shares between 0 and 1; `change` of the load without it, null where that is not above zero. */
export interface LeftOut {
  readings: number;
  of: number;
  share: Decimal;
  flowReadings: number;
  flowOf: number;
  flowShare: Decimal;
  waterShare: Decimal;
  highFlowDays: number;
  highFlowShare: Decimal;
  timesKept: Decimal | null;
  tonnesWith: Decimal | null;
  change: Decimal | null;
  exceeded: Shortfall[];
}

/** `all`: the case with what is under review; `tonnes`: the load without and with it. */
export function leftOutOf(
  all: LoadCase,
  under: UnderReview,
  rule: { highFlowShare: string; exempt: readonly { beginS: EpochS; endS: EpochS }[] },
  tonnes: { without: Decimal | null; with: Decimal | null },
): LeftOut {
  const counted = (times: readonly EpochS[]): EpochS[] =>
    times.filter((timeS) => isWithin(timeS, [all]) && !isWithin(timeS, rule.exempt));
  const of = (one: Reviewed): Reviewed => ({ keptS: counted(one.keptS), outS: counted(one.outS) });
  const [concentration, discharge] = [of(under.concentration), of(under.discharge)];
  const lost = lostOf(all, [concentration, discharge]);
  const steps = [...all.flow.m3s.keys()];
  const volumes = steps.map((step) => volumeOf(all.flow, step)?.abs() ?? new Decimal(0));
  const high = highFlowSteps(all.flow, rule.highFlowShare);
  const { keptMeanGM3, outMeanGM3 } = under.concentration;
  const without = tonnes.without;
  const found = {
    ...countOf(concentration),
    flowReadings: discharge.outS.length,
    flowOf: discharge.keptS.length + discharge.outS.length,
    flowShare: countOf(discharge).share,
    waterShare: shareOf(total(steps.map((step) => volumes[step]!.times(lost[step]!))), total(volumes)),
    highFlowDays: high.filter((step) => !lost[step]!.isZero()).length,
    highFlowShare: shareOf(total(high.map((step) => lost[step]!)), high.length),
    timesKept:
      keptMeanGM3 === null || outMeanGM3 === null || keptMeanGM3.isZero()
        ? null
        : outMeanGM3.div(keptMeanGM3),
    tonnesWith: tonnes.with,
    change:
      without === null || tonnes.with === null || without.lte(0) ? null : tonnes.with.div(without).minus(1),
  };
  return { ...found, exceeded: exceededOf(found, under.bounds) };
}

const countOf = ({ keptS, outS }: Reviewed): Pick<LeftOut, 'readings' | 'of' | 'share'> => {
  const of = keptS.length + outS.length;
  return { readings: outS.length, of, share: shareOf(outS.length, of) };
};

/** Of each step, the share of its readings that is left out: of the concentration or of the flow, whichever lost more. */
function lostOf(all: LoadCase, each: readonly Reviewed[]): Decimal[] {
  const lost = all.flow.m3s.map(() => new Decimal(0));
  for (const { keptS, outS } of each) {
    if (outS.length === 0) continue;
    const counts = all.flow.m3s.map(() => ({ out: 0, of: 0 }));
    for (const [times, out] of [
      [keptS, 0],
      [outS, 1],
    ] as const)
      for (const timeS of times) {
        const count = counts[stepAt(all.flow, timeS)];
        if (count === undefined) continue;
        count.out += out;
        count.of += 1;
      }
    counts.forEach(({ out, of }, step) => {
      lost[step] = Decimal.max(lost[step]!, shareOf(out, of));
    });
  }
  return lost;
}

function exceededOf(found: Omit<LeftOut, 'exceeded'>, bounds: LeftOutBounds): Shortfall[] {
  const exceeded: Shortfall[] = [];
  const check = (share: Decimal | null, most: string, name: Text): void => {
    if (share === null || share.abs().lte(most)) return;
    const [is, bound] = [percentText(share.abs()), percentText(new Decimal(most))];
    exceeded.push({
      code: 'left-out',
      text: {
        zh: `${name.zh}${is}，超过限度${bound}`,
        en: `${name.en} ${is}, above the bound of ${bound}`,
      },
    });
  };
  check(found.share, bounds.readings, {
    zh: '因待复核而未计入的水质读数占',
    en: 'readings of the concentration left out for review are',
  });
  check(found.flowShare, bounds.readings, {
    zh: '因待复核而未计入的流量读数占',
    en: 'readings of the flow left out for review are',
  });
  check(found.waterShare, bounds.water, {
    zh: '未计入读数所在时段的水量占',
    en: 'the water that passed while readings were left out is',
  });
  check(found.highFlowShare, bounds.highFlow, {
    zh: '高流量日中未计入的读数占',
    en: 'of the high-flow days, what was left out is',
  });
  check(found.change, bounds.load, {
    zh: '计入后通量变化',
    en: 'with them the load would change by',
  });
  return exceeded;
}
