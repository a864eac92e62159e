import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { encodeFrame, framed } from '../../src/ingest/sources/hj212/encode.ts';
import { modbusCrc } from '../../src/ingest/sources/hj212/crc.ts';
import { stampText } from '../../src/ingest/sources/hj212/stamp.ts';
import { openSystem } from '../../src/main.ts';
import { hj212Source } from '../ingest/sources/hj212/fixture.ts';
import { goodFrames, vectors } from '../ingest/sources/hj212/vectors.ts';
import { freePort } from '../servers/port.ts';
import { commandLine } from './command-line.ts';
import { serveJiehe } from './jiehe-process.ts';
import { writeTryRegion } from './try-region.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-hj212-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  writeFileSync(path.join(folder, name), content);
  return name;
}

const run = (...args: string[]) => commandLine(['hj212', ...args], folder);
const objects = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('hj212 decode', () => {
  test('prints one object a frame and ends with 0', async () => {
    const { code, stdout } = await run('decode', file('good.bin', Buffer.concat([...goodFrames])));
    expect(code).toBe(0);
    expect(objects(stdout)).toHaveLength(goodFrames.length);
    expect(objects(stdout)[0]).toMatchObject({ ok: true, segmentLength: 101, crc: '1C80' });
  });

  test('names why a frame is refused and ends with 1', async () => {
    const frame = Buffer.from(goodFrames[0]!);
    frame[40] = frame[40]! ^ 1;
    const { code, stdout } = await run('decode', file('bad.bin', frame));
    expect(code).toBe(1);
    expect(objects(stdout)).toMatchObject([{ ok: false, error: 'CRC' }]);
  });

  test('takes a frame a line, bare segments, hex and CRC-16/MODBUS only when told', async () => {
    const text = goodFrames[0]!.toString('latin1').trimEnd();
    const lines = file('lines.txt', `${text}\n${text}\n`);
    expect(await run('decode', lines)).toMatchObject({ code: 1 });
    expect(objects((await run('decode', '--lines', lines)).stdout)).toHaveLength(2);
    const segments = file('segments.txt', `${text.slice(6, -4)}\n`);
    expect(await run('decode', '--segments', segments)).toMatchObject({ code: 0 });
    const hex = file('hex.txt', `${goodFrames[0]!.toString('hex')}\n`);
    expect(await run('decode', '--hex', hex)).toMatchObject({ code: 0 });
    const segment = goodFrames[0]!.subarray(6, -6);
    const modbus = file('modbus.bin', framed(segment, modbusCrc(segment)));
    expect(await run('decode', modbus)).toMatchObject({ code: 1 });
    expect(await run('decode', '--crc-modbus', modbus)).toMatchObject({ code: 0 });
  });

  test('reads an encrypted frame with its key', async () => {
    const [vector] = vectors.encrypted;
    const wire = file('sm4.bin', Buffer.from(vector!.wireFrameHex, 'hex'));
    const { code, stdout } = await run('decode', '--sm4-key', vector!.keyHex, wire);
    expect(code).toBe(0);
    expect(objects(stdout)[0]).toMatchObject({ factors: { w01001: { Rtd: '7.62' } } });
  });

  test('joins packets, and says which uploads lack some', async () => {
    const packet = (index: number, area: string): Buffer =>
      encodeFrame({
        ST: '21',
        CN: '2061',
        PW: '',
        MN: 'A',
        Flag: 6,
        PNUM: 2,
        PNO: index,
        dataArea: `DataTime=20251101080000;${area}`,
      });
    const both = file('packets.bin', Buffer.concat([packet(1, 'w01001-Avg=7'), packet(2, 'w21003-Avg=1')]));
    expect(objects((await run('decode', '--join', both)).stdout)).toMatchObject([{ packets: 2 }]);
    const one = await run('decode', '--join', file('packet.bin', packet(1, 'w01001-Avg=7')));
    expect(one.stderr).toContain('1 uploads lack packets');
  });

  test('says what it cannot read', async () => {
    expect(await run('decode', 'absent.bin')).toMatchObject({ code: 2 });
    expect((await run('decode', '--edition', '1999')).code).toBe(2);
  });
});

test('hj212 encode turns what decode prints into the same bytes', async () => {
  const own = goodFrames.filter((frame) => {
    const text = frame.toString('utf8');
    // Field order, mixed separators and lower case are the senders' own; the others come back to the byte.
    return text.includes('010000A8900016F000169DC0') && !text.includes('w01010-Rtd=12.30');
  });
  expect(own.length).toBeGreaterThan(10);
  const decoded = await run('decode', file('own.bin', Buffer.concat(own)));
  const encoded = await run('encode', file('own.ndjson', decoded.stdout));
  expect(encoded).toMatchObject({ code: 0, stdout: Buffer.concat(own).toString('utf8') });
  expect(await run('encode', file('broken.ndjson', '{"fields":{}}\n'))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/line 1: fields must hold ST, CN and MN/),
  });
});

describe('a logger, the server and its stores', () => {
  const config = path.join(folder, 'config');
  const data = path.join(folder, 'data');
  const mn = 'A330300_0001';
  const hourS = Math.floor(Date.now() / 3_600_000) * 3600 - 7200;
  const upload = (beginS: number, ph: string, pw = '123456'): Buffer =>
    encodeFrame({
      QN: `${stampText(beginS + 3600)}001`,
      ST: '21',
      CN: '2061',
      PW: pw,
      MN: mn,
      Flag: 9,
      dataArea: `DataTime=${stampText(beginS)};w01001-Avg=${ph},w01001-Flag=N`,
    });

  async function configured(): Promise<number> {
    writeTryRegion(config, { enabled: false });
    const port = await freePort();
    const devices = [
      { mn, edition: 'surface-water', pw: { env: 'HJ212_TEST_PW' }, stampMeans: 'begin', factors: 'river' },
    ];
    const source = hj212Source({ listen: { port }, devices });
    const region = path.join(config, 'regions', 'try');
    writeFileSync(path.join(region, 'loggers.yaml'), stringify({ kind: 'sources', sources: [source] }));
    const sections = path.join(region, 'sections.yaml');
    const aliases = `{ provider: station-push, key: ${mn} }`;
    const text = readFileSync(sections, 'utf8').replace(
      'key: 浙江省/上断面 }',
      `key: 浙江省/上断面 }, ${aliases}`,
    );
    writeFileSync(sections, text);
    return port;
  }

  test('what was answered is in the store after the server is killed, under the section that the logger belongs to', async () => {
    const port = await configured();
    const at = ['--config', config, '--data', data];
    const server = await serveJiehe(at, { env: { HJ212_TEST_PW: '123456' } });
    const frames = file('hours.bin', Buffer.concat([upload(hourS - 3600, '7.5'), upload(hourS, '7.61')]));
    const sent = await run('send', '--port', String(port), frames);
    expect(sent, sent.stderr).toMatchObject({ code: 0 });
    expect(objects(sent.stdout)).toMatchObject([
      { answerDue: true, answer: '9014', attempts: 1 },
      { answerDue: true, answer: '9014', attempts: 1 },
    ]);
    const wrong = file('wrong.bin', upload(hourS, '1.0', '999999'));
    const refused = await run('send', '--port', String(port), '--timeout', '1', '--attempts', '1', wrong);
    expect(refused).toMatchObject({ code: 1 });
    process.kill(server.pid, 'SIGKILL');
    await server.stop();
    const system = await openSystem({ dataDir: data, configDir: config, synthetic: null });
    try {
      await expect
        .poll(() => system.projector.progress().appliedSeq, { timeout: 20_000 })
        .toBe(system.journal.head().seq);
      const [series] = await system.readings.series({
        stations: ['section-1'],
        parameters: ['ph'],
        averaging: 'PT1H',
        provider: 'station-push',
        fromS: 0,
        toS: 4e9,
      });
      expect([...series!.timeS]).toEqual([hourS - 3600, hourS]);
      expect([...series!.value]).toEqual([7.5, 7.61]);
      const issues = await system.state.issues.list({ source: 'hj212', limit: 10 });
      expect(issues.map((issue) => issue.code)).toContain('DEVICE_REFUSED');
      expect(JSON.stringify(issues)).not.toContain('999999');
    } finally {
      await system.close();
    }
  }, 60_000);
});
