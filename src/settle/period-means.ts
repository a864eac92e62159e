import { spanIn } from '../analysis/assessment/circumstances.ts';
import { addStored, ExactSum, HydrogenIonSum, type MeanOf } from '../analysis/assessment/exact-sum.ts';
import { editionInForce } from '../domain/config/config.ts';
import type { Parameter } from '../domain/config/parameter.ts';
import type { Text } from '../domain/config/facts.ts';
import type { Agreement, OrderedSource } from '../domain/config/region.ts';
import type { WaterEvaluation } from '../domain/config/standard.ts';
import { Decimal, decimalOf, roundHalfEven } from '../domain/decimal.ts';
import { MonitorError } from '../domain/errors.ts';
import { qualifiers, stageOf } from '../domain/flags.ts';
import type { ReadingStore, SeriesColumns } from '../domain/ports.ts';
import { type AveragingId, averagings, civilDate, intervalOf, isWithin, overlapS } from '../domain/time.ts';
import type { CheckValue, PeriodMean } from '../domain/preview.ts';
import { type KnownCircumstance, coverWhole, decidedSeries, merged } from './circumstances.ts';
import type { Period, Span } from '../domain/civil-period.ts';
import type { SettlementFacts } from './facts.ts';
import { usable } from './under-review.ts';

interface DataSource {
  provider: string;
  averaging: string;
  kind?: OrderedSource['kind'];
  samples?: number;
}

/** What the means of an agreement's sections are taken from. */
export interface MeanSource {
  agreement: Agreement;
  period: Period;
  config: SettlementFacts;
  readings: Pick<ReadingStore, 'series'>;
  nowS: number;
  asOfSeq?: number;
  exempt?: readonly Span[];
  /** Of the sections of the agreement, as they stood; only decided ones have an effect. */
  circumstances?: readonly KnownCircumstance[];
}

export function waterEvaluationOf(config: SettlementFacts, period: Period): WaterEvaluation | null {
  return editionInForce(config.waterEvaluations, civilDate(period.beginS, config.region.timeZone));
}

/** Readings that the agreement's source should have given by now, or by the end of the period. */
export function expectedReadings(
  source: Pick<MeanSource, 'agreement' | 'period' | 'config' | 'nowS' | 'exempt'>,
  data: DataSource = source.agreement.dataSource,
): number {
  const { provider, averaging, samples } = data;
  if (averaging === averagings.P1M.id) return deliveredMonths(source);
  if (samples !== undefined) return deliveredMonths(source) * samples;
  const wanted = source.config.sources.filter((one) => one.provider === provider);
  const upstream = wanted.find(
    (one) => (one.stampMeans === 'instant') === (averaging === averagings.instant.id),
  );
  if (upstream === undefined) {
    throw new MonitorError(
      'E_CONFIG',
      `agreement ${source.agreement.id}: no source of provider "${provider}" with averaging "${averaging}"`,
    );
  }
  const endS = Math.min(source.period.endS, Math.max(source.nowS, source.period.beginS));
  const { beginS } = source.period;
  const exemptS = merged(source.exempt ?? []).reduce((sum, one) => sum + overlapS(one, { beginS, endS }), 0);
  return Math.floor((endS - beginS - exemptS) / upstream.cadenceSeconds);
}

/** Monthly values that should have been delivered: one for each month of the period that is over. */
function deliveredMonths({
  period,
  config,
  nowS,
  exempt = [],
}: Pick<MeanSource, 'period' | 'config' | 'nowS' | 'exempt'>): number {
  let months = 0;
  for (let beginS = period.beginS; beginS < period.endS;) {
    const { endS } = intervalOf(averagings.P1M.id, beginS, config.region.timeZone);
    if (endS > nowS) break;
    if (!isWithin(beginS, exempt)) months += 1;
    beginS = endS;
  }
  return months;
}

/** The exact sum of the valid readings of one series, and what it rests on. */
interface Summed {
  mean: Decimal | null;
  observed: number;
  valid: number;
  leastStage: number | null;
}

/** Below detection the stored value is the limit, of which a statistic takes the share that the rule says. */
function summed(
  { timeS, value, flags }: Pick<SeriesColumns, 'timeS' | 'value' | 'flags'>,
  sum: MeanOf,
  rules: { decimals: number; shareOfLimit: string | undefined; exempt: readonly Span[] },
): Summed {
  const below = new Map<number, Decimal>();
  let [observed, valid, leastStage] = [0, 0, Infinity];
  for (let at = 0; at < timeS.length; at++) {
    const [one, bits] = [value[at]!, flags[at]!];
    if (Number.isNaN(one) || isWithin(timeS[at]!, rules.exempt)) continue;
    observed += 1;
    if (!usable(one, bits)) continue;
    valid += 1;
    leastStage = Math.min(leastStage, stageOf(bits));
    if ((bits & qualifiers.belowDetection) === 0 || rules.shareOfLimit === undefined)
      addStored(sum, one, rules.decimals);
    else {
      const share = below.get(one) ?? roundHalfEven(decimalOf(one), rules.decimals).times(rules.shareOfLimit);
      below.set(one, share);
      sum.addDecimal(share);
    }
  }
  return { mean: sum.mean(), observed, valid, leastStage: valid === 0 ? null : leastStage };
}

const nothing = { timeS: new Float64Array(), value: new Float64Array(), flags: new Uint16Array() };

function periodMean(
  parameter: Parameter,
  columns: SeriesColumns | undefined,
  rules: { evaluation: WaterEvaluation | null; expected: number; minimum: number; exempt: readonly Span[] },
): PeriodMean {
  const pair = rules.evaluation?.decimals.items.find((one) => one.parameter === parameter.id);
  const decimals = pair?.evaluation ?? parameter.displayDecimals;
  const hydrogen = rules.evaluation?.meanByHydrogenIon.items.includes(parameter.id) === true;
  const { mean, observed, valid, leastStage } = summed(
    columns ?? nothing,
    hydrogen ? new HydrogenIonSum() : new ExactSum(parameter.decimals),
    {
      decimals: parameter.decimals,
      shareOfLimit: rules.evaluation?.belowDetection.share,
      exempt: rules.exempt,
    },
  );
  const share = rules.expected === 0 ? new Decimal(0) : new Decimal(valid).div(rules.expected);
  const enough = valid > 0 && rules.expected > 0 && share.gte(rules.minimum);
  return {
    parameter: parameter.id,
    unit: parameter.unit,
    mean: enough && mean !== null ? roundHalfEven(mean, decimals).toFixed(decimals) : null,
    unrounded: mean === null ? null : mean.toDecimalPlaces(12).toString(),
    decimals,
    expected: rules.expected,
    observed,
    valid,
    coverage: share.toDecimalPlaces(4, Decimal.ROUND_DOWN).toFixed(4),
    minimumCoverage: String(rules.minimum),
    enough,
    leastStage,
    method: hydrogen ? 'hydrogen-ion' : 'arithmetic',
  };
}

/** The series of one source at a section over the period, as the means are taken from. Throws E_CONFIG for an unknown averaging. */
export async function sourceSeries(
  source: MeanSource,
  data: { provider: string; averaging: string },
  section: string,
  parameters: readonly Parameter[],
): Promise<SeriesColumns[]> {
  const { agreement, period } = source;
  const { averaging, provider } = data;
  if (!Object.hasOwn(averagings, averaging)) {
    throw new MonitorError(
      'E_CONFIG',
      `agreement ${agreement.id}: unknown averaging "${averaging}" (one of ${Object.keys(averagings).join(', ')})`,
    );
  }
  return source.readings.series({
    stations: [section],
    parameters: parameters.map((parameter) => parameter.id),
    averaging: averaging as AveragingId,
    provider,
    fromS: period.beginS,
    toS: period.endS,
    ...(source.asOfSeq === undefined ? {} : { asOfSeq: source.asOfSeq }),
  });
}

/** A monthly value cannot be split: of what does not count, only months that lie wholly inside. */
export const wholeMonths = (exempt: readonly Span[], timeZone: string): Span[] =>
  exempt.flatMap(({ beginS, endS }) => {
    const whole = spanIn({ fromS: beginS, toS: endS }, 'manual', timeZone);
    return whole === null ? [] : [{ beginS: whole.fromS, endS: whole.toS }];
  });

async function meansFrom(
  source: MeanSource,
  data: DataSource,
  section: string,
  parameters: readonly Parameter[],
): Promise<PeriodMean[]> {
  const { agreement, period, config, circumstances = [] } = source;
  const { averaging, provider } = data;
  const { timeZone } = config.region;
  const monthly = averaging === averagings.P1M.id;
  const exempt = monthly ? wholeMonths(source.exempt ?? [], timeZone) : (source.exempt ?? []);
  const series = await sourceSeries(source, data, section, parameters);
  const expected = expectedReadings({ ...source, exempt }, data);
  const evaluation = waterEvaluationOf(config, period);
  const minimum = agreement.minimumCoverage.share;
  const own = circumstances.filter((one) => one.section === section);
  return parameters.map((parameter) => {
    const columns = series.find((one) => one.key.parameter === parameter.id);
    const of = { section, parameter: parameter.id, provider, monthly, timeZone };
    const decided = decidedSeries(columns, of, own);
    if (decided.took.length === 0)
      return periodMean(parameter, columns, { evaluation, expected, minimum, exempt });
    const without = [...exempt, ...decided.exempt];
    const left = expectedReadings({ ...source, exempt: without }, data) + decided.samples;
    const mean = periodMean(parameter, decided.columns, { evaluation, expected: left, minimum, exempt });
    const excluded = decided.samples === 0 && coverWhole(decided.exempt, period);
    return { ...mean, circumstances: decided.took, ...(excluded ? { excluded } : {}) };
  });
}

/** Why a check value is another than the value that counts: what it rests on, and by how much they differ. */
function checkOf(mean: PeriodMean, computed: PeriodMean, by: DataSource): CheckValue {
  const { provider, averaging } = by;
  const value = computed.mean ?? null;
  const difference =
    mean.mean === null || value === null ? null : decimalOf(mean.mean).minus(value).toFixed(mean.decimals);
  const zh = [`由${provider}读数计算的校核值，仅供核对：有效 ${computed.valid}/${computed.expected}`];
  const en = [
    `computed from readings of ${provider}, to check only: ${computed.valid} of ${computed.expected} valid`,
  ];
  const add = (one: Text): void => {
    zh.push(one.zh);
    en.push(one.en);
  };
  if (!computed.enough) add({ zh: '覆盖率不足，不与计', en: 'too few for a mean' });
  if (computed.leastStage === 0) add({ zh: '读数未经审核', en: 'the readings are unreviewed' });
  if (computed.observed > computed.valid)
    add({
      zh: `${computed.observed - computed.valid} 个读数存疑或无效，未计入`,
      en: `${computed.observed - computed.valid} suspect or invalid readings left out`,
    });
  if (difference !== null && Number(difference) === 0)
    add({ zh: '与采用值一致', en: 'equal to the value that counts' });
  else if (difference !== null)
    add({
      zh: `采用值与校核值相差 ${difference}：手工采样与自动监测、时段覆盖不同均可造成差异`,
      en: `the value that counts differs by ${difference}: samples by hand against automatic readings, or other hours covered`,
    });
  return {
    provider,
    averaging,
    mean: value,
    difference,
    expected: computed.expected,
    valid: computed.valid,
    explanation: { zh: `${zh.join('；')}。`, en: `${en.join('; ')}.` },
  };
}

/**
 * Means of the given parameters at one section, in their order, each from the first of the agreement's sources that has enough
 * reviewed data; where none has, from the first with enough, which then reaches a trial only. A section without readings gives means
 * without a value. A check value is computed beside where the agreement asks for one.
 */
export async function periodMeans(
  source: MeanSource,
  section: string,
  parameters: readonly Parameter[],
): Promise<PeriodMean[]> {
  const { otherwise = [], check, assumedReviewed } = source.agreement.dataSource;
  const ordered: DataSource[] = [source.agreement.dataSource, ...otherwise];
  const candidates: { data: DataSource; means: PeriodMean[] }[] = [];
  for (const data of ordered)
    candidates.push({ data, means: await meansFrom(source, data, section, parameters) });
  const computed = check === undefined ? null : await meansFrom(source, check, section, parameters);
  return parameters.map((_, at) => {
    const usableOnes = candidates.filter(({ means }) => means[at]?.enough === true);
    const reviewed = usableOnes.find(
      ({ means }) => assumedReviewed !== undefined || (means[at]?.leastStage ?? 0) > 0,
    );
    const { data, means } = reviewed ?? usableOnes[0] ?? candidates[0]!;
    const mean = means[at]!;
    const { provider, averaging, kind = null } = data;
    return {
      ...mean,
      ...(otherwise.length === 0 ? {} : { from: { provider, averaging, kind } }),
      ...(check === undefined || computed === null ? {} : { check: checkOf(mean, computed[at]!, check) }),
    };
  });
}
