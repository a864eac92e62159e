import { describe, expect, test } from 'vitest';
import { overLimitList, type Standing } from '../../../src/analysis/exceedance/index.ts';
import { gb3838, standards } from '../standards.ts';

const wording = standards.exceedanceWordings[0]!;
const list = (
  standing: Standing,
  values: Record<string, string>,
  bodyType: 'river' | 'lake' | null = 'river',
) =>
  overLimitList(
    { station: 's1', atS: 0, values, bodyType, targetClass: 2, standing },
    { standard: gb3838, wording },
  );

describe('what is said of a value beyond its limit', () => {
  test('a single unreviewed value is never called an exceedance', () => {
    const [first] = list('single-unreviewed', { tp: '0.11' });
    expect(first).toMatchObject({
      parameter: 'tp',
      value: '0.11',
      limit: '0.1',
      multiple: '0.10',
      exceedance: false,
    });
    expect(first?.wording.zh).toBe('单次值高于Ⅱ类限值(未经审核)');
    expect(first?.wording.en).toBe('Single value above the class II limit (unreviewed)');
  });

  test('oxygen is below its limit, pH outside its range, both without a multiple', () => {
    const found = list('single-unreviewed', { do: '5.9', ph: '9.1' });
    expect(found.map((entry) => [entry.wording.zh, entry.multiple])).toEqual([
      ['单次值低于Ⅱ类限值(未经审核)', null],
      ['单次值超出Ⅱ类范围(未经审核)', null],
    ]);
  });

  test('only reviewed results of a month or longer use the word 超标', () => {
    const standings = wording.rungs.map((rung) => rung.standing);
    const saying = standings.filter((standing) => list(standing, { tp: '0.11' })[0]?.exceedance === true);
    expect(saying).toEqual(['monthly-reviewed', 'cumulative-reviewed', 'period-reviewed']);
    const words = wording.rungs
      .filter((rung) => JSON.stringify(rung).includes('超标'))
      .map((rung) => rung.standing);
    expect(words.every((standing) => standing === 'monthly-reviewed')).toBe(true);
  });

  test('an item at its limit, and an item that only a lake would put over it, are not listed', () => {
    expect(list('single-unreviewed', { tp: '0.1', nh3n: '0.5' })).toEqual([]);
    expect(list('single-unreviewed', { tp: '0.04' }, null)).toEqual([]);
  });
});
