import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SeriesKey } from '../../domain/batch.ts';
import type { Config } from '../../domain/config/config.ts';
import type { ReadingStore } from '../../domain/ports.ts';
import type { AveragingId, EpochS } from '../../domain/time.ts';
import { columns, isoTimes, linesOf, type LineContext } from './columns.ts';
import { catalogueOf, dictionaryOf, dictionaryText } from './documents.ts';
import { PartitionFiles } from './files.ts';
import {
  manifestName,
  readManifest,
  writeWhole,
  type Manifest,
  type PartitionFacts,
  type PublishedChange,
} from './manifest.ts';
import {
  hivePath,
  keyWindowOf,
  seriesName,
  Touched,
  type KnownSeries,
  type Partition,
} from './partitions.ts';

/** What anyone may have. `rights`: equal while the rules are the same; `delayed`: rows become open by mere waiting. */
export interface Openness {
  rights: string;
  delayed: boolean;
  /** Null: nothing of this series is open. */
  rowsOf(key: Omit<SeriesKey, 'averaging'>): ((flags: number, endS: EpochS) => boolean) | null;
}

export interface OpenDataFacts {
  readings: Pick<ReadingStore, 'series' | 'changesSince' | 'position'>;
  config: Config;
  open: Openness;
  synthetic: boolean;
  nowS: EpochS;
  /** Name and version of the program. */
  generator: string;
}

const seriesFile = 'series.json';
/** Series that are read at once; a month of them is what is held in memory. */
const stationsPerLook = 32;

interface Run {
  facts: OpenDataFacts;
  root: string;
  before: Manifest | null;
  touched: Touched;
  known: KnownSeries;
  files: PartitionFiles;
  context: LineContext;
  nowIso: string;
}

async function seriesBefore(root: string): Promise<KnownSeries> {
  try {
    return JSON.parse(await readFile(path.join(root, seriesFile), 'utf8')) as KnownSeries;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw cause;
  }
}

/**
 * Brings a folder of open data up to date: every month of every parameter that changed since the run before, or all of them where
 * the rules of sharing changed. Files whose content is the same are not written. Manifest last, so that a run that was cut off is
 * done again. Throws E_STORE_UNSUPPORTED for a folder that holds something else.
 */
export async function publishOpenData(root: string, facts: OpenDataFacts): Promise<Manifest> {
  await mkdir(root, { recursive: true });
  const { config, open, synthetic } = facts;
  const before = await readManifest(root);
  const goesOn = before !== null && before.rights === open.rights && !open.delayed;
  const touched = new Touched(
    config.region.timeZone,
    goesOn
      ? { cursor: before.journal.cursor, series: await seriesBefore(root) }
      : { cursor: null, series: {} },
  );
  await touched.gather(facts.readings);
  const stations = [...config.sections, ...config.airStations, ...config.flowStations];
  const run: Run = {
    facts,
    root,
    before,
    touched,
    known: touched.series(),
    files: new PartitionFiles(root),
    context: {
      config,
      synthetic,
      names: new Map(stations.map(({ id, name }) => [id, name])),
      iso: isoTimes(config.region.timeZone),
    },
    nowIso: new Date(facts.nowS * 1000).toISOString().replace('.000', ''),
  };
  try {
    const { partitions, changes } = await publishPartitions(run, goesOn);
    return await publishManifest(run, partitions, changes);
  } finally {
    run.files.close();
  }
}

async function publishPartitions(
  run: Run,
  goesOn: boolean,
): Promise<{ partitions: PartitionFacts[]; changes: PublishedChange[] }> {
  const changes: PublishedChange[] = [];
  const before = new Map((run.before?.partitions ?? []).map((one) => [hivePath(one), one]));
  const after = new Map(before);
  const todo = run.touched.partitions();
  for (const { partition, revised } of todo) {
    const name = hivePath(partition);
    const had = before.get(name) ?? null;
    const written = await run.files.write(name, openLines(run, partition), had);
    if (written === null) after.delete(name);
    else if (written !== had)
      after.set(name, {
        ...partition,
        ...written,
        edition: (had?.edition ?? 0) + 1,
        publishedIso: run.nowIso,
      });
    const now = after.get(name) ?? null;
    if (now !== had) changes.push(changeOf(run, partition, { had, now, revised }));
  }
  if (!goesOn) {
    const known = new Set(todo.map(({ partition }) => hivePath(partition)));
    for (const [name, had] of before) {
      if (known.has(name)) continue;
      await run.files.remove(name);
      after.delete(name);
      changes.push(changeOf(run, had, { had, now: null, revised: false }));
    }
  }
  const partitions = [...after].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  return { partitions, changes };
}

function changeOf(
  run: Run,
  { provider, parameter, month }: Partition,
  of: { had: PartitionFacts | null; now: PartitionFacts | null; revised: boolean },
): PublishedChange {
  const { had, now, revised } = of;
  const grew = !revised && (now?.rows ?? 0) > (had?.rows ?? 0);
  const kind = now === null ? 'withdrawn' : had === null ? 'new' : grew ? 'extended' : 'corrected';
  const edition = now?.edition ?? had?.edition ?? 0;
  const counts = { rowsBefore: had?.rows ?? 0, rowsAfter: now?.rows ?? 0 };
  return { atIso: run.nowIso, kind, provider, parameter, month, edition, ...counts };
}

/** Lines of a partition, series after series: at most a month of a few stations at a time. */
async function* openLines(run: Run, { provider, parameter, month }: Partition): AsyncGenerator<string[]> {
  const { facts, known, context } = run;
  const { open, readings, config } = facts;
  for (const [averaging, stations] of Object.entries(known[seriesName(provider, parameter)] ?? {})) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of KnownSeries
    const period = averaging as AveragingId;
    const window = keyWindowOf(month, period, config.region.timeZone);
    const rowsOf = new Map(
      stations.flatMap((station) => {
        const isOpen = open.rowsOf({ station, parameter, provider });
        return isOpen === null ? [] : [[station, isOpen] as const];
      }),
    );
    const shown = [...rowsOf.keys()];
    for (let from = 0; from < shown.length; from += stationsPerLook) {
      const some = shown.slice(from, from + stationsPerLook);
      const query = { stations: some, parameters: [parameter], averaging: period, provider, ...window };
      for (const series of await readings.series(query)) {
        const isOpen = rowsOf.get(series.key.station);
        if (isOpen !== undefined) yield linesOf(series, isOpen, context);
      }
    }
  }
}

/** The series of which something is open: the folder says nothing of the others. */
function openSeries({ facts, known }: Run): KnownSeries {
  const kept: KnownSeries = {};
  for (const [name, byAveraging] of Object.entries(known)) {
    const [provider = '', parameter = ''] = name.split(' ');
    const shown = Object.entries(byAveraging)
      .map(([averaging, stations]): [string, string[]] => [
        averaging,
        stations.filter((station) => facts.open.rowsOf({ station, parameter, provider }) !== null),
      ])
      .filter(([, stations]) => stations.length > 0);
    if (shown.length > 0) kept[name] = Object.fromEntries(shown);
  }
  return kept;
}

async function publishManifest(
  run: Run,
  partitions: PartitionFacts[],
  changes: PublishedChange[],
): Promise<Manifest> {
  const { facts, root, touched, nowIso } = run;
  const { config, synthetic } = facts;
  const { region } = config;
  const providers = [...new Set(partitions.map(({ provider }) => provider))];
  const manifest: Omit<Manifest, 'documents'> = {
    format: 'jiehe-open-data/1',
    title: { zh: `${region.name.zh} 开放数据`, en: `${region.name.en}: open data` },
    notice: synthetic
      ? {
          zh: '模拟数据：由内置模拟器生成，并非真实监测结果',
          en: 'Synthetic data: made by the built-in simulator',
        }
      : region.notice,
    synthetic,
    generatedIso: nowIso,
    generator: facts.generator,
    region: region.id,
    timeZone: region.timeZone,
    configHash: config.hash,
    journal: { seq: await facts.readings.position(), cursor: touched.cursor },
    rights: facts.open.rights,
    licence: 'as each provider states it (provenance); 以各数据提供方载明者为准',
    provenance: providers.map((provider) => ({
      provider,
      sources: config.sources
        .filter((source) => source.provider === provider)
        .map(({ id, name, licence, attribution }) => ({ id, name, licence, attribution })),
    })),
    columns: [...columns],
    counts: {
      partitions: partitions.length,
      rows: partitions.reduce((sum, { rows }) => sum + rows, 0),
      bytes: partitions.reduce((sum, { csv, parquet }) => sum + csv.bytes + parquet.bytes, 0),
    },
    partitions,
    changes,
  };
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  if (changes.length > 0)
    await appendFile(
      path.join(root, 'changes.jsonl'),
      changes.map((change) => `${JSON.stringify(change)}\n`).join(''),
    );
  const whole: Manifest = {
    ...manifest,
    documents: [
      await writeWhole(root, 'dictionary.json', json(dictionaryOf(config))),
      await writeWhole(root, 'dictionary.md', dictionaryText(config)),
      await writeWhole(root, 'catalogue.jsonld', json(catalogueOf(manifest))),
      await writeWhole(root, seriesFile, json(openSeries(run))),
    ],
  };
  await writeWhole(root, manifestName, json(whole));
  return whole;
}
