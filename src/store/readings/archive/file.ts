import { createHash } from 'node:crypto';
import { createReadStream, existsSync, rmSync } from 'node:fs';
import { mkdir, open, rename, stat, writeFile, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { ArchiveMark, ArchiveWindow, KeptInterval, VersionColumns } from '../../../domain/archive.ts';
import { MonitorError } from '../../../domain/errors.ts';
import { appendRows, double, text } from '../duckdb/columns.ts';
import { quoted } from '../duckdb/ageing.ts';

/** What lies beside a Parquet file: enough to know what it is without any store. */
export interface ArchiveFacts {
  format: 1;
  mark: ArchiveMark;
  kept: readonly KeptInterval[];
  /** Order-free checksum of the rows, by which a file of the same readings is known again. */
  content: string;
  /** Which journal, configuration and policy. */
  facts: Record<string, string>;
}

const columns = `station VARCHAR, parameter VARCHAR, time_s BIGINT, value DOUBLE, flags USMALLINT, seq BIGINT, seq_end BIGINT,
  published_s BIGINT, original_text VARCHAR, original_unit VARCHAR, detection_limit DOUBLE`;
const contentSql = `count(*)::DOUBLE, count(*) FILTER (seq_end IS NULL)::DOUBLE, coalesce(sum(hash(station, parameter, time_s, value,
  flags, seq, seq_end, published_s, original_text, original_unit, detection_limit)::HUGEINT), 0)::VARCHAR`;

export const parquetOf = (root: string, mark: Pick<ArchiveMark, 'id' | 'place'>): string =>
  path.join(root, mark.place, `${mark.id}.parquet`);
const factsFileOf = (parquet: string): string => parquet.replace(/parquet$/, 'json');

interface Content {
  rows: number;
  readings: number;
  sum: string;
}

/** Rows collected for one file, in a database of their own on disk: a month of minutes need not fit into memory. */
export class ArchiveWriter {
  readonly #root: string;
  readonly #place: string;
  readonly #scratch: string;
  #instance: DuckDBInstance | null = null;
  #connection: DuckDBConnection | null = null;

  constructor(root: string, place: string, id: string) {
    this.#root = root;
    this.#place = place;
    this.#scratch = path.join(root, place, `${id}.collecting`);
  }

  async take(slice: VersionColumns): Promise<void> {
    const connection = await this.#open();
    const texts = (cells: readonly (string | null)[]) => text((row) => cells[row] ?? null);
    const numbers = (cells: readonly number[]) => double((row) => cells[row]!);
    const { station, parameter, timeS, value, flags, seq, seqEnd, publishedS } = slice;
    const list = [
      texts(station),
      texts(parameter),
      ...[timeS, value, flags, seq, seqEnd, publishedS].map(numbers),
      texts(slice.text),
      texts(slice.unit),
      numbers(slice.limit),
    ];
    await appendRows(connection, { name: 'version' }, list, slice.length);
  }

  /**
   * The file, on disk, read back and equal; null where nothing was taken. A file that holds the same readings already is taken
   * as it is. Throws E_STORE_UNAVAILABLE (disk full, or what was read back differs); the store still holds everything then.
   */
  async finish(
    window: ArchiveWindow,
    how: { id: string; kept: readonly KeptInterval[]; facts: Record<string, string> },
  ): Promise<ArchiveMark | null> {
    if (this.#connection === null) return null;
    try {
      const content = await contentOf(this.#connection, 'version');
      const before = await sameContent(this.#root, { ...window, place: this.#place }, content);
      if (before !== null) return before.mark;
      const serial = await nextSerial(path.join(this.#root, this.#place), how.id);
      return await this.#write({ ...window, ...how, id: `${how.id}.${serial}` }, content);
    } catch (cause) {
      if (cause instanceof MonitorError) throw cause;
      const message = `the archive could not be written: ${(cause as Error).message}; the store holds its readings as before`;
      throw new MonitorError('E_STORE_UNAVAILABLE', message, { cause });
    }
  }

  async close(): Promise<void> {
    this.#connection?.closeSync();
    this.#instance?.closeSync();
    for (const end of ['', '.wal']) rmSync(`${this.#scratch}${end}`, { force: true });
  }

  async #write(
    of: ArchiveWindow & { id: string; kept: readonly KeptInterval[]; facts: Record<string, string> },
    content: Content,
  ): Promise<ArchiveMark> {
    const { id, kept, facts, averaging, provider, parameters, fromS, toS } = of;
    const file = parquetOf(this.#root, { id, place: this.#place });
    const growing = `${file}.tmp`;
    const connection = this.#connection!;
    await connection.run(
      `COPY (SELECT * FROM version ORDER BY station, parameter, time_s, seq, seq_end NULLS LAST) TO ${quoted(growing)}
        (FORMAT parquet, COMPRESSION zstd)`,
    );
    await syncFile(growing);
    const found = await contentOf(connection, `read_parquet(${quoted(growing)})`);
    if (JSON.stringify(found) !== JSON.stringify(content))
      throw new MonitorError(
        'E_STORE_UNAVAILABLE',
        `${growing} reads back as ${JSON.stringify(found)}, written was ${JSON.stringify(content)}; nothing was taken out of the store`,
      );
    const sha256 = await sha256Of(growing);
    await rename(growing, file);
    const window = { averaging, provider, parameters, fromS, toS };
    const { readings } = content;
    const past = content.rows - readings;
    const mark: ArchiveMark = {
      id,
      place: this.#place,
      ...window,
      state: 'archived',
      readings,
      past,
      sha256,
    };
    const beside: ArchiveFacts = { format: 1, mark, kept, content: content.sum, facts };
    await writeFile(`${factsFileOf(file)}.tmp`, `${JSON.stringify(beside, null, 2)}\n`, {
      flush: true,
    });
    await rename(`${factsFileOf(file)}.tmp`, factsFileOf(file));
    await syncFile(path.dirname(file));
    return mark;
  }

  async #open(): Promise<DuckDBConnection> {
    if (this.#connection !== null) return this.#connection;
    await mkdir(path.dirname(this.#scratch), { recursive: true });
    await this.close();
    this.#instance = await DuckDBInstance.create(this.#scratch, { threads: '1', memory_limit: '512MiB' });
    this.#connection = await this.#instance.connect();
    await this.#connection.run(`CREATE TABLE version (${columns})`);
    return this.#connection;
  }
}

async function contentOf(connection: DuckDBConnection, from: string): Promise<Content> {
  const [row] = (await connection.runAndReadAll(`SELECT ${contentSql} FROM ${from}`)).getRows();
  return { rows: Number(row?.[0]), readings: Number(row?.[1]), sum: String(row?.[2]) };
}

/** A rebuilt store holds everything again; ageing it makes the same rows, whose file is there already. */
async function sameContent(
  root: string,
  window: ArchiveWindow & { place: string },
  content: Content,
): Promise<ArchiveFacts | null> {
  for (const found of await listArchive(root)) {
    const { mark } = found;
    const same = (['place', 'averaging', 'provider', 'fromS', 'toS'] as const).every(
      (name) => mark[name] === window[name],
    );
    if (!same || found.content !== content.sum || mark.readings + mark.past !== content.rows) continue;
    if ((await archiveFault(root, mark)) === null) return found;
  }
  return null;
}

async function nextSerial(folder: string, id: string): Promise<number> {
  const taken = (await readdir(folder))
    .filter((name) => name.startsWith(`${id}.`))
    .map((name) => Number(/\.(\d+)\.(?:parquet|json)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...taken) + 1;
}

/** Everything that lies in the archive, whether a store uses it or not. */
export async function listArchive(root: string): Promise<ArchiveFacts[]> {
  if (!existsSync(root)) return [];
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(path.join(root, name), 'utf8')) as ArchiveFacts),
  );
}

export async function archiveFacts(root: string, mark: ArchiveMark): Promise<ArchiveFacts> {
  return JSON.parse(await readFile(factsFileOf(parquetOf(root, mark)), 'utf8')) as ArchiveFacts;
}

const sound = new Map<string, string>();

/** What is wrong with a file, null for nothing. Its bytes are read once, and again when they were touched. */
export async function archiveFault(
  root: string,
  mark: ArchiveMark,
  { again = false }: { again?: boolean } = {},
): Promise<string | null> {
  const file = parquetOf(root, mark);
  const found = await stat(file).catch(() => null);
  if (found === null) return `${file} is missing`;
  const version = `${found.ino} ${found.size} ${found.mtimeMs} ${mark.sha256}`;
  if (!again && sound.get(file) === version) return null;
  const sha256 = await sha256Of(file);
  if (sha256 !== mark.sha256) return `${file} has SHA-256 ${sha256}, it was written with ${mark.sha256}`;
  sound.set(file, version);
  return null;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
