import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capturedTable } from './captured-table.ts';
import { jiehe, serveJiehe, type Ended, type ServedProcess } from './jiehe-process.ts';
import { commandLine } from './command-line.ts';
import { trySections, writeTryRegion } from './try-region.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-beside-'));
const config = path.join(folder, 'config');
const alone = path.join(folder, 'alone');
const served = path.join(folder, 'served');
const table = capturedTable({ seed: 3, captures: 12, sections: [...trySections, '无名断面'] });
const more = capturedTable({ seed: 4, captures: 12, sections: [...trySections, '新断面'] });
const at = (data: string): string[] => ['--config', config, '--data', data];

let server: ServedProcess;
let firstStart: string;
let firstStop: Ended;

/** Two equal folders, both started once before; a server holds one of them. */
beforeAll(async () => {
  writeTryRegion(config, { enabled: false });
  writeFileSync(path.join(folder, 'table.csv'), table.text);
  writeFileSync(path.join(folder, 'more.csv'), more.text);
  const first = await serveJiehe(at(alone));
  const filled = await commandLine(['ingest', 'water', '--file', 'table.csv', ...at(alone)], folder);
  expect(filled, filled.stderr).toMatchObject({ code: 0 });
  firstStart = first.said();
  firstStop = await first.stop();
  cpSync(alone, served, { recursive: true });
  server = await serveJiehe(at(served));
}, 120_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What may differ between two equal runs: ids, clock times, ages. */
function comparable(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<run>')
    .replace(/"(started|finished)S":\d+/g, '"$1S":<time>')
    .replace(/\d+ s ago/g, '<age>')
    .replace(/[0-9a-f]{64}/g, '<hash>');
}

/** Each is run in this order on both folders, so that what one leaves behind is the same for the next. */
const commands: [args: string[], code: number][] = [
  [['ingest', 'water', '--file', 'table.csv', '--dry-run'], 0],
  [['ingest', 'water', '--file', 'table.csv', '--dry-run', '--json'], 0],
  [['ingest', 'water', '--file', 'table.csv'], 0],
  [['ingest', 'water', '--file', 'more.csv', '--json'], 0],
  [['ingest', 'nothing', '--file', 'more.csv'], 2],
  [['ingest', 'water', '--file', 'absent.csv'], 2],
  [['ingest', 'water'], 1],
  [['backfill', 'water', '--from', '2021-03-26'], 2],
  [['backfill', 'water', '--from', 'yesterday'], 2],
  [['journal', 'verify'], 0],
  [['journal', 'verify', '--json'], 0],
  [['rebuild'], 0],
  [['rebuild', '--json'], 0],
  [['doctor'], 0],
  [['doctor', '--json'], 0],
  [['settle', 'preview', '--agreement', 'none', '--period', '2021-04'], 2],
];

test.each(commands)('%j says the same alone and inside a running server', async (args, code) => {
  const one = await commandLine([...args, ...at(alone)], folder);
  const other = await commandLine([...args, ...at(served)], folder);
  const seen = (ended: Ended, data: string) => ({
    code: ended.code,
    stdout: comparable(ended.stdout),
    stderr: comparable(ended.stderr.replaceAll(data, '<data>')),
  });
  expect(seen(other, served)).toEqual(seen(one, alone));
  expect(one.code, one.stdout + one.stderr).toBe(code);
  if (code === 2) expect(one.stdout).toBe('');
  else expect(one.stdout).not.toBe('');
  if (args.includes('--json') && code !== 2)
    for (const line of one.stdout.trim().split('\n')) expect(typeof JSON.parse(line)).toBe('object');
});

test('a process of its own says what the program in this one says', async () => {
  const said = await jiehe(['journal', 'verify', ...at(served)]);
  expect(said).toEqual(await commandLine(['journal', 'verify', ...at(served)]));
});

test('a rebuild gives the counts that the ingests gave', async () => {
  const rebuilt = await commandLine(['rebuild', '--json', ...at(served)]);
  const doctor = await commandLine(['doctor', '--json', ...at(served)]);
  const { readings, past } = JSON.parse(rebuilt.stdout) as { readings: number; past: number };
  expect(readings).toBeGreaterThan(300);
  expect(past).toBeGreaterThan(30);
  expect(doctor.stdout).toContain(`${readings} readings, ${past} past versions`);
  expect(doctor.stdout).toContain('0 entries behind the journal');
});

describe('starting and stopping', () => {
  test('the first start prints an administrator token, a later one does not', () => {
    expect(firstStart).toMatch(/administrator token, shown once .*: \S{20,}/);
    expect(server.said()).not.toContain('token');
  });

  test('SIGTERM ends the server cleanly: exit 0, serve.json gone, the journal released', () => {
    expect(firstStop).toMatchObject({ code: 0 });
    expect(firstStop.stderr).toContain('SIGTERM');
    expect(existsSync(path.join(alone, 'serve.json'))).toBe(false);
    expect(readdirSync(path.join(alone, 'journal')).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  test('a folder whose server does not answer is locked, and the holder is named', async () => {
    const file = path.join(served, 'serve.json');
    renameSync(file, `${file}.away`);
    try {
      const refused = await commandLine(['doctor', ...at(served)]);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toContain('E_LOCKED');
      expect(refused.stderr).toContain(String(server.pid));
    } finally {
      renameSync(`${file}.away`, file);
    }
  });

  test('a serve.json of a server that is gone does not stand in the way', async () => {
    const file = path.join(alone, 'serve.json');
    writeFileSync(file, JSON.stringify({ pid: 2 ** 22, url: 'http://127.0.0.1:9', token: 'x' }));
    expect(await commandLine(['journal', 'verify', ...at(alone)])).toMatchObject({ code: 0 });
    rmSync(file);
  });

  test('a second server on a taken port says so, in both languages', async () => {
    const port = new URL(server.url).port;
    const refused = await commandLine(['serve', ...at(path.join(folder, 'other')), '--port', port]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`port ${port}`);
    expect(refused.stderr).toContain('端口已被占用');
  });

  test('real data and synthetic data are never put into one folder', async () => {
    const mixed = await commandLine(['serve', '--data', alone, '--port', '0']);
    expect(mixed).toMatchObject({ code: 2 });
    expect(mixed.stderr).toContain('E_MIXED_DATA');
    const synthetic = path.join(folder, 'synthetic');
    cpSync(alone, synthetic, { recursive: true });
    const stamp = path.join(synthetic, 'data.json');
    writeFileSync(stamp, readFileSync(stamp, 'utf8').replace('"synthetic": false', '"synthetic": true'));
    for (const command of [
      ['ingest', 'water', '--file', 'more.csv'],
      ['ingest', 'water'],
      ['backfill', 'water', '--from', '2021-03-26'],
    ]) {
      const refused = await commandLine([...command, ...at(synthetic)], folder);
      expect(refused, command.join(' ')).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toContain('E_MIXED_DATA');
    }
  });

  test('a byte that changed in the journal is found, and the exit code says so', async () => {
    const broken = path.join(folder, 'broken');
    cpSync(alone, broken, { recursive: true });
    const journal = path.join(broken, 'journal');
    const segment = readdirSync(journal).find((name) => !name.startsWith('lock') && name.includes('.'))!;
    const bytes = readFileSync(path.join(journal, segment));
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = bytes[middle]! ^ 1;
    writeFileSync(path.join(journal, segment), bytes);
    const verified = await commandLine(['journal', 'verify', ...at(broken)]);
    expect(verified.code).toBe(1);
    expect(verified.stdout + verified.stderr).toMatch(/FAULT|E_JOURNAL_BROKEN/);
  });
});
