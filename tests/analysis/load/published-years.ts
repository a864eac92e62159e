import { estimateLoad, type LoadEstimate, type LoadSample } from '../../../src/analysis/load/index.ts';
import { Decimal } from '../../../src/domain/decimal.ts';
import { sharedFile } from '../../shared-data.ts';
import { csvRows, daysOf, loadRules, sample, utcS } from './load-files.ts';

const rules = loadRules();
const folder = sharedFile('data/loads');
const everyDay = { flowDays: '0.95', sampledDays: '0.95', highFlowDays: '0.95', leastSamples: 1 };

interface Published {
  flow: ReturnType<typeof daysOf>;
  daily: LoadSample[];
  samples: LoadSample[];
  years: { year: number; fluxKg: number; days: number }[];
}

function published(name: string): Published {
  const daily = csvRows(`${folder}/${name}_daily.csv.gz`);
  const rows = csvRows(`${folder}/${name}_samples.csv`);
  return {
    flow: daysOf(daily.map((row) => ({ date: row['date']!, q: row['q_m3s']! }))),
    daily: daily.map((row) => sample(utcS(`${row['date']}T12:00:00`), row['conc_day_mg_l']!)),
    samples: rows.map((row): LoadSample => {
      const [low, high] = [row['conc_low_mg_l']!, new Decimal(row['conc_high_mg_l']!)];
      const belowDetection = low === '';
      const gM3 = belowDetection ? high.times(rules.belowDetection.shareOfLimit) : high.plus(low).div(2);
      return { ...sample(utcS(`${row['date']}T12:00:00`), 0), gM3, belowDetection };
    }),
    years: csvRows(`${folder}/${name}_water_years.csv`).map((row) => ({
      year: Number(row['water_year']),
      fluxKg: Number(row['flux_kg']),
      days: Number(row['days']),
    })),
  };
}

const waterYear = (year: number) => ({
  beginS: utcS(`${year - 1}-10-01T00:00:00`),
  endS: utcS(`${year}-10-01T00:00:00`),
});

/** Daily and sampled records with published annual fluxes; null where this machine has none. */
export const publishedFolder = folder;
export const publishedRecords = ['egret_choptank_nitrate', 'egret_potomac_chainbridge_tp'] as const;

export interface YearCompared {
  year: number;
  days: number;
  publishedKg: number;
  summed: LoadEstimate;
  curve: LoadEstimate;
}

const kgOf = (estimate: LoadEstimate): number => estimate.tonnes?.times(1000).toNumber() ?? NaN;
/** Of the published flux: 0.2 is 20 % off. */
export const offOf = (estimate: LoadEstimate, publishedKg: number): number =>
  Math.abs(kgOf(estimate) / publishedKg - 1);

/** Every `step`th published water year, summed from the published days and computed from samples and daily flow alone. */
export function comparedYears(name: string, step: number): YearCompared[] {
  const { flow, daily, samples, years } = published(name);
  return years
    .filter((one, at) => at % step === 0 || one.days < 300)
    .map(({ year, fluxKg, days }) => {
      const period = waterYear(year);
      const within = daily.filter((one) => one.timeS >= period.beginS && one.timeS < period.endS);
      const shared = { flow, period, rules };
      return {
        year,
        days,
        publishedKg: fluxKg,
        summed: estimateLoad({ ...shared, samples: within, minimum: everyDay, method: 'interpolation' }),
        curve: estimateLoad({ ...shared, samples, method: 'rating-curve' }),
      };
    });
}
