import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  mkdirSync,
  cpSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSystem, type System } from '../../../src/main.ts';
import { jiehe as jieheIn, type Said } from '../../cli/in-process.ts';
import { sweptDropFolder, uploadDeskOf } from '../../../src/serving/uploads.ts';

const configDir = path.resolve(import.meta.dirname, '../../../config');
const source = 'monthly-delivered';
const header = '断面名称,断面编码,审核状态,总磷(mg/L),氨氮(mg/L)\n';
const march = `${header}氡泉,330300_2010,已审核,0.100,0.11\n交溪,330300_2012,已审核,0.070,0.16\n交溪,330300_2012,已审核,0.120,0.38\n友谊桥,350900_2013,,0.030,坏\n`;

let folder: string;
let system: System;

const jiehe = (...argv: string[]): Promise<Said> => jieheIn({ folder, system }, argv);

async function stored(): Promise<Record<string, number>> {
  const columns = await system.readings.series({
    stations: ['dongquan', 'jiaoxi', 'youyi-bridge'],
    parameters: ['tp', 'nh3n'],
    averaging: 'P1M',
    provider: 'cnemc-monthly',
    fromS: 0,
    toS: 4e9,
  });
  return Object.fromEntries(
    columns.map(({ key, value }) => [`${key.station} ${key.parameter}`, value[0] ?? Number.NaN]),
  );
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'jiehe-uploads-'));
  // The shipped configuration, with a drop folder for the delivered values.
  const config = path.join(folder, 'config');
  cpSync(configDir, config, { recursive: true });
  const sources = path.join(config, 'regions/zhe-min-gan/sources.yaml');
  const text = readFileSync(sources, 'utf8');
  writeFileSync(sources, text.replace('kind: delivered\n', 'kind: delivered\n      dropFolder: inbox\n'));
  writeFileSync(path.join(folder, 'march.csv'), march);
  system = await openSystem({ dataDir: path.join(folder, 'data'), configDir: config, synthetic: null });
});
afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a sheet that is handed in', () => {
  it('is shown as understood, with the cells that are wrong, and nothing is kept', async () => {
    const shown = await jiehe('ingest', source, '--file', 'march.csv', '--month', '2021-03', '--preview');
    expect(shown.code).toBe(1);
    expect(shown.out).toContain('✓ 2  氡泉 (dongquan)  2021-03  已审核 reviewed  tp 0.100, nh3n 0.11');
    expect(shown.out).toContain('DUPLICATE_ROW  3  contradicts row 4');
    expect(shown.out).toContain('VALUE_NOT_A_NUMBER  E5');
    const undated = await jiehe('ingest', source, '--file', 'march.csv', '--dry-run');
    expect(undated.out.match(/TIME_MISSING/g)).toHaveLength(4);
    expect((await jiehe('uploads', 'list')).out).toBe('');
    expect(await stored()).toEqual({});
  });

  it('waits in the journal until somebody accepts rows of exactly that content', async () => {
    const desk = uploadDeskOf(system);
    const bytes = readFileSync(path.join(folder, 'march.csv'));
    const { upload } = await desk.receive(source, { name: 'march.csv', bytes, month: '2021-03' }, 'clerk');
    const { entry } = await desk.file(upload.id);
    expect(Buffer.from(entry.body).equals(bytes)).toBe(true);
    await system.projector.applied(entry.seq);
    expect(await stored()).toEqual({});
    const wrong = { upload: upload.id, sha256: 'f'.repeat(64), rows: ['2'], reason: null, actor: 'clerk' };
    await expect(desk.accept(wrong)).rejects.toMatchObject({ code: 'E_CONFLICT' });
    await expect(desk.accept({ ...wrong, sha256: upload.sha256, rows: ['9'] })).rejects.toThrow(
      '9: no such row',
    );
    const report = await desk.accept({ ...wrong, sha256: upload.sha256, rows: ['2', '3'], reason: '核对' });
    expect(report.cells).toMatchObject({ read: 4, accepted: 4, rejected: 0 });
    expect(await stored()).toEqual({
      'dongquan tp': 0.1,
      'dongquan nh3n': 0.11,
      'jiaoxi tp': 0.07,
      'jiaoxi nh3n': 0.16,
    });
    await expect(desk.accept({ ...wrong, sha256: upload.sha256, rows: ['3', '5'] })).rejects.toThrow(
      'accepted by clerk',
    );
    const rest = await jiehe('uploads', 'accept', upload.id, '--rows', '5', '--actor', 'chief');
    expect(rest.out).toContain(
      'cells read 2 = accepted 1 + unchanged 0 + revised 0 + absent 0 + missing 0 + rejected 1',
    );
    expect(rest.code).toBe(1);
    const shown = JSON.parse((await jiehe('uploads', 'show', upload.id, '--json')).out);
    expect(
      shown.upload.decisions.map((one: { actor: string; rows: string[] }) => [one.actor, one.rows]),
    ).toEqual([
      ['clerk', ['2', '3']],
      ['chief', ['5']],
    ]);
    const past = await system.readings.past({
      station: 'dongquan',
      parameter: 'tp',
      averaging: 'P1M',
      provider: 'cnemc-monthly',
      timeS: Date.UTC(2021, 1, 28, 16) / 1000,
    });
    expect(past.map(({ seq }) => seq)).toEqual([shown.upload.decisions[0].seq]);
  });

  it('can be refused, and then nothing of it can be accepted', async () => {
    const desk = uploadDeskOf(system);
    const bytes = new TextEncoder().encode(`${header}氡泉,330300_2010,已审核,0.200,0.2\n`);
    const { upload } = await desk.receive(source, { name: 'wrong.csv', bytes, month: '2021-03' }, 'clerk');
    expect((await jiehe('uploads', 'refuse', upload.id, '--reason', '月份不符')).code).toBe(0);
    const late = await jiehe('uploads', 'accept', upload.id);
    expect(late).toMatchObject({ code: 1 });
    expect(late.err).toContain('was refused by operator');
    expect((await jiehe('uploads', 'list')).out).toContain('refused by operator');
  });

  it('gives the same readings and the same state when everything is made again from the journal', async () => {
    const before = await stored();
    await system.rebuild(() => undefined);
    expect(await stored()).toEqual(before);
    const { tables } = await system.state.rebuild();
    expect(tables.filter(({ name }) => name.startsWith('upload'))).toEqual([
      { name: 'upload', rows: 2, equal: true },
      { name: 'upload_decision', rows: 3, equal: true },
    ]);
  });
});

describe('the drop folder', () => {
  const inbox = (...names: string[]): string => path.join(folder, 'data', 'inbox', ...names);
  const put = (name: string, text: string, ageS = 60): void => {
    mkdirSync(inbox(), { recursive: true });
    writeFileSync(inbox(name), text);
    const atS = Date.now() / 1000 - ageS;
    utimesSync(inbox(name), atS, atS);
  };
  const april = `${header}氡泉,330300_2010,已审核,0.090,0.10\n`;

  it('takes flawless files that lie still, puts the others aside, each with its report', async () => {
    put('月值 2021-04.csv', april);
    put('2021-04 faulty.csv', `${header}氡泉,330300_2010,已审核,0.09x,0.10\n`);
    put('being-written.csv', april, 0);
    put('~$lock.xlsx', 'x');
    put('picture.xlsx', '\u0089PNG');
    expect(await sweptDropFolder(system, source)).toEqual({ taken: 1, waiting: 1, rejected: 1 });
    expect(readdirSync(inbox()).toSorted()).toEqual(['being-written.csv', 'done', 'rejected', '~$lock.xlsx']);
    const done = readdirSync(inbox('done'));
    expect(done.map((name) => name.replace(/^\w+-/, ''))).toEqual([
      '月值 2021-04.csv',
      '月值 2021-04.csv.report.txt',
    ]);
    expect(readFileSync(inbox('done', done[1]!), 'utf8')).toContain('accepted 2');
    const rejected = readdirSync(inbox('rejected'));
    expect(rejected).toHaveLength(4);
    const report = readFileSync(
      inbox(
        'rejected',
        rejected.find((name) => name.endsWith('faulty.csv.report.txt'))!,
      ),
      'utf8',
    );
    expect(report).toContain('VALUE_NOT_A_NUMBER  D2');
    expect(report).toContain('jiehe uploads accept upload-');
  });

  it('neither loses nor doubles a file that was journaled just before a crash', async () => {
    const desk = uploadDeskOf(system);
    const text = `${header}友谊桥,350900_2013,已审核,0.03,0.02\n`;
    const bytes = new TextEncoder().encode(text);
    await desk.receive(source, { name: '2021-05.csv', bytes, month: '2021-05' }, 'drop-folder');
    const before = (await desk.store.uploads({ limit: 100 })).length;
    put('2021-05.csv', text);
    expect(await sweptDropFolder(system, source)).toMatchObject({ taken: 1 });
    put('2021-05 again.csv', text);
    expect(await sweptDropFolder(system, source)).toMatchObject({ taken: 1 });
    const uploads = await desk.store.uploads({ limit: 100 });
    expect(uploads).toHaveLength(before);
    expect(uploads.find(({ name }) => name === '2021-05.csv')?.decisions).toHaveLength(1);
    expect(existsSync(inbox('2021-05.csv'))).toBe(false);
  });
});
