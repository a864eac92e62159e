import {
  estimateLoad,
  flowNormalisedLoad,
  gramsPerM3Of,
  type LoadEstimate,
  type LoadSample,
  type UnderReview,
} from '../analysis/load/index.ts';
import { buildNetwork, type Network } from '../analysis/network/network.ts';
import { outfallWarnings } from '../analysis/network/outfalls.ts';
import { civilPeriods } from '../analysis/statistics/civil-periods.ts';
import { editionInForce } from '../domain/config/config.ts';
import type { Text } from '../domain/config/facts.ts';
import type { FlowTerms } from '../domain/config/flow-terms.ts';
import type { LoadMethod } from '../domain/config/load-method.ts';
import type { Parameter } from '../domain/config/parameter.ts';
import type { Section } from '../domain/config/region.ts';
import { type Scheme, isFlowInput } from '../domain/config/scheme.ts';
import { Decimal } from '../domain/decimal.ts';
import { MonitorError } from '../domain/errors.ts';
import { qualifiers } from '../domain/flags.ts';
import type { LoadReason } from '../domain/load-coverage.ts';
import type { SeriesColumns } from '../domain/ports.ts';
import { averagings, civilDate, type EpochS, isWithin } from '../domain/time.ts';
import type { PeriodMean, SectionFlow, SettledLoad } from '../domain/preview.ts';
import { decidedSeries } from './circumstances.ts';
import { type GaugedFlow, gaugedFlow, standingReasons } from './gauged-flow.ts';
import { textOf, textOrNull } from './load-text.ts';
import { coverageShape, yearS } from './loads.ts';
import { type MeanSource, sourceSeries } from './period-means.ts';
import type { Span } from '../domain/civil-period.ts';
import { leftOutShape, leftOutText } from './left-out.ts';
import { type StatementPhrases, namedIn } from './statement-phrases.ts';
import { mayCount, reviewedReadings, usable } from './under-review.ts';

/** What a load scheme needs beside the means; one for all sections of an agreement. */
export interface FlowBasis {
  terms: FlowTerms;
  rules: LoadMethod;
  network: Network;
}

const ofFlow: ReadonlySet<string> = new Set(['flow-coverage', 'no-flow']);

export const bindsFlow = (scheme: Scheme | undefined): boolean => scheme?.inputs.some(isFlowInput) === true;

/** Null where the scheme asks for no flow or the agreement states no terms of it. Throws E_CONFIG without rules of loads in force. */
export function flowBasisOf(source: MeanSource, scheme: Scheme): FlowBasis | null {
  const { agreement, period, config } = source;
  if (agreement.flow === undefined || !bindsFlow(scheme)) return null;
  const date = civilDate(period.beginS, config.region.timeZone);
  const rules = editionInForce(config.loadMethods ?? [], date);
  if (rules === null) throw new MonitorError('E_CONFIG', `no rules of loads are in force on ${date}`);
  const { rivers = [], flowStations = [], outfalls = [], jurisdictions, sections } = config;
  const network = buildNetwork({ rivers, flowStations, outfalls, jurisdictions, sections });
  return { terms: agreement.flow, rules, network };
}

/**
 * Flow and loads of one section over the period, as agreed: volume from the declared gauging station, and of each parameter the
 * load with its interval, coverage and (with a record) the load under usual flow. Readings of a day make one sample of it.
 */
export async function sectionFlow(
  source: MeanSource,
  basis: FlowBasis,
  of: { section: Section; parameters: readonly Parameter[]; read: readonly Parameter[]; means: PeriodMean[] },
): Promise<SectionFlow> {
  const { config, period, exempt = [], asOfSeq } = source;
  const { terms, rules, network } = basis;
  const endS = Math.max(Math.min(period.endS, source.nowS), period.beginS + 1);
  const span = { beginS: period.beginS, endS };
  const gauged = await gaugedFlow(
    { config, readings: source.readings, network },
    {
      section: of.section.id,
      fromS: period.beginS - (terms.recordYears ?? 0) * yearS,
      ...span,
      exempt,
      ...(asOfSeq === undefined ? {} : { asOfSeq }),
    },
  );
  const standing = standingReasons(of.section, gauged.gauging);
  const estimates: { parameter: string; estimate: LoadEstimate; usual: SettledLoad['flowNormalised'] }[] = [];
  for (const parameter of of.parameters) {
    const mean = of.means.find((one) => one.parameter === parameter.id);
    const sampled = await samplesOf(source, rules, { ...of, section: of.section.id, parameter, mean });
    estimates.push({ parameter: parameter.id, ...estimated({ basis, span, gauged, exempt }, sampled) });
  }
  return shapeOf({
    basis,
    gauged,
    standing,
    estimates,
    timeZone: config.region.timeZone,
    section: of.section,
  });
}

interface Samples {
  samples: LoadSample[];
  /** Days with a concentration. Monthly values tell nothing of them: those of the readings that check them do. */
  sampledS: EpochS[];
  monthly: boolean;
  samplesWithReview: LoadSample[];
  concentration: UnderReview['concentration'];
}

type Origin = { provider: string; averaging: string };

async function samplesOf(
  source: MeanSource,
  rules: LoadMethod,
  of: { section: string; parameter: Parameter; read: readonly Parameter[]; mean: PeriodMean | undefined },
): Promise<Samples> {
  const { dataSource } = source.agreement;
  const { circumstances = [] } = source;
  const own = circumstances.filter((one) => one.section === of.section);
  const daily = async (
    origin: Origin,
  ): Promise<Omit<Samples, 'sampledS' | 'monthly'> & { decidedS: EpochS[] }> => {
    const found = await sourceSeries(source, origin, of.section, of.read);
    const columns = found.find((one) => one.key.parameter === of.parameter.id);
    const { timeZone } = source.config.region;
    const monthly = origin.averaging === averagings.P1M.id;
    const place = { section: of.section, parameter: of.parameter.id, provider: origin.provider };
    const decided = decidedSeries(columns, { ...place, monthly, timeZone }, own);
    const { parameter } = of;
    const samples = dailySamples(decided.columns, source, { parameter, rules, counts: usable });
    const concentration = reviewedReadings(decided.columns, {
      parameter,
      gramsPerM3: gramsPerM3Of(parameter.id, parameter.unit),
      shareOfLimit: rules.belowDetection.shareOfLimit,
      span: source.period,
      exempt: source.exempt ?? [],
    });
    const samplesWithReview =
      concentration.outS.length === 0
        ? samples
        : dailySamples(decided.columns, source, { parameter, rules, counts: mayCount(parameter) });
    const days = decided.exempt.map((one) => civilPeriods('day', one.beginS, one.endS, timeZone));
    return { samples, samplesWithReview, concentration, decidedS: days.flatMap((one) => [...one.beginS]) };
  };
  const timesOf = ({ samples, decidedS }: Awaited<ReturnType<typeof daily>>): EpochS[] => [
    ...samples.map((one) => one.timeS),
    // What a decision took out is not missed.
    ...decidedS,
  ];
  const origin: Origin = of.mean?.from ?? dataSource;
  const { decidedS, ...counted } = await daily(origin);
  if (origin.averaging !== averagings.P1M.id)
    return { monthly: false, ...counted, sampledS: timesOf({ decidedS, ...counted }) };
  const { check } = dataSource;
  return {
    monthly: true,
    ...counted,
    sampledS: check === undefined ? [] : timesOf(await daily(check)),
  };
}

/** One sample for each day that has a valid reading: their mean, by exact sums of the stored decimals. */
function dailySamples(
  columns: SeriesColumns | undefined,
  { period, config, exempt = [] }: Pick<MeanSource, 'period' | 'config' | 'exempt'>,
  { parameter, rules, counts }: { parameter: Parameter; rules: LoadMethod; counts: typeof usable },
): LoadSample[] {
  const factor = gramsPerM3Of(parameter.id, parameter.unit);
  if (columns === undefined) return [];
  const days = civilPeriods('day', period.beginS, period.endS, config.region.timeZone);
  const scale = 10 ** parameter.decimals;
  const share = new Decimal(rules.belowDetection.shareOfLimit);
  const samples: LoadSample[] = [];
  let at = 0;
  for (let day = 0; day < days.beginS.length; day++) {
    let [whole, below, count, limits] = [0, 0, 0, 0];
    for (; at < columns.timeS.length && columns.timeS[at]! < days.endS[day]!; at++) {
      const [value, flags] = [columns.value[at]!, columns.flags[at]!];
      if (!counts(value, flags) || isWithin(columns.timeS[at]!, exempt)) continue;
      const scaled = Math.round(value * scale);
      if ((flags & qualifiers.belowDetection) === 0) whole += scaled;
      else [below, limits] = [below + scaled, limits + 1];
      count += 1;
    }
    if (count === 0) continue;
    const sum = new Decimal(below).times(share).plus(whole);
    const gM3 = sum.div(scale).div(count).times(factor);
    samples.push({ timeS: days.beginS[day]!, gM3, belowDetection: limits === count, flowM3s: null });
  }
  return samples;
}

function estimated(
  of: { basis: FlowBasis; span: Span; gauged: GaugedFlow; exempt: readonly Span[] },
  { samples, sampledS, monthly, samplesWithReview, concentration }: Samples,
): { estimate: LoadEstimate; usual: SettledLoad['flowNormalised'] } {
  const { terms, rules } = of.basis;
  const { gauging, flow, reviewed, flowWithReview } = of.gauged;
  const bounds = terms.leftOut ?? rules.leftOut;
  const underReview = {
    concentration,
    discharge: reviewed,
    samples: samplesWithReview,
    flow: flowWithReview,
  };
  const request = {
    samples,
    flow,
    period: of.span,
    rules,
    minimum: terms.minimum,
    // A monthly value belongs to no day, so that no method may pair it with the flow of one.
    method: monthly ? ('period-mean' as const) : (terms.method ?? 'period-mean'),
    exempt: of.exempt,
    sampledS,
    ...('factor' in gauging ? { transferError: new Decimal(gauging.relativeStandardError) } : {}),
    ...(bounds === undefined ? {} : { underReview: { bounds, ...underReview } }),
  };
  const estimate = estimateLoad(request);
  const usual = flowNormalisedLoad(request, estimate);
  return { estimate, usual: usual === null ? null : { ...usual, tonnes: textOf(usual.tonnes) } };
}

function shapeOf(of: {
  basis: FlowBasis;
  gauged: GaugedFlow;
  standing: LoadReason[];
  estimates: { parameter: string; estimate: LoadEstimate; usual: SettledLoad['flowNormalised'] }[];
  timeZone: string;
  section: Section;
}): SectionFlow {
  const { basis, gauged, standing, estimates, timeZone, section } = of;
  const { gauging, provider, zero, readings, leastStage } = gauged;
  // Volume and coverage of flow are the same whichever parameter is asked.
  const any = estimates[0]?.estimate;
  const reasons = [...standing, ...(any?.reasons ?? []).filter(({ code }) => ofFlow.has(code))];
  return {
    station: gauging.station,
    provider,
    transfer:
      'factor' in gauging
        ? {
            method: gauging.method,
            factor: gauging.factor.toString(),
            relativeStandardError: gauging.relativeStandardError,
            confidence: gauging.confidence,
          }
        : null,
    zeroDischarge: zero,
    rules: basis.rules.id,
    minimum: basis.terms.minimum,
    readings,
    leastStage,
    volumeM3: reasons.length > 0 ? null : textOrNull(any?.volumeM3 ?? null),
    indicativeVolumeM3: textOrNull(any?.volumeM3 ?? null),
    meanFlowM3s: textOrNull(any?.meanFlowM3s ?? null),
    reasons,
    loads: estimates.map(({ parameter, estimate, usual }) => ({
      parameter,
      method: estimate.method,
      tonnes: standing.length > 0 ? null : textOrNull(estimate.tonnes),
      indicativeTonnes: textOrNull(estimate.indicativeTonnes),
      interval90Tonnes:
        estimate.interval90 === null
          ? null
          : [textOf(estimate.interval90[0]), textOf(estimate.interval90[1])],
      flowNormalised: usual,
      coverage: coverageShape(estimate.coverage, timeZone),
      ...leftOutOf(basis, estimate),
      reasons: estimate.reasons.filter(({ code }) => !ofFlow.has(code)),
    })),
    warnings: outfallWarnings(
      basis.network,
      section,
      Number(basis.rules.attribution.mixingReachKm.value),
    ).map(({ text }) => text),
  };
}

function leftOutOf({ terms, rules }: FlowBasis, { leftOut }: LoadEstimate): Pick<SettledLoad, 'leftOut'> {
  const bounds = terms.leftOut ?? rules.leftOut;
  if (leftOut === null || bounds === undefined) return {};
  return { leftOut: leftOutShape(leftOut, bounds, terms.leftOut === undefined ? 'rules' : 'agreement') };
}

/** What of each load of a section was left out for review, for the remarks. */
export function leftOutRemarks(name: Text, flow: SectionFlow | undefined, phrases: StatementPhrases): Text[] {
  return (flow?.loads ?? []).flatMap((load) => {
    const text = leftOutText(load.leftOut, load);
    if (text === null) return [];
    const of = (language: 'zh' | 'en'): string =>
      `${name[language]} ${namedIn(phrases, load.parameter, language)}`;
    return [{ zh: `${of('zh')} ${text.zh}`, en: `${of('en')}: ${text.en}` }];
  });
}

const notAgreed: LoadReason = {
  code: 'flow-not-agreed',
  text: {
    zh: '协议未约定流量及其覆盖率，不计算水量与通量',
    en: 'the agreement states no terms of flow and its coverage; no volume or load is computed',
  },
};

/** Why a load scheme has no result at a section, in one; null where flow is not the cause. `flow` null: nothing is agreed. */
export function flowReason(flow: SectionFlow | null, phrases: StatementPhrases): LoadReason | null {
  if (flow === null) return notAgreed;
  const named = flow.loads.flatMap(({ parameter, reasons }) =>
    reasons.map(({ code, text }) => ({
      code,
      text: {
        zh: `${namedIn(phrases, parameter, 'zh')} ${text.zh}`,
        en: `${namedIn(phrases, parameter, 'en')}: ${text.en}`,
      },
    })),
  );
  const all = [...flow.reasons, ...named];
  const [first] = all;
  if (first === undefined) return null;
  const join = (of: 'zh' | 'en', by: string): string => [...new Set(all.map((one) => one.text[of]))].join(by);
  return { code: first.code, text: { zh: join('zh', '；'), en: join('en', '; ') } };
}
