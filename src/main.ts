import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { pino, type Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import {
  adapterCheck,
  loadConfig,
  readEnvironment,
  settingsCheck,
  type ConfigOptions,
  type Environment,
} from './config/index.ts';
import { openDataFolder, type DataFolder } from './data-folder.ts';
import type { Config } from './domain/config/config.ts';
import type { SourceConfig } from './domain/config/source.ts';
import { MonitorError } from './domain/errors.ts';
import type { Clock, Journal, JournalHead, ReadingStore, SourceAdapter } from './domain/ports.ts';
import { WriterLease } from './ingest/lease.ts';
import { politeClient, type PoliteClient } from './ingest/http.ts';
import { createPipeline, type Pipeline } from './ingest/pipeline.ts';
import { startProjector, type Projector } from './ingest/projector.ts';
import { settingsSchemas, sourceAdapters } from './ingest/sources/index.ts';
import {
  checkJournal,
  isShared,
  openJournal,
  openInfluxDatabase,
  openReadings,
  readingsDatabaseCursor,
  statePlace,
  writeDeadlineMs,
} from './open-stores.ts';
import {
  bringIntoForce,
  LiveConfig,
  stampServers,
  watchConfig,
  type ConfigWatch,
  type ProcessRole,
} from './replica.ts';
import { extractReadings, rebuildReadings, type RebuildResult, type RebuildSelection } from './rebuild.ts';
import { openState, type OpenState } from './store/state/index.ts';

export const VERSION: string = packageJson.version;
export const DEFAULT_CONFIG_DIR = path.resolve(import.meta.dirname, '..', 'config');
export const systemClock: Clock = { nowS: () => Math.floor(Date.now() / 1000) };

export interface SystemOptions {
  dataDir: string;
  /** Undefined: the configuration that ships. */
  configDir?: string | undefined;
  /** Null: as the folder is stamped. */
  synthetic: boolean | null;
  clock?: Clock;
  log?: Logger;
  /** What this process does where several share the stores; `all` when absent. A command beside replicas is `api`. */
  role?: ProcessRole;
  /** Brings the given configuration into force although the journal knows it as an older one. */
  adoptConfig?: boolean;
  /** Changes addresses of sources after the check (the simulator's); facts stay as they are. */
  redirect?: (config: Config) => Promise<Config>;
}

/** Everything that is open on one data folder. */
export interface System {
  dataDir: string;
  synthetic: boolean;
  /** The upstreams are the built-in simulator's: pulling them keeps synthetic data synthetic. */
  simulated: boolean;
  config(): Config;
  /** After an act that changes what the configuration knows. */
  refreshConfig(): Promise<void>;
  environment: Environment;
  clock: Clock;
  log: Logger;
  journal: Journal;
  readings: ReadingStore;
  state: OpenState;
  projector: Projector;
  /** Null where this process alone writes the readings. */
  lease: WriterLease | null;
  configWatch: ConfigWatch;
  pipeline: Pipeline;
  adapters: ReadonlyMap<string, SourceAdapter>;
  verifyJournal(): Promise<{ entries: number; head: JournalHead; faults: string[] }>;
  rebuild(onProgress: (done: number, total: number) => void): Promise<RebuildResult>;
  extract(
    selection: RebuildSelection,
    onProgress: (done: number, total: number) => void,
  ): Promise<RebuildResult>;
  folder: DataFolder;
  /** The files of the configuration. */
  configDir: string;
  close(): Promise<void>;
}

/** The store in use, behind one name: a rebuild exchanges what stands behind it. */
function exchangeable(first: ReadingStore): {
  store: ReadingStore;
  current: () => ReadingStore;
  exchange: (next: ReadingStore) => void;
} {
  let current = first;
  const store: ReadingStore = {
    get kind() {
      return current.kind;
    },
    position: () => current.position(),
    apply: (entry, batch) => current.apply(entry, batch),
    series: (query) => current.series(query),
    latest: (query) => current.latest(query),
    past: (point) => current.past(point),
    sums: (query) => current.sums(query),
    changesSince: (...since) => current.changesSince(...since),
    counts: () => current.counts(),
    close: () => current.close(),
  };
  return {
    store,
    current: () => current,
    exchange: (next) => {
      current = next;
    },
  };
}

/**
 * Opens a data folder: journal and DuckDB first, whose locks keep a second process out, then the state; then acts that the
 * state has not seen are applied, a configuration that is new is journaled, and the projector starts.
 * Throws E_CONFIG (all faults in `details.printed`), E_LOCKED, E_MIXED_DATA, E_JOURNAL_BROKEN.
 */
export async function openSystem(options: SystemOptions): Promise<System> {
  const environment = readEnvironment(process.env, process.cwd());
  const clock = options.clock ?? systemClock;
  const log = options.log ?? pino({ level: environment.logLevel }, pino.destination(2));
  const configDir = options.configDir ?? environment.configDir ?? DEFAULT_CONFIG_DIR;
  const checked = await loadConfig(configDir, configOptions(environment));
  const config = options.redirect === undefined ? checked : await options.redirect(checked);
  const nowIso = new Date(clock.nowS() * 1000).toISOString();
  mkdirSync(options.dataDir, { recursive: true });
  const folder = openDataFolder(options.dataDir, {
    region: config.region.id,
    synthetic: options.synthetic,
    nowIso,
  });
  const closers: (() => Promise<void>)[] = [];
  const opened = async <T extends { close(): Promise<void> }>(part: Promise<T>): Promise<T> => {
    const value = await part;
    closers.unshift(() => value.close());
    return value;
  };
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0)) await close();
  };
  try {
    const shared = isShared(environment);
    const journal = await opened(openJournal(folder, environment, clock));
    // DuckDB before PGlite: its lock guards both. A server's readings need the state first, which names the database in use.
    let lease: WriterLease | null = null;
    const beforeWrite = shared ? { beforeWrite: () => lease?.beforeWrite() } : {};
    const early = environment.influx === null ? await openReadings(folder, environment, {}) : null;
    if (early !== null) closers.unshift(() => holder.current().close());
    const state = await opened(openState(statePlace(folder, environment), { journal, clock }));
    const holder = exchangeable(
      early ?? (await openReadings(folder, environment, { cursors: state.cursors, ...beforeWrite })),
    );
    if (early === null) closers.unshift(() => holder.current().close());
    if (environment.databaseUrl !== null)
      await stampServers(state.cursors, { synthetic: folder.synthetic, region: config.region.id });
    await state.acts.recover();
    const watched = { journal, cursors: state.cursors, clock, config };
    await bringIntoForce(watched, { shared, adopt: options.adoptConfig === true });
    const configWatch = await opened(watchConfig(watched, { shared }));
    const live = await opened(LiveConfig.open(config, state.readingActs, shared));
    const projectorDeps = {
      journal,
      store: holder.current,
      issues: state.issues,
      adapters: sourceAdapters,
      config: () => live.config(),
      acts: { kept: (seq: number) => state.acts.kept(seq), registered: () => live.refresh() },
      onError: (seq: number, cause: unknown) =>
        log.error({ seq, err: cause }, 'an entry could not be applied; trying again'),
    };
    const wanted = (): boolean => options.role !== 'api' && configWatch.staleAgainst() === null;
    let projector: Projector | null = null;
    if (shared) lease = writerLease({ state, environment, holder, wanted, log, projector: () => projector });
    projector = await startProjector({ ...projectorDeps, ...(lease === null ? {} : { lease }) });
    closers.unshift(() => closeProjector(projector, lease));
    lease?.start();
    const pipeline = createPipeline({
      journal,
      projector,
      runs: state.runs,
      issues: state.issues,
      adapters: sourceAdapters,
      config: () => live.config(),
      clock,
      client: politeClients(environment, closers),
    });
    const { cursors } = state;
    const facts = projectorDeps;
    const rebuildParts = { folder, journal, projector, holder, facts, environment, cursors, lease };
    if (shared) closers.unshift(followSwitch(environment, state, holder, beforeWrite, log));
    return {
      dataDir: options.dataDir,
      synthetic: folder.synthetic,
      simulated: options.redirect !== undefined,
      config: () => live.config(),
      refreshConfig: () => live.refresh(),
      environment,
      clock,
      log,
      journal,
      readings: holder.store,
      state,
      projector,
      lease,
      configWatch,
      pipeline,
      adapters: sourceAdapters,
      verifyJournal: () => verify(folder, environment, state),
      rebuild: (onProgress) => rebuildReadings(rebuildParts, onProgress),
      extract: (selection, onProgress) => extractReadings(rebuildParts, selection, onProgress),
      folder,
      configDir,
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** What a check of the configuration needs to know of this program: the region asked for, the adapters there are. */
export function configOptions(environment: Pick<Environment, 'region'>): ConfigOptions {
  const region = environment.region === null ? {} : { region: environment.region };
  return { ...region, checks: [adapterCheck([...sourceAdapters.keys()]), settingsCheck(settingsSchemas)] };
}

/** One polite client a source: its pace and its connections are its own. */
function politeClients(
  environment: Environment,
  closers: (() => Promise<void>)[],
): (source: SourceConfig) => Pick<PoliteClient, 'request'> {
  const clients = new Map<string, PoliteClient>();
  closers.unshift(async () => {
    for (const client of clients.values()) await client.close();
  });
  return (source) => {
    const userAgent = environment.userAgent === null ? {} : { userAgent: environment.userAgent };
    const client = clients.get(source.id) ?? politeClient(source, userAgent);
    clients.set(source.id, client);
    return client;
  };
}

async function verify(
  folder: DataFolder,
  environment: Environment,
  state: OpenState,
): Promise<{ entries: number; head: JournalHead; faults: string[] }> {
  const check = await checkJournal(folder, environment, await state.journalAnchor());
  return {
    entries: check.entries,
    head: check.head,
    faults: check.faults.map((fault) => JSON.stringify(fault)),
  };
}

/** The right of this process to project into the readings that the others reach too. */
function writerLease(parts: {
  state: OpenState;
  environment: Environment;
  holder: ReturnType<typeof exchangeable>;
  wanted: () => boolean;
  log: Logger;
  projector: () => Projector | null;
}): WriterLease {
  const { state, environment, holder, log } = parts;
  const { leases, projections } = state;
  const projector = (): Projector => {
    const running = parts.projector();
    if (running === null) throw new MonitorError('E_NOT_READY', 'the projector has not started');
    return running;
  };
  const lease = new WriterLease({
    leases,
    projections,
    name: `readings:${environment.influx?.database ?? ''}`,
    holder: `${hostname()}:${process.pid}:${randomUUID()}`,
    ttlS: environment.leaseSeconds,
    writeDeadlineMs: writeDeadlineMs(environment),
    wanted: parts.wanted,
    onTaken: async () => holder.current().forget?.(),
    repair: (afterSeq) => projector().repair(afterSeq),
    onChange: () => {
      log.info({ projecting: lease.mayApply() }, 'the right to project has changed hands');
      parts.projector()?.wake();
    },
    onError: (cause) => log.error({ err: cause }, 'the lease of the readings'),
  });
  return lease;
}

const SWITCH_LOOK_MS = 2000;

/** Another replica has rebuilt the readings into another database: this one reads that from now on. Answers how to stop looking. */
function followSwitch(
  environment: Environment,
  state: OpenState,
  holder: ReturnType<typeof exchangeable>,
  guard: { beforeWrite?: () => void },
  log: Logger,
): () => Promise<void> {
  const cursor = readingsDatabaseCursor(environment);
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const name = await state.cursors.get(cursor);
    if (name === null || name === holder.current().place) return;
    const before = holder.current();
    holder.exchange(await openInfluxDatabase(environment, name, guard.beforeWrite));
    await before.close();
    log.info({ database: name }, 'readings are read from the database of the last rebuild');
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch((cause: unknown) => log.error({ err: cause }, 'the rebuilt readings'));
  }, SWITCH_LOOK_MS).unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

async function closeProjector(projector: Projector | null, lease: WriterLease | null): Promise<void> {
  await projector?.close();
  await lease?.close(projector?.progress().appliedSeq ?? 0);
}
