import { deflateRawSync, crc32 } from 'node:zlib';
import { writeXlsx } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../../../src/domain/config/config.ts';
import type { SheetPreview } from '../../../../src/domain/uploads.ts';
import { monthlySheet } from '../../../../src/ingest/sources/monthly-sheet/index.ts';
import { archiveFiles, storedArchive } from '../../../../src/ingest/sources/monthly-sheet/zip.ts';
import { sharedFile } from '../../../shared-data.ts';
import { readFileSync } from 'node:fs';
import { fixtureConfig } from '../fixture-config.ts';
import { jointSource, sheetSource } from './fixture.ts';

/** 2026-08-21T20:30+08:00 */
const receivedS = 1_787_315_400;

async function preview(
  bytes: Uint8Array,
  of: { month?: string; config?: Config; sourceId?: string } = {},
): Promise<SheetPreview> {
  const { month, config = fixtureConfig(), sourceId = 'monthly-sheet' } = of;
  const body = (await monthlySheet.prepare?.(bytes)) ?? bytes;
  const meta = month === undefined ? {} : { month };
  return monthlySheet.handIn!.preview(body, { receivedS, meta, config, sourceId });
}
const codes = (shown: SheetPreview): string[] =>
  [...shown.issues, ...shown.rows.flatMap((row) => row.issues)].map(({ code, path }) => `${code} ${path}`);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const table = '断面名称,省份,监测月份,总磷(mg/L)\r\n小旦,浙江省,2026-06,0.02\r\n';

/** `table` in GB 18030, which Node can read but not write. */
const gb18030 = Buffer.from(
  'b6cfc3e6c3fbb3c62ccaa1b7dd2cbce0b2e2d4c2b7dd2cd7dcc1d7286d672f4c290d0ad0a1b5a92cd5e3bdadcaa12c323032362d30362c302e30320d0a',
  'hex',
);

describe('a text file', () => {
  it('is read in UTF-8 with or without a mark, GB 18030 and UTF-16, with any separator', async () => {
    const files: [string, Uint8Array][] = [
      ['UTF-8', text(table)],
      ['UTF-8 (BOM)', text(`\ufeff${table}`)],
      ['GB 18030', gb18030],
      ['UTF-16', Buffer.from(`\ufeff${table}`, 'utf16le')],
      ['UTF-8', text(table.replaceAll(',', '\t'))],
      ['UTF-8', text(table.replaceAll(',', ';'))],
    ];
    for (const [encoding, bytes] of files) {
      const shown = await preview(bytes);
      expect(shown.encoding).toBe(encoding);
      expect(shown.rows.map(({ station, time, status }) => [station, time, status])).toEqual([
        ['xiaodan', '2026-06', 'good'],
      ]);
    }
  });

  it('that is none, or no table, is refused by name', async () => {
    const cases: [string, Uint8Array][] = [
      ['REPLY_EMPTY file', new Uint8Array()],
      ['REPLY_EMPTY file', text(' \r\n ')],
      ['REPLY_IS_HTML file', text('<!DOCTYPE html><html></html>')],
      ['REPLY_NOT_READABLE file', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
      ['REPLY_NOT_READABLE file', text('%PDF-1.7')],
      ['REPLY_NOT_READABLE file', Buffer.from([0xff, 0xff, 0x00, 0x01])],
      ['REPLY_TRUNCATED file', text('断面名称,总磷\n"小旦,0.02\n')],
      ['HEADERS_CHANGED file', text('name,value\na,1\n')],
    ];
    for (const [code, bytes] of cases) {
      const shown = await preview(bytes);
      expect(codes(shown)[0]?.split(' ')[0]).toBe(code.split(' ')[0]);
      expect(shown.rows).toEqual([]);
    }
    const [xls] = (await preview(Buffer.from('d0cf11e0a1b11ae1', 'hex'))).issues;
    expect(xls?.message).toContain('XLSX');
  });

  it('with more rows than a monthly sheet can have is refused', async () => {
    const shown = await preview(text(table + '小旦,浙江省,2026-06,0.02\n'.repeat(20_001)));
    expect(codes(shown)).toEqual(['FILE_TOO_LARGE file']);
  });
});

describe('a workbook', () => {
  const merged = {
    name: '月报',
    rows: [
      ['2026年6月 交接断面监测月报', null, null, null, null],
      ['断面名称', '监测结果', null, null, '备注'],
      [null, '氨氮', '总磷', '水质类别', null],
      [null, 'mg/L', 'μg/L', null, null],
      ['小旦', 0.11, 100, 'Ⅱ', '人工采样'],
      ['松溪岩下', '＜0.025', '/', '劣Ⅴ类', null],
    ],
    merges: [
      { startRow: 0, startCol: 0, endRow: 0, endCol: 4 },
      { startRow: 1, startCol: 0, endRow: 3, endCol: 0 },
      { startRow: 1, startCol: 1, endRow: 1, endCol: 3 },
    ],
  };

  it('is read through merged headers of three rows, a title with the month, and units in a row of their own', async () => {
    const shown = await preview(await writeXlsx({ sheets: [merged] }));
    expect(codes(shown)).toEqual([]);
    expect(shown.rows.map(({ row, station, time }) => [row, station, time])).toEqual([
      ['月报!5', 'xiaodan', '2026-06'],
      ['月报!6', 'songxi-yanxia', '2026-06'],
    ]);
    const cells = shown.rows.flatMap((row) =>
      row.cells.map(({ address, value, mark }) => [address, value, mark]),
    );
    expect(cells).toEqual([
      ['月报!B5', 0.11, 'value'],
      ['月报!C5', 0.1, 'value'],
      ['月报!B6', 0.025, 'below'],
      ['月报!C6', null, 'absent'],
    ]);
  });

  it('names formulas, hidden sheets and merged values with their cells', async () => {
    const rows = [
      ['断面名称', '监测月份', '总磷(mg/L)', '氨氮(mg/L)'],
      ['小旦', '2026-06', null, 0.1],
      ['松溪岩下', '2026-06', 0.02, null],
    ];
    const cells = new Map([
      ['1,2', { value: 0.05, type: 'formula' as const, formula: '0.1/2', formulaResult: 0.05 }],
    ]);
    const merges = [{ startRow: 1, startCol: 3, endRow: 2, endCol: 3 }];
    const hidden = { name: '底稿', rows: [['断面名称', '总磷']], hidden: true };
    const shown = await preview(await writeXlsx({ sheets: [{ name: 'S', rows, cells, merges }, hidden] }));
    expect(codes(shown)).toEqual([
      'FORMULA_CELL S!C2',
      'SHEET_HIDDEN 底稿',
      'VALUE_NOT_A_NUMBER S!D2',
      'VALUE_NOT_A_NUMBER S!D3',
    ]);
    expect(shown.rows[0]?.cells[0]).toMatchObject({ address: 'S!C2', value: 0.05, mark: 'value' });
    expect(shown.cells).toMatchObject({ read: 4, rejected: 2 });
  });

  it('that breaks off anywhere is a fault, never a crash', async () => {
    const bytes = await writeXlsx({ sheets: [merged] });
    for (let length = 4; length < bytes.byteLength; length += 997) {
      const shown = await preview(bytes.subarray(0, length));
      expect(shown.rows).toEqual([]);
      expect(['REPLY_TRUNCATED', 'REPLY_NOT_READABLE']).toContain(shown.issues[0]?.code);
    }
  });

  it('with any byte changed is read right or refused, never a crash', async () => {
    const bytes = await writeXlsx({ sheets: [merged] });
    for (let at = 0; at < bytes.byteLength; at += 509) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 0x55;
      const shown = await preview(changed);
      expect(Array.isArray(shown.issues)).toBe(true);
    }
  });

  it('of 1 GiB unpacked is refused from its directory, and one that lies about it while it is unpacked', async () => {
    const packed = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
    const bomb = (claimed: number): Uint8Array => {
      const archive = Buffer.from(
        storedArchive([
          { name: 'xl/workbook.xml', bytes: packed },
          { name: 'xl/worksheets/sheet1.xml', bytes: packed },
        ]),
      );
      const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
      for (let at = 0; at < archive.byteLength - 46; at++) {
        if (view.getUint32(at, true) !== 0x02014b50) continue;
        view.setUint16(at + 10, 8, true);
        view.setUint32(at + 16, crc32(packed), true);
        view.setUint32(at + 24, claimed, true);
      }
      return archive;
    };
    const before = process.memoryUsage().rss;
    const honest = await preview(bomb(512 * 1024 * 1024));
    expect(codes(honest)).toEqual(['FILE_TOO_LARGE file']);
    expect(honest.issues[0]?.message).toContain('1073741824');
    const lying = await preview(bomb(1000));
    expect(codes(lying)).toEqual(['FILE_TOO_LARGE file']);
    expect(lying.issues[0]?.message).toContain('more than the 1000 bytes it claims');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('hands only verified parts on: what an archive holds comes out as it went in', () => {
    const files = [
      { name: '甲.xml', bytes: text('<a/>') },
      { name: 'b', bytes: new Uint8Array() },
    ];
    const limits = { entries: 10, inflatedBytes: 100 };
    expect(archiveFiles(storedArchive(files), () => true, limits)).toEqual(
      files.map(({ name, bytes }) => ({ name, bytes: expect.objectContaining({ length: bytes.length }) })),
    );
    expect(archiveFiles(storedArchive(files), (name) => name === 'b', limits)).toHaveLength(1);
  });
});

describe('a joint sampling', () => {
  const config = fixtureConfig({ sources: [jointSource()] });
  const header = '断面名称,采样日期,样品类型,保护方签字,受益方签字,氨氮(mg/L),总磷(mg/L),总氮(mg/L)\n';
  const parse = (rows: string) => {
    const context = { receivedS, meta: {}, config, sourceId: 'joint' };
    return monthlySheet.parse(text(header + rows), context);
  };
  const values = (rows: string) => {
    const { batch } = parse(rows);
    return Array.from({ length: batch.length }, (_, row) => [
      batch.series[batch.seriesIndex[row]!]!.parameter,
      batch.value[row],
      (batch.flags[row]! >> 2) & 7,
    ]);
  };

  it('gives the mean of both halves inside the tolerance, the spare sample beyond it, and nothing without one', () => {
    const rows =
      '小旦,2026-06-08,甲方分样,张,李,0.10,0.020,1.0\n小旦,2026-06-08,乙方分样,张,李,0.11,0.030,2.0\n' +
      '小旦,2026-06-08,备用样,张,李,/,0.024,/\n';
    expect(values(rows)).toEqual([
      ['nh3n', 0.105, 6],
      ['tp', 0.024, 6],
    ]);
    const { issues, cells, batch } = parse(rows);
    expect(issues.map(({ code, message }) => [code, message.slice(0, 20)])).toEqual([
      ['SAMPLES_DISAGREE', 'tn: 甲 1.0 · 乙 2.0: th'.slice(0, 20)],
    ]);
    expect(cells).toMatchObject({ read: 3, rejected: 1 });
    expect(batch.side.originalText).toEqual(['甲 0.10 · 乙 0.11', '甲 0.020 · 乙 0.030 · 备 0.024']);
  });

  it('stays unconfirmed without both signatures', () => {
    const rows = '小旦,2026-06-08,甲方分样,张,,0.10,0.020,/\n小旦,2026-06-08,乙方分样,张,李,0.10,0.020,/\n';
    expect(values(rows).map(([, , stage]) => stage)).toEqual([0, 0]);
    expect(parse(rows).issues.map(({ code }) => code)).toEqual(['SIGNATURE_MISSING']);
  });

  it('of two halves below detection is below detection', () => {
    const rows = '小旦,2026-06-08,甲方分样,张,李,0.025L,/,/\n小旦,2026-06-08,乙方分样,张,李,<0.03,/,/\n';
    expect(values(rows)).toEqual([['nh3n', 0.03, 6]]);
  });

  it('refuses a row without a sampling date or with a sample of nobody', () => {
    const rows =
      '小旦,,甲方分样,张,李,0.1,/,/\n小旦,2026-06-31,甲方分样,张,李,0.1,/,/\n小旦,2026-06-08,?,张,李,0.1,/,/\n';
    expect(parse(rows).issues.map(({ code }) => code)).toEqual([
      'TIME_MISSING',
      'TIME_OUT_OF_RANGE',
      'CODE_UNKNOWN',
    ]);
  });
});

describe('a template', () => {
  it('is read back by the source that gave it, in both languages and formats', async () => {
    for (const source of [sheetSource(), jointSource(), sheetSource({ kind: 'separated' })])
      for (const language of ['zh', 'en'] as const)
        for (const format of ['xlsx', 'csv'] as const) {
          const config = fixtureConfig({ sources: [source] });
          const of = { sourceId: source.id, config };
          const bytes = await monthlySheet.handIn!.template(of, { format, language });
          const shown = await preview(bytes, of);
          const unknown = shown.sheets.flatMap((sheet) =>
            sheet.columns.filter(({ role }) => role === 'unknown'),
          );
          expect(unknown).toEqual([]);
          expect(shown.sheets).toHaveLength(1);
          expect(codes(shown).filter((code) => !code.startsWith('REPLY_EMPTY'))).toEqual([]);
        }
  });
});

const panel = sharedFile('data/water-cnemc/section_panel_zhe-min-gan_2021-04.csv');
describe.skipIf(panel === null)('the recorded monthly panel', () => {
  it('is read whole: every cell is accounted for, and rows that contradict each other are named', async () => {
    const shown = await preview(readFileSync(panel!), { month: '2021-03' });
    expect(shown.rows).toHaveLength(531);
    expect(shown.cells.read).toBe(531 * 25);
    expect(shown.issues.filter(({ code }) => code === 'UNIT_UNKNOWN')).toHaveLength(1);
    expect(shown.rows.every((row) => row.time === '2021-03')).toBe(true);
    const doubled = shown.rows.filter((row) => row.issues.some(({ code }) => code === 'DUPLICATE_ROW'));
    expect(doubled.length).toBeGreaterThan(200);
    const undated = await preview(readFileSync(panel!));
    expect(undated.rows.every((row) => row.status === 'refused')).toBe(true);
  });
});
