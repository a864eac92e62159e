import { expect, it } from 'vitest';
import type { SeriesColumns, SeriesQuery } from '../../src/domain/ports.ts';
import { readAhead } from '../../src/settle/read-ahead.ts';

const stations = Array.from({ length: 70 }, (_, nth) => `section-${nth}`);
const query = {
  parameters: ['tp'],
  averaging: 'PT1H' as const,
  provider: 'cnemc',
  fromS: 0,
  toS: 36_000_000,
};

/** 10,000 rows a station; the value tells which station it is. `section-5` has none. */
function counted(refused: string | null = null) {
  const asked: number[] = [];
  const series = ({ stations: wanted }: SeriesQuery): Promise<SeriesColumns[]> => {
    asked.push(wanted.length);
    if (refused !== null && wanted.includes(refused)) return Promise.reject(new Error('no answer'));
    return Promise.resolve(
      wanted
        .filter((station) => station !== 'section-5')
        .map((station) => ({
          key: { ...query, station, parameter: 'tp' },
          timeS: new Float64Array(10_000),
          value: new Float64Array(10_000).fill(Number(station.split('-')[1])),
          flags: new Uint16Array(10_000),
        })),
    );
  };
  return { asked, readings: readAhead({ series }, [stations, ['gauge']]) };
}

it('one station after the other is answered as if each were asked for, from few reads', async () => {
  const { asked, readings } = counted();
  for (const station of stations) {
    const found = await readings.series({ ...query, stations: [station] });
    const again = await readings.series({ ...query, stations: [station] });
    expect(again).toEqual(found);
    expect(found.map(({ value }) => `section-${value[0]}`)).toEqual(station === 'section-5' ? [] : [station]);
  }
  expect(asked).toEqual([2, 40, 28]);
});

it('what comes out of turn, other windows and other stations are answered, too', async () => {
  const { asked, readings } = counted();
  const first = async (station: string, of = query): Promise<number | undefined> =>
    (await readings.series({ ...of, stations: [station] }))[0]?.value[0];
  expect(await first('section-60')).toBe(60);
  expect(await first('section-3')).toBe(3);
  expect(await first('section-61', { ...query, toS: 3600 })).toBe(61);
  expect(await first('elsewhere-9')).toBe(9);
  expect((await readings.series({ ...query, stations: ['section-1', 'section-2'] })).length).toBe(2);
  expect(asked.at(-1)).toBe(2);
});

it('a read that fails is told to who asks for one of its stations, and to nobody else', async () => {
  const { readings } = counted('section-2');
  for (const station of ['section-0', 'section-1'])
    expect(await readings.series({ ...query, stations: [station] })).toHaveLength(1);
  await expect(readings.series({ ...query, stations: ['section-2'] })).rejects.toThrow('no answer');
});
