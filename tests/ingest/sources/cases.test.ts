import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { unpackFlags } from '../../../src/domain/flags.ts';
import { rowKinds, type EntryMeta, type ParseResult } from '../../../src/domain/ports.ts';
import { isoWithOffset } from '../../../src/domain/time.ts';
import { sourceAdapters } from '../../../src/ingest/sources/index.ts';
import { fixtureConfig } from './fixture-config.ts';

const sourcesFolder = path.resolve(import.meta.dirname, '../../../src/ingest/sources');
const update = process.env.UPDATE === '1';
const zone = 'Asia/Shanghai';
const kindNames = Object.keys(rowKinds);
/** 2026-08-21T20:30+08:00 */
const RECEIVED_S = 1_787_315_400;

/** A result as one can read it: a line a reading. */
function readable(result: ParseResult): unknown {
  const { batch } = result;
  const sides = new Map([...batch.side.row].map((row, at) => [row, batch.side.originalText[at]]));
  const rows = Array.from({ length: batch.length }, (_, row) => {
    const series = batch.series[batch.seriesIndex[row]!]!;
    const flags = unpackFlags(batch.flags[row]!);
    const value = batch.value[row]!;
    return [
      series.station,
      series.parameter,
      series.averaging,
      isoWithOffset(batch.timeS[row]!, zone),
      Number.isNaN(value) ? null : value,
      kindNames[result.rowKind[row]!],
      [flags.validity, ...flags.qualifiers].filter((name) => name !== 'valid').join(' '),
      ...(sides.has(row) ? [sides.get(row)] : []),
    ].join(' | ');
  });
  const issues = result.issues.map((issue) => `${issue.code} | ${issue.path} | ${issue.message}`);
  return { cells: result.cells, rows, issues, unknownStations: result.unknownStations };
}

test('UPDATE=1 is never set where the expectations must hold', () => {
  expect(update && process.env.CI !== undefined).toBe(false);
});

describe.each([...sourceAdapters.keys()])('%s', (id) => {
  const folder = path.join(sourcesFolder, id, 'cases');
  const cases = existsSync(folder) ? readdirSync(folder) : [];

  test('has at least six cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(6);
  });

  test.each(cases)('reads the case %s as expected', (name) => {
    const directory = path.join(folder, name);
    const reply = readdirSync(directory).find((file) => file.startsWith('reply.'));
    expect(reply, 'a case has a reply').toBeDefined();
    const metaFile = path.join(directory, 'meta.json');
    const meta: EntryMeta = existsSync(metaFile) ? JSON.parse(readFileSync(metaFile, 'utf8')) : {};
    const body = readFileSync(path.join(directory, reply!));
    const context = { receivedS: RECEIVED_S, meta, config: fixtureConfig(), sourceId: id };
    const result = sourceAdapters.get(id)!.parse(body, context);
    const measured = result.rowKind.filter((kind) => kind === rowKinds.measured).length;
    const { read, absent, missing, rejected } = result.cells;
    expect(measured + absent + missing + rejected, 'cells add up').toBe(read);
    const expectedFile = path.join(directory, 'expected.json');
    if (update) writeFileSync(expectedFile, `${JSON.stringify(readable(result), null, 2)}\n`);
    expect(existsSync(expectedFile), 'a case has its expected.json').toBe(true);
    expect(readable(result)).toEqual(JSON.parse(readFileSync(expectedFile, 'utf8')));
  });
});
