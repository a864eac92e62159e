import { describe, expect, it } from 'vitest';
import { comparedYears, offOf, publishedFolder, publishedRecords } from './published-years.ts';

describe.skipIf(publishedFolder === null)('published annual loads, every year', () => {
  it.each(publishedRecords)(
    '%s: sums within a millionth; samples and daily flow alone within a fifth in at least four of five years',
    (name) => {
      const all = comparedYears(name, 1);
      const [years, short] = [all.filter(({ days }) => days >= 300), all.filter(({ days }) => days < 300)];
      const rows = years.map(({ year, publishedKg, summed, curve }) => {
        const [low, high] = curve.interval90!;
        return {
          year,
          summedOff: offOf(summed, publishedKg),
          curveOff: offOf(curve, publishedKg),
          held: low.times(1000).lte(publishedKg) && high.times(1000).gte(publishedKg),
        };
      });
      const near = rows.filter(({ curveOff }) => curveOff <= 0.2);
      const held = rows.filter((one) => one.held);
      const most = (of: 'summedOff' | 'curveOff'): number => Math.max(...rows.map((row) => row[of]));
      const sorted = rows.map(({ curveOff }) => curveOff).toSorted((a, b) => a - b);
      console.log(
        `${name}, ${rows.length} years ${rows[0]!.year} to ${rows.at(-1)!.year}: sums at most ${most('summedOff').toExponential(1)} off; ` +
          `rating curve within 20 % in ${near.length}, median ${(100 * sorted[sorted.length >> 1]!).toFixed(1)} %, ` +
          `farthest ${(100 * most('curveOff')).toFixed(1)} %; intervals hold ${held.length}; ${short.length} short refused`,
      );
      expect(years.length).toBeGreaterThan(30);
      expect(most('summedOff')).toBeLessThan(1e-6);
      expect(near.length / rows.length).toBeGreaterThanOrEqual(0.8);
      expect(held.length / rows.length, 'stated intervals hold the published load').toBeGreaterThan(0.8);
      for (const { summed, curve } of short) expect([summed.tonnes, curve.tonnes]).toEqual([null, null]);
    },
    600_000,
  );
});
