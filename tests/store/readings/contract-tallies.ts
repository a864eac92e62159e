import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { packFlags } from '../../../src/domain/flags.ts';
import type { ReadingStore, SeriesColumns, TalliesQuery, TallyColumns } from '../../../src/domain/ports.ts';
import type { WithStore } from './contract.ts';
import { batchOf, provider, type Row } from './model.ts';

const hour = 3600;
const day = 24 * hour;
/** 2025-03-01T00:00+08:00. */
const t0 = Temporal.ZonedDateTime.from('2025-03-01T00:00[Asia/Shanghai]').epochMilliseconds / 1000;
const invalid = packFlags({ validity: 'invalid' });
const reviewed = packFlags({ stage: 2 });
const below = packFlags({ qualifiers: ['belowDetection'] });
const missing = packFlags({ qualifiers: ['missing'] });

const apply = (store: ReadingStore, seq: number, rows: readonly Row[]): Promise<unknown> =>
  store.apply({ seq, receivedS: t0 }, batchOf(rows));

const query = (more: Partial<TalliesQuery> = {}): TalliesQuery => ({
  stations: ['s1'],
  parameters: [{ id: 'ph', decimals: 2 }],
  averaging: 'PT1H',
  provider,
  fromS: t0,
  toS: t0 + 3 * day,
  timeZone: 'Asia/Shanghai',
  ...more,
});

/** One line a day and flags: day, flags, readings, values, scaled sum. */
const lines = (columns: TallyColumns | undefined): number[][] =>
  Array.from(columns?.dayS ?? [], (dayS, at) => [
    (dayS - t0) / day,
    columns!.flags[at]!,
    columns!.readings[at]!,
    columns!.values[at]!,
    columns!.scaledSum[at]!,
  ]);

/** The same, reading by reading. */
function plainTallies({ timeS, value, flags }: SeriesColumns): number[][] {
  const cells = new Map<string, number[]>();
  for (const [row, at] of timeS.entries()) {
    const [dayOf, own] = [Math.floor((at - t0) / day), flags[row]!];
    const cell = cells.get(`${dayOf} ${own}`) ?? [dayOf, own, 0, 0, 0];
    cells.set(`${dayOf} ${own}`, cell);
    cell[2]! += 1;
    if (Number.isNaN(value[row])) continue;
    cell[3]! += 1;
    cell[4]! += Math.round(value[row]! * 100);
  }
  return [...cells.values()].toSorted(([a = 0, f = 0], [b = 0, g = 0]) => a - b || f - g);
}

export function tallies(withStore: WithStore, runs: number): void {
  test('tallies count and sum by civil day and flags, readings without a value included', () =>
    withStore(async (store) => {
      await apply(store, 1, [
        { timeS: t0, value: 0.1 },
        { timeS: t0 + hour, value: 0.2 },
        { timeS: t0 + 2 * hour, value: 5, flags: invalid },
        { timeS: t0 + 3 * hour, value: 0.07, flags: below },
        { timeS: t0 + 4 * hour, value: null, flags: missing },
        { timeS: t0 + 23 * hour, value: -0.05, flags: reviewed },
        { timeS: t0 + day, value: 1.25, flags: reviewed },
        { timeS: t0 + 2 * day, value: 7, station: 's2', parameter: 'tp' },
        { timeS: t0 - 1, value: 99 },
        { timeS: t0 + 3 * day, value: 99 },
      ]);
      const found = await store.tallies(
        query({
          stations: ['s2', 's1', 's3'],
          parameters: [...query().parameters, { id: 'tp', decimals: 3 }],
        }),
      );
      expect(found.map(({ key, decimals }) => [key.station, key.parameter, decimals])).toEqual([
        ['s2', 'tp', 3],
        ['s1', 'ph', 2],
      ]);
      expect(found.map(lines)).toEqual([
        [[2, 0, 1, 1, 7000]],
        [
          [0, 0, 2, 2, 30],
          [0, invalid, 1, 1, 500],
          [0, reviewed, 1, 1, -5],
          [0, missing, 1, 0, 0],
          [0, below, 1, 1, 7],
          [1, reviewed, 1, 1, 125],
        ],
      ]);
    }));

  test('a sum that the stored decimals do not prove is not told', () =>
    withStore(async (store) => {
      await apply(store, 1, [
        { timeS: t0, value: 0.125 },
        { timeS: t0 + day, value: 0.25 },
      ]);
      expect((await store.tallies(query())).map(lines)).toEqual([
        [
          [0, 0, 1, 1, Number.NaN],
          [1, 0, 1, 1, 25],
        ],
      ]);
      await expect(store.tallies(query({ averaging: 'PT24H-sliding' }))).rejects.toThrow(/overlap/);
    }));

  test('tallies as of any entry are those of the readings that stood then', () =>
    withStore(async (store) => {
      let nth = 0;
      await assert(
        asyncProperty(
          array(
            array(
              record({
                station: constantFrom('s1', 's2'),
                slot: integer({ min: 0, max: 11 }),
                value: constantFrom(null, -0.05, 0.1, 0.3, 7.25),
                flags: constantFrom(0, 0, invalid, reviewed, below),
              }),
              { minLength: 1, maxLength: 8 },
            ),
            { minLength: 1, maxLength: 3 },
          ),
          async (entries) => {
            nth += 1;
            const stations = [`s1-${nth}`, `s2-${nth}`];
            const first = (await store.position()) + 1;
            for (const [at, rows] of entries.entries()) {
              const own = rows.map(({ station, slot, value, flags }) => ({
                station: `${station}-${nth}`,
                timeS: t0 + slot * 5 * hour,
                value,
                flags: value === null ? missing : flags,
              }));
              await apply(store, first + at, own);
            }
            for (let asOfSeq = first; asOfSeq < first + entries.length; asOfSeq++) {
              const series = await store.series({ ...query({ stations, asOfSeq }), parameters: ['ph'] });
              const plain = series.map(plainTallies);
              expect((await store.tallies(query({ stations, asOfSeq }))).map(lines)).toEqual(plain);
              if (asOfSeq < first + entries.length - 1) continue;
              expect((await store.tallies(query({ stations }))).map(lines)).toEqual(plain);
            }
          },
        ),
        { numRuns: runs },
      );
    }));
}
