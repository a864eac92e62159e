import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { jiehe as jieheIn, type Said } from './in-process.ts';
import { capturedTable } from './captured-table.ts';

let folder: string;
let system: System;
/** Position before any reading. */
let empty = 0;

const jiehe = (line: string): Promise<Said> => jieheIn({ folder, system }, line.split(' '));

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'jiehe-verdicts-'));
  const { text } = capturedTable({ seed: 4, captures: 24, sections: ['松溪岩下'] });
  writeFileSync(path.join(folder, 'march.csv'), text.replaceAll('浙江省', '福建省'));
  system = await openSystem({ dataDir: path.join(folder, 'data'), synthetic: null });
  empty = system.journal.head().seq;
  expect(await jiehe('ingest cnemc-water --file march.csv')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true, force: true });
});

const place = '--station songxi-yanxia --period 2021-03-28';

describe('jiehe verdicts', () => {
  it('shows a verdict and why it is so, down to readings and journal entries, with clause and confidence', async () => {
    const shown = JSON.parse((await jiehe(`verdicts show ${place} --json`)).out);
    expect(shown).toMatchObject({ section: 'songxi-yanxia', status: 'ok' });
    expect((await jiehe(`verdicts show ${place}`)).out).toContain('自动监测');
    const why = await jiehe(`verdicts why ${shown.id} --readings 3`);
    expect(why).toMatchObject({ code: 0, err: '' });
    expect(why.out).toContain(shown.decidingItems[0]);
    expect(why.out).toMatch(/gb3838-2002.*\[confirmed\]/);
    expect(why.out).toMatch(/2021-03-28T\d\d:00:00\+08:00 .*#\d+\n/);
    const tree = JSON.parse((await jiehe(`verdicts why ${shown.id} --json`)).out);
    const item = tree.items.find(({ decides }: { decides: boolean }) => decides);
    expect(item.readings.shown[0].journal).toMatch(/^\/api\/v1\/journal\/\d+$/);
  });

  it('shows a single stored reading as one, and which entry brought it', async () => {
    const day = JSON.parse((await jiehe(`verdicts show ${place} --json`)).out);
    const tree = JSON.parse((await jiehe(`verdicts why ${day.id} --json`)).out);
    const { time, value, seq } = tree.items.find(({ decides }: { decides: boolean }) => decides).readings
      .shown[0];
    const at = `--station songxi-yanxia --period ${time.slice(0, 16)}`;
    const shown = JSON.parse((await jiehe(`verdicts show ${at} --json`)).out);
    expect(shown).toMatchObject({ period: { kind: 'single' }, standing: 'single-unreviewed', status: 'ok' });
    expect((await jiehe(`verdicts show ${at}`)).out).not.toContain('超标');
    const why = await jiehe(`verdicts why ${shown.id}`);
    expect(why).toMatchObject({ code: 0, err: '' });
    const line = why.out.split('\n').find((one) => one.includes(`${time}  ${value} `));
    expect(line).toMatch(new RegExp(`#${seq}$`));
  });

  it('explains what became of a verdict between two states of knowledge', async () => {
    const found = await jiehe(`verdicts difference ${place} --before ${empty} --json`);
    const difference = JSON.parse(found.out);
    expect(difference.same).toBe(false);
    expect(difference.readings.added).toBeGreaterThan(4);
    const said = (await jiehe(`verdicts difference ${place} --before ${empty} --readings 2`)).out;
    expect(said).toContain(difference.text.zh);
    expect(said).toContain('added: — →');
  });

  it('refuses what it does not know, and says so', async () => {
    const unknown = await jiehe('verdicts why nothing');
    expect([unknown.code, unknown.err]).toEqual([1, 'E_NOT_FOUND: no such verdict: nothing\n']);
    expect((await jiehe('verdicts show --station nowhere --period 2021-03')).err).toContain(
      'no such section: nowhere',
    );
    expect((await jiehe(`verdicts difference ${place} --before 1 --readings many`)).code).toBe(2);
  });
});
