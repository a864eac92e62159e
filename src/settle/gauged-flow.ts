import { checkFlowUnit, type FlowSteps, flowSteps, type Reviewed } from '../analysis/load/index.ts';
import { gaugingOf, type GaugingResult } from '../analysis/network/gauging.ts';
import type { Network } from '../analysis/network/network.ts';
import { civilPeriods } from '../analysis/statistics/civil-periods.ts';
import type { Config } from '../domain/config/config.ts';
import type { Text } from '../domain/config/facts.ts';
import type { Section } from '../domain/config/region.ts';
import { Decimal } from '../domain/decimal.ts';
import { stageOf } from '../domain/flags.ts';
import type { LoadReason } from '../domain/load-coverage.ts';
import type { ReadingStore, SeriesColumns } from '../domain/ports.ts';
import { type EpochS, isWithin } from '../domain/time.ts';
import { mayCount, reviewedTimes, usable } from './under-review.ts';
import type { Span } from '../domain/civil-period.ts';

/** Parameter id of discharge. */
export const discharge = 'discharge';

/** What reading flow needs of a configuration. */
export type FlowFacts = Pick<Config, 'region' | 'sources' | 'parameters'>;

/** Daily flow at a section from its declared gauging station, and what it rests on. */
export interface GaugedFlow {
  gauging: GaugingResult;
  flow: FlowSteps;
  provider: string | null;
  zero: 'not-reported' | 'measured';
  /** Valid readings from the begin of the period on, and their lowest review stage (null without any). */
  readings: number;
  leastStage: number | null;
  /** Readings of the period that count and that are left out for review, and the flow with those. */
  reviewed: Reviewed;
  flowWithReview: FlowSteps;
}

const texts: Record<string, Text> = {
  'no-station': { zh: '断面未声明流量站', en: 'no gauging station is declared for the section' },
  'no-transfer': {
    zh: '断面未声明流量换算方法',
    en: 'no transfer from the gauging station to the section is declared',
  },
  'area-unknown': {
    zh: '集水面积未声明，无法换算流量',
    en: 'a catchment area for the transfer is not stated',
  },
};

/** Why no flow or load of this section is relied on, whatever its data. */
export function standingReasons(section: Section, gauging: GaugingResult): LoadReason[] {
  const reasons: LoadReason[] = [];
  if (section.hydraulics === 'tidal' || section.hydraulics === 'backwater') {
    const text = {
      zh: '感潮或回水断面不作通量断面',
      en: 'water does not pass a tidal or backwater section one way; it carries no load',
    };
    reasons.push({ code: 'not-one-way', text });
  }
  if ('reason' in gauging) reasons.push({ code: gauging.reason, text: texts[gauging.reason]! });
  return reasons;
}

/**
 * Daily flow of a section in `[fromS, endS)`; `beginS` is where the period begins, what is before is the record. Flow is read as
 * instantaneous discharge of the provider that the station is known by. Throws E_BAD_REQUEST unless discharge is in m³/s.
 */
export async function gaugedFlow(
  source: { config: FlowFacts; readings: Pick<ReadingStore, 'series'>; network: Network },
  of: {
    section: string;
    fromS: EpochS;
    beginS: EpochS;
    endS: EpochS;
    asOfSeq?: number;
    exempt?: readonly Span[];
  },
): Promise<GaugedFlow> {
  const { config, network } = source;
  const { beginS, endS, asOfSeq, exempt = [] } = of;
  const gauging = gaugingOf(network, of.section);
  const station = network.flowStations.get(gauging.station ?? '');
  const provider = station?.aliases[0]?.provider ?? null;
  const zero = config.sources.find((one) => one.provider === provider)?.zeroDischarge ?? 'measured';
  const parameter = config.parameters.find((one) => one.id === discharge);
  let columns: SeriesColumns | undefined;
  if (station !== undefined && provider !== null && 'factor' in gauging) {
    checkFlowUnit(parameter?.unit ?? null);
    [columns] = await source.readings.series({
      stations: [station.id],
      parameters: [discharge],
      averaging: 'instant',
      provider,
      fromS: of.fromS,
      toS: endS,
      ...(asOfSeq === undefined ? {} : { asOfSeq }),
    });
  }
  let [readings, leastStage]: [number, number | null] = [0, null];
  const timeS = columns?.timeS ?? new Float64Array();
  const value = Float64Array.from(timeS, (atS, at) => {
    const [one, flags] = [columns!.value[at]!, columns!.flags[at]!];
    if (!usable(one, flags) || isWithin(atS, exempt)) return Number.NaN;
    if (atS >= beginS) {
      readings += 1;
      leastStage = Math.min(leastStage ?? Infinity, stageOf(flags));
    }
    return one;
  });
  const days = civilPeriods('day', Math.min(timeS[0] ?? beginS, beginS), endS, config.region.timeZone);
  const transfer = 'factor' in gauging ? gauging.factor.toDecimal() : new Decimal(1);
  const flow = flowSteps({ timeS, value }, days, { zero, transfer });
  const reviewed = reviewedTimes(columns, { beginS, endS }, exempt);
  const counts = mayCount(parameter);
  const withReview = (): FlowSteps => {
    const all = Float64Array.from(timeS, (atS, at) =>
      counts(columns!.value[at]!, columns!.flags[at]!) && !isWithin(atS, exempt)
        ? columns!.value[at]!
        : Number.NaN,
    );
    return flowSteps({ timeS, value: all }, days, { zero, transfer });
  };
  return {
    gauging,
    flow,
    reviewed,
    flowWithReview: reviewed.outS.length === 0 ? flow : withReview(),
    provider,
    zero,
    readings,
    leastStage,
  };
}
