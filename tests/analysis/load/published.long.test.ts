import { describe, expect, it } from 'vitest';
import { comparedYears, offOf, publishedFolder, publishedRecords } from './published-years.ts';

describe.skipIf(publishedFolder === null)('published annual loads, every year', () => {
  it.each(publishedRecords)(
    '%s: sums within a millionth; samples and daily flow alone within 20 %% in at least four of five years',
    (name) => {
      const years = comparedYears(name, 1).filter((one) => one.days >= 300);
      expect(years.length).toBeGreaterThan(30);
      for (const { year, publishedKg, summed } of years)
        expect(offOf(summed, publishedKg), `${year}`).toBeLessThan(1e-6);
      const near = years.filter(({ publishedKg, curve }) => offOf(curve, publishedKg) <= 0.2);
      expect(near.length / years.length).toBeGreaterThanOrEqual(0.8);
      const held = years.filter(({ publishedKg, curve }) => {
        const [low, high] = curve.interval90!;
        return low.times(1000).lte(publishedKg) && high.times(1000).gte(publishedKg);
      });
      expect(held.length / years.length, 'stated intervals hold the published load').toBeGreaterThan(0.8);
    },
    600_000,
  );
});
