import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { factsOf, type FileFacts } from './manifest.ts';
import { columns } from './columns.ts';

/** DuckDB may hold so much while it turns a CSV file into Parquet. */
const memoryLimitMiB = 256;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export interface WrittenFiles {
  rows: number;
  csv: FileFacts;
  parquet: FileFacts;
}

/**
 * Writes partitions below one folder. The CSV file is written first, line by line; where it is the one that stands there already,
 * nothing is touched. Parquet is made from it, so that both say the same.
 */
export class PartitionFiles {
  readonly #root: string;
  #instance: DuckDBInstance | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  /** Null for a partition without a row; `before` where the content is what it says. */
  async write(
    folder: string,
    lines: AsyncIterable<string[]>,
    before: WrittenFiles | null,
  ): Promise<WrittenFiles | null> {
    const directory = path.join(this.#root, folder);
    await mkdir(directory, { recursive: true });
    const [csv, parquet] = [`${folder}/readings.csv`, `${folder}/readings.parquet`];
    const growing = path.join(directory, 'readings.csv.tmp');
    const hash = createHash('sha256');
    let rows = 0;
    async function* text(): AsyncGenerator<string> {
      const head = `${columns.map(({ name }) => name).join(',')}\r\n`;
      hash.update(head);
      yield head;
      for await (const some of lines) {
        rows += some.length;
        const chunk = some.join('');
        hash.update(chunk);
        yield chunk;
      }
    }
    await pipeline(Readable.from(text()), createWriteStream(growing));
    if (rows === 0 || hash.digest('hex') === before?.csv.sha256) {
      await rm(growing);
      if (rows === 0) await rm(directory, { recursive: true, force: true });
      return rows === 0 ? null : before;
    }
    const growingParquet = path.join(directory, 'readings.parquet.tmp');
    await this.#toParquet(growing, growingParquet);
    await rename(growing, path.join(this.#root, csv));
    await rename(growingParquet, path.join(this.#root, parquet));
    return { rows, csv: await factsOf(this.#root, csv), parquet: await factsOf(this.#root, parquet) };
  }

  async remove(folder: string): Promise<void> {
    await rm(path.join(this.#root, folder), { recursive: true, force: true });
  }

  async #toParquet(csv: string, parquet: string): Promise<void> {
    this.#instance ??= await DuckDBInstance.create(':memory:', {
      memory_limit: `${memoryLimitMiB}MiB`,
      threads: '1',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await this.#instance.connect();
    try {
      await connection.run("SET TimeZone='UTC'");
      const types = columns.map(({ name, type }) => `${quoted(name)}: ${quoted(type)}`).join(', ');
      await connection.run(
        `COPY (SELECT * FROM read_csv(${quoted(csv)}, header = true, auto_detect = false, delim = ',', quote = '"',
          columns = {${types}})) TO ${quoted(parquet)} (FORMAT parquet, COMPRESSION zstd)`,
      );
    } finally {
      connection.closeSync();
    }
  }

  close(): void {
    this.#instance?.closeSync();
    this.#instance = null;
  }
}
