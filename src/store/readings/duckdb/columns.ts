import duckdb from '@duckdb/node-bindings';
import {
  DOUBLE,
  DuckDBDataChunk,
  INTEGER,
  USMALLINT,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBVector,
} from '@duckdb/node-api';
import type { Side } from '../../../domain/batch.ts';

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>;
type Cells = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** A column to write: texts one by one, null for SQL NULL; or whole stretches of numbers in the type's own memory layout. */
export type Column =
  | { type: typeof VARCHAR; cell: (row: number) => string | null }
  | {
      type: typeof DOUBLE | typeof INTEGER | typeof USMALLINT;
      /** The cells of rows `[from, from + rows)`; NaN is NULL. */
      cells: (from: number, rows: number) => Cells;
    };

const chunkRows = 2048;

function numbers(
  type: typeof DOUBLE | typeof INTEGER | typeof USMALLINT,
  buffer: Cells,
  cell: (row: number) => number,
): Column {
  return {
    type,
    cells: (from, rows) => {
      for (let row = 0; row < rows; row++) buffer[row] = cell(from + row);
      return buffer.subarray(0, rows);
    },
  };
}

export const integer = (cell: (row: number) => number): Column =>
  numbers(INTEGER, new Int32Array(chunkRows), cell);
export const smallFlags = (cell: (row: number) => number): Column =>
  numbers(USMALLINT, new Uint16Array(chunkRows), cell);
export const text = (cell: (row: number) => string | null): Column => ({ type: VARCHAR, cell });
/** NaN is written as NULL. */
export const double = (cell: (row: number) => number): Column =>
  numbers(DOUBLE, new Float64Array(chunkRows), cell);
/** A 64-bit column written from numbers; NaN is NULL. The engine casts on append, which is cheaper than a bigint a cell. */
export const long = double;

/** A column of `rows`, ascending, picked from the cells of a batch; NaN is NULL. */
export function picked(cells: Float64Array | Int32Array | Uint16Array, rows: Int32Array): Column {
  const { type, buffer } =
    cells instanceof Float64Array
      ? { type: DOUBLE, buffer: new Float64Array(chunkRows) }
      : cells instanceof Int32Array
        ? { type: INTEGER, buffer: new Int32Array(chunkRows) }
        : { type: USMALLINT, buffer: new Uint16Array(chunkRows) };
  return {
    type,
    cells: (from, count) => {
      const first = rows[from]!;
      // Ascending rows that span no more than their number follow each other: copied whole.
      if (rows[from + count - 1]! - first === count - 1) buffer.set(cells.subarray(first, first + count));
      else for (let row = 0; row < count; row++) buffer[row] = cells[rows[from + row]!]!;
      return buffer.subarray(0, count);
    },
  };
}

/** The same number in every row. */
export function constant(type: 'integer' | 'long', value: number): Column {
  const buffer = (type === 'integer' ? new Int32Array(chunkRows) : new Float64Array(chunkRows)).fill(value);
  return {
    type: type === 'integer' ? INTEGER : DOUBLE,
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
  if ('cells' in column) {
    const cells = column.cells(from, rows);
    const vector = duckdb.data_chunk_get_vector(chunk.chunk, index);
    duckdb.copy_data_to_vector(vector, 0, cells.buffer, cells.byteOffset, cells.byteLength);
    if (cells instanceof Float64Array) markNulls(vector, cells);
    return;
  }
  const texts = Array.from({ length: rows }, (_, row) => column.cell(from + row));
  if (texts.every((cell) => cell === null)) {
    markAllNull(duckdb.data_chunk_get_vector(chunk.chunk, index));
    return;
  }
  const vector = chunk.getColumnVector(index);
  for (const [row, cell] of texts.entries()) vector.setItem(row, cell);
  vector.flush();
}

const noBits = new Uint8Array(chunkRows / 8);

function markAllNull(vector: Vector): void {
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, noBits.buffer, 0, noBits.byteLength);
}

/** NaN is NULL: one bit a row, set where there is a value. */
function markNulls(vector: Vector, cells: Float64Array): void {
  let nulls = 0;
  for (let row = 0; row < cells.length; row++) if (Number.isNaN(cells[row]!)) nulls += 1;
  if (nulls === 0) return;
  if (nulls === cells.length) {
    markAllNull(vector);
    return;
  }
  const bits = new Uint8Array(chunkRows / 8);
  for (let row = 0; row < cells.length; row++) {
    if (!Number.isNaN(cells[row]!)) bits[row >> 3]! |= 1 << (row & 7);
  }
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

const memoryOf = { double: Float64Array, integer: Int32Array, flags: Uint16Array } as const;
type NumberType = keyof typeof memoryOf;
type NumbersOf<Types extends readonly NumberType[]> = {
  -readonly [At in keyof Types]: InstanceType<(typeof memoryOf)[Types[At]]>;
};

/**
 * As {@link readColumns}, of columns of exactly these types, whose memory is read as it stands: no look at each cell. NULL of a double
 * is NaN; other columns must hold none. The arrays are the engine's, good only while `visit` runs.
 */
export async function readNumbers<const Types extends readonly NumberType[]>(
  connection: DuckDBConnection,
  sql: string,
  types: Types,
  visit: (columns: NumbersOf<Types>, rows: number) => void,
): Promise<void> {
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const rows = chunk.rowCount;
    const columns = types.map((type, at) =>
      numbersAt(duckdb.data_chunk_get_vector(chunk.chunk, at), type, rows),
    );
    visit(columns as NumbersOf<Types>, rows);
  }
}

function numbersAt(vector: Vector, type: NumberType, rows: number): Float64Array | Int32Array | Uint16Array {
  const Memory = memoryOf[type];
  const data = duckdb.vector_get_data(vector, rows * Memory.BYTES_PER_ELEMENT);
  const cells = new Memory(data.buffer as ArrayBuffer, data.byteOffset, rows);
  if (!(cells instanceof Float64Array)) return cells;
  // The declared type is wrong: there are no bits where nothing is NULL.
  const bits = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8) as Uint8Array | null;
  if (bits !== null)
    for (let row = 0; row < rows; row++)
      if ((bits[row >> 3]! & (1 << (row & 7))) === 0) cells[row] = Number.NaN;
  return cells;
}
