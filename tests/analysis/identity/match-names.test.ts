import { describe, expect, test } from 'vitest';
import { nameParts, suggestMatches, type KnownStation } from '../../../src/analysis/identity/match-names.ts';

const station = (id: string, ...names: string[]): KnownStation => ({ id, names, codes: [], position: null });
const unknown = (naturalKey: string, position: { lon: number; lat: number } | null = null) => ({
  naturalKey,
  name: naturalKey.split('/').at(-1)!,
  position,
});

describe('a published name', () => {
  test('is taken apart whatever the width of its brackets', () => {
    expect(nameParts('浙江省/小旦(新)')).toEqual({ place: '浙江省', base: '小旦', marks: ['新'] });
    expect(nameParts('小旦（撤销）')).toEqual({ place: '', base: '小旦', marks: ['撤销'] });
    expect(nameParts('广北滨河路(桥）').base).toBe(nameParts('广北滨河路（桥)').base);
    expect(nameParts('广北滨河路(桥）').marks).toEqual([]);
  });
});

describe('a suggested match', () => {
  const known = [
    station('xiaodan', '小旦', '浙江省/小旦'),
    station('other', '小源', '浙江省/小源'),
    station('namesake', '小旦', '江西省/小旦'),
  ];

  test('of a marked name is the station without the mark, in the same province', () => {
    const [best, ...rest] = suggestMatches(unknown('浙江省/小旦（新）'), known);
    expect(best).toMatchObject({ station: 'xiaodan', relation: 'replaced', score: 0.95 });
    expect(best!.reasons).toContain('marked 新');
    expect(rest.map((one) => one.station)).toEqual(['namesake']);
    expect(suggestMatches(unknown('浙江省/小旦（撤销）'), known)[0]).toMatchObject({
      station: 'xiaodan',
      relation: 'same',
    });
  });

  test('is none for a name that is like nothing', () => {
    expect(suggestMatches(unknown('浙江省/龙泉溪口'), known)).toEqual([]);
  });

  test('of a reused code rests on the code, and less where the place is another', () => {
    const coded: KnownStation = {
      id: 'roof',
      names: ['大楼'],
      codes: ['1267A'],
      position: { lon: 120, lat: 28 },
    };
    const near = suggestMatches({ ...unknown('1267A', { lon: 120.001, lat: 28 }), name: '新楼' }, [
      coded,
    ])[0]!;
    const far = suggestMatches({ ...unknown('1267A', { lon: 120.2, lat: 28 }), name: '新楼' }, [coded])[0]!;
    expect(near.score).toBe(0.85);
    expect(far.score).toBeLessThan(near.score);
    expect(far.reasons).toEqual(['code 1267A', '19.6 km apart']);
  });
});
