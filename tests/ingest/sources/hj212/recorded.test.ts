import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { framed } from '../../../../src/ingest/sources/hj212/encode.ts';
import { decodeFrame } from '../../../../src/ingest/sources/hj212/frame.ts';
import { hj212 } from '../../../../src/ingest/sources/hj212/index.ts';
import { strictProfile, type Profile } from '../../../../src/ingest/sources/hj212/profile.ts';
import { sharedFile } from '../../../shared-data.ts';
import { fixtureConfig } from '../fixture-config.ts';

const table = sharedFile('data/hj212/frames.tsv');
/** Lines and verdicts counted by a separate program, bit by bit; the rest are stamps and hex of another protocol. */
const logs = [
  { kind: 'debug', lines: 22_220, right: 29, modbus: 21 },
  { kind: 'release', lines: 1516, right: 2, modbus: 1 },
].map((log) => ({ ...log, file: sharedFile(`data/hj212/tcp_receive_log_${log.kind}_2020-09.log.gz`) }));

const told: Profile = { ...strictProfile, edition: '2005', crc: 'or-modbus' };

function outcome(frame: Buffer, profile: Profile): string {
  const judged = decodeFrame(frame, profile);
  return judged.ok ? 'accepted' : judged.error;
}

function counted(list: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of list) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

describe.skipIf(table === null)('the 157 public frames', () => {
  const rows = () =>
    readFileSync(table!, 'utf8')
      .split('\n')
      .slice(1)
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))
      .map((cells) => ({ frame: cells[0]!, kind: cells[1]!, verdict: cells[8]! }));
  const wire = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'utf8');

  test('are each accepted, or refused for the reason that the notes give', () => {
    const expected: Record<string, string> = {
      'no header or crc in the source': 'HEADER',
      'length ok; crc ok': 'accepted',
      'length ok; crc is modbus low-high': 'CRC',
      'length ok; crc differs': 'CRC',
    };
    const all = rows();
    expect(all).toHaveLength(157);
    for (const { frame, verdict } of all)
      expect(outcome(wire(frame), strictProfile), frame).toBe(expected[verdict]);
  });

  test('are accepted with CRC-16/MODBUS once their device is allowed to send it', () => {
    const outcomes = rows().map(({ frame }) => outcome(wire(frame), told));
    expect(counted(outcomes)).toEqual({ HEADER: 117, accepted: 38, CRC: 2 });
  });

  test('that are bare segments of the standard read as frames, but for those with an ellipsis or a comma in the head', () => {
    const segments = rows().filter(({ kind }) => kind === 'segment only');
    const refused = segments.filter(
      ({ frame }) => outcome(framed(Buffer.from(frame)), strictProfile) !== 'accepted',
    );
    expect(segments).toHaveLength(117);
    expect(refused).toHaveLength(13);
    for (const { frame } of refused) expect(frame).toMatch(/…|^QN=\d{17},ST/);
  });
});

describe.each(logs)('the receive log ($kind)', ({ file, ...log }) => {
  test.skipIf(file === null)(
    'is frames with known verdicts, stamps of the receiver, and another protocol',
    () => {
      const lines = gunzipSync(readFileSync(file!))
        .toString('latin1')
        .split('\n')
        .map((line) => line.replace(/\r+$/, ''))
        .filter((line) => line !== '');
      const frames = lines.filter((line) => line.includes('##'));
      const strict = counted(
        lines.map((line) => outcome(Buffer.from(`${line}\r\n`, 'latin1'), strictProfile)),
      );
      const lenient = counted(frames.map((line) => outcome(Buffer.from(`${line}\r\n`, 'latin1'), told)));
      const { right, modbus } = log;
      expect(strict).toEqual({ accepted: right, CRC: modbus, HEADER: log.lines - right - modbus });
      expect(lenient).toEqual({ accepted: right + modbus });
    },
  );
});

describe.skipIf(logs[0]!.file === null)('the receive log as a recorded file', () => {
  test('is ingested with every unknown station named once and every stretch that is no frame counted', () => {
    const payloads = Array.from(hj212.split({ name: 'log.gz', bytes: readFileSync(logs[0]!.file!) }));
    const config = fixtureConfig();
    const results = payloads.map(({ body, meta }) =>
      hj212.parse(body, { receivedS: 1_787_315_400, meta, config, sourceId: 'hj212' }),
    );
    const stations = new Set(
      results.flatMap((result) => result.unknownStations.map((one) => one.naturalKey)),
    );
    expect([...stations].sort()).toEqual(expect.arrayContaining(['41050022000017', '88888880000001']));
    const issues = results.flatMap((result) => result.issues);
    expect(issues.length).toBeLessThan(payloads.length * 120);
    expect(issues.map((issue) => issue.source.record).join('\n')).not.toContain('PW=123456');
  });
});
