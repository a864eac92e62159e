import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { isoWithOffset } from '../../../src/domain/time.ts';
import { cellOf, originalOf } from '../../../src/ingest/sources/cnemc-water/cell.ts';
import { stampOf } from '../../../src/ingest/sources/cnemc-water/stamp.ts';
import { numberOf } from '../../../src/ingest/sources/collector.ts';

const zone = 'Asia/Shanghai';
const DAY_S = 86_400;

test('a stamp without year comes back to its instant from any page shown less than 364 days after it, or up to a day before', () => {
  const shown = integer({ min: 25_000_000, max: 33_000_000 }).map((minutes) => minutes * 60);
  const age = integer({ min: -24 * 60, max: 364 * 24 * 60 - 1 }).map((minutes) => minutes * 60);
  assert(
    property(shown, age, (shownS, ageS) => {
      const timeS = shownS - ageS;
      const text = isoWithOffset(timeS, zone).slice(5, 16).replace('T', ' ');
      expect(stampOf(text, shownS, zone)).toEqual({
        timeS,
        civilDate: isoWithOffset(timeS, zone).slice(0, 10),
      });
    }),
    { numRuns: 200 },
  );
});

test.each(['02-30 08:00', '13-01 00:00', '04-12 24:00', '4-12 08:00', '2021-04-12 08:00', ''])(
  '"%s" is no stamp',
  (text) => {
    expect(stampOf(text, 1_618_200_900, zone)).toBeNull();
  },
);

test('29 February belongs to the one of the two years that has it, and to none when neither does', () => {
  const shown = (date: string): number => Date.parse(`${date}T12:00:00+08:00`) / 1000;
  expect(stampOf('02-29 08:00', shown('2025-01-10'), zone)?.civilDate).toBe('2024-02-29');
  expect(stampOf('02-29 08:00', shown('2024-03-01'), zone)?.civilDate).toBe('2024-02-29');
  expect(stampOf('02-29 08:00', shown('2023-03-01'), zone)).toBeNull();
});

test('a page shown long after keeps the year before for a stamp more than a day ahead', () => {
  const shownS = 1_735_660_800;
  expect(stampOf('01-02 00:00', shownS, zone)?.timeS).toBe(shownS + DAY_S);
  expect(stampOf('01-02 00:01', shownS, zone)?.civilDate).toBe('2024-01-02');
});

test('a cell gives its text and its title, entities and nested tags included', () => {
  expect(cellOf("<span title='原始值：26.58'>26.6</span>")).toEqual({
    shown: '26.6',
    title: '原始值：26.58',
  });
  expect(cellOf('&nbsp;')).toEqual({ shown: '', title: '' });
  expect(cellOf('<b><i> A&amp;B </i></b>')).toEqual({ shown: 'A&B', title: '' });
  expect(cellOf(null)).toEqual({ shown: '', title: '' });
  expect(cellOf(7.5)).toEqual({ shown: '7.5', title: '' });
  expect(originalOf('原始值:1.008E+07')).toBe('1.008E+07');
  expect(originalOf('当天质控不合格')).toBeNull();
});

test('only a whole number text is a number', () => {
  expect(['7.60', '1.008037E+07', '-3', '.5'].map(numberOf)).toEqual([7.6, 10_080_370, -3, 0.5]);
  for (const text of ['', 'abc', '1,2', '1 2', '0x10', 'NaN', 'Infinity', '1e999', '<0.01'])
    expect(numberOf(text)).toBeNull();
});
