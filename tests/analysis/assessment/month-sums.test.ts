import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monthFromDaySums } from '../../../src/analysis/assessment/month-sums.ts';
import { SectionMonths } from '../../../src/analysis/assessment/month-values.ts';
import { boundsOf, periodOf } from '../../../src/analysis/assessment/period.ts';
import { BatchBuilder } from '../../../src/domain/batch.ts';
import { packFlags } from '../../../src/domain/flags.ts';
import type { ReadingStore } from '../../../src/domain/ports.ts';
import { openDuckdbReadings } from '../../../src/store/readings/duckdb/index.ts';
import { at, facts, source } from './section-months.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-sums-'));
let store: ReadingStore;

/** Four-hourly values of three months with gaps, suspect values and whole silent stretches. */
function readings(): BatchBuilder {
  const batch = new BatchBuilder('bureau');
  const beginS = at('2021-03-01T00:00');
  for (const [item, parameter] of ['nh3n', 'codmn', 'tp'].entries()) {
    const series = batch.seriesOf('up', parameter, 'instant');
    for (let slot = 0; slot < 92 * 6; slot++) {
      const noise = (slot * 7919 + item * 104_729) % 1000;
      if (noise < 120 || (slot > 200 && slot < 260 + item * 60)) continue;
      const flags =
        noise > 950
          ? packFlags({ validity: 'suspect' })
          : noise > 900
            ? packFlags({ qualifiers: ['maintenance'] })
            : 0;
      batch.add({ series, timeS: beginS + slot * 14_400, value: noise / 1000, flags });
    }
  }
  return batch;
}

beforeAll(async () => {
  store = await openDuckdbReadings({ path: path.join(folder, 'readings.duckdb'), memoryLimitMiB: 128 });
  await store.apply({ seq: 1, receivedS: 1 }, readings().build());
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

test('month values from sums of the engine equal those from the readings themselves', async () => {
  const { beginS: fromS, endS: toS } = boundsOf({ from: '2021-03-01', to: '2021-05-31' }, facts.timeZone);
  const parameters = ['nh3n', 'codmn', 'tp'];
  const query = { averaging: 'instant' as const, provider: 'bureau', fromS, toS };
  const columns = await store.series({ ...query, stations: ['up'], parameters });
  const months = new SectionMonths(
    [
      source(
        'automatic',
        columns.map(({ key, ...rest }) => ({ parameter: key.parameter, ...rest })),
        'bureau',
      ),
    ],
    facts,
  );
  const sums = await store.sums({
    ...query,
    groups: [{ id: 'up', stations: ['up'] }],
    parameters: parameters.map((id) => ({ id, decimals: 6 })),
    period: 'day',
    timeZone: facts.timeZone,
    cadenceS: 14_400,
    filter: { without: ['belowDetection', 'calibration', 'maintenance', 'fault'] },
  });
  const reasons: (string | null)[] = [];
  for (const month of ['2021-03', '2021-04', '2021-05']) {
    for (const column of sums) {
      const ours = monthFromDaySums(
        column,
        month,
        { provider: 'bureau', method: 'automatic', stage: 0 },
        facts,
      );
      const direct = months.of(month).find(({ parameter }) => parameter === column.parameter)!;
      expect(JSON.parse(JSON.stringify(ours))).toEqual(JSON.parse(JSON.stringify(direct)));
      reasons.push(direct.reason);
      expect(periodOf(month).months).toEqual([month]);
    }
  }
  expect(new Set(reasons)).toEqual(new Set([null, 'too-few-days']));
});

test('an item averaged as hydrogen ions is left to the readings', async () => {
  const [first] = await store.sums({
    groups: [{ id: 'up', stations: ['up'] }],
    parameters: [{ id: 'ph', decimals: 4 }],
    averaging: 'instant',
    provider: 'bureau',
    fromS: at('2021-03-01T00:00'),
    toS: at('2021-04-01T00:00'),
    period: 'day',
    timeZone: facts.timeZone,
    cadenceS: 14_400,
  });
  expect(
    monthFromDaySums(first!, '2021-03', { provider: 'bureau', method: 'automatic', stage: 0 }, facts),
  ).toBeNull();
});
