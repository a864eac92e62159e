import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { alertEngine } from '../../src/serving/alerting.ts';
import { jiehe as jieheIn, type Said } from './in-process.ts';

let folder: string;
let system: System;

const jiehe = (...argv: string[]): Promise<Said> => jieheIn({ folder, system }, ['incidents', ...argv]);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'jiehe-incidents-'));
  system = await openSystem({ dataDir: path.join(folder, 'data'), synthetic: null });
});
afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true, force: true });
});

const spill = ['report', '--kind', 'transport-spill', '--text', '槽罐车侧翻', '--severity', 'critical'];
const atSongxi = ['--stations', 'songxi-yanxia', '--id', 'spill-1', '--actor', 'li'];

describe('jiehe incidents', () => {
  it('reports one as an act, which both sides are told of, and ends it with a reason', async () => {
    expect((await jiehe('list')).out).toContain('没有事件');
    const reported = await jiehe(...spill, ...atSongxi);
    expect(reported).toMatchObject({ code: 0, err: '' });
    expect(reported.out).toMatch(/^spill-1 reported 已报告 \(entry \d+\)\n$/);
    const told = await alertEngine(system).pass();
    expect(told?.changes.map(({ alert }) => [alert.rule, alert.station, alert.severity])).toEqual([
      ['incident', 'songxi-yanxia', 'critical'],
    ]);
    const shown = (await jiehe('list')).out;
    expect(shown).toContain('critical goes on 持续中  运输泄漏 / Spill in transport');
    expect(shown).toContain('331100');
    expect(shown).toContain('350700');
    expect(shown).toContain('reported by li');

    const ended = await jiehe('end', 'spill-1', '--reason', '已处置', '--actor', 'wang', '--json');
    expect(JSON.parse(ended.out)).toEqual({ incident: 'spill-1', seq: system.journal.head().seq });
    const [one] = (await jiehe('list', '--json')).out.trim().split('\n');
    expect(JSON.parse(one!)).toMatchObject({ endedBy: 'wang', endReason: '已处置', withdrawn: false });
    const again = await jiehe('end', 'spill-1', '--reason', 'x');
    expect([again.code, again.err]).toEqual([1, 'E_CONFLICT: incident spill-1 is over\n']);
    expect((await jiehe('end', 'spill-1', '--reason', '误报', '--withdrawn')).out).toContain('已撤回');
    expect((await jiehe('list')).out).toContain('withdrawn 已撤回');
  });

  it('says what is wrong with a report and records nothing of it', async () => {
    const { seq } = system.journal.head();
    const faulty: [string[], string][] = [
      [[...spill, '--stations', 'nowhere'], 'stations "nowhere": expected a station of the region'],
      [[...spill, '--jurisdiction', '999999'], 'expected a jurisdiction of the region'],
      [spill, 'one of both'],
      [
        [...spill.map((word) => (word === 'transport-spill' ? 'party' : word)), '--stations', 'jiaoxi'],
        'kind "party": expected accidental-discharge, transport-spill',
      ],
      [[...spill, '--stations', 'jiaoxi', '--from', '2999-01-01'], 'begins now or has begun'],
      [['end', 'none', '--reason', 'x'], 'E_NOT_FOUND: there is no incident none'],
    ];
    for (const [argv, named] of faulty) {
      const refused = await jiehe(...argv);
      expect(refused.code).toBe(1);
      expect(refused.err).toContain(named);
    }
    const days = await jiehe('list', '--days', 'many');
    expect([days.code, days.err]).toEqual([2, 'E_USAGE: --days "many": expected a whole number of days\n']);
    expect(system.journal.head().seq).toBe(seq);
  });
});
