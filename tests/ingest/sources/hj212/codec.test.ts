import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hj212Runner } from '../../../../src/ingest/sources/hj212/conformance.ts';
import { hj212Crc, modbusCrc } from '../../../../src/ingest/sources/hj212/crc.ts';
import { encodeFrame, framed } from '../../../../src/ingest/sources/hj212/encode.ts';
import { decodeFrame } from '../../../../src/ingest/sources/hj212/frame.ts';
import { PacketJoiner } from '../../../../src/ingest/sources/hj212/packets.ts';
import { strictProfile, type Message, type Profile } from '../../../../src/ingest/sources/hj212/profile.ts';
import { FrameReader } from '../../../../src/ingest/sources/hj212/reader.ts';
import { stampS, stampText } from '../../../../src/ingest/sources/hj212/stamp.ts';
import { powerBetween, scaled } from '../../../../src/ingest/sources/units.ts';
import { fixtureConfig } from '../fixture-config.ts';
import { crcByAnnex, goodFrames, isWholeFrame, vectors } from './vectors.ts';

const readerOf = (profile: Profile = strictProfile): FrameReader =>
  new FrameReader({ maxSegmentBytes: profile.maxSegmentBytes, profileOf: () => profile });

function accepted(bytes: Buffer, profile: Profile = strictProfile): Message {
  const judged = decodeFrame(bytes, profile);
  if (!judged.ok) throw new Error(`${judged.error}: ${judged.detail}`);
  return judged;
}

const head = 'QN=20251101080000123;ST=21;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=4;';
const withArea = (area: string): Buffer => framed(Buffer.from(`${head}CP=&&${area}&&`, 'utf8'));

test('every vector that ships comes out as it must', () => {
  const cases = hj212Runner.run(vectors, fixtureConfig());
  expect(cases.length).toBeGreaterThan(80);
  expect(cases.filter((one) => !one.passed)).toEqual([]);
});

test('a vector whose expectation is wrong fails, so that passing means something', () => {
  const [frame] = vectors.frames;
  const wrong = { frames: [{ ...frame!, expect: { ok: true, segmentLength: 99 } }] };
  const [result] = hj212Runner.run(wrong, fixtureConfig());
  expect(result).toMatchObject({
    passed: false,
    differences: [{ path: 'segmentLength', expected: 99, actual: 101 }],
  });
});

test('the CRC by table equals the annex bit by bit, for any bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => hj212Crc(bytes) === crcByAnnex(bytes)));
});

describe('a stream', () => {
  const glued = Buffer.concat(goodFrames.map((frame) => Buffer.from(frame)));

  test('of glued frames is cut into each of them', () => {
    const events = readerOf().push(glued);
    expect(events.map((event) => event.kind)).toEqual(goodFrames.map(() => 'frame'));
    expect(events.map((event) => event.bytes.toString('hex'))).toEqual(
      goodFrames.map((frame) => frame.toString('hex')),
    );
  });

  test('that dribbles byte by byte gives the same frames', () => {
    const reader = readerOf();
    const kinds: string[] = [];
    for (let at = 0; at < glued.length; at++)
      kinds.push(...reader.push(glued.subarray(at, at + 1)).map((event) => event.kind));
    expect(kinds).toEqual(goodFrames.map(() => 'frame'));
    expect(reader.pendingBytes).toBe(0);
  });

  test('cut anywhere, with noise between frames, loses no frame', () => {
    const noise = fc.array(fc.constantFrom(...Buffer.from('#0 9g\r\n&\0')), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: goodFrames.length - 1 }), noise), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
        (parts, cuts) => {
          // A stretch of noise that claims a length holds up what follows it until it is given up.
          const bytes = Buffer.concat(
            parts.flatMap(([at, between]) => [Buffer.from(between), goodFrames[at]!]),
          );
          const reader = readerOf();
          const taken: string[] = [];
          const keep = (events: ReturnType<FrameReader['push']>): void => {
            for (const event of events) if (event.kind === 'frame') taken.push(event.bytes.toString('hex'));
          };
          for (let from = 0, turn = 0; from < bytes.length; turn++) {
            const to = from + cuts[turn % cuts.length]!;
            keep(reader.push(bytes.subarray(from, to)));
            from = to;
          }
          keep(reader.giveUp());
          expect(taken).toEqual(parts.map(([at]) => goodFrames[at]!.toString('hex')));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('that claims a length and then ends gives up only the lie', () => {
    const reader = readerOf();
    expect(reader.push(Buffer.concat([Buffer.from('##0900QN='), goodFrames[0]!]))).toEqual([]);
    const events = reader.giveUp();
    expect(events.map((event) => (event.kind === 'frame' ? 'frame' : event.refusal.error))).toEqual([
      'LENGTH',
      'frame',
    ]);
  });

  test('of endless noise is one refusal and holds no memory', () => {
    const reader = readerOf();
    let refusals = 0;
    for (let turn = 0; turn < 200; turn++) refusals += reader.push(Buffer.alloc(10_000, '#9x')).length;
    expect(refusals).toBe(1);
    expect(reader.pendingBytes).toBeLessThan(12);
  });
});

/** Bytes of a frame with random damage: some changed, dropped, doubled, cut off, or two frames spliced. */
const damaged = fc
  .tuple(
    fc.integer({ min: 0, max: goodFrames.length - 1 }),
    fc.array(
      fc.record({
        how: fc.constantFrom('change', 'drop', 'insert', 'cut', 'splice', 'case'),
        at: fc.nat(1100),
        byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('#&;,=0159'))),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([which, damages]) => {
    let bytes = Buffer.from(goodFrames[which]!);
    for (const { how, at, byte } of damages) {
      const place = at % (bytes.length + 1);
      const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
      if (how === 'change') bytes = Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
      else if (how === 'drop') bytes = Buffer.concat([before, after.subarray(1 + (byte % 4))]);
      else if (how === 'insert') bytes = Buffer.concat([before, Buffer.of(byte), after]);
      else if (how === 'cut') bytes = Buffer.from(before);
      else if (how === 'splice')
        bytes = Buffer.concat([before, goodFrames[byte % goodFrames.length]!.subarray(at % 50)]);
      else bytes = Buffer.from(bytes.toString('latin1').toLowerCase(), 'latin1');
    }
    return bytes;
  });

test('10,000 random corruptions never crash and never pass with a wrong length or CRC', () => {
  const lenient: Profile = { ...strictProfile, badItems: 'refuse-item' };
  let passed = 0;
  fc.assert(
    fc.property(damaged, (bytes) => {
      for (const profile of [strictProfile, lenient]) {
        const judged = decodeFrame(bytes, profile);
        if (judged.ok) expect(isWholeFrame(bytes)).toBe(true);
        const reader = readerOf(profile);
        for (const event of [...reader.push(bytes), ...reader.giveUp()]) {
          if (event.kind !== 'frame') continue;
          passed += 1;
          expect(isWholeFrame(event.bytes)).toBe(true);
        }
        expect(reader.pendingBytes).toBe(0);
      }
    }),
    { numRuns: 10_000, seed: 212 },
  );
  expect(passed).toBeGreaterThan(0);
});

describe('one frame', () => {
  test('with CRC-16/MODBUS is refused, and taken with a warning where the device may, either byte first', () => {
    const segment = Buffer.from(`${head}CP=&&DataTime=20251101080000;w01001-Rtd=7.62,w01001-Flag=N&&`);
    const tolerant: Profile = { ...strictProfile, crc: 'or-modbus' };
    const crc = modbusCrc(segment);
    for (const sent of [crc, ((crc & 0xff) << 8) | (crc >> 8)]) {
      const frame = framed(segment, sent);
      expect(decodeFrame(frame, strictProfile)).toMatchObject({ ok: false, error: 'CRC' });
      expect(accepted(frame, tolerant).warnings).toContain('crc-modbus');
    }
    expect(decodeFrame(framed(segment, crc ^ 1), tolerant)).toMatchObject({ ok: false, error: 'CRC' });
  });

  test('with a field or factor called __proto__ is only a frame with that name', () => {
    const message = accepted(withArea('DataTime=20251101080000;__proto__-Rtd=1;__proto__=2'));
    expect(Object.keys(message.factors)).toEqual(['__proto__']);
    expect(Object.keys(message.params)).toEqual(['DataTime', '__proto__']);
    expect(({} as Record<string, unknown>)['Rtd']).toBeUndefined();
  });

  test('keeps log text whole, and a value that begins with // but never closes up to its separator', () => {
    const message = accepted(withArea('i11001-Info=//a;b,c=d//;i11002-Info=//x;PolId=w01018'));
    expect(message.factors['i11001']).toEqual({ Info: '//a;b,c=d//' });
    expect(message.factors['i11002']).toEqual({ Info: '//x' });
    expect(message.params).toEqual({ PolId: 'w01018' });
  });

  test('loses only the bad item where its profile says so, and names it', () => {
    const frame = withArea('DataTime=20251101080000;w01001-Rtd=7..62;w21003-Rtd=0.2;…');
    expect(decodeFrame(frame, strictProfile)).toMatchObject({ ok: false, error: 'CP' });
    const { factors, itemFaults } = accepted(frame, { ...strictProfile, badItems: 'refuse-item' });
    expect(factors['w21003']).toEqual({ Rtd: '0.2' });
    expect(itemFaults).toEqual([
      { item: '…', value: '', error: 'CP' },
      { item: 'w01001-Rtd', value: '7..62', error: 'VALUE' },
    ]);
  });

  test.each(['', '+', '.5', '5.', '1e3', '0x10', ' 7', 'NaN', '--1', '7,'])(
    'does not take %j for a number',
    (text) => {
      expect(decodeFrame(withArea(`w01001-Rtd=${text}`), strictProfile)).toMatchObject({ ok: text === '7,' });
    },
  );

  test('in GB 18030 is text only where the device is known to send it', () => {
    const area = Buffer.concat([
      Buffer.from(`${head}CP=&&i11001-Info=//`),
      Buffer.from('c7e5cfb4', 'hex'),
      Buffer.from('//&&'),
    ]);
    expect(decodeFrame(framed(area), strictProfile)).toMatchObject({ error: 'ENCODING' });
    expect(accepted(framed(area), { ...strictProfile, encoding: 'gb18030' }).factors['i11001']).toEqual({
      Info: '//清洗//',
    });
  });

  test('is never built longer than the standard lets a sender send', () => {
    const message = { ST: '21', CN: '2011', PW: '', MN: 'X', dataArea: 'a'.repeat(951) };
    expect(() => encodeFrame(message)).toThrow(/split it/);
    expect(() => encodeFrame({ ...message, MN: 'X;CN=1', dataArea: '' })).toThrow(/separator/);
  });

  test('decrypts to rubbish under another key, and rubbish is refused', () => {
    const [vector] = vectors.encrypted;
    const wire = Buffer.from(vector!.wireFrameHex, 'hex');
    const key = Buffer.alloc(16, 7);
    expect(decodeFrame(wire, { ...strictProfile, sm4: { key, when: 'always' } })).toMatchObject({
      error: 'CRC',
    });
  });
});

test('frames that share a CRC differ in value only, so ranges are part of acceptance', () => {
  const values = vectors.crcCollision.frames.map(
    (frame) => accepted(Buffer.from(frame)).factors['w21003']?.['Rtd'],
  );
  expect(new Set(values).size).toBe(values.length);
});

test('packets are joined by device, command, time and count, in any order, never by QN', () => {
  const packet = (qn: string, index: number, area: string): Message =>
    accepted(
      encodeFrame({
        QN: qn,
        ST: '21',
        CN: '2061',
        PW: '123456',
        MN: 'A1',
        Flag: 7,
        PNUM: 2,
        PNO: index,
        dataArea: area,
      }),
    );
  const joiner = new PacketJoiner(10_000);
  const second = packet('20251101085857535', 2, 'DataTime=20251101080000;w21003-Avg=0.2');
  expect(joiner.add(second, 0)).toBeNull();
  expect(joiner.add(packet('20251101085857999', 1, 'DataTime=20251101090000;w01001-Avg=9'), 1)).toBeNull();
  expect(
    joiner.add(packet('20251101085857534', 1, 'DataTime=20251101080000;w01001-Avg=7.5'), 2),
  ).toMatchObject({
    packets: 2,
    factors: { w01001: { Avg: '7.5' }, w21003: { Avg: '0.2' } },
  });
  expect(joiner.waiting).toBe(1);
  expect(joiner.add(second, 20_000)).toBeNull();
  expect(joiner.waiting, 'an upload that never completes is forgotten').toBe(1);
});

test('a stamp is Beijing time, and only a real one is a time', () => {
  expect(stampS('20240229235959')).toBe(Date.UTC(2024, 1, 29, 15, 59, 59) / 1000);
  expect(stampS('20240229235959123')).toBe(stampS('20240229235959'));
  for (const wrong of [
    '20230229000000',
    '20240431000000',
    '20240101240000',
    '2024010100000',
    '2024010100000x',
    '',
  ])
    expect(stampS(wrong), wrong).toBeNull();
  fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (atS) => stampS(stampText(atS)) === atS));
});

test('a unit becomes the stored one exactly, and never another quantity', () => {
  const power = powerBetween('ug/L', 'mg/L');
  expect(power).toBe(-3);
  expect(scaled('0.11', power!)).toBe(0.00011);
  expect(scaled('4.35', powerBetween('mg/m3', 'µg/m³')!)).toBe(4350);
  expect(powerBetween('mg/L', 'µg/m³')).toBeNull();
  expect(powerBetween('mg/L', null)).toBeNull();
});
