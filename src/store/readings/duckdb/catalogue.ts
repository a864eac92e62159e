import type { BatchSeries, SeriesKey } from '../../../domain/batch.ts';
import { MonitorError } from '../../../domain/errors.ts';
import type { AveragingId } from '../../../domain/time.ts';
import { isAveraging } from '../rows.ts';
import { integer, numberAt, readColumns, text, textAt, appendRows } from './columns.ts';
import type { Database } from './database.ts';

/** `value` NaN: no value; `publishedS` NaN: not said. */
interface NewestRow {
  timeS: number;
  value: number;
  flags: number;
  seq: number;
  rev: number;
  publishedS: number;
}

/**
 * What is held in memory of every series: its integer id, and its newest row. The newest time is the series' high-water mark:
 * a row above it cannot be stored yet, so it is appended unread. Rebuilt from the file at open.
 */
export class Catalogue {
  readonly keys: SeriesKey[] = [];
  readonly #idOf = new Map<string, number>();
  readonly #groups = new Map<string, number[]>();
  timeS = new Float64Array(256).fill(-Infinity);
  value = new Float64Array(256);
  flags = new Uint16Array(256);
  seq = new Float64Array(256);
  rev = new Int32Array(256);
  publishedS = new Float64Array(256);
  /** Whether any current row has a side entry; most stores never have one, and then the table is not looked at. */
  hasSides = false;

  get size(): number {
    return this.keys.length;
  }

  find(station: string, parameter: string, averaging: AveragingId, provider: string): number | undefined {
    return this.#idOf.get(keyText(station, parameter, averaging, provider));
  }

  /** Ids of one averaging of one provider. */
  group(averaging: AveragingId, provider: string): readonly number[] {
    return this.#groups.get(`${averaging}\n${provider}`) ?? [];
  }

  /** Ids of a batch's series, new ones added; the new ones are in the file only after `store`. */
  idsOf(series: readonly BatchSeries[], provider: string): Int32Array {
    return Int32Array.from(series, ({ station, parameter, averaging }) => {
      return (
        this.find(station, parameter, averaging, provider) ??
        this.#add({ station, parameter, averaging, provider })
      );
    });
  }

  #add(key: SeriesKey): number {
    const id = this.keys.push(key) - 1;
    this.#idOf.set(keyText(key.station, key.parameter, key.averaging, key.provider), id);
    const groupKey = `${key.averaging}\n${key.provider}`;
    const group = this.#groups.get(groupKey);
    if (group === undefined) this.#groups.set(groupKey, [id]);
    else group.push(id);
    if (id >= this.timeS.length) this.#grow();
    // An id whose first transaction was rolled back is given again.
    this.timeS[id] = -Infinity;
    return id;
  }

  #grow(): void {
    const size = this.timeS.length * 2;
    this.timeS = enlarged(new Float64Array(size).fill(-Infinity), this.timeS);
    this.value = enlarged(new Float64Array(size), this.value);
    this.flags = enlarged(new Uint16Array(size), this.flags);
    this.seq = enlarged(new Float64Array(size), this.seq);
    this.rev = enlarged(new Int32Array(size), this.rev);
    this.publishedS = enlarged(new Float64Array(size), this.publishedS);
  }

  /** Notes a current row that was committed. */
  note(id: number, row: NewestRow): void {
    if (row.timeS < this.timeS[id]!) return;
    this.timeS[id] = row.timeS;
    this.value[id] = row.value;
    this.flags[id] = row.flags;
    this.seq[id] = row.seq;
    this.rev[id] = row.rev;
    this.publishedS[id] = row.publishedS;
  }

  /** Forgets series added after `size`: their transaction was rolled back. */
  truncate(size: number): void {
    for (const key of this.keys.splice(size)) {
      this.#idOf.delete(keyText(key.station, key.parameter, key.averaging, key.provider));
      this.#groups.get(`${key.averaging}\n${key.provider}`)?.pop();
    }
  }

  /** Writes the series with ids from `from` on, inside the writer's transaction. */
  async store(database: Database, from: number): Promise<void> {
    const at = (row: number): SeriesKey => this.keys[from + row]!;
    const columns = [
      integer((row) => from + row),
      text((row) => at(row).station),
      text((row) => at(row).parameter),
      text((row) => at(row).averaging),
      text((row) => at(row).provider),
    ];
    await appendRows(database.writer, { name: 'series' }, columns, this.size - from);
  }

  static async load(database: Database): Promise<Catalogue> {
    const catalogue = new Catalogue();
    const { writer } = database;
    await readColumns(
      writer,
      'SELECT station, parameter, averaging, provider FROM series ORDER BY id',
      (columns, rows) => {
        for (let row = 0; row < rows; row++) {
          const [station = '', parameter = '', averaging = '', provider = ''] = columns.map(
            (column) => textAt(column, row) ?? '',
          );
          catalogue.#add({ station, parameter, averaging: averagingOf(averaging), provider });
        }
      },
    );
    // Not arg_max: it passes over NULL values, and the newest row may say "no value".
    const newest = `SELECT r.series_id, r.time_s::DOUBLE, r.value, r.flags, r.seq::DOUBLE, r.rev, r.published_s::DOUBLE FROM reading r
      JOIN (SELECT series_id, max(time_s) AS time_s FROM reading GROUP BY series_id) m USING (series_id, time_s)`;
    await readColumns(writer, newest, ([id, time, value, flags, seq, rev, published], rows) => {
      for (let row = 0; row < rows; row++) {
        catalogue.note(numberAt(id, row), {
          timeS: numberAt(time, row),
          value: numberAt(value, row),
          flags: numberAt(flags, row),
          seq: numberAt(seq, row),
          rev: numberAt(rev, row),
          publishedS: numberAt(published, row),
        });
      }
    });
    catalogue.hasSides = (await writer.runAndReadAll('SELECT 1 FROM side LIMIT 1')).currentRowCount > 0;
    return catalogue;
  }
}

function enlarged<T extends Float64Array | Int32Array | Uint16Array>(into: T, from: T): T {
  into.set(from);
  return into;
}

function averagingOf(text: string): AveragingId {
  if (isAveraging(text)) return text;
  throw new MonitorError(
    'E_STORE_UNSUPPORTED',
    `the readings file has the averaging "${text}", unknown here`,
  );
}

function keyText(station: string, parameter: string, averaging: string, provider: string): string {
  return `${station}\n${parameter}\n${averaging}\n${provider}`;
}
