import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { SeriesSource } from '../../src/alert/station-data.ts';
import { stationResolver, type Config } from '../../src/domain/config/config.ts';
import type { SeriesColumns } from '../../src/domain/ports.ts';
import { instantOfCivil } from '../../src/domain/time.ts';

const measured = ['wt', 'ph', 'do', 'ec', 'turbidity', 'codmn', 'nh3n', 'tp', 'tn', 'chla', 'algae'];

/** The captured water file of 2021 as the newest showing of each point, asked for as a store is; nothing of the project's parser. */
export function recordedReadings(file: string, config: Config): SeriesSource {
  const resolve = stationResolver(config);
  const points = new Map<string, Map<number, number>>();
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split(/\r?\n/);
  for (const line of lines.slice(1).sort()) {
    const cells = line.split(',');
    const [province, , section, stamp] = cells.slice(3) as [string, string, string, string];
    if (!/^\d\d-\d\d \d\d:\d\d$/.test(stamp)) continue;
    const station = resolve('cnemc', `${province}/${section}`, `2021-${stamp.slice(0, 5)}`);
    if (station === null) continue;
    const timeS = instantOfCivil(`2021-${stamp.replace(' ', 'T')}`, 'Asia/Shanghai');
    for (const [at, parameter] of measured.entries()) {
      const text = cells[8 + at]!;
      if (text === '' || Number.isNaN(Number(text))) continue;
      const key = `${station}\t${parameter}`;
      const series = points.get(key) ?? new Map<number, number>();
      points.set(key, series.set(timeS, Number(text)));
    }
  }
  return {
    async series({ stations, parameters, averaging, provider, fromS, toS }): Promise<SeriesColumns[]> {
      if (averaging !== 'instant') return [];
      return stations.flatMap((station) =>
        parameters.flatMap((parameter): SeriesColumns[] => {
          const rows = [...(points.get(`${station}\t${parameter}`) ?? [])]
            .filter(([at]) => at >= fromS && at < toS)
            .sort(([a], [b]) => a - b);
          if (rows.length === 0) return [];
          return [
            {
              key: { station, parameter, averaging, provider },
              timeS: Float64Array.from(rows, ([at]) => at),
              value: Float64Array.from(rows, ([, value]) => value),
              flags: new Uint16Array(rows.length),
            },
          ];
        }),
      );
    },
  };
}
