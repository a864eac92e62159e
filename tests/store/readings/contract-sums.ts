import { array, assert, asyncProperty, constantFrom, integer, record, type Arbitrary } from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { packFlags } from '../../../src/domain/flags.ts';
import type { CivilUnit, ReadingStore, SumColumns, SumsQuery } from '../../../src/domain/ports.ts';
import type { WithStore } from './contract.ts';
import { batchOf, Model, provider, type Row } from './model.ts';

const hour = 3600;
/** 2025-03-01T00:00+08:00. */
const t0 = Temporal.ZonedDateTime.from('2025-03-01T00:00[Asia/Shanghai]').epochMilliseconds / 1000;

const apply = (store: ReadingStore, seq: number, rows: readonly Row[]): Promise<unknown> =>
  store.apply({ seq, receivedS: t0 }, batchOf(rows));

const query = (more: Partial<SumsQuery> = {}): SumsQuery => ({
  groups: [{ id: 's1', stations: ['s1'] }],
  parameters: [{ id: 'ph', decimals: 2 }],
  averaging: 'PT1H',
  provider,
  fromS: t0,
  toS: t0 + 48 * hour,
  period: 'day',
  timeZone: 'Asia/Shanghai',
  cadenceS: hour,
  ...more,
});

/** One line a period: expected, observed, valid, sum, min, max. */
const lines = (columns: SumColumns | undefined): number[][] =>
  Array.from(columns?.beginS ?? [], (_, at) =>
    [columns?.expected, columns?.observed, columns?.valid, columns?.sum, columns?.min, columns?.max].map(
      (column) => column?.[at] ?? Number.NaN,
    ),
  );

const nothing = [Number.NaN, Number.NaN, Number.NaN];
const invalid = packFlags({ validity: 'invalid' });
const suspect = packFlags({ validity: 'suspect' });

export function sums(withStore: WithStore, runs: number): void {
  test('sums by civil day: exact at the stored decimals, with what was due, seen and valid; empty days stand', () =>
    withStore(async (store) => {
      await apply(store, 1, [
        { timeS: t0, value: 0.1 },
        { timeS: t0 + hour, value: 0.2 },
        { timeS: t0 + 2 * hour, value: 5, flags: invalid },
        { timeS: t0 + 3 * hour, value: 7, flags: suspect },
        { timeS: t0 + 4 * hour, value: null, flags: 32 },
        { timeS: t0 + 23 * hour, value: -0.05 },
        { timeS: t0 - 1, value: 99 },
        { timeS: t0 + 48 * hour, value: 99 },
      ]);
      const [day] = await store.sums(query());
      expect(lines(day)).toEqual([
        [24, 5, 3, 0.25, -0.05, 0.2],
        [24, 0, 0, ...nothing],
      ]);
      expect([...(day?.share ?? [])]).toEqual([3 / 24, 0]);
      expect([...(day?.endS ?? [])]).toEqual([t0 + 24 * hour, t0 + 48 * hour]);
      const [lenient] = await store.sums(query({ filter: { validity: ['valid', 'suspect'] } }));
      expect(lines(lenient)[0]).toEqual([24, 5, 4, 7.25, -0.05, 7]);
      const [none] = await store.sums(query({ filter: { validity: [] } }));
      expect(lines(none)[0]).toEqual([24, 5, 0, ...nothing]);
    }));

  test('a value that a revision took away, or marked, does not count; as of before, it does', () =>
    withStore(async (store) => {
      await apply(store, 1, [
        { timeS: t0, value: 1 },
        { timeS: t0 + hour, value: 2 },
        { timeS: t0 + hour, value: 3, parameter: 'tp' },
        { timeS: t0 + 2 * hour, value: 4 },
      ]);
      await apply(store, 2, [
        { timeS: t0, value: null, flags: 32 },
        { timeS: t0 + 2 * hour, value: 4, flags: invalid },
      ]);
      const both = { parameters: [...query().parameters, { id: 'tp', decimals: 3 }] };
      const now = await store.sums(query(both));
      expect(now.map((columns) => lines(columns)[0])).toEqual([
        [24, 2, 1, 2, 2, 2],
        [24, 1, 1, 3, 3, 3],
      ]);
      const before = await store.sums(query({ ...both, asOfSeq: 1 }));
      expect(before.map((columns) => lines(columns)[0])).toEqual([
        [24, 3, 3, 7, 1, 4],
        [24, 1, 1, 3, 3, 3],
      ]);
    }));

  test('hours, months and years of the region; a window that cuts a period cuts what is due', () =>
    withStore(async (store) => {
      const rows = Array.from({ length: 24 * 62 }, (_, at) => ({ timeS: t0 + at * hour, value: 0.1 }));
      await apply(store, 1, rows);
      const window = { fromS: t0 + 12 * hour, toS: t0 + 62 * 24 * hour };
      const [months] = await store.sums(query({ ...window, period: 'month' }));
      expect(lines(months)).toEqual([
        [732, 732, 732, 73.2, 0.1, 0.1],
        [720, 720, 720, 72, 0.1, 0.1],
        [24, 24, 24, 2.4, 0.1, 0.1],
      ]);
      const [years] = await store.sums(query({ ...window, period: 'year', cadenceS: null }));
      expect(lines(years)).toEqual([[Number.NaN, 1476, 1476, 147.6, 0.1, 0.1]]);
      const [hours] = await store.sums(query({ period: 'hour', cadenceS: 4 * hour, toS: t0 + 5 * hour }));
      expect([...(hours?.expected ?? [])]).toEqual([1, 0, 0, 0, 1]);
      expect([...(hours?.beginS ?? [])]).toEqual([0, 1, 2, 3, 4].map((at) => t0 + at * hour));
    }));

  test('a group of stations is summed as one, a station may be in several, and one without readings is due all the same', () =>
    withStore(async (store) => {
      await apply(store, 1, [
        { timeS: t0, value: 1, station: 's1' },
        { timeS: t0, value: 10, station: 's2' },
        { timeS: t0, value: 100, station: 's.3' },
      ]);
      const groups = [
        { id: 'all', stations: ['s1', 's2', 's.3', 'silent'] },
        { id: 'two', stations: ['s1', 's2', 's2'] },
        { id: 'none', stations: [] },
      ];
      const answer = await store.sums(
        query({
          groups,
          toS: t0 + 24 * hour,
          cadenceS: { s1: hour, s2: 4 * hour, 's.3': hour, silent: hour },
        }),
      );
      expect(answer.map(({ group, parameter }) => [group, parameter])).toEqual([
        ['all', 'ph'],
        ['two', 'ph'],
        ['none', 'ph'],
      ]);
      expect(answer.map((columns) => lines(columns)[0])).toEqual([
        [78, 3, 3, 111, 1, 100],
        [30, 2, 2, 11, 1, 10],
        [0, 0, 0, ...nothing],
      ]);
    }));

  test('days that the clock changes have 23 or 25 hours', () =>
    withStore(async (store) => {
      const from = Temporal.ZonedDateTime.from('2025-03-29T00:00[Europe/Berlin]').epochMilliseconds / 1000;
      const rows = Array.from({ length: 72 }, (_, at) => ({ timeS: from + at * hour, value: 1 }));
      await apply(store, 1, rows);
      const zone = { fromS: from, toS: from + 71 * hour, timeZone: 'Europe/Berlin' };
      const [days] = await store.sums(query(zone));
      expect(lines(days).map(([expected, observed]) => [expected, observed])).toEqual([
        [24, 24],
        [23, 23],
        [24, 24],
      ]);
    }));

  test('what cannot be summed is refused; a sum too large to be exact says so', () =>
    withStore(async (store) => {
      await apply(store, 1, [
        { timeS: t0, value: 1e18 },
        { timeS: t0 + 24 * hour, value: 123_456.78 },
      ]);
      for (const bad of [
        query({ averaging: 'PT8H-sliding' }),
        query({ parameters: [{ id: 'ph', decimals: 9 }] }),
        query({ fromS: 0, toS: 1e12, period: 'hour' }),
        query({ toS: Infinity }),
      ]) {
        await expect(store.sums(bad)).rejects.toMatchObject({ code: 'E_BAD_REQUEST' });
      }
      const [columns] = await store.sums(query());
      expect([...(columns?.exact ?? [])]).toEqual([0, 1]);
      expect(await store.sums(query({ toS: t0, parameters: [] }))).toEqual([]);
      await apply(store, 2, [
        { timeS: t0 + 25 * hour, value: 987_654_321.12 },
        { timeS: t0 + 25 * hour, value: 0.000_000_07, parameter: 'tn' },
      ]);
      const parameters = [...query().parameters, { id: 'tn', decimals: 8 }];
      const [large, small] = await store.sums(query({ parameters, fromS: t0 + 24 * hour }));
      expect([large?.sum[0], large?.exact[0]]).toEqual([987_777_777.9, 1]);
      expect([small?.sum[0], small?.exact[0]]).toEqual([7e-8, 1]);
    }));

  test('years of hourly decimals are summed exactly, large and small, negative and positive', () =>
    withStore(async (store) => {
      const hours = 24 * 100;
      const hundredths = (at: number): number => ((at * 7919) % 200_003) - 100_000;
      await apply(
        store,
        1,
        Array.from({ length: hours }, (_, at) => ({ timeS: t0 + at * hour, value: hundredths(at) / 100 })),
      );
      const window = { toS: t0 + hours * hour, period: 'year' as const };
      const [year] = await store.sums(query(window));
      const exact = Array.from({ length: hours }, (_, at) => hundredths(at)).reduce(
        (sum, one) => sum + one,
        0,
      );
      expect([...(year?.sum ?? [])]).toEqual([exact / 100]);
      expect([...(year?.exact ?? [])]).toEqual([1]);
    }));

  test('any readings and revisions: sums are those of the plain model, as of every position', async () => {
    const row: Arbitrary<Row> = record({
      station: constantFrom('s1', 's2'),
      parameter: constantFrom('ph', 'tp'),
      timeS: integer({ min: 0, max: 5 }).map((at) => t0 + at * 11 * hour),
      value: constantFrom(0.1, 0.2, 0.35, 1.05, null),
      flags: constantFrom(
        0,
        0,
        invalid,
        suspect,
        packFlags({ stage: 2 }),
        packFlags({ qualifiers: ['synthetic'] }),
      ),
    });
    await assert(
      asyncProperty(
        array(array(row, { maxLength: 10 }), { maxLength: 4 }),
        constantFrom<CivilUnit[]>('hour', 'day', 'month'),
        (list, period) =>
          withStore(async (store) => {
            const model = new Model();
            for (const [at, rows] of list.entries()) {
              await apply(store, at + 1, rows);
              model.apply(at + 1, rows);
            }
            for (let seq = 0; seq <= list.length; seq++) {
              const asked = query({
                groups: [
                  { id: 's1', stations: ['s1'] },
                  { id: 'both', stations: ['s1', 's2'] },
                ],
                parameters: [
                  { id: 'ph', decimals: 2 },
                  { id: 'tp', decimals: 4 },
                ],
                period,
                ...(seq < list.length ? { asOfSeq: seq } : {}),
              });
              expect(found(await store.sums(asked)), `as of ${seq}`).toEqual(expectedOf(model, asked, seq));
            }
          }),
      ),
      { numRuns: runs, seed: Number(process.env.JIEHE_SEED ?? 20260821) },
    );
  });
}

/** Periods with readings, by group, parameter and the text of their begin. */
function found(answer: readonly SumColumns[]): Record<string, unknown> {
  const cells: Record<string, unknown> = {};
  for (const columns of answer) {
    for (const [at, beginS] of columns.beginS.entries()) {
      if (columns.observed[at] === 0) continue;
      const number = (value: number | undefined): string => (Number.isNaN(value) ? 'none' : String(value));
      cells[`${columns.group} ${columns.parameter} ${beginS}`] = [
        columns.observed[at],
        columns.valid[at],
        number(columns.sum[at]),
        number(columns.min[at]),
        number(columns.max[at]),
        columns.exact[at],
      ];
    }
  }
  return cells;
}

function expectedOf(model: Model, asked: SumsQuery, seq: number): Record<string, unknown> {
  const cells: Record<string, { observed: number; values: number[] }> = {};
  for (const [key, { value, flags }] of model.asOf(seq)) {
    const [station = '', parameter = '', time] = key.split('|');
    const timeS = Number(time);
    if (value === null || timeS < asked.fromS || timeS >= asked.toS) continue;
    const zoned = Temporal.Instant.fromEpochMilliseconds(timeS * 1000).toZonedDateTimeISO(asked.timeZone);
    const day =
      asked.period === 'hour'
        ? zoned.round({ smallestUnit: 'hour', roundingMode: 'floor' })
        : zoned.startOfDay();
    const begin = (asked.period === 'month' ? day.with({ day: 1 }) : day).epochMilliseconds / 1000;
    for (const { id, stations } of asked.groups) {
      if (!stations.includes(station)) continue;
      const cell = (cells[`${id} ${parameter} ${begin}`] ??= { observed: 0, values: [] });
      cell.observed += 1;
      if ((flags & 3) === 0) cell.values.push(value);
    }
  }
  return Object.fromEntries(
    Object.entries(cells).map(([name, { observed, values }]) => {
      const hundredths = values.reduce((sum, value) => sum + Math.round(value * 100), 0);
      const texts =
        values.length === 0
          ? ['none', 'none', 'none']
          : [String(hundredths / 100), String(Math.min(...values)), String(Math.max(...values))];
      return [name, [observed, values.length, ...texts, 1]];
    }),
  );
}
