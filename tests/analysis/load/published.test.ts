import { describe, expect, it } from 'vitest';
import { estimateLoad } from '../../../src/analysis/load/index.ts';
import type { LoadMethodId } from '../../../src/domain/config/load-method.ts';
import { Decimal } from '../../../src/domain/decimal.ts';
import { sharedFile } from '../../shared-data.ts';
import { csvRows, dayS, loadRules, sample, utcS } from './load-files.ts';
import { comparedYears, offOf, publishedRecords } from './published-years.ts';

const rules = loadRules();
const folder = sharedFile('data/loads');

describe.skipIf(folder === null)('published annual loads, every sixteenth year', () => {
  it.each(publishedRecords)('%s: by summing the days and from the samples alone', (name) => {
    for (const { year, days, publishedKg, summed, curve } of comparedYears(name, 16)) {
      if (days < 300) {
        expect(summed.tonnes, `${year} holds ${days} day`).toBeNull();
        expect(curve.tonnes, `${year} holds ${days} day`).toBeNull();
        expect(summed.reasons.map((reason) => reason.code)).toContain('flow-coverage');
        continue;
      }
      expect(offOf(summed, publishedKg), `${name} ${year}`).toBeLessThan(1e-6);
      expect(offOf(curve, publishedKg), `${name} ${year}`).toBeLessThan(0.2);
    }
  });
});

describe.skipIf(folder === null)('loads that another program computed', () => {
  const methods: Record<string, LoadMethodId> = {
    method1: 'sample-means',
    method2: 'mean-of-products',
    method4: 'period-mean',
    method5: 'flow-weighted',
  };

  it('are reproduced to all printed digits by methods 1, 2, 4 and 5', () => {
    const flows = csvRows(`${folder}/riverload_flow1.csv`);
    const atTime = new Map(flows.map((row) => [row['datetime'], row['flow']]));
    const times = flows.map((row) => utcS(row['datetime']!));
    const flow = {
      beginS: Float64Array.from(times),
      endS: Float64Array.from(times, (time) => time + dayS),
      m3s: flows.map((row) => new Decimal(row['flow']!)),
      zeroNotReported: flows.map(() => 0),
    };
    // The other program's period ends with its last flow, which it still counts in the mean of the flow.
    const period = { beginS: times[0]!, endS: times.at(-1)! + dayS };
    const lengthS = times.at(-1)! - times[0]!;
    const rows = csvRows(`${folder}/riverload_conc1.csv`);
    for (const { method, compound, load_g_over_period: printed } of csvRows(
      `${folder}/riverload_results1.csv`,
    )) {
      const ours = methods[method!];
      if (ours === undefined) continue;
      const samples = rows.map((row) =>
        sample(utcS(row['datetime']!), row[compound!]!, atTime.get(row['datetime']) ?? null),
      );
      const estimate = estimateLoad({ samples, flow, period, rules, method: ours });
      const grams = estimate
        .indicativeTonnes!.times(1_000_000)
        .times(lengthS)
        .div(period.endS - period.beginS);
      expect(grams.toSignificantDigits(10).toFixed(), `${method} ${compound}`).toBe(printed);
    }
  });
});
