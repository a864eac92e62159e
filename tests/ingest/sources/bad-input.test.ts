import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { rowKinds, type EntryMeta, type ParseResult } from '../../../src/domain/ports.ts';
import { sourceAdapters } from '../../../src/ingest/sources/index.ts';
import { fixtureConfig } from './fixture-config.ts';

const folder = path.resolve(import.meta.dirname, '../../../src/ingest/sources');
const adapters = [...sourceAdapters.keys()];
/** 2026-08-21T20:30+08:00 */
const receivedS = 1_787_315_400;
const dayS = 86_400;

interface Reply {
  name: string;
  body: Buffer;
  meta: EntryMeta;
  text: boolean;
}

/** Hand-made replies of an adapter that hold measured values. */
function goodReplies(id: string): Reply[] {
  const cases = path.join(folder, id, 'cases');
  return readdirSync(cases).flatMap((name) => {
    const directory = path.join(cases, name);
    const { rows }: { rows: string[] } = JSON.parse(
      readFileSync(path.join(directory, 'expected.json'), 'utf8'),
    );
    if (!rows.some((row) => row.includes('| measured |'))) return [];
    const metaFile = path.join(directory, 'meta.json');
    const meta = existsSync(metaFile) ? JSON.parse(readFileSync(metaFile, 'utf8')) : {};
    const body = readFileSync(
      path.join(
        directory,
        readdirSync(directory).find((one) => one.startsWith('reply.'))!,
      ),
    );
    return [{ name, body, meta, text: !body.includes(0) }];
  });
}

function read(id: string, body: Uint8Array, meta: EntryMeta): ParseResult & { values: number } {
  const context = { receivedS, meta, config: fixtureConfig(), sourceId: id, seq: 1 };
  const result = sourceAdapters.get(id)!.parse(body, context);
  const values = result.rowKind.filter((kind) => kind === rowKinds.measured).length;
  const { absent, missing, rejected } = result.cells;
  expect(values + absent + missing + rejected, 'cells add up').toBe(result.cells.read);
  return { ...result, values };
}

const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
const nothingToRead: Record<string, Buffer> = {
  'no byte at all': Buffer.alloc(0),
  'a picture': png,
  'a PDF': Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n', 'latin1'),
  'an HTML page': Buffer.from('<!DOCTYPE html><html><body>系统维护中</body></html>'),
  'a megabyte of zeros': Buffer.alloc(1024 * 1024),
  'brackets without end': Buffer.from('['.repeat(200_000)),
  'bytes that are no UTF-8': Buffer.from([0xff, 0xfe, 0xc0, 0xc1, 0xf5, 0x80, 0xbf, 0x0a, 0xff]),
};

describe.each(adapters)('%s', (id) => {
  const good = goodReplies(id);

  test.each(Object.entries(nothingToRead))('reads nothing of %s and says so by an issue', (_name, body) => {
    const { values, issues } = read(id, body, {});
    expect(values).toBe(0);
    expect(issues.length).toBeGreaterThan(0);
    for (const { code, message } of issues) expect(`${code} ${message}`.length).toBeGreaterThan(10);
  });

  test('cut off anywhere, it never crashes and never makes up a value', () => {
    expect(good.length).toBeGreaterThan(0);
    for (const { body, meta } of good.slice(0, 4)) {
      const whole = read(id, body, meta).values;
      for (let share = 1; share < 20; share++)
        expect(read(id, body.subarray(0, (body.length * share) / 20), meta).values).toBeLessThanOrEqual(
          whole,
        );
    }
  });

  test('with bytes of another encoding inside, nothing crashes and every cell is accounted for', () => {
    for (const { body, meta } of good) {
      const at = Math.floor(body.length / 2);
      const bad = Buffer.concat([
        body.subarray(0, at),
        Buffer.from([0xc4, 0xcf, 0xff, 0x81]),
        body.subarray(at),
      ]);
      read(id, bad, meta);
    }
  });

  test('with the clock years ahead or back, no value comes to lie in the future', () => {
    const years = /\b20[012]\d(?=[-/年]|(0[1-9]|1[0-2])[0-3]\d)/g;
    for (const { body, meta, text } of good.filter((one) => one.text)) {
      for (const year of ['2099', '1971']) {
        const moved = Buffer.from(body.toString('latin1').replaceAll(years, year), 'latin1');
        // Frames and bundles carry lengths and sums: a moved year breaks them, which is a refusal too.
        const { batch, rowKind } = read(id, moved, meta);
        for (let row = 0; row < batch.length; row++)
          if (rowKind[row] === rowKinds.measured)
            expect(batch.timeS[row]!, `${text}`).toBeLessThan(receivedS + 2 * dayS);
      }
    }
  });

  test('with a header or key twice, it says so or reads it as before', () => {
    for (const { body, meta } of good.filter((one) => one.text)) {
      const [head = '', ...rest] = body.toString('utf8').split('\n');
      const cells = head.split(',');
      // Sheets may hold columns that mean nothing here; their own cases double what does.
      if (cells.length < 4 || head.includes('{') || id === 'monthly-sheet') continue;
      const doubled = [[...cells.slice(0, -1), cells[cells.length - 2]].join(','), ...rest].join('\n');
      const { values, issues } = read(id, Buffer.from(doubled), meta);
      expect(values === 0 || issues.length > 0).toBe(true);
    }
  });
});
