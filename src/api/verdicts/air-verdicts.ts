import { createHash } from 'node:crypto';
import {
  assessAirPeriod,
  boundsOf,
  dayMaxima8h,
  dayMeans,
  judgeAirDay,
  periodOf,
  type AirDayVerdict,
  type AirPeriodAssessment,
  type AirPeriodFacts,
  type AssessmentPeriod,
  type DaySeries,
  type HourSeries,
  type TalliedSeries,
} from '../../analysis/assessment/index.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { editionInForce, type Config } from '../../domain/config/config.ts';
import type { AirStation } from '../../domain/config/region.ts';
import { MonitorError } from '../../domain/errors.ts';
import { stageOf } from '../../domain/flags.ts';
import { instantOfCivil, type Interval } from '../../domain/time.ts';
import type { ApiDeps } from '../deps.ts';
import { judges } from './judges.ts';
import { flagsOf, usable } from '../readings/reading-shapes.ts';
import { verdictId } from './section-verdicts.ts';
import { StatisticsDigests } from './statistics-digest.ts';
import { providersOf } from '../region/stations-view.ts';
import type { AirVerdict } from './verdict-shapes.ts';

/** One hour, named by its begin on the region's clock, `2026-03-01T07`; or a stretch of the calendar. */
export type AirPeriod =
  AssessmentPeriod | { kind: 'hour'; id: string; from: string; to: string; months: readonly string[] };

const HOUR = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3])$/;

/** The period of an id: an hour, or as {@link periodOf}. Throws E_BAD_REQUEST. */
export function airPeriodOf(id: string): AirPeriod {
  if (!HOUR.test(id)) return periodOf(id);
  const { id: date } = periodOf(id.slice(0, 10));
  return { kind: 'hour', id, from: date, to: date, months: [] };
}

export function airBounds(period: AirPeriod, timeZone: string): Interval {
  if (period.kind !== 'hour') return boundsOf(period, timeZone);
  const beginS = instantOfCivil(`${period.id}:00`, timeZone);
  return { beginS, endS: beginS + 3600 };
}

export interface AirFactsOf extends AirPeriodFacts {
  timeZone: string;
}

/** Editions in force on the last day of a period. Throws E_NOT_FOUND where there is none. */
export function airFactsOf(config: Config, date: string): AirFactsOf {
  const assessment = editionInForce(config.airAssessments, date);
  const wording = editionInForce(config.exceedanceWordings, date);
  if (assessment === null || wording === null || editionInForce(config.aqiStandards, date) === null)
    throw new MonitorError('E_NOT_FOUND', `no complete set of air standards is in force on ${date}`, {
      details: { date },
    });
  const { airStandards, aqiStandards, region } = config;
  return { airStandards, aqiStandards, assessment, wording, timeZone: region.timeZone };
}

export interface JudgedAirStation {
  id: string;
  key: { section: string; period: AirPeriod; asOfSeq: number; digest: string };
  /** SHA-256 of what of the configuration it rests on. */
  rules: string;
  provider: string;
  /** Exactly one of the three, by the kind of period. */
  hour: AirVerdict | null;
  day: AirDayVerdict | null;
  span: AirPeriodAssessment | null;
  /** Values of the civil days; empty for an hour. */
  days: DaySeries[];
  facts: AirFactsOf;
}

/** A verdict with the hours that it can be explained by. */
export interface AirStationVerdict extends JudgedAirStation {
  hours: HourSeries[];
  /** The id that the same verdict had while its digest was one of the hours one by one; still answered. */
  formerId: string;
}

/** What of the configuration a verdict on an air station rests on, as one hash. */
export function airRulesHash(config: Config, station: AirStation, facts: AirFactsOf): string {
  const { id, zoneClass } = station;
  const content = {
    airStandards: facts.airStandards,
    aqiStandards: facts.aqiStandards,
    assessment: facts.assessment,
    wording: facts.wording,
    timeZone: facts.timeZone,
    station: { id, grade: zoneClass.value, provider: providersOf(station)[0] ?? null },
    parameters: config.parameters
      .filter(({ medium, published }) => medium === 'air' && !published)
      .map(({ id: parameter, decimals }) => ({ parameter, decimals })),
  };
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

function hourVerdict(
  station: AirStation,
  hours: readonly HourSeries[],
  endS: number,
  config: Config,
): AirVerdict {
  const present = hours.filter(({ timeS }) => timeS.length > 0);
  const readings = present.map(({ parameter, value, flags }) => {
    const known = !Number.isNaN(value[0]!) && usable(flagsOf(flags[0]!));
    return { parameter, averaging: 'PT1H' as const, value: known ? value[0]! : null };
  });
  const stage = Math.min(7, ...present.map(({ flags }) => flagsOf(flags[0]!).stage));
  return judges.air(station, { endS, readings, stage: present.length === 0 ? 0 : stage }, config);
}

/** Values of the civil days of a span: 24 h means, of ozone the daily maximum 8 h mean, which takes the hours themselves. */
export function dayValues(
  station: AirStation,
  hours: readonly (HourSeries | TalliedSeries)[],
  span: { from: string; to: string },
  of: { config: Config; facts: AirFactsOf },
): DaySeries[] {
  const { facts, config } = of;
  return facts.assessment.annualItems.items.map(({ parameter, of: statistic }) => {
    const series = hours.find((one) => one.parameter === parameter) ?? noHours(parameter);
    if (statistic !== '8h-max')
      return dayMeans(series, span, { ...facts, decimals: decimalsOf(config, parameter) });
    return dayMaxima8h('dayS' in series ? noHours(parameter) : series, span, station.zoneClass.value, facts);
  });
}

const decimalsOf = (config: Config, parameter: string): number =>
  config.parameters.find(({ id }) => id === parameter)?.decimals ?? 0;

const noHours = (parameter: string): HourSeries => ({
  parameter,
  timeS: new Float64Array(0),
  value: new Float64Array(0),
  flags: new Uint16Array(0),
});

/** Pollutants of which the hours themselves are looked at. */
export const pollutantsByHour = ({ assessment }: AirPeriodFacts): string[] =>
  assessment.annualItems.items.filter(({ of }) => of === '8h-max').map(({ parameter }) => parameter);

/** Digests of the statistics of a station's hours. */
export function airDigests(
  hours: readonly (HourSeries | TalliedSeries)[],
  { config, facts }: { config: Config; facts: AirFactsOf },
): StatisticsDigests {
  const byHour = new Set(pollutantsByHour(facts));
  const named = hours.map((series) => ({
    name: series.parameter,
    series,
    decimals: decimalsOf(config, series.parameter),
    rest: byHour.has(series.parameter) ? ('readings' as const) : ('sums' as const),
  }));
  return new StatisticsDigests(named, facts.timeZone);
}

interface AskedOfAir {
  config: Config;
  station: AirStation;
  provider: string;
  period: AirPeriod;
  asOfSeq: number;
}

/** Verdict on a day or longer from values of its days and the digest of what they rest on. */
export function verdictOfDays(
  of: AskedOfAir & { period: AssessmentPeriod },
  { facts, rules }: { facts: AirFactsOf; rules: string },
  on: { days: DaySeries[]; reviewed: boolean; statistics: string },
): JudgedAirStation {
  const { days, reviewed, statistics } = on;
  const zone = { grade: of.station.zoneClass.value, reviewed };
  return {
    ...keyOf(of, rules, { statistics }),
    rules,
    provider: of.provider,
    hour: null,
    day: of.period.kind === 'day' ? judgeAirDay(days, 0, zone, facts) : null,
    span: of.period.kind === 'day' ? null : assessAirPeriod(days, zone, facts),
    days,
    facts,
  };
}

function keyOf(of: AskedOfAir, rules: string, inputs: object): Pick<JudgedAirStation, 'id' | 'key'> {
  const { station, period, provider, asOfSeq } = of;
  const content = { station: station.id, period: period.id, rules, provider, ...inputs };
  const digest = createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 32);
  const key = { section: station.id, period, asOfSeq, digest };
  return { id: verdictId(key), key };
}

/** Verdict on an air station over an hour, a day or a longer period from its hourly means. Pure. */
export function judgeAirStation(of: AskedOfAir & { hours: HourSeries[] }): AirStationVerdict {
  const { config, station, provider, period, hours } = of;
  const facts = airFactsOf(config, period.to);
  const rules = airRulesHash(config, station, facts);
  const hash = createHash('sha256');
  for (const { parameter, timeS, value, flags } of hours) {
    hash.update(`${parameter}\n${timeS.length}\n`);
    for (const column of [timeS, value, flags])
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  const former = keyOf(of, rules, { inputs: hash.digest('hex') });
  if (period.kind === 'hour') {
    const { endS } = airBounds(period, facts.timeZone);
    const hour = hourVerdict(station, hours, endS, config);
    return {
      ...former,
      formerId: former.id,
      rules,
      provider,
      hour,
      day: null,
      span: null,
      hours,
      days: [],
      facts,
    };
  }
  const days = dayValues(station, hours, period, { config, facts });
  const statistics = airDigests(hours, { config, facts }).of(period);
  const verdict = verdictOfDays(
    { ...of, period },
    { facts, rules },
    { days, reviewed: allReviewed(hours), statistics },
  );
  return { ...verdict, hours, formerId: former.id };
}

/** Whether there is a reading and none of them raw. */
export function allReviewed(series: readonly { flags: Uint16Array }[]): boolean {
  return (
    series.some(({ flags }) => flags.length > 0) &&
    series.every(({ flags }) => flags.every((flag) => stageOf(flag) > 0))
  );
}

/** The provider whose hourly means judge an air station: the first of its aliases. Throws E_NOT_FOUND where it has none. */
export function airProviderOf(station: AirStation): string {
  const [provider] = providersOf(station);
  if (provider === undefined)
    throw new MonitorError('E_NOT_FOUND', `nobody reports the station ${station.id}`, {
      details: { station: station.id },
    });
  return provider;
}

export const airParameters = (config: Config): Config['parameters'] =>
  config.parameters.filter(
    ({ medium, published, type }) => medium === 'air' && !published && type === 'quantity',
  );

/** Hourly means of a station's pollutants over a span, one series each, as known at a position. */
export async function airHours(
  deps: { readings: Pick<ApiDeps['readings'], 'series'> },
  of: { config: Config; station: AirStation; span: Interval; asOfSeq: number },
): Promise<HourSeries[]> {
  const parameters = airParameters(of.config).map(({ id }) => id);
  const columns = await deps.readings.series({
    stations: [of.station.id],
    parameters,
    averaging: 'PT1H',
    provider: airProviderOf(of.station),
    fromS: of.span.beginS,
    toS: of.span.endS,
    asOfSeq: of.asOfSeq,
  });
  return columns.map(({ key, timeS, value, flags }) => ({ parameter: key.parameter, timeS, value, flags }));
}

/** Verdict on an air station and period, as known at a journal position. Throws E_NOT_FOUND. */
export async function airVerdict(
  deps: { readings: Pick<ApiDeps['readings'], 'series'> },
  of: { config: Config; station: AirStation; period: AirPeriod; asOfSeq: number },
): Promise<AirStationVerdict> {
  const { config, station, period, asOfSeq } = of;
  const provider = airProviderOf(station);
  airFactsOf(config, period.to);
  const span = airBounds(period, config.region.timeZone);
  const hours = await airHours(deps, { config, station, span, asOfSeq });
  return judgeAirStation({ config, station, provider, period, asOfSeq, hours });
}
