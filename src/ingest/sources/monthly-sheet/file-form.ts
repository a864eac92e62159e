import { gridBytes, gridsIn, type Grids, noGrids } from './grid.ts';
import { textGrids } from './text-file.ts';
import { workbookGrids } from './workbook.ts';

const startsWith = (bytes: Uint8Array, ...head: number[]): boolean =>
  head.every((byte, at) => bytes[at] === byte);

const foreign: readonly { head: number[]; message: string }[] = [
  {
    head: [0xd0, 0xcf, 0x11, 0xe0],
    message:
      'an old XLS workbook or one protected by a password: neither is read; save it as XLSX without password (请另存为不加密的 XLSX)',
  },
  {
    head: [0x25, 0x50, 0x44, 0x46],
    message: 'a PDF document; a table as XLSX or CSV is needed (请提供 XLSX 或 CSV)',
  },
  { head: [0x89, 0x50, 0x4e, 0x47], message: 'a picture; a table as XLSX or CSV is needed' },
  { head: [0xff, 0xd8, 0xff], message: 'a picture; a table as XLSX or CSV is needed' },
  { head: [0x1f, 0x8b], message: 'a gzip file; the table itself is needed' },
  { head: [0x52, 0x61, 0x72, 0x21], message: 'a RAR archive; the table itself is needed' },
];

const isZip = (bytes: Uint8Array): boolean => startsWith(bytes, 0x50, 0x4b);

/** The grids of a file that is no workbook; null for one, whose reader has to be awaited. */
function grids(bytes: Uint8Array): Grids | null {
  if (bytes.byteLength === 0)
    return noGrids({ code: 'REPLY_EMPTY', path: 'file', message: 'the file is empty' });
  const known = foreign.find(({ head }) => startsWith(bytes, ...head));
  if (known !== undefined)
    return noGrids({ code: 'REPLY_NOT_READABLE', path: 'file', message: known.message });
  return isZip(bytes) ? null : textGrids(bytes);
}

/** A workbook as the bytes of its grids, any other file as it is. */
export async function prepare(bytes: Uint8Array): Promise<Uint8Array> {
  return isZip(bytes) ? gridBytes(await workbookGrids(bytes)) : bytes;
}

/** The grids in a file, or in what {@link prepare} made of it. */
export function gridsOf(bytes: Uint8Array): Grids {
  const message = 'a workbook that was not prepared for reading';
  return gridsIn(bytes) ?? grids(bytes) ?? noGrids({ code: 'REPLY_NOT_READABLE', path: 'file', message });
}
