import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { System } from '../../src/main.ts';
import type { Preview } from '../../src/domain/preview.ts';
import { jiehe } from '../cli/in-process.ts';
import { example, ingested, opened } from './demonstration-region.ts';

const rounds = 60;
const firstSeed = 1;
const methods = { 'baita-load': 'flow-weighted', 'baita-interpolated': 'interpolation' };
const factors = ['codmn', 'nh3n', 'tp'];

/** One month of one river; each is another seed. Ammonia near 1 mg/L, surges that truly pass, and readings that are far too high. */
interface Month {
  period: string;
  seed: number;
  tonnes: Record<string, number>;
}

const monthOf = (at: number): string => new Date(Date.UTC(2021, at)).toISOString().slice(0, 7);

describe('loads of made-up rivers that came through screening', () => {
  let place: { folder: string; system: System };
  const months: Month[] = [];
  beforeAll(async () => {
    place = await opened((region) => {
      // A February has 28 samples.
      const text = readFileSync(path.join(example, 'baita-load.yaml'), 'utf8').replace(
        'leastSamples: 30',
        'leastSamples: 28',
      );
      const other = text
        .replace('id: baita-load\n', 'id: baita-interpolated\n')
        .replace('method: flow-weighted', 'method: interpolation');
      writeFileSync(path.join(region, 'agreements/baita-load.yaml'), text);
      writeFileSync(path.join(region, 'agreements/baita-interpolated.yaml'), other);
    });
    for (let at = 0; at < rounds; at++) {
      const [period, seed] = [monthOf(at), firstSeed + at];
      const of = ['--section', 'fuan-baita', '--period', period, '--out', period, '--seed', String(seed)];
      const traits = ['--carries', 'nh3n=1', '--surges', '--glitches', '0.004'];
      expect(await jiehe(place, ['simulate', 'river', ...of, ...traits])).toMatchObject({ code: 0 });
      await ingested(place, { water: `${period}/water.csv`, flow: `${period}/flow.csv` });
      const truth = JSON.parse(readFileSync(path.join(place.folder, period, 'truth.json'), 'utf8'));
      months.push({ period, seed, tonnes: truth.tonnes });
    }
  }, 900_000);
  afterAll(async () => {
    await place.system.close();
    rmSync(place.folder, { recursive: true, force: true });
  });

  it.each(Object.keys(methods))(
    'state intervals of 90 in 100 that hold the truth in 85 to 97 of 100 cases: %s',
    async (agreement) => {
      let [cases, held, refused, readings, leftOut, without, withThem] = [0, 0, 0, 0, 0, 0, 0];
      const missed: string[] = [];
      const byFactor = new Map(factors.map((factor) => [factor, 0]));
      for (const { period, seed, tonnes } of months) {
        const argv = ['settle', 'preview', '--agreement', agreement, '--period', period, '--json'];
        const preview: Preview = JSON.parse((await jiehe(place, argv)).out);
        for (const load of preview.sections[0]!.flow!.loads) {
          const is = tonnes[load.parameter]!;
          leftOut += load.leftOut!.readings;
          readings += load.leftOut!.of;
          if (load.tonnes === null) refused += 1;
          if (load.tonnes === null) continue;
          cases += 1;
          without += Math.abs(Number(load.tonnes) / is - 1);
          withThem += Math.abs(Number(load.leftOut!.tonnesWith) / is - 1);
          const [low, high] = load.interval90Tonnes!.map(Number) as [number, number];
          if (low <= is && is <= high) {
            held += 1;
            byFactor.set(load.parameter, byFactor.get(load.parameter)! + 1);
          } else missed.push(`${seed} ${load.parameter}`);
        }
      }
      const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
      console.log(
        `screened rivers, ${agreement}: ${rounds} rounds from seed ${firstSeed}, ${percent(held / cases)} of ${cases} loads held ` +
          `(${[...byFactor].map(([factor, count]) => `${factor} ${count}`).join(', ')}), ${refused} refused, ` +
          `${leftOut} of ${readings} readings left out; mean distance from the truth ${percent(without / cases)} without them, ` +
          `${percent(withThem / cases)} with; missed: ${missed.join(', ')}`,
      );
      expect(held / cases).toBeGreaterThanOrEqual(0.85);
      expect(held / cases).toBeLessThanOrEqual(0.97);
      // A single reading that is far too high is no reason to refuse a month.
      expect(refused / (cases + refused)).toBeLessThan(0.05);
      // What screening takes out is wrong: with it, loads are farther from the truth.
      expect(withThem).toBeGreaterThan(without);
    },
    300_000,
  );
});
