import {
  estimateLoad,
  flowNormalisedLoad,
  gramsPerM3Of,
  minimumOf,
  type Coverage,
  type LoadEstimate,
  type LoadSample,
  type UnderReview,
} from '../analysis/load/index.ts';
import { buildNetwork, type Network } from '../analysis/network/network.ts';
import { outfallWarnings } from '../analysis/network/outfalls.ts';
import { civilPeriods } from '../analysis/statistics/civil-periods.ts';
import { type Config, editionInForce } from '../domain/config/config.ts';
import type { Text } from '../domain/config/facts.ts';
import type { LeftOutBounds, LoadMethod } from '../domain/config/load-method.ts';
import type { Section } from '../domain/config/region.ts';
import { Decimal, decimalOf } from '../domain/decimal.ts';
import { MonitorError } from '../domain/errors.ts';
import { qualifiers } from '../domain/flags.ts';
import type { LoadQuery, SectionLoad } from '../domain/loads.ts';
import type { ReadingStore, SeriesColumns } from '../domain/ports.ts';
import { civilDate, type EpochS, instantOfCivil } from '../domain/time.ts';
import { type GaugedFlow, gaugedFlow, standingReasons } from './gauged-flow.ts';
import { textOf, textOrNull } from './load-text.ts';
import { leftOutShape } from './left-out.ts';
import { mayCount, reviewedReadings, usable } from './under-review.ts';

const averaging = 'instant';
export const yearS = 31_557_600;
/** So far back is flow read, as the reference of a flow-normalised load. */
const recordYears = 10;

export interface LoadSource {
  config: Config;
  readings: Pick<ReadingStore, 'series'>;
}

const marking: Text = {
  zh: '技术分析·未经审核·不作结算依据',
  en: 'Technical analysis on unreviewed data; no basis for settlement',
};

/** Everything one load is computed from, read once. */
interface Case {
  section: Section;
  network: Network;
  rules: LoadMethod;
  period: { beginS: EpochS; endS: EpochS };
  samples: LoadSample[];
  /** With those under review. */
  samplesWithReview: LoadSample[];
  concentration: UnderReview['concentration'];
  sampleProvider: string | null;
  flow: GaugedFlow;
}

/** The load of one parameter past a section, from stored readings; why it may not be relied on where it may not. */
export async function sectionLoad(source: LoadSource, query: LoadQuery): Promise<SectionLoad> {
  const of = await readCase(source, query);
  const { section, rules, period } = of;
  const { gauging } = of.flow;
  const standing = standingReasons(section, gauging);
  const transferError = 'factor' in gauging ? new Decimal(gauging.relativeStandardError) : undefined;
  const request = {
    samples: of.samples,
    flow: of.flow.flow,
    period,
    rules,
    ...(query.method === undefined ? {} : { method: query.method }),
    ...(transferError === undefined ? {} : { transferError }),
    ...(rules.leftOut === undefined ? {} : { underReview: underReviewOf(of, rules.leftOut) }),
  };
  const estimate = estimateLoad(request);
  const reasons = [...standing, ...estimate.reasons];
  const usual = flowNormalisedLoad(request, estimate);
  const { timeZone } = source.config.region;
  return {
    marking,
    section: section.id,
    name: section.name,
    parameter: query.parameter,
    from: query.from,
    to: query.to,
    ...period,
    ...figuresOf(estimate, standing.length > 0),
    status: reasons.length === 0 ? 'computed' : 'not-assessable',
    reasons,
    flowNormalised: usual === null ? null : { ...usual, tonnes: textOf(usual.tonnes) },
    coverage: coverageShape(estimate.coverage, timeZone),
    leftOut:
      estimate.leftOut === null || rules.leftOut === undefined
        ? null
        : leftOutShape(estimate.leftOut, rules.leftOut, 'rules'),
    minimum: minimumOf(rules, estimate.method),
    why: whyOf(of),
    warnings: outfallWarnings(of.network, section, Number(rules.attribution.mixingReachKm.value)).map(
      ({ text }) => text,
    ),
  };
}

const underReviewOf = (of: Case, bounds: LeftOutBounds): UnderReview => ({
  bounds,
  concentration: of.concentration,
  discharge: of.flow.reviewed,
  samples: of.samplesWithReview,
  flow: of.flow.flowWithReview,
});

/** Throws E_NOT_FOUND for a date without rules. */
export function loadRulesOn(config: LoadSource['config'], date: string): LoadMethod {
  const rules = editionInForce(config.loadMethods, date);
  if (rules !== null) return rules;
  throw new MonitorError('E_NOT_FOUND', `no rules of loads are in force on ${date}`, { details: { date } });
}

async function readCase(source: LoadSource, query: LoadQuery): Promise<Case> {
  const { config } = source;
  const section = config.sections.find((one) => one.id === query.section);
  if (section === undefined) throw new MonitorError('E_NOT_FOUND', `no such section: ${query.section}`);
  const period = periodOf(query, config.region.timeZone);
  const rules = loadRulesOn(config, query.from);
  const network = buildNetwork(config);
  const reachS = Number(rules.ratingCurve.windowYears) * yearS;
  const around =
    query.method === 'rating-curve'
      ? { fromS: Math.floor(period.beginS - reachS), toS: Math.ceil(period.endS + reachS) }
      : { fromS: period.beginS, toS: period.endS };
  const { provider, ...sampled } = await readSamples(source, section, { query, rules, period, ...around });
  const fromS = period.beginS - recordYears * yearS;
  const asOf = query.asOfSeq === undefined ? {} : { asOfSeq: query.asOfSeq };
  const flow = await gaugedFlow({ ...source, network }, { section: section.id, fromS, ...period, ...asOf });
  return { section, network, rules, period, ...sampled, sampleProvider: provider, flow };
}

function periodOf(query: LoadQuery, timeZone: string): { beginS: EpochS; endS: EpochS } {
  const beginS = instantOfCivil(`${query.from}T00:00`, timeZone);
  const lastS = instantOfCivil(`${query.to}T00:00`, timeZone);
  if (lastS < beginS)
    throw new MonitorError('E_BAD_REQUEST', `the period ends (${query.to}) before it begins (${query.from})`);
  const days = civilPeriods('day', lastS, lastS + 1, timeZone);
  return { beginS, endS: days.endS[0]! };
}

/** From the first of the section's providers that has any. */
async function readSamples(
  source: LoadSource,
  section: Section,
  of: { query: LoadQuery; rules: LoadMethod; period: Case['period']; fromS: EpochS; toS: EpochS },
): Promise<Pick<Case, 'samples' | 'samplesWithReview' | 'concentration'> & { provider: string | null }> {
  const parameter = source.config.parameters.find((one) => one.id === of.query.parameter);
  if (parameter === undefined)
    throw new MonitorError('E_NOT_FOUND', `no such parameter: ${of.query.parameter}`);
  const factor = gramsPerM3Of(parameter.id, parameter.unit);
  for (const provider of new Set(section.aliases.map((alias) => alias.provider))) {
    const columns = await seriesOf(source, { station: section.id, parameter: parameter.id, provider, ...of });
    if (columns === undefined || columns.timeS.length === 0) continue;
    const { shareOfLimit } = of.rules.belowDetection;
    const samplesOf = (counts: typeof usable): LoadSample[] =>
      [...columns.timeS.keys()].flatMap((at): LoadSample[] => {
        const [value, flags] = [columns.value[at]!, columns.flags[at]!];
        if (!counts(value, flags)) return [];
        const belowDetection = (flags & qualifiers.belowDetection) !== 0;
        const gM3 = decimalOf(value)
          .times(factor)
          .times(belowDetection ? shareOfLimit : 1);
        return [{ timeS: columns.timeS[at]!, gM3, belowDetection, flowM3s: null }];
      });
    const concentration = reviewedReadings(columns, {
      parameter,
      gramsPerM3: factor,
      shareOfLimit,
      span: of.period,
      exempt: [],
    });
    const samples = samplesOf(usable);
    const samplesWithReview = concentration.outS.length === 0 ? samples : samplesOf(mayCount(parameter));
    return { samples, samplesWithReview, concentration, provider };
  }
  const concentration = { keptS: [], outS: [], keptMeanGM3: null, outMeanGM3: null };
  return { samples: [], samplesWithReview: [], concentration, provider: null };
}

async function seriesOf(
  source: LoadSource,
  of: {
    station: string;
    parameter: string;
    provider: string;
    fromS: EpochS;
    toS: EpochS;
    query: LoadQuery;
  },
): Promise<SeriesColumns | undefined> {
  const { asOfSeq } = of.query;
  const [columns] = await source.readings.series({
    stations: [of.station],
    parameters: [of.parameter],
    averaging,
    provider: of.provider,
    fromS: of.fromS,
    toS: of.toS,
    ...(asOfSeq === undefined ? {} : { asOfSeq }),
  });
  return columns;
}

type Figures =
  | 'method'
  | 'tonnes'
  | 'indicativeTonnes'
  | 'standardErrorTonnes'
  | 'interval90Tonnes'
  | 'volumeM3'
  | 'meanFlowM3s'
  | 'flowWeightedMeanMgL';

function figuresOf(estimate: LoadEstimate, refused: boolean): Pick<SectionLoad, Figures> {
  const { interval90 } = estimate;
  return {
    method: estimate.method,
    tonnes: refused ? null : textOrNull(estimate.tonnes),
    indicativeTonnes: textOrNull(estimate.indicativeTonnes),
    standardErrorTonnes: textOrNull(estimate.standardErrorTonnes),
    interval90Tonnes: interval90 === null ? null : [textOf(interval90[0]), textOf(interval90[1])],
    volumeM3: textOrNull(estimate.volumeM3),
    meanFlowM3s: textOrNull(estimate.meanFlowM3s),
    flowWeightedMeanMgL: textOrNull(estimate.flowWeightedMeanGM3),
  };
}

export function coverageShape(coverage: Coverage, timeZone: string): SectionLoad['coverage'] {
  const { flowShare, sampledShare, highFlowShare, highFlowUnsampledS, ...counts } = coverage;
  return {
    ...counts,
    topFiveVolumeShare: coverage.topFiveVolumeShare?.toFixed(4) ?? null,
    topFiveLoadShare: coverage.topFiveLoadShare?.toFixed(4) ?? null,
    flowShare: flowShare.toFixed(4),
    sampledShare: sampledShare.toFixed(4),
    highFlowShare: highFlowShare.toFixed(4),
    highFlowUnsampled: highFlowUnsampledS.map((atS) => civilDate(atS, timeZone)),
  };
}

function whyOf(of: Case): SectionLoad['why'] {
  const { gauging, provider, zero } = of.flow;
  const known = 'factor' in gauging ? gauging : null;
  return {
    rules: of.rules.id,
    samples: { provider: of.sampleProvider, averaging },
    flow: {
      station: gauging.station,
      provider,
      method: known?.method ?? null,
      factor: known?.factor.toString() ?? null,
      riverKm: known?.riverKm ?? null,
      confidence: known?.confidence ?? null,
      zeroDischarge: zero,
    },
  };
}
