import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { jiehe as jieheIn, type Said } from './in-process.ts';

let folder: string;
let system: System;

const jiehe = (...argv: string[]): Promise<Said> => jieheIn({ folder, system }, argv);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'jiehe-circumstances-'));
  writeFileSync(path.join(folder, 'gauge.csv'), 'level\n9.1\n');
  system = await openSystem({ dataDir: path.join(folder, 'data'), synthetic: null });
});
afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true, force: true });
});

const words = (line: string): string[] => line.split(' ');
const application = words(
  'circumstances propose --id flood-1 --kind extreme-weather-or-flood --section jiaoxi --items tp,nh3n ' +
    '--from 2026-06-01T00:00 --to 2026-06-04T00:00 --applicant 330300 --evidence gauge.csv --actor wenzhou',
);

describe('jiehe circumstances', () => {
  it('applies, decides and withdraws as acts of the journal, with evidence by its hash', async () => {
    expect((await jiehe('circumstances', 'list')).out).toContain('没有特殊情形');
    const applied = await jiehe(...application);
    expect(applied).toMatchObject({ code: 0, err: '' });
    expect(applied.out).toMatch(/^flood-1 applied for 已申请 \(entry \d+\)\n$/);
    const decided = await jiehe(
      ...words(
        'circumstances decide flood-1 --effect exclude-interval --decided-by 联合办公室 --document 〔2026〕1号 ' +
          '--to 2026-06-03T00:00 --actor office --json',
      ),
    );
    const { seq } = JSON.parse(decided.out) as { seq: number };
    const [one] = await system.state.circumstances.list({ id: 'flood-1' });
    const sha256 = createHash('sha256').update('level\n9.1\n').digest('hex');
    expect(one).toMatchObject({
      state: 'decided',
      effect: 'exclude-interval',
      items: ['tp', 'nh3n'],
      toS: Date.parse('2026-06-03T00:00+08:00') / 1000,
      evidence: [{ name: 'gauge.csv', sha256 }],
    });
    expect(one?.steps.map(({ act, actor }) => `${act} ${actor}`)).toEqual([
      'apply-circumstance wenzhou',
      'decide-circumstance office',
    ]);
    const shown = (await jiehe('circumstances', 'list', '--section', 'jiaoxi')).out;
    expect(shown).toContain('极端天气或洪水 / Extreme weather or flood');
    expect(shown).toContain('联合办公室 〔2026〕1号');
    const before = await jiehe('circumstances', 'list', '--as-of', String(seq - 1), '--json');
    expect(JSON.parse(before.out)).toMatchObject({ id: 'flood-1', state: 'applied', effect: 'none' });

    expect((await jiehe('circumstances', 'withdraw', 'flood-1', '--reason', '误报')).code).toBe(0);
    expect((await jiehe('circumstances', 'list')).out).toContain('flood-1  withdrawn none');
    const late = await jiehe('circumstances', 'decide', 'flood-1', '--effect', 'none');
    expect(late).toMatchObject({ code: 1, out: '' });
    expect(late.err).toContain('was withdrawn');
  });

  it('says what is wrong with an act and records nothing of it', async () => {
    const { seq } = system.journal.head();
    const unknown = await jiehe(...application.map((one) => (one === 'jiaoxi' ? 'nowhere' : one)));
    expect([unknown.code, unknown.err]).toEqual([
      1,
      'E_BAD_REQUEST: section "nowhere": expected an id of /api/v1/sections\n',
    ]);
    const missing = await jiehe(...application.map((one) => (one === 'gauge.csv' ? 'lost.csv' : one)));
    expect(missing.err).toContain('evidence lost.csv cannot be read');
    const half = ['circumstances', 'decide', 'flood-1', '--effect', 'replace-by-make-up-sample'];
    expect((await jiehe(...half, '--make-up', 'tp=0.05')).err).toContain('--make-up and --sampled, both');
    expect((await jiehe(...half, '--make-up', 'tp', '--sampled', '2026-06-01')).err).toContain(
      'expected ITEM=VALUE',
    );
    expect((await jiehe('circumstances', 'decide', 'none', '--effect', 'hold')).err).toContain('E_NOT_FOUND');
    expect(system.journal.head().seq).toBe(seq);
  });
});
