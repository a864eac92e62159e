import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Text } from '../../src/domain/config/facts.ts';
import { openSystem, type System } from '../../src/main.ts';
import { jiehe as jieheIn, type Said } from '../cli/in-process.ts';
import { april } from './songxi-april.ts';

const cli = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
let folder: string;
let system: System;
const at = (...names: string[]): string => path.join(folder, ...names);

const jiehe = (...argv: string[]): Promise<Said> => jieheIn({ folder, system }, argv);
const month = ['--agreement', 'songxi-scenario', '--period', '2021-04'];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'jiehe-settle-'));
  writeFileSync(path.join(folder, 'april.csv'), april(0.01));
  writeFileSync(path.join(folder, 'revised.csv'), april(0.16, { shownLater: 3 * 86_400_000, ripple: 0.001 }));
  system = await openSystem({ dataDir: at('data'), synthetic: null });
  expect(await jiehe('ingest', 'cnemc-water', '--file', at('april.csv'))).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('jiehe settle, from readings to a countersigned statement', () => {
  it('issues a statement with its bundle, marked as a demonstration', async () => {
    const refused = await jiehe('settle', 'correct', ...month);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('nothing to correct');
    const issued = await jiehe('settle', 'issue', ...month, '--out', 'first.jiehe');
    expect(issued).toMatchObject({ code: 0, err: '' });
    expect(issued.out).toContain('songxi-scenario.2021-04.1');
    expect(issued.out).toContain('演示用假定：未经审核的数据按已审核处理');
    expect((await jiehe('settle', 'issue', ...month)).code).toBe(1);
  });

  it('is signed where the keys are, and in force when all signatures are in', async () => {
    const parties = [
      { party: '331100', algorithm: 'ed25519' },
      { party: '350700', algorithm: 'sm2-sm3' },
    ];
    const signatures: string[] = [];
    for (const { party, algorithm } of parties) {
      const made = ['keys', 'create', '--party', party, '--holder', '生态环境局', '--algorithm', algorithm];
      const { privateFile, publicFile } = JSON.parse((await jiehe(...made, '--out', party, '--json')).out);
      const members = ['algorithm', 'certificate', 'holder', 'keyId', 'party', 'publicKey'];
      expect(Object.keys(JSON.parse(readFileSync(publicFile, 'utf8'))).toSorted()).toEqual(members);
      expect(await jiehe('keys', 'publish', publicFile)).toMatchObject({ code: 0 });
      mkdirSync(at('public'), { recursive: true });
      cpSync(publicFile, at('public', path.basename(publicFile)));
      for (const purpose of ['data', 'funds']) {
        const sign = ['settle', 'sign', 'first.jiehe', '--key', privateFile, '--purpose', purpose];
        const { out, code } = await jiehe(...sign);
        expect(code).toBe(0);
        signatures.push(out.trim());
      }
    }
    expect(await jiehe('settle', 'accept', ...signatures)).toMatchObject({ code: 0, err: '' });
    const list = await jiehe('settle', 'list', '--agreement', 'songxi-scenario');
    expect(list.out).toContain('songxi-scenario.2021-04.1  in-force  4 signatures');
    const keys = (await jiehe('keys', 'list')).out;
    expect(keys).toContain('sm2-sm3');
    expect(keys).not.toContain('PRIVATE');
    const { balances } = JSON.parse((await jiehe('settle', 'ledger', ...month.slice(0, 2), '--json')).out);
    expect(balances.map((one: { amountFen: string }) => one.amountFen).toSorted()).toEqual([
      '-50000000',
      '50000000',
    ]);
  });

  it('is verified in another process, in a folder that has only the bundle and the public keys', async () => {
    expect((await jiehe('settle', 'bundle', 'songxi-scenario.2021-04.1', '--out', 'signed.jiehe')).code).toBe(
      0,
    );
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'jiehe-verify-'));
    cpSync(at('signed.jiehe'), path.join(elsewhere, 'b.jiehe'));
    cpSync(at('public'), path.join(elsewhere, 'public'), { recursive: true });
    const verify = ['settle', 'verify', 'b.jiehe', '--keys', 'public', '--signed'];
    const good = spawnSync(process.execPath, [cli, ...verify], { cwd: elsewhere, encoding: 'utf8' });
    expect(good.stdout).toContain('逐字节一致');
    expect(good.stdout.match(/公钥由您提供/g)).toHaveLength(4);
    expect([good.status, readdirSync(elsewhere).toSorted()]).toEqual([0, ['b.jiehe', 'public']]);
    const text = readFileSync(path.join(elsewhere, 'b.jiehe'), 'utf8');
    writeFileSync(
      path.join(elsewhere, 'b.jiehe'),
      text.replace('"amountFen":"50000000"', '"amountFen":"60000000"'),
    );
    const bad = spawnSync(process.execPath, [cli, ...verify], { cwd: elsewhere, encoding: 'utf8' });
    expect(bad.status).toBe(1);
    expect(bad.stdout).toContain('it differs at');
    rmSync(elsewhere, { recursive: true });
  });

  it('corrects when a revision arrives, after showing what it would change', async () => {
    const same = await jiehe('settle', 'correct', ...month);
    expect(same.out).toContain('no difference');
    expect((await jiehe('ingest', 'cnemc-water', '--file', at('revised.csv'))).code).toBe(0);
    const shown = await jiehe('settle', 'correct', ...month);
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toContain('songxi-yanxia tp: 0.010 → 0.160');
    const issued = await jiehe('settle', 'correct', ...month, '--issue', '--out', 'second.jiehe', '--json');
    expect(JSON.parse(issued.out)).toMatchObject({ corrects: 'songxi-scenario.2021-04.1' });
    expect((await jiehe('settle', 'verify', 'second.jiehe')).code).toBe(0);
    expect((await jiehe('settle', 'verify', 'second.jiehe', '--signed')).code).toBe(1);
  });

  it('compares schemes over stored periods, and says why one has no result', async () => {
    const schemes = system.config().schemes.map((one) => one.id);
    const compare = ['settle', 'compare', ...month.slice(0, 2), '--from', '2021-04', '--json'];
    const { out, code } = await jiehe(...compare);
    expect(code).toBe(0);
    const { cells } = JSON.parse(out);
    expect(cells.length).toBeGreaterThan(10);
    expect(schemes).toEqual(expect.arrayContaining(cells.map((cell: { scheme: string }) => cell.scheme)));
    const assessed = cells.filter((cell: { netFen: string | null }) => cell.netFen !== null);
    expect(assessed.length).toBeGreaterThan(0);
    const open = cells.filter((cell: { netFen: string | null }) => cell.netFen === null);
    expect(open.every((cell: { reason: Text | null }) => cell.reason?.zh && cell.reason.en)).toBe(true);
    const told = (await jiehe(...compare.slice(0, -1))).out;
    expect(told).toMatch(/2021-04  无法核算 \/ cannot be assessed  .+ \/ .+\n/);
    expect(told).not.toMatch(/\b[a-z]+[A-Z]\w*/);
  });

  it('objects from the command line, with hashed evidence', async () => {
    const id = 'songxi-scenario.2021-04.2';
    writeFileSync(at('proof.txt'), 'probe');
    const object = ['settle', 'object', id, '--party', '331100', '--section', 'songxi-yanxia'];
    const made = await jiehe(...object, '--parameter', 'tp', '--grounds', '复测', '--evidence', 'proof.txt');
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toContain('on hold');
    const dispute = made.out.split('\n')[0] ?? '';
    expect((await jiehe('settle', 'dispute', dispute, '--step', 'decide')).code).toBe(1);
    const one = [...object, '--parameter', 'tp', '--grounds', '复测', '--at'];
    expect((await jiehe(...one, '2021-04-01T08:00')).out).toContain('on hold');
    expect((await jiehe(...one, '2021-04-01T09:00')).err).toContain('no line of');
    expect((await jiehe(...one, '2021-04-01T08:00', '--to', '2021-04-02T00:00')).code).toBe(1);
    const answered = await jiehe('settle', 'dispute', dispute, '--step', 'answer', '--json');
    expect(JSON.parse(answered.out)).toMatchObject({
      state: 'answered',
      evidence: [{ name: 'proof.txt', bytes: 5 }],
    });
  });
});
