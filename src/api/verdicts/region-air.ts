import {
  boundsOf,
  firstRowAt,
  type AssessmentPeriod,
  type DaySeries,
  type HourSeries,
  type TalliedSeries,
} from '../../analysis/assessment/index.ts';
import type { Config } from '../../domain/config/config.ts';
import type { AirStation } from '../../domain/config/region.ts';
import type { ApiDeps } from '../deps.ts';
import {
  airDigests,
  airFactsOf,
  airParameters,
  airProviderOf,
  airRulesHash,
  allReviewed,
  dayValues,
  pollutantsByHour,
  verdictOfDays,
  type AirFactsOf,
  type JudgedAirStation,
} from './air-verdicts.ts';
import type { StatisticsDigests } from './statistics-digest.ts';
import { talliedSeries } from './tallied-series.ts';

/** An air station and what is asked about it: days, months and longer. */
export interface AskedAirStation {
  station: AirStation;
  periods: readonly AssessmentPeriod[];
}

type Deps = { readings: Pick<ApiDeps['readings'], 'series' | 'tallies'> };
type Series = HourSeries | TalliedSeries;

/** Stations whose tallies are held at once. */
const stationsAtOnce = 200;

/**
 * Verdicts on many air stations and periods, those of one by one with their ids: counts and sums by civil day from the store in one
 * pass a provider, of pollutants judged by 8 h means the hours. In the order of the question. Throws E_NOT_FOUND where no standard is
 * in force or nobody reports a station.
 */
export async function* regionAirVerdicts(
  deps: Deps,
  of: { config: Config; asked: readonly AskedAirStation[]; asOfSeq: number },
): AsyncGenerator<{ station: AirStation; verdicts: JudgedAirStation[] }> {
  const { config, asOfSeq } = of;
  const { timeZone } = config.region;
  const asked = of.asked.filter(({ periods }) => periods.length > 0);
  for (let at = 0; at < asked.length; at += stationsAtOnce) {
    const slice = asked.slice(at, at + stationsAtOnce);
    const periods = slice.flatMap((one) => one.periods);
    const span = {
      from: periods.reduce((least, { from }) => (from < least ? from : least), '9999'),
      to: periods.reduce((most, { to }) => (to > most ? to : most), '0000'),
    };
    const { beginS: fromS, endS: toS } = boundsOf(span, timeZone);
    const dates = new Set(periods.map(({ to }) => to));
    const byHour = new Set([...dates].flatMap((date) => pollutantsByHour(airFactsOf(config, date))));
    const parameters = airParameters(config).map(({ id, decimals }) => ({ id, decimals }));
    const hours = new Map<string, Series[]>();
    for (const [provider, own] of Map.groupBy(slice, ({ station }) => airProviderOf(station))) {
      const stations = own.map(({ station }) => station.id);
      const window = { averaging: 'PT1H' as const, provider, fromS, toS, timeZone, asOfSeq };
      for (const [station, series] of await talliedSeries(deps, { stations, parameters, ...window }, byHour))
        hours.set(station, series);
    }
    for (const one of slice) {
      const series = hours.get(one.station.id) ?? [];
      yield { station: one.station, verdicts: judged(one, series, { config, asOfSeq, span }) };
    }
  }
}

interface Grounds {
  facts: AirFactsOf;
  rules: string;
  digests: StatisticsDigests;
  /** Of the whole span. */
  days: DaySeries[];
}

function judged(
  { station, periods }: AskedAirStation,
  series: readonly Series[],
  of: { config: Config; asOfSeq: number; span: { from: string; to: string } },
): JudgedAirStation[] {
  const { config, span } = of;
  const provider = airProviderOf(station);
  const grounds = new Map<string, Grounds>();
  return periods.map((period) => {
    const facts = airFactsOf(config, period.to);
    const key = `${facts.assessment.id} ${facts.wording.id}`;
    const shared = grounds.get(key) ?? {
      facts,
      rules: airRulesHash(config, station, facts),
      digests: airDigests(series, { config, facts }),
      days: dayValues(station, series, span, { config, facts }),
    };
    grounds.set(key, shared);
    const { beginS, endS } = boundsOf(period, facts.timeZone);
    const within = series.map((one) => {
      const times = 'dayS' in one ? one.dayS : one.timeS;
      return { flags: one.flags.subarray(firstRowAt(times, beginS), firstRowAt(times, endS)) };
    });
    return verdictOfDays({ config, station, provider, period, asOfSeq: of.asOfSeq }, shared, {
      days: shared.days.map((days) => cut(days, period)),
      reviewed: allReviewed(within),
      statistics: shared.digests.of(period),
    });
  });
}

function cut({ parameter, dates, values, validHours }: DaySeries, period: AssessmentPeriod): DaySeries {
  const [first, end] = [dates.indexOf(period.from), dates.indexOf(period.to) + 1];
  return {
    parameter,
    dates: dates.slice(first, end),
    values: values.slice(first, end),
    validHours: validHours.slice(first, end),
  };
}
