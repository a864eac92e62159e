import type { Preview } from '../../src/domain/preview.ts';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { System } from '../../src/main.ts';
import { jiehe, type Said } from '../cli/in-process.ts';
import { sharedFile } from '../shared-data.ts';
import { example, ingested, opened } from './demonstration-region.ts';

const water = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');
const hydro = sharedFile('data/hydro-mwr/great_river_zhe-min-gan-wan_2021-03-26_2021-06-30.csv.gz');

/**
 * Rows of the recorded file that hold one of the names, below its header: of each moment the last one shown, and a day's rows as one capture,
 * which is quicker to take in. `place` and `time` are columns.
 */
function rowsOf(
  file: string,
  names: readonly string[],
  { place, time }: Record<'place' | 'time', number>,
): string {
  const [head = '', ...rows] = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  const last = new Map<string, string>();
  for (const row of rows.filter((one) => names.some((name) => one.includes(name))).toSorted()) {
    const cells = row.split(',');
    const shown = `${row.slice(0, 10)} 23:59:00`;
    last.set(`${cells[place]} ${cells[time]}`, [shown, shown, ...cells.slice(2)].join(','));
  }
  return `${[head, ...[...last.values()].toSorted()].join('\n')}\n`;
}

describe.skipIf(water === null || hydro === null)(
  'method demonstration, not at a border: 2021-04 to 06 through a preview of a load scheme',
  () => {
    let folder: string;
    let system: System;
    const run = (...argv: string[]): Promise<Said> => jiehe({ folder, system }, argv);
    const preview = (agreement: string, ...more: string[]): Promise<Said> =>
      run('settle', 'preview', '--agreement', agreement, '--period', '2021-Q2', ...more);

    beforeAll(async () => {
      ({ folder, system } = await opened((region) => {
        const assumed = readFileSync(path.join(example, 'baita-load.yaml'), 'utf8')
          .replace('id: baita-load\n', 'id: baita-load-assumed\n')
          .replace(
            'averaging: instant }',
            'averaging: instant, assumedReviewed: { source: 演示用假定, confidence: assumed } }',
          );
        writeFileSync(path.join(region, 'agreements/baita-load-assumed.yaml'), assumed);
      }));
      writeFileSync(
        path.join(folder, 'water.csv'),
        rowsOf(water!, ['福安白塔', '松溪岩下'], { place: 5, time: 6 }),
      );
      writeFileSync(
        path.join(folder, 'flow.csv'),
        rowsOf(hydro!, ['71500600', '71111500'], { place: 6, time: 2 }),
      );
      await ingested({ folder, system }, { water: 'water.csv', flow: 'flow.csv' });
    });
    afterAll(async () => {
      await system.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('福安白塔: loads with interval and coverage, an amount, and the marks of a demonstration', async () => {
      const said = await preview('baita-load', '--json');
      expect(said.code).toBe(0);
      const found: Preview = JSON.parse(said.out);
      const [section] = found.sections;
      expect(section?.flow).toMatchObject({ station: 'flow-baita', leastStage: 0, reasons: [] });
      const load = section!.flow!.loads.find(({ parameter }) => parameter === 'codmn')!;
      expect(load).toMatchObject({
        method: 'flow-weighted',
        coverage: { days: 91, daysWithFlow: 89, daysSampled: 89, highFlowDays: 9, highFlowSampled: 9 },
      });
      // The means of days: every reading by itself gives 2,803 t (docs/loads.md).
      expect(Number(load.tonnes).toFixed(0)).toBe('2931');
      expect(load.interval90Tonnes?.map((one) => Number(one).toFixed(0))).toEqual(['1839', '4022']);
      expect(load.coverage.topFiveVolumeShare).toBe('0.3260');
      expect(found.lines).toMatchObject([
        { from: { code: '350924' }, to: { code: '350981' }, amountWan: '6.35' },
      ]);
      const { out } = await preview('baita-load');
      for (const mark of [
        '方法演示，非交界断面',
        '试算·未经审核·不作结算依据',
        '演示用假定：允许通量',
        '演示办法',
      ])
        expect(out).toContain(mark);
    });

    it('松溪岩下: without a concentration in the flood of 2021-05-22 there is no result, and it says so', async () => {
      const said = await preview('yanxia-load');
      expect(said.code).toBe(1);
      expect(said.out).toContain('松溪岩下 / Songxi Yanxia: 无法核算 / cannot be assessed');
      expect(said.out).toContain('有流量的天数占43.9 %，低于约定的90 %');
      expect(said.out).toContain(
        'Permanganate index: high-flow days with a concentration are 75 %, below the agreed 80 %',
      );
      expect(said.out).toContain('高流量日 (high-flow days) 3/4 缺水质 (no concentration): 2021-05-22');
      expect(said.out).toContain('无法试算，不等于零');
    });

    it('becomes no statement, since nobody reviewed the readings', async () => {
      const issued = await run('settle', 'issue', '--agreement', 'baita-load', '--period', '2021-Q2');
      expect(issued).toMatchObject({ code: 1, out: '' });
      expect(issued.err).toContain('未经审核,只可试算');
    });

    it('becomes one where they are taken as reviewed for the demonstration, computed again elsewhere to the byte', async () => {
      const month = ['--agreement', 'baita-load-assumed', '--period', '2021-Q2'];
      const issued = await run('settle', 'issue', ...month, '--out', 'baita.jiehe');
      expect(issued).toMatchObject({ code: 0, err: '' });
      expect(issued.out).toContain('演示用假定：未经审核的数据按已审核处理');
      const verified = await jiehe({ folder, system: null }, ['settle', 'verify', 'baita.jiehe']);
      expect(verified, verified.out).toMatchObject({ code: 0 });
    });
  },
);

describe('the same with a made-up river, whose load is known', () => {
  let place: Awaited<ReturnType<typeof opened>>;
  beforeAll(async () => {
    place = await opened();
  });
  afterAll(async () => {
    await place.system.close();
    rmSync(place.folder, { recursive: true, force: true });
  });

  it('is made by a command, and through screening the preview prints intervals that hold the truth, surges in it', async () => {
    const quarter = ['--period', '2021-Q2'];
    const made = await jiehe(place, [
      'simulate',
      'river',
      '--section',
      'fuan-baita',
      ...quarter,
      '--out',
      'river',
      '--carries',
      'nh3n=1',
      '--surges',
    ]);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toContain('91 days (模拟数据)');
    await ingested(place, { water: 'river/water.csv', flow: 'river/flow.csv' });
    const said = await jiehe(place, ['settle', 'preview', '--agreement', 'baita-load', ...quarter, '--json']);
    const { lines, sections }: Preview = JSON.parse(said.out);
    const { tonnes } = JSON.parse(readFileSync(path.join(place.folder, 'river/truth.json'), 'utf8'));
    const loads = sections[0]!.flow!.loads;
    expect(loads.map(({ parameter }) => parameter)).toEqual(Object.keys(tonnes));
    // Ammonia near 1 mg/L and half days of several times that: nothing of it is taken for a fault.
    expect(loads.map(({ leftOut }) => leftOut?.readings)).toEqual([0, 0, 0]);
    for (const { parameter, interval90Tonnes, reasons } of loads) {
      const [low, high] = interval90Tonnes!.map(Number) as [number, number];
      expect({ parameter, reasons, held: low <= tonnes[parameter] && tonnes[parameter] <= high }).toEqual({
        parameter,
        reasons: [],
        held: true,
      });
    }
    expect(lines).toHaveLength(1);
  });

  it('is another for another seed', async () => {
    const drawn = async (seed: string): Promise<string> => {
      const at = ['--section', 'fuan-baita', '--period', '2021-04', '--out', `seed-${seed}`, '--seed', seed];
      return (await jiehe(place, ['simulate', 'river', ...at])).out.replace(/^.*真值/, '');
    };
    expect(await drawn('7')).not.toBe(await drawn('8'));
  });

  it('is refused where no load could be computed', async () => {
    const at = ['--section', 'gutian-huangtian', '--period', '2021-04', '--out', 'none'];
    expect((await jiehe(place, ['simulate', 'river', ...at])).err).toContain(
      'gutian-huangtian has no gauge with a declared transfer of flow',
    );
  });
});
