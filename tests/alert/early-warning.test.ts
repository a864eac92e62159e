import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replayAlerts } from '../../src/alert/replay.ts';
import { checkFiles } from '../../src/config/load.ts';
import { printFault } from '../../src/config/fault-text.ts';
import type { AlertRule } from '../../src/domain/config/alerting.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { shippedDirectory, textsOf } from '../config/small-region.ts';
import { calendarOf, contactOf, day, openWorld, policyOf, shippedConfig, Timeline } from './timeline.ts';

const zone = 'Asia/Shanghai';
const example = readFileSync(
  path.resolve(import.meta.dirname, '../../examples/early-warning-rules.yaml'),
  'utf8',
);
const provenance = { source: 'made for a test', confidence: 'assumed' } as const;

/** The shipped configuration with other alert rules. */
function checked(rules: string, edit: (text: string) => string = (text) => text) {
  const files = textsOf(shippedDirectory, ['parameters', 'standards', 'schemes', 'regions'])
    .filter(({ file }) => !file.endsWith('alert-policy.yaml'))
    .map(({ file, text }) =>
      file.endsWith('alert-rules.yaml') ? { file, text: edit(rules) } : { file, text },
    );
  const { faults, notes, config } = checkFiles(files);
  return { faults: faults.map(printFault), notes: notes.map(printFault), config };
}

describe('an alert rule on early warnings of the Yangtze basin', () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  let t: Timeline;
  let rule: AlertRule;
  /** Key time of the sample of a month, which is also the end of the month before. */
  const of = (month: string): number => instantOfCivil(`${month}-01T00:00`, zone) - t.startS;
  /** 化学需氧量, mg/L, sampled by hand: class III to 20, IV to 30, V to 40. */
  const sampled = (month: string, cod: number): void =>
    t.put(of(month), { cod }, { station: 'yiyang', averaging: 'P1M', provider: 'cnemc-monthly' });
  const alert = async () => {
    const { severity, worst, state, startS, endS, facts } = await t.only();
    return {
      severity,
      worst,
      state,
      startS: startS - t.startS,
      endS: endS === null ? null : endS - t.startS,
      facts,
    };
  };

  beforeAll(async () => {
    world = await openWorld();
    rule = checked(example).config!.alertRules[0]!;
    const sections = shippedConfig().sections.map((one) =>
      one.id === 'yiyang'
        ? { ...one, targets: [{ kind: 'national-assessment' as const, class: 3, provenance }] }
        : one,
    );
    t = new Timeline(world, {
      alertRules: [rule],
      sections,
      contacts: [contactOf('desk', '361100')],
      onCall: [calendarOf('desk', '361100', ['desk'])],
      policy: policyOf({ routes: [{ id: 'own', match: {}, side: 'located-in' }] }),
    });
    for (const month of ['01', '02', '03', '04', '05', '06']) sampled(`2020-${month}`, 19);
    for (const month of ['01', '02', '03']) sampled(`2021-${month}`, 19);
    await t.at(of('2021-04') + day);
  });
  afterAll(() => world.close());

  test('says nothing while classes are those of a year before, nor of a month before its value is there', async () => {
    expect(t.told).toEqual([]);
    await t.at(of('2021-05') + day);
    expect(t.told).toEqual([]);
  });

  test('tells of level two when month and months 1 to N are one class worse and short of the target', async () => {
    // 26 is class IV; (19 + 19 + 19 + 26) / 4 = 20.75, class IV: both one below last year's III.
    sampled('2021-04', 26);
    await t.at(of('2021-05') + 5 * day);
    expect(t.told.map(({ kind, to }) => [kind, to])).toEqual([['opened', 'desk']]);
    const found = await alert();
    expect(found).toMatchObject({ severity: 'major', startS: of('2021-04'), endS: null });
    expect(found.facts).toMatchObject({
      edition: 'yangtze-early-warning-2018',
      standing: 'monthly-unreviewed',
    });
    expect(found.facts.summary.zh).toBe(
      '二级预警（长江流域水环境质量监测预警办法(试行)）；2021-04水质Ⅳ类，较上年同期下降1个类别；2021-01/2021-04累计Ⅳ类，下降1个类别；累计未达到3类目标。',
    );
    expect(found.facts.summary.en).toContain('Level two warning');
  });

  test('that is corrected to other classes of the same level says what was told before and what holds now', async () => {
    // 35 is class V; (57 + 35) / 4 = 23, class IV: two and one below.
    sampled('2021-04', 35);
    await t.at(of('2021-05') + 6 * day);
    expect(t.told.at(-1)).toMatchObject({ kind: 'amended', to: 'desk' });
    const { id } = await t.only();
    const amended = (await world.state.alerts.get(id))!.steps.find(({ kind }) => kind === 'amended')!;
    expect(amended.detail).toEqual({
      summary: [
        expect.objectContaining({ zh: expect.stringContaining('Ⅳ类，较上年同期下降1个类别') }),
        expect.objectContaining({ zh: expect.stringContaining('Ⅴ类，较上年同期下降2个类别') }),
      ],
    });
    sampled('2021-04', 26);
    await t.at(of('2021-05') + 7 * day);
    expect((await alert()).facts.summary.zh).toContain('2021-04水质Ⅳ类');
  });

  test('goes on until the next month is there, and rises to level one with two classes', async () => {
    await t.at(of('2021-06') + 2 * day);
    expect(await alert()).toMatchObject({ severity: 'major', endS: null });
    // 80 is worse than class V; (83 + 80) / 5 = 32.6, class V: three and two below.
    sampled('2021-05', 80);
    await t.at(of('2021-06') + 5 * day);
    expect(await alert()).toMatchObject({ severity: 'critical', worst: 'critical', endS: null });
    expect(await t.steps()).toContain('severity-raised:worse-rung');
  });

  test('is over when a month is no worse, and the past follows a corrected value', async () => {
    // 18 is class III again.
    sampled('2021-06', 18);
    await t.at(of('2021-07') + 4 * day);
    expect(await alert()).toMatchObject({ state: 'resolved', endS: of('2021-06') });
    const span = { fromS: t.startS + of('2021-01'), toS: t.startS + of('2021-08') };
    const replayed = await replayAlerts(t.readings(), t.config, span);
    expect(replayed.alerts.map(({ episode }) => [episode.raisedS - t.startS, episode.worst])).toEqual([
      [of('2021-05'), 'critical'],
    ]);
    // 27: (83 + 27) / 5 = 22, class IV: level two only.
    sampled('2021-05', 27);
    await t.at(of('2021-07') + 5 * day);
    expect(await alert()).toMatchObject({ worst: 'major', endS: of('2021-06') });
    expect(t.told.at(-1)).toMatchObject({ kind: 'amended', to: 'desk' });
  });

  test('does not rest on years that cannot be compared', async () => {
    const points = t.points.get('yiyang\tcod\tP1M\tcnemc-monthly')!;
    for (const month of ['01', '02', '03', '04', '05', '06']) points.delete(t.startS + of(`2020-${month}`));
    for (const month of ['01', '02', '03', '04', '05', '06'])
      t.put(
        of(`2020-${month}`),
        { codmn: 5 },
        { station: 'yiyang', averaging: 'P1M', provider: 'cnemc-monthly' },
      );
    const span = { fromS: t.startS + of('2021-01'), toS: t.startS + of('2021-08') };
    expect((await replayAlerts(t.readings(), t.config, span)).alerts).toEqual([]);
  });
});

describe('the check of a configuration', () => {
  test('lets the example through with a note that no section has the target', () => {
    const { faults, notes } = checked(example);
    expect(faults).toEqual([]);
    expect(notes.join()).toContain('no section that it watches has the target');
  });

  test('refuses a section outside the basins, and a raise that no level is above', () => {
    const outside = checked(example, (text) => text.replace('{ medium: water }', '{ sections: [jiaoxi] }'));
    expect(outside.faults.join()).toContain(
      'lies in no basin that an early-warning method names (got "jiaoxi"',
    );
    const never = checked(example, (text) => text.replace('raise: 0', 'raise: 2'));
    expect(never.faults.join()).toContain('is not below the most severe level (got 2, expected below 2)');
  });
});
