import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Config } from '../../../../src/domain/config/config.ts';
import type { Issue } from '../../../../src/domain/errors.ts';
import { rowKinds, type Journal, type JournalEntry } from '../../../../src/domain/ports.ts';
import { openFileJournal } from '../../../../src/ingest/journal/index.ts';
import { recordsOf } from '../../../../src/ingest/sources/bundle.ts';
import type { FrameLine } from '../../../../src/ingest/sources/hj212/frame-line.ts';
import { maskedFrame } from '../../../../src/ingest/sources/hj212/mask.ts';
import { encodeFrame, framed } from '../../../../src/ingest/sources/hj212/encode.ts';
import { hj212 } from '../../../../src/ingest/sources/hj212/index.ts';
import {
  startHj212Listener,
  type Hj212Listener,
  type ListenerDeps,
} from '../../../../src/ingest/sources/hj212/listener.ts';
import { fixtureConfig } from '../fixture-config.ts';
import { hj212Source } from './fixture.ts';
import { TestLogger } from './logger.ts';
import { strictProfile, type Profile } from '../../../../src/ingest/sources/hj212/profile.ts';

const nowS = 1_787_315_400; // 2026-08-21T20:30+08:00
const river = 'A330300_0001';
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const key = '30'.repeat(16);
const secrets: Record<string, string> = { HJ212_PW: '654321', HJ212_SM4: key };

const device = (mn: string, extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  mn,
  edition: 'surface-water',
  pw: { sha256: sha('123456') },
  stampMeans: 'begin',
  factors: 'river',
  ...extra,
});

function hour(
  mn: string,
  dataTime: string,
  extra: { pw?: string; flag?: number; cn?: string; area?: string } = {},
): Buffer {
  return encodeFrame({
    QN: '20260821202950000',
    ST: '21',
    CN: extra.cn ?? '2061',
    PW: extra.pw ?? '123456',
    MN: mn,
    Flag: extra.flag ?? 9,
    dataArea: extra.area ?? `DataTime=${dataTime};w01001-Avg=7.61,w01001-Flag=N`,
  });
}

let folder: string;
let journal: Journal;
let listener: Hj212Listener;
let issues: Issue[];
let loggers: TestLogger[];
let cursorValues: Map<string, string>;
let config: Config;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jiehe-hj212-'));
  journal = await openFileJournal({ dir: folder });
  issues = [];
  loggers = [];
  cursorValues = new Map();
  config = fixtureConfig();
});

afterEach(async () => {
  for (const logger of loggers) logger.end();
  await listener.close();
  await journal.close();
  await rm(folder, { recursive: true, force: true });
});

const source = (devices: unknown[], limits: Record<string, number> = {}) =>
  hj212Source({ listen: { port: 0 }, devices, limits });

async function start(
  devices: unknown[],
  limits: Record<string, number> = {},
  extra: Partial<ListenerDeps> = {},
): Promise<void> {
  const cursors: ListenerDeps['cursors'] = {
    get: async (name) => cursorValues.get(name) ?? null,
    set: async (name, value) => void cursorValues.set(name, value),
    raise: async (name, value) => void cursorValues.set(name, String(value)),
  };
  listener = await startHj212Listener({
    source: source(devices, limits),
    config: () => config,
    journal,
    issues: { record: async (_seq, _atS, list) => void issues.push(...list) },
    cursors,
    clock: { nowS: () => nowS },
    secret: (name) => secrets[name],
    log: { info: () => undefined, warn: () => undefined },
    requests: { timeoutMs: 100, attempts: 3 },
    ...extra,
  });
}

async function logger(): Promise<TestLogger> {
  const one = await TestLogger.to(listener.port);
  loggers.push(one);
  return one;
}

async function entries(): Promise<JournalEntry[]> {
  const list: JournalEntry[] = [];
  for await (const entry of journal.read(0)) list.push(entry);
  return list;
}

const records = async () =>
  (await entries())
    .flatMap((entry) => [...recordsOf<FrameLine>(entry.body)])
    .map(({ line, body }) => ({ ...line, frame: body }));

test('binds 127.0.0.1 unless another address is named', async () => {
  await start([device(river)]);
  expect(listener.host).toBe('127.0.0.1');
});

test('an answer means that the frame is on the disk, byte for byte, and reads as what was sent', async () => {
  const order: string[] = [];
  await start(
    [device(river)],
    {},
    {
      journal: {
        append: async (entry) => {
          const appended = await journal.append(entry);
          order.push('durable');
          return appended;
        },
      },
    },
  );
  const one = await logger();
  const frame = hour(river, '20260821190000');
  one.send(frame.subarray(0, 3), frame.subarray(3, 90), frame.subarray(90));
  await one.until(() => one.answers.length === 1, 'an answer');
  order.push('answered');
  expect(order).toEqual(['durable', 'answered']);
  expect(one.answers[0]!.fields).toMatchObject({
    CN: '9014',
    ST: '91',
    MN: river,
    QN: '20260821202950000',
    Flag: '8',
  });
  const [record] = await records();
  expect(record).toMatchObject({ is: 'accepted', atS: nowS, peer: `127.0.0.1:${one.localPort}` });
  expect(Buffer.from(record!.frame).equals(maskedFrame(frame).frame)).toBe(true);
  const crc = frame.toString('latin1', frame.length - 6, frame.length - 2);
  expect(record!.crc, 'the CRC as it arrived').toBe(crc);
  const text = Buffer.from(record!.frame).toString('latin1');
  expect(text).toContain(';PW=******;');
  const restored = framed(Buffer.from(text.replace('PW=******', 'PW=123456').slice(6, -6)));
  expect(restored.equals(frame), 'whoever knows the password has the bytes again').toBe(true);
  const [entry] = await entries();
  const config = fixtureConfig({ sources: [source([device(river)])] });
  const parsed = hj212.parse(entry!.body, { receivedS: nowS, meta: entry!.meta, config, sourceId: 'hj212' });
  expect([...parsed.rowKind]).toEqual([rowKinds.measured]);
  expect(parsed.batch.series).toEqual([{ station: expect.any(String), parameter: 'ph', averaging: 'PT1H' }]);
  expect(parsed.batch.timeS[0]).toBe(Date.UTC(2026, 7, 21, 11) / 1000);
});

test('frames of many loggers that arrive together share entries; each is answered once', async () => {
  const mns = Array.from({ length: 40 }, (_, at) => `A330300_${String(at).padStart(4, '0')}`);
  await start(
    mns.map((mn) => device(mn)),
    { lingerMs: 30 },
  );
  const all = await Promise.all(mns.map(() => logger()));
  all.forEach((one, at) => one.send(hour(mns[at]!, '20260821180000'), hour(mns[at]!, '20260821190000')));
  for (const one of all) await one.until(() => one.answers.length === 2, 'two answers');
  expect((await entries()).length).toBeLessThan(20);
  expect(await records()).toHaveLength(80);
  expect(listener.stats()).toMatchObject({
    frames: 80,
    journaled: 80,
    answered: 80,
    connections: 40,
    notJournaled: 0,
  });
});

test('nothing is answered while the journal cannot be written, and the same frame is taken afterwards', async () => {
  let full = true;
  await start(
    [device(river)],
    {},
    {
      journal: {
        append: (entry) =>
          full ? Promise.reject(new Error('no space left on the device')) : journal.append(entry),
      },
    },
  );
  const one = await logger();
  one.send(hour(river, '20260821190000'));
  await one.until(() => listener.stats().notJournaled === 1, 'a frame refused by the journal');
  expect(one.answers).toEqual([]);
  full = false;
  one.send(hour(river, '20260821190000'));
  await one.until(() => one.answers.length === 1, 'an answer');
  expect(await records()).toHaveLength(1);
});

test('a sender that may not is never answered; its frames are kept up to the limit, then counted', async () => {
  await start([device(river), device('FROM-ELSEWHERE', { addresses: ['10.0.0.0/8'] })], {
    quarantinePerHour: 2,
  });
  const one = await logger();
  for (let turn = 0; turn < 5; turn++) one.send(hour('NOBODY_0001', '20260821190000'));
  one.send(hour(river, '20260821190000', { pw: '000000' }), hour('FROM-ELSEWHERE', '20260821190000'));
  one.send(hour(river, '20260821190000'));
  await one.until(() => one.answers.length === 1, 'the answer to the one good frame');
  expect((await records()).map((record) => record.is)).toEqual([
    'unknown-mn',
    'unknown-mn',
    'wrong-pw',
    'wrong-address',
    'accepted',
  ]);
  expect(listener.stats()).toMatchObject({ frames: 8, quarantined: 4, journaled: 1, answered: 1 });
  await listener.close();
  const counted = issues.find((issue) => issue.code === 'STATION_UNREGISTERED');
  expect(counted?.message).toMatch(/not kept \(3 times\)/);
  expect(JSON.stringify(issues)).not.toMatch(/PW=(123456|000000)/);
});

test('a broken frame is dropped without an answer, the next good one is taken, and the fault is counted', async () => {
  await start([device(river)]);
  const one = await logger();
  const broken = hour(river, '20260821180000');
  broken[100] = broken[100]! ^ 1;
  one.send('GET / HTTP/1.1\r\n\r\n', broken, hour(river, '20260821190000'));
  await one.until(() => one.answers.length === 1, 'an answer');
  expect(await records()).toHaveLength(1);
  expect(listener.stats().refused).toEqual({ HEADER: 1, CRC: 1 });
});

test('a resent frame is answered again and is one point', async () => {
  await start([device(river)]);
  const one = await logger();
  const frame = hour(river, '20260821190000');
  one.send(frame, frame);
  await one.until(() => one.answers.length === 2, 'two answers');
  const config = fixtureConfig({ sources: [source([device(river)])] });
  const points = (await entries()).flatMap(({ body, meta }) => {
    const { batch } = hj212.parse(body, { receivedS: nowS, meta, config, sourceId: 'hj212' });
    return [...batch.timeS].map((timeS, row) => `${timeS} ${batch.value[row]}`);
  });
  expect(points).toHaveLength(2);
  expect(new Set(points).size).toBe(1);
});

test('a heartbeat and a notification get the answer their device expects; an upload without the ack bit none', async () => {
  await start([device(river, { heartbeatAnswer: '9013' })]);
  const one = await logger();
  one.send(hour(river, '', { cn: '9015', area: '' }), hour(river, '', { cn: '1013', area: 'PolId=w01018' }));
  one.send(hour(river, '20260821190000', { flag: 8 }));
  await one.until(() => listener.stats().journaled === 2 && one.answers.length === 2, 'two of each');
  expect(one.answers.map((answer) => answer.fields['CN'])).toEqual(['9013', '9013']);
});

test('a 2005 logger is answered in its form, a password comes from the environment, CRC-16/MODBUS only where allowed', async () => {
  await start([
    device('OLD', { edition: '2005', pw: { env: 'HJ212_PW' }, stampMeans: 'end', crc: 'or-modbus' }),
  ]);
  const one = await logger();
  one.send(hour('OLD', '20260821190000', { pw: '654321', flag: 1 }));
  await one.until(() => one.answers.length === 1, 'an answer');
  expect(one.answers[0]!.fields).toMatchObject({ CN: '9014', Flag: '0' });
  expect(one.answers[0]!.params).toEqual({ QN: '20260821202950000', CN: '2061' });
});

test('an encrypted frame is read with the key of its device and kept plain, marked as such', async () => {
  const mn = '010000A8900016F000169DC0';
  await start([device(mn, { edition: '2025-sm4', sm4Env: 'HJ212_SM4' })]);
  const one = await logger();
  const message = { QN: '20260821202950000', ST: '21', CN: '2061', PW: '123456', MN: mn, Flag: 9 };
  const dataArea = 'DataTime=20260821190000;w01001-Avg=7.61,w01001-Flag=N';
  const wire = encodeFrame({ ...message, dataArea }, { sm4Key: Buffer.from(key, 'hex') });
  expect(wire.includes('DataTime')).toBe(false);
  one.send(wire);
  await one.until(() => one.answers.length === 1, 'an answer');
  const [record] = await records();
  expect(record?.sm4).toBe(true);
  expect(Buffer.from(record!.frame).equals(maskedFrame(encodeFrame({ ...message, dataArea })).frame)).toBe(
    true,
  );
});

test('a second connection of one number is an alarm, and the newer one stays', async () => {
  await start([device(river)]);
  const [first, second] = [await logger(), await logger()];
  first.send(hour(river, '20260821180000'));
  await first.until(() => first.answers.length === 1, 'an answer');
  second.send(hour(river, '20260821190000'));
  await second.until(() => second.answers.length === 1 && first.closed, 'the end of the first connection');
  expect(listener.connected()).toEqual([river]);
  await listener.close();
  expect(issues.map((issue) => issue.code)).toContain('DEVICE_DOUBLED');
});

test('limits: connections, silence, refusals and frames that never end each end a connection, not the listener', async () => {
  await start([device(river)], { connections: 3, idleSeconds: 2, refusals: 3, frameSeconds: 1 });
  const noisy = await logger();
  const broken = framed(Buffer.from('QN=1;CP=&&&&'), 0);
  noisy.send(broken, broken, broken, broken);
  await noisy.until(() => noisy.closed, 'the end of the noisy connection');
  const [silent, stuck, good] = [await logger(), await logger(), await logger()];
  const over = await logger();
  await over.until(() => over.closed, 'the end of the connection too many');
  const frame = hour(river, '20260821190000');
  stuck.send('##0900QN=2026', frame);
  await stuck.until(() => stuck.answers.length === 1, 'the answer after a header that lied');
  await silent.until(() => silent.closed, 'the end of the silent connection');
  expect(good.answers).toEqual([]);
});

test('a logger over its rate is read later, and loses nothing', async () => {
  await start([device(river)], { framesPerMinute: 5 });
  const one = await logger();
  for (let turn = 0; turn < 5; turn++) one.send(hour(river, '20260821190000'));
  await one.until(() => one.answers.length === 5, 'five answers');
  one.send(hour(river, '20260821180000'));
  one.send(hour(river, '20260821170000'));
  await one.until(() => listener.stats().frames >= 6, 'the sixth frame');
  expect(one.closed).toBe(false);
});

test('hours that a logger left out are asked for, and what it sends then is taken', async () => {
  await start([device(river, { backfill: true })]);
  const one = await logger();
  one.send(hour(river, '20260821150000'));
  await one.until(() => one.answers.length === 1, 'an answer');
  one.send(hour(river, '20260821190000'));
  await one.until(() => one.answers.length === 3, 'an answer and a request');
  const asked = one.answers.find((message) => message.fields['CN'] === '2061')!;
  expect(asked.params).toEqual({ BeginTime: '20260821160000', EndTime: '20260821180000' });
  expect(asked.fields).toMatchObject({ MN: river, ST: '21', Flag: '9' });
  const reply = { QN: asked.fields['QN']!, ST: '91', PW: '123456', MN: river, Flag: 8 };
  one.send(encodeFrame({ ...reply, CN: '9011', dataArea: 'QnRtn=1' }));
  for (const at of ['16', '17', '18']) one.send(hour(river, `20260821${at}0000`));
  one.send(encodeFrame({ ...reply, CN: '9012', dataArea: 'ExeRtn=1' }));
  await one.until(() => listener.stats().journaled === 5, 'the hours');
  expect(one.answers.filter((message) => message.fields['CN'] === '2061')).toHaveLength(1);
  expect(cursorValues.get(`hj212:hj212:${river}:hour`)).toBe(String(Date.UTC(2026, 7, 21, 11) / 1000));
  await one.until(() => cursorValues.get(`hj212:hj212:${river}:gaps`) === '[]', 'the end of the gap');
});

test('a request ends as the logger says, or without an answer after three attempts', async () => {
  await start([device(river)]);
  expect(await listener.request(river, { command: '1011', dataArea: '' })).toMatchObject({ status: 'gone' });
  const one = await logger();
  one.send(hour(river, '20260821190000'));
  await one.until(() => one.answers.length === 1, 'an answer');
  expect(await listener.request(river, { command: '1011', dataArea: '' })).toMatchObject({
    status: 'no-answer',
    detail: 'no answer after 3 attempts',
  });
  expect(one.answers.filter((message) => message.fields['CN'] === '1011')).toHaveLength(3);
  const outcome = listener.request(river, { command: '2062', dataArea: '' });
  await one.until(() => one.answers.some((message) => message.fields['CN'] === '2062'), 'the request');
  const { QN } = one.answers.find((message) => message.fields['CN'] === '2062')!.fields;
  one.send(
    encodeFrame({ QN: QN!, ST: '91', CN: '9011', PW: '123456', MN: river, Flag: 8, dataArea: 'QnRtn=2' }),
  );
  expect(await outcome).toMatchObject({ status: 'refused', qnRtn: '2' });
});

test('settings that cannot be used stop the start, all at once, without a secret', async () => {
  await start([device(river)]);
  const bad = (devices: unknown[]) =>
    startHj212Listener({
      source: source(devices),
      config: fixtureConfig,
      journal,
      issues: { record: async () => undefined },
      cursors: { get: async () => null, set: async () => undefined, raise: async () => undefined },
      clock: { nowS: () => nowS },
      secret: (name) => secrets[name],
      log: { info: () => undefined, warn: () => undefined },
    });
  await expect(bad([device(river), device(river, { factors: 'sea' })])).rejects.toThrow(
    /stands twice.*no factor set "sea"/,
  );
  await expect(bad([device(river, { pw: { env: 'HJ212_UNSET' } })])).rejects.toThrow(/not set: HJ212_UNSET/);
  await expect(bad([device(river, { edition: '2025-sm4' })])).rejects.toThrow(/needs sm4Env/);
  await expect(bad([device(river, { addresses: ['10.0.0.0/40'] })])).rejects.toThrow(/is no network/);
});

test('a next key is taken beside the current one, and handed over under the one in use; neither reaches the journal', async () => {
  const mn = '010000A8900016F000169DC0';
  const next = 'ab'.repeat(16);
  secrets['HJ212_SM4_NEXT'] = next;
  const keysAsked: string[] = [];
  await start(
    [device(mn, { edition: '2025-sm4', sm4Env: 'HJ212_SM4', sm4NextEnv: 'HJ212_SM4_NEXT' })],
    {},
    { onKeyAsked: (number, qn) => keysAsked.push(`${number} ${qn}`) },
  );
  const [current, following] = [Buffer.from(key, 'hex'), Buffer.from(next, 'hex')];
  const wire: Profile = { ...strictProfile, sm4: { key: current, when: 'always' } };
  const one = await TestLogger.to(listener.port, wire);
  loggers.push(one);
  const message = { QN: '20260821202950000', ST: '21', CN: '2061', PW: '123456', MN: mn, Flag: 9 };
  const frame = (sm4Key: Buffer): Buffer =>
    encodeFrame(
      { ...message, dataArea: 'DataTime=20260821190000;w01001-Avg=7.61,w01001-Flag=N' },
      { sm4Key },
    );
  one.send(frame(current));
  await one.until(() => one.answers.length === 1, 'an answer');
  const outcome = listener.ask(mn, { command: '1014', fromS: null, toS: null });
  await one.until(() => one.answers.some(({ fields }) => fields['CN'] === '1014'), 'the new key');
  const asked = one.answers.find(({ fields }) => fields['CN'] === '1014')!;
  expect(asked.params).toEqual({ NewKey: next.toUpperCase() });
  const reply = { QN: asked.fields['QN']!, ST: '91', PW: '123456', MN: mn, Flag: 8 };
  one.send(encodeFrame({ ...reply, CN: '9011', dataArea: 'QnRtn=1' }));
  one.send(encodeFrame({ ...reply, CN: '9012', dataArea: 'ExeRtn=1' }));
  expect(await outcome).toMatchObject({ status: 'done' });
  one.send(frame(following), frame(Buffer.alloc(16, 9)));
  await one.until(() => listener.stats().refused['CRC'] === 1, 'the refusal of a third key');
  await one.until(() => listener.stats().answered === 2, 'the answer to the frame under the next key');
  const own = { ...message, CN: '1014', dataArea: `NewKey=${next}` };
  one.send(encodeFrame(own, { sm4Key: following }));
  await one.until(() => listener.stats().journaled === 3, 'the key exchange of the logger');
  const bodies = (await entries()).map(({ body }) => Buffer.from(body).toString('latin1')).join('');
  expect(bodies).toContain(`NewKey=${'*'.repeat(32)}`);
  expect(bodies.toLowerCase()).not.toContain(next);
  await one.until(() => keysAsked.length === 1, 'what the key exchange asks of us');
  expect(keysAsked).toEqual([`${mn} ${message.QN}`]);
});

test('time-out and repeats are told as the standard has them; what is not to be sent is refused by name', async () => {
  const mn = '010000A8900016F000169DC0';
  await start([device(mn, { edition: '2025-plain' })], {}, { requests: { timeoutMs: 7000, attempts: 3 } });
  const one = await logger();
  one.send(hour(mn, '20260821190000'));
  await one.until(() => one.answers.length === 1, 'an answer');
  const outcome = listener.ask(mn, { command: '1000', fromS: null, toS: null });
  await one.until(() => one.answers.some(({ fields }) => fields['CN'] === '1000'), 'the setting');
  const asked = one.answers.find(({ fields }) => fields['CN'] === '1000')!;
  expect(asked.params).toEqual({ OverTime: '7', ReCount: '3' });
  expect(asked.flag?.needAck).toBe(true);
  const reply = { QN: asked.fields['QN']!, ST: '91', PW: '123456', MN: mn, Flag: 8 };
  one.send(encodeFrame({ ...reply, CN: '9011', dataArea: 'QnRtn=1' }));
  one.send(encodeFrame({ ...reply, CN: '9012', dataArea: 'ExeRtn=1' }));
  expect(await outcome).toMatchObject({ status: 'done' });
  const refused = (command: string) => expect(listener.ask(mn, { command, fromS: null, toS: null })).rejects;
  await refused('1001').toThrow(/by itself.*expected one of.*1000/);
  await refused('1002').toThrow(/known second hand only/);
  await refused('1072').toThrow(/set at the logger/);
  await refused('4711').toThrow(/no command that a logger is asked/);
});

test('a serial is answered where the edition has it, a platform command never, and a wish for a key without one is told', async () => {
  const [young, old] = ['010000A8900016F000169DC0', river];
  await start([device(young, { edition: '2025-plain' }), device(old)]);
  const [first, second] = [await logger(), await logger()];
  const sends = (mn: string, cn: string, area: string) => hour(mn, '', { cn, area });
  first.send(sends(young, '1001', 'SN=77'), sends(young, '1014', ''), sends(young, '1002', 'MN=other'));
  second.send(sends(old, '1001', 'SN=78'), sends(old, '1014', 'SystemTime=20260821202950'));
  await first.until(() => listener.stats().journaled === 5, 'five frames');
  await first.until(() => first.answers.length === 2 && second.answers.length === 2, 'the answers');
  expect(first.answers.map(({ fields }) => fields['CN'])).toEqual(['9014', '9014']);
  await listener.close();
  const told = issues.map(({ code, message, path: mn }) => `${code} ${mn} ${message}`);
  expect(told.filter((text) => !text.includes('version bits'))).toEqual([
    expect.stringMatching(/^DEVICE_REFUSED 010000A8900016F000169DC0 asks for a new key \(1014\) and none/),
    expect.stringMatching(/^FRAME_TOLERATED 010000A8900016F000169DC0 command 1002 is the platform's/),
    expect.stringMatching(/^FRAME_TOLERATED A330300_0001 command 1001 .*registered is surface-water/),
  ]);
});

test('a gap is asked for by the replica that the logger comes to next, and given up when it has nothing', async () => {
  await start([device(river, { backfill: true })]);
  const first = await logger();
  first.send(hour(river, '20260821150000'));
  await first.until(() => first.answers.length === 1, 'an answer');
  await listener.close();
  await start([device(river, { backfill: true })]);
  const second = await logger();
  second.send(hour(river, '20260821190000'));
  const asked = () => second.answers.find((message) => message.fields['CN'] === '2061');
  await second.until(() => asked() !== undefined, 'the request');
  expect(asked()!.params).toEqual({ BeginTime: '20260821160000', EndTime: '20260821180000' });
  const reply = { QN: asked()!.fields['QN']!, ST: '91', PW: '123456', MN: river, Flag: 8 };
  second.send(hour(river, '20260821170000'));
  second.send(encodeFrame({ ...reply, CN: '9011', dataArea: 'QnRtn=1' }));
  second.send(encodeFrame({ ...reply, CN: '9012', dataArea: 'ExeRtn=100' }));
  await second.until(() => cursorValues.get(`hj212:hj212:${river}:gaps`) === '[]', 'the end of the gap');
  await listener.close();
  const lost = issues.find((issue) => issue.code === 'GAP_NOT_FILLED');
  expect(lost?.message).toMatch(/^20260821160000 to 20260821190000: asked 1 times, no data/);
});

test('bytes that no logger sends are refused by name, hold no memory, and the logger goes on', async () => {
  await start([device(river)], { refusals: 1000, frameSeconds: 1 });
  const one = await logger();
  const gb = Buffer.concat([
    Buffer.from(`ST=21;CN=2061;PW=123456;MN=${river};Flag=9;CP=&&i11001-Info=//`),
    Buffer.from('c7e5cfb4', 'hex'),
    Buffer.from('//&&'),
  ]);
  one.send('', '##', '0000FFFF\r\n', framed(gb), '##9999', hour(river, '20260821180000').subarray(0, 60));
  await one.until(() => (listener.stats().refused['LENGTH'] ?? 0) > 0, 'a length beyond the limit');
  // The stamps are years off: the frames are durable and answered, and refused by name when they are read.
  one.send(hour(river, '20360821190000'), hour(river, '19700101080000'), hour(river, '20260821190000'));
  await one.until(() => one.answers.length === 3, 'three answers');
  expect(listener.stats().refused).toMatchObject({ CP: 1, ENCODING: 1 });
  const [entry] = await entries();
  const parsed = hj212.parse(Buffer.concat((await entries()).map(({ body }) => body)), {
    receivedS: nowS,
    meta: entry!.meta,
    config: fixtureConfig({ sources: [source([device(river)])] }),
    sourceId: 'hj212',
  });
  expect(parsed.issues.filter(({ code }) => code === 'TIME_OUT_OF_RANGE')).toHaveLength(2);
  expect(parsed.batch.length).toBe(1);
});
