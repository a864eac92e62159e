import type { Ageing, ArchiveMark, ReadingArchive } from '../../../domain/archive.ts';
import type { ReadingBatch } from '../../../domain/batch.ts';
import { MonitorError } from '../../../domain/errors.ts';
import type {
  LatestRow,
  PointVersion,
  ReadingStore,
  SeriesColumns,
  SeriesQuery,
  SumsQuery,
  TalliesQuery,
  TallyColumns,
} from '../../../domain/ports.ts';
import { planTallies, rowsOfReadings, rowsOfTallies, tallyColumns } from '../tallies.ts';
import { pointVersions } from '../versions.ts';
import { WrittenBatches } from '../written.ts';
import { archiveFacts, archiveFault, ArchiveWriter, parquetOf } from './file.ts';
import { addSums, mergeEntries, mergeSeries, sumsOf } from './merge.ts';
import { ArchiveReader } from './read.ts';

export { listArchive, type ArchiveFacts } from './file.ts';

/**
 * A store with an archive beside it: every read sees both, and an entry that is about archived readings first brings them back,
 * so that revisions are decided on what stood. `base` is closed with it.
 */
export function withArchive(base: ReadingStore, root: string): ReadingStore {
  const { ageing } = base;
  if (ageing === undefined) return base;
  const reader = new ArchiveReader(root);
  const marks = new Marks(ageing);
  const archive = archiveOf({ ageing, root, reader, marks });
  const returned = async (batch: ReadingBatch | null): Promise<void> => {
    if (batch === null || batch.length === 0) return;
    for (const mark of await marks.get()) if (concerns(mark, batch)) await archive.restore(mark.id);
  };
  const { repair, forget } = base;
  return {
    kind: base.kind,
    ...(base.place === undefined ? {} : { place: base.place }),
    archive,
    position: () => base.position(),
    ...(base.written === undefined
      ? {}
      : { written: (from, through) => written({ base, archive, reader }, from, through) }),
    async apply(entry, batch) {
      await returned(batch);
      return base.apply(entry, batch);
    },
    ...(repair === undefined
      ? {}
      : {
          repair: async (entry, batch) => {
            await returned(batch);
            return repair(entry, batch);
          },
        }),
    ...(forget === undefined
      ? {}
      : {
          forget: async () => {
            marks.forget();
            await forget();
          },
        }),
    async series(query) {
      const { files, stored } = await marks.during(query, () => base.series(query));
      return files.length === 0 ? stored : mergeSeries(query, stored, await reader.series(files, query));
    },
    async entries(query) {
      const { files, stored } = await marks.during(query, () => base.entries(query));
      if (files.length === 0) return stored;
      return mergeEntries(query.parameters, stored, await reader.entries(files, query));
    },
    latest: (query) => latest(base, { marks, reader }, query),
    past: (point) => past(base, { marks, reader }, point),
    sums: (query) => sums(base, { marks, reader }, query),
    tallies: (query) => tallies(base, { marks, reader }, query),
    changesSince: (cursor, limit) => base.changesSince(cursor, limit),
    async counts() {
      const { readings, past, series } = await base.counts();
      const gone = (await marks.get()).filter(({ state }) => state === 'archived');
      const total = (of: 'readings' | 'past'): number => gone.reduce((sum, mark) => sum + mark[of], 0);
      return { readings: readings + total('readings'), past: past + total('past'), series };
    },
    binding: () => base.binding(),
    bind: (binding) => base.bind(binding),
    async close() {
      await base.close();
      await reader.close();
    },
  };
}

interface Parts {
  ageing: Ageing;
  root: string;
  reader: ArchiveReader;
  marks: Marks;
}

function archiveOf({ ageing, root, reader, marks }: Parts): ReadingArchive {
  const found = async (id: string): Promise<ArchiveMark> => {
    const mark = (await marks.anew()).find((one) => one.id === id);
    if (mark !== undefined) return mark;
    throw new MonitorError('E_NOT_FOUND', `this store has no readings in an archive "${id}"`);
  };
  const completed = async (mark: ArchiveMark): Promise<void> => {
    const { kept } = await archiveFacts(root, mark);
    await marks.changing(() => ageing.drop(mark, parquetOf(root, mark), kept));
  };
  return {
    marks: () => marks.anew(),
    firstTimeS: (averaging, provider) => ageing.firstTimeS(averaging, provider),
    async count(window, kept) {
      const counted = { readings: 0, past: 0 };
      await ageing.versions(window, kept, async ({ seqEnd }) => {
        for (const end of seqEnd) counted[Number.isNaN(end) ? 'readings' : 'past'] += 1;
      });
      return counted;
    },
    async age(window, { id, place, kept, facts }) {
      const writer = new ArchiveWriter(root, place, id);
      try {
        await ageing.versions(window, kept, (slice) => writer.take(slice));
        const mark = await writer.finish(window, { id, kept, facts });
        if (mark !== null) await marks.changing(() => ageing.drop(mark, parquetOf(root, mark), kept));
        return mark;
      } catch (cause) {
        if (cause instanceof MonitorError) throw cause;
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new MonitorError('E_STORE_UNAVAILABLE', `the archive could not be written: ${why}`, { cause });
      } finally {
        await writer.close();
      }
    },
    async resume() {
      for (const mark of await marks.anew()) if (mark.state === 'moving') await completed(mark);
    },
    async restore(id) {
      const mark = await found(id);
      const fault = await archiveFault(root, mark);
      if (fault !== null)
        throw new MonitorError('E_STORE_UNAVAILABLE', `${fault}: nothing was taken back from it`);
      if (mark.state === 'moving') await completed(mark);
      await marks.changing(() => ageing.takeBack(mark, parquetOf(root, mark), () => reader.versions([mark])));
      return mark;
    },
    fault: (mark) => archiveFault(root, mark, { again: true }),
  };
}

/** The marks of a store, kept for as long as nobody else can have changed them. */
class Marks {
  readonly #ageing: Ageing;
  #known: Promise<ArchiveMark[]> | null = null;
  #readMs = 0;
  #changing = 0;

  constructor(ageing: Ageing) {
    this.#ageing = ageing;
  }

  get(): Promise<ArchiveMark[]> {
    const fresh = this.#changing === 0 && performance.now() - this.#readMs < this.#ageing.marksFreshMs;
    if (this.#known !== null && fresh) return this.#known;
    return this.anew();
  }

  anew(): Promise<ArchiveMark[]> {
    this.#readMs = performance.now();
    const reading = this.#ageing.marks();
    this.#known = reading;
    reading.catch(() => this.forget());
    return reading;
  }

  forget(): void {
    this.#known = null;
  }

  /** While `work` runs every reader looks for itself. */
  async changing(work: () => Promise<void>): Promise<void> {
    this.#changing += 1;
    try {
      await work();
    } finally {
      this.#changing -= 1;
      this.forget();
    }
  }

  /** What the store says, and the files that hold the rest of it: once more where readings moved in between. */
  async during<T>(
    query: Parameters<typeof overlaps>[1],
    read: () => Promise<T>,
  ): Promise<{ files: ArchiveMark[]; stored: T }> {
    const files = async (): Promise<ArchiveMark[]> =>
      (await this.get()).filter((mark) => overlaps(mark, query));
    for (let before = await files(); ;) {
      const stored = await read();
      const after = await files();
      if (JSON.stringify(after) === JSON.stringify(before)) return { files: after, stored };
      before = after;
    }
  }
}

function overlaps(
  mark: ArchiveMark,
  query: { averaging: string; provider: string; fromS: number; toS: number; parameters?: readonly string[] },
): boolean {
  return (
    mark.averaging === query.averaging &&
    mark.provider === query.provider &&
    mark.fromS < query.toS &&
    query.fromS < mark.toS &&
    (mark.parameters === null || (query.parameters?.some((name) => mark.parameters?.includes(name)) ?? true))
  );
}

function concerns(mark: ArchiveMark, batch: ReadingBatch): boolean {
  if (mark.provider !== batch.provider) return false;
  const wanted = batch.series.map(
    ({ averaging, parameter }) =>
      averaging === mark.averaging && (mark.parameters?.includes(parameter) ?? true),
  );
  if (!wanted.includes(true)) return false;
  for (let row = 0; row < batch.length; row++) {
    const timeS = batch.timeS[row]!;
    if (timeS >= mark.fromS && timeS < mark.toS && wanted[batch.seriesIndex[row]!] === true) return true;
  }
  return false;
}

async function sums(
  base: ReadingStore,
  { marks, reader }: Pick<Parts, 'marks' | 'reader'>,
  query: SumsQuery,
): Promise<Awaited<ReturnType<ReadingStore['sums']>>> {
  const parameters = query.parameters.map(({ id }) => id);
  const stations = [...new Set(query.groups.flatMap((group) => group.stations))];
  const window = { ...query, parameters, stations };
  const { files, stored } = await marks.during(window, () => base.sums(query));
  if (files.length === 0) return stored;
  return addSums(query, stored, sumsOf(query, await archivedOnly(base, reader, files, window)));
}

async function tallies(
  base: ReadingStore,
  { marks, reader }: Pick<Parts, 'marks' | 'reader'>,
  query: TalliesQuery,
): Promise<TallyColumns[]> {
  const window = { ...query, parameters: query.parameters.map(({ id }) => id) };
  const { files, stored } = await marks.during(window, () => base.tallies(query));
  if (files.length === 0) return stored;
  const plan = planTallies(query);
  const rows = rowsOfReadings(plan, await archivedOnly(base, reader, files, window));
  return tallyColumns(plan, rowsOfTallies(plan, stored, rows));
}

/** Archived readings that the store does not hold, too: while they move they stand in both for a moment. */
async function archivedOnly(
  base: ReadingStore,
  reader: ArchiveReader,
  files: readonly ArchiveMark[],
  window: SeriesQuery,
): Promise<SeriesColumns[]> {
  const archived = await reader.series(files, window);
  if (!files.some(({ state }) => state === 'moving')) return archived;
  const held = new Map(
    (await base.series(window)).map((columns) => [
      `${columns.key.station}\n${columns.key.parameter}`,
      new Set(columns.timeS),
    ]),
  );
  return archived.map((columns) => {
    const times = held.get(`${columns.key.station}\n${columns.key.parameter}`);
    if (times === undefined) return columns;
    const rows = [...columns.timeS.keys()].filter((row) => !times.has(columns.timeS[row]!));
    return {
      key: columns.key,
      timeS: Float64Array.from(rows, (row) => columns.timeS[row]!),
      value: Float64Array.from(rows, (row) => columns.value[row]!),
      flags: Uint16Array.from(rows, (row) => columns.flags[row]!),
    };
  });
}

/** Archived rows are an entry's, too. */
async function written(
  { base, archive, reader }: { base: ReadingStore; archive: ReadingArchive; reader: ArchiveReader },
  fromSeq: number,
  throughSeq: number,
): Promise<Map<number, ReadingBatch>> {
  const batches = (await base.written?.(fromSeq, throughSeq)) ?? new Map<number, ReadingBatch>();
  const more = new WrittenBatches(batches);
  for (const mark of await archive.marks()) {
    const { averaging, provider } = mark;
    for await (const slice of reader.versions([mark], `seq BETWEEN ${fromSeq} AND ${throughSeq}`))
      for (let row = 0; row < slice.length; row++)
        more.add({
          averaging,
          provider,
          station: slice.station[row]!,
          parameter: slice.parameter[row]!,
          timeS: slice.timeS[row]!,
          value: slice.value[row]!,
          flags: slice.flags[row]!,
          seq: slice.seq[row]!,
          publishedS: slice.publishedS[row]!,
          text: slice.text[row]!,
          unit: slice.unit[row]!,
          limit: slice.limit[row]!,
        });
  }
  return more.build();
}

async function latest(
  base: ReadingStore,
  { marks, reader }: Pick<Parts, 'marks' | 'reader'>,
  query: Parameters<ReadingStore['latest']>[0],
): Promise<LatestRow[]> {
  const { asOfSeq } = query;
  if (asOfSeq === undefined) return base.latest(query);
  const since = { ...query, fromS: query.sinceS, toS: Infinity };
  const { files, stored: rows } = await marks.during(since, () => base.latest(query));
  if (files.length === 0) return rows;
  const newest = new Map(rows.map((row) => [`${row.key.station}\n${row.key.parameter}`, row]));
  for (const row of await reader.latest(files, { ...query, asOfSeq })) {
    const name = `${row.key.station}\n${row.key.parameter}`;
    if (row.timeS > (newest.get(name)?.timeS ?? -Infinity)) newest.set(name, row);
  }
  return [...newest.values()];
}

async function past(
  base: ReadingStore,
  { marks, reader }: Pick<Parts, 'marks' | 'reader'>,
  point: Parameters<ReadingStore['past']>[0],
): Promise<PointVersion[]> {
  const at = { ...point, fromS: point.timeS, toS: point.timeS + 1, parameters: [point.parameter] };
  const { files, stored } = await marks.during(at, () => base.past(point));
  if (stored.length > 0 || files.length === 0) return stored;
  const found = await reader.past(files, point);
  return pointVersions(found.past, found.current);
}
