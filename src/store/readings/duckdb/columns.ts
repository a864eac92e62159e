import duckdb from '@duckdb/node-bindings';
import {
  DOUBLE,
  DuckDBDataChunk,
  INTEGER,
  USMALLINT,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBVector,
} from '@duckdb/node-api';
import type { Side } from '../../../domain/batch.ts';

type Cell = number | string | null;
type Cells = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** A column to write: its type and the cell of each row, null for SQL NULL; or whole stretches of it at once. */
export interface Column {
  type: DuckDBType;
  cell: (row: number) => Cell;
  /** The cells of rows `[from, from + rows)` in the type's own memory layout; NaN is NULL. */
  cells?: (from: number, rows: number) => Cells;
}

export const integer = (cell: (row: number) => number): Column => ({ type: INTEGER, cell });
export const smallFlags = (cell: (row: number) => number): Column => ({ type: USMALLINT, cell });
export const text = (cell: (row: number) => string | null): Column => ({ type: VARCHAR, cell });
/** NaN is written as NULL. */
export const double = (cell: (row: number) => number): Column => ({
  type: DOUBLE,
  cell: (row) => {
    const value = cell(row);
    return Number.isNaN(value) ? null : value;
  },
});
/** A 64-bit column written from numbers; NaN is NULL. The engine casts on append, which is cheaper than a bigint a cell. */
export const long = double;

/** A column of `rows` picked from the cells of a batch; NaN is NULL. */
export function picked(cells: Float64Array | Int32Array | Uint16Array, rows: readonly number[]): Column {
  const type = cells instanceof Float64Array ? DOUBLE : cells instanceof Int32Array ? INTEGER : USMALLINT;
  const buffer =
    cells instanceof Float64Array
      ? new Float64Array(chunkRows)
      : cells instanceof Int32Array
        ? new Int32Array(chunkRows)
        : new Uint16Array(chunkRows);
  const together = neighbours(rows);
  return {
    type,
    cell: (row) => {
      const value = cells[rows[row]!]!;
      return Number.isNaN(value) ? null : value;
    },
    cells: (from, count) => {
      if (together) buffer.set(cells.subarray(rows[from], rows[from]! + count));
      else for (let row = 0; row < count; row++) buffer[row] = cells[rows[from + row]!]!;
      return buffer.subarray(0, count);
    },
  };
}

/** Whether each row follows the one before it: such columns are copied whole. */
function neighbours(rows: readonly number[]): boolean {
  for (let at = 1; at < rows.length; at++) if (rows[at] !== rows[at - 1]! + 1) return false;
  return true;
}

/** The same number in every row. */
export function constant(type: 'integer' | 'long', value: number): Column {
  const buffer = (type === 'integer' ? new Int32Array(chunkRows) : new Float64Array(chunkRows)).fill(value);
  return {
    type: type === 'integer' ? INTEGER : DOUBLE,
    cell: () => value,
    cells: (_from, rows) => buffer.subarray(0, rows),
  };
}

/** The three columns of a side entry. */
export function sideColumnsOf(side: (row: number) => Side | null | undefined): Column[] {
  return [
    text((row) => side(row)?.originalText ?? null),
    text((row) => side(row)?.originalUnit ?? null),
    double((row) => side(row)?.detectionLimit ?? Number.NaN),
  ];
}

const chunkRows = 2048;
/** The appender works on this thread: other requests get their turn after this many chunks. */
const chunksPerTurn = 8;

/** Appends rows chunk by chunk, inside the connection's open transaction if there is one. */
export async function appendRows(
  connection: DuckDBConnection,
  table: { name: string; temporary?: boolean },
  columns: readonly Column[],
  count: number,
): Promise<void> {
  if (count === 0) return;
  const appender =
    table.temporary === true
      ? await connection.createAppender(table.name, 'main', 'temp')
      : await connection.createAppender(table.name);
  const types = columns.map((column) => column.type);
  try {
    for (let from = 0; from < count; from += chunkRows) {
      const rows = Math.min(chunkRows, count - from);
      const chunk = DuckDBDataChunk.create(types, rows);
      for (const [index, column] of columns.entries()) fill(chunk, index, column, from, rows);
      appender.appendDataChunk(chunk);
      if ((from / chunkRows) % chunksPerTurn === chunksPerTurn - 1) await otherWork();
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}

function fill(chunk: DuckDBDataChunk, index: number, column: Column, from: number, rows: number): void {
  const cells = column.cells?.(from, rows);
  if (cells !== undefined) {
    const vector = duckdb.data_chunk_get_vector(chunk.chunk, index);
    duckdb.copy_data_to_vector(vector, 0, cells.buffer, cells.byteOffset, cells.byteLength);
    if (cells instanceof Float64Array) markNulls(vector, cells);
    return;
  }
  const vector = chunk.getColumnVector(index);
  const { cell } = column;
  for (let row = 0; row < rows; row++) vector.setItem(row, cell(from + row));
  vector.flush();
}

/** NaN is NULL: one bit a row, set where there is a value. */
function markNulls(vector: ReturnType<typeof duckdb.data_chunk_get_vector>, cells: Float64Array): void {
  const bits = new Uint8Array(chunkRows / 8);
  let nulls = false;
  for (let row = 0; row < cells.length; row++) {
    const value = cells[row]!;
    if (Number.isNaN(value)) nulls = true;
    else bits[row >> 3]! |= 1 << (row & 7);
  }
  if (!nulls) return;
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, bits.buffer, 0, bits.byteLength);
}

async function otherWork(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Runs a query and reads it column by column: `visit` is called for each chunk with its vectors. Returns the row count. */
export async function readColumns(
  connection: DuckDBConnection,
  sql: string,
  visit: (vectors: DuckDBVector[], rows: number, offset: number) => void,
): Promise<number> {
  const result = await connection.stream(sql);
  let offset = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return offset;
    const vectors = Array.from({ length: chunk.columnCount }, (_, index) => chunk.getColumnVector(index));
    visit(vectors, chunk.rowCount, offset);
    offset += chunk.rowCount;
  }
}

/** A cell as number; NULL is NaN. */
export function numberAt(vector: DuckDBVector | undefined, row: number): number {
  const value = vector?.getItem(row);
  return value === null || value === undefined ? Number.NaN : Number(value);
}

export function textAt(vector: DuckDBVector | undefined, row: number): string | null {
  const value = vector?.getItem(row);
  return typeof value === 'string' ? value : null;
}
