import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { startListeners, type Listeners } from '../../src/serving/listeners.ts';
import { openSystem, type System } from '../../src/main.ts';
import { encodeFrame } from '../../src/ingest/sources/hj212/encode.ts';
import { stampText } from '../../src/ingest/sources/hj212/stamp.ts';
import { jiehe as jieheIn } from '../cli/in-process.ts';
import { writeTryRegion } from '../cli/try-region.ts';
import { hj212Source } from './sources/hj212/fixture.ts';
import { TestLogger } from './sources/hj212/logger.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-devices-'));
const mn = 'A330300_0099';
const hourS = Math.floor(Date.now() / 3_600_000) * 3600 - 7200;
const password = '902417';

const upload = (beginS: number, ph: string, pw = password): Buffer =>
  encodeFrame({
    QN: `${stampText(beginS + 3600)}001`,
    ST: '21',
    CN: '2061',
    PW: pw,
    MN: mn,
    Flag: 9,
    dataArea: `DataTime=${stampText(beginS)};w01001-Avg=${ph},w01001-Flag=N`,
  });

describe('a logger that nobody has let in', () => {
  const configDir = path.join(folder, 'config');
  let system: System;
  let listeners: Listeners;
  let logger: TestLogger;

  beforeAll(async () => {
    process.env['HJ212_NEW_PW'] = password;
    writeTryRegion(configDir, { enabled: false });
    const source = hj212Source({ listen: { port: 0 }, devices: [] });
    const file = path.join(configDir, 'regions', 'try', 'loggers.yaml');
    writeFileSync(file, stringify({ kind: 'sources', sources: [source] }));
    system = await openSystem({
      dataDir: path.join(folder, 'data'),
      configDir,
      synthetic: null,
      log: pino({ level: 'silent' }),
    });
    listeners = await startListeners(system);
    logger = await TestLogger.to(listeners.list[0]!.port);
  }, 120_000);

  afterAll(async () => {
    delete process.env['HJ212_NEW_PW'];
    logger?.end();
    await listeners?.close();
    await system?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function jiehe(...argv: string[]): Promise<{ code: number; out: string }> {
    const { code, out, err } = await jieheIn({ folder, system }, ['hj212', ...argv]);
    return { code, out: out + err };
  }

  async function stored(): Promise<[number, number | undefined][]> {
    const query = { averaging: 'PT1H' as const, provider: 'station-push', fromS: 0, toS: 4e9 };
    const [series] = await system.readings.series({ ...query, stations: ['section-1'], parameters: ['ph'] });
    return series === undefined ? [] : [...series.timeS].map((timeS, row) => [timeS, series.value[row]]);
  }

  const behind = (): number => system.journal.head().seq - system.projector.progress().appliedSeq;
  const projected = () => expect.poll(behind, { timeout: 20_000 }).toBe(0);

  test('is not answered; what it sends is kept without its password, and listed', async () => {
    logger.send(upload(hourS - 7200, '7.5'), upload(hourS - 3600, '7.6'));
    await logger.until(() => listeners.list[0]!.stats().quarantined === 2, 'two frames in quarantine');
    await expect.poll(async () => (await jiehe('quarantine')).out, { timeout: 20_000 }).toContain(mn);
    await projected();
    expect(logger.answers).toEqual([]);
    expect(await stored()).toEqual([]);
    const { out } = await jiehe('quarantine', '--json');
    expect(JSON.parse(out)).toMatchObject({ source: 'hj212', device: mn });
    for await (const { body } of system.journal.read(0))
      expect(Buffer.from(body).includes(password)).toBe(false);
  });

  test('is refused with every fault of its entry by name', async () => {
    writeFileSync(path.join(folder, 'bad.yaml'), 'edition: 2099\nfactors: sea\n');
    const rest = ['--station', 'section-1', '--from', '2020-01-01', '--reason', 'new'];
    const bad = await jiehe('approve', mn, '--settings', 'bad.yaml', ...rest);
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(/pw/);
    expect(bad.out).toMatch(/edition/);
    const sea = {
      edition: 'surface-water',
      pw: { env: 'HJ212_NEW_PW' },
      stampMeans: 'begin',
      factors: 'sea',
    };
    writeFileSync(path.join(folder, 'sea.yaml'), stringify(sea));
    expect((await jiehe('approve', mn, '--settings', 'sea.yaml', ...rest)).out).toContain(
      'no factor set "sea"',
    );
    writeFileSync(path.join(folder, 'device.yaml'), stringify({ ...sea, factors: 'river' }));
    const lost = ['--station', 'nowhere', '--from', '2020-01-01', '--reason', 'new'];
    expect((await jiehe('approve', mn, '--settings', 'device.yaml', ...lost)).out).toContain('"nowhere"');
  });

  test('is let in by an act: what was kept is read under it, and what comes is answered at once', async () => {
    const rest = ['--station', 'section-1', '--from', '2020-01-01', '--reason', 'new'];
    const approved = await jiehe('approve', mn, '--settings', 'device.yaml', ...rest);
    expect(approved, approved.out).toMatchObject({ code: 0 });
    expect(await stored()).toEqual([
      [hourS - 7200, 7.5],
      [hourS - 3600, 7.6],
    ]);
    const act = system.journal.head().seq;
    const point = {
      station: 'section-1',
      parameter: 'ph',
      averaging: 'PT1H' as const,
      provider: 'station-push',
    };
    const versions = await system.readings.past({ ...point, timeS: hourS - 7200 });
    expect(versions.map(({ seq }) => seq)).toEqual([act]);
    logger.send(upload(hourS, '7.7', '000000'), upload(hourS, '7.7'));
    await logger.until(() => logger.answers.length === 1, 'an answer');
    await projected();
    expect(await stored()).toHaveLength(3);
    expect((await jiehe('quarantine')).out).toBe('');
    expect((await jiehe('approve', mn, '--settings', 'device.yaml', ...rest)).out).toContain('E_CONFLICT');
  });

  test('is asked for history by an act, over the connection it has; the end is recorded', async () => {
    const iso = (atS: number): string => new Date(atS * 1000).toISOString();
    const window = ['--from', iso(hourS - 4 * 3600), '--to', iso(hourS - 2 * 3600)];
    expect((await jiehe('request', mn, '--command', '9999', ...window)).out).toContain('expected one of');
    expect((await jiehe('request', mn, '--command', '1014')).out).toContain('no next key');
    expect(await jiehe('request', mn, ...window)).toMatchObject({ code: 0 });
    const request = () => logger.answers.find(({ fields }) => fields['CN'] === '2061');
    await logger.until(() => request() !== undefined, 'the request', 10_000);
    const { QN = '', PW = '' } = request()!.fields;
    expect(PW, 'with the password that the logger itself sent').toBe(password);
    expect(request()!.params).toEqual({
      BeginTime: stampText(hourS - 4 * 3600),
      EndTime: stampText(hourS - 3 * 3600),
    });
    const reply = { QN, ST: '91', PW, MN: mn, Flag: 8 };
    logger.send(encodeFrame({ ...reply, CN: '9011', dataArea: 'QnRtn=1' }));
    logger.send(upload(hourS - 4 * 3600, '7.3'), upload(hourS - 3 * 3600, '7.4'));
    logger.send(encodeFrame({ ...reply, CN: '9012', dataArea: 'ExeRtn=1' }));
    await expect.poll(async () => (await jiehe('requests')).out, { timeout: 10_000 }).toMatch(/2061 {2}done/);
    await projected();
    expect((await stored()).map(([, ph]) => ph)).toEqual([7.3, 7.4, 7.5, 7.6, 7.7]);
  });

  test('comes out the same from the journal again, readings and state', async () => {
    const before = await stored();
    const { tables } = await system.state.rebuild();
    expect(tables.filter(({ equal }) => !equal)).toEqual([]);
    expect(tables.find(({ name }) => name === 'device_approval')).toMatchObject({ rows: 1 });
    await system.rebuild(() => undefined);
    expect(await stored()).toEqual(before);
  });

  test('is shut out again by an act, and its readings stay', async () => {
    const before = await stored();
    expect(await jiehe('withdraw', mn, '--reason', 'stolen')).toMatchObject({ code: 0 });
    const { answers } = logger;
    const count = answers.length;
    logger.send(upload(hourS + 3600, '1.0'));
    await logger.until(() => listeners.list[0]!.stats().quarantined === 4, 'a frame in quarantine');
    await expect
      .poll(async () => (await system.state.issues.list({ code: 'FRAME_QUARANTINED', limit: 1 }))[0]?.seq)
      .toBeGreaterThan((await system.state.deviceActs.approvals())[0]!.seq);
    await projected();
    expect(answers).toHaveLength(count);
    expect(await stored()).toEqual(before);
    expect((await jiehe('quarantine')).out).toContain(mn);
  });

  test('has its password nowhere in what is kept', async () => {
    const acts = await system.state.deviceActs.approvals();
    expect(JSON.stringify(acts)).not.toContain(password);
    for await (const { body } of system.journal.read(0))
      expect(Buffer.from(body).includes(password)).toBe(false);
    expect(readFileSync(path.join(folder, 'device.yaml'), 'utf8')).not.toContain(password);
  });
});
