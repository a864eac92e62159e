import { mkdirSync } from 'node:fs';
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
import { openDataFolder, type DataFolder } from './system/data-folder.ts';
import type { Config } from './domain/config/config.ts';
import type { SourceConfig } from './domain/config/source.ts';
import type { Clock, Journal, JournalHead, ReadingStore, SourceAdapter } from './domain/ports.ts';
import type { WriterLease } from './ingest/lease.ts';
import { politeClient, type PoliteClient } from './ingest/http.ts';
import { createPipeline, type Pipeline, type PipelineDeps } from './ingest/pipeline.ts';
import type { EntryFacts } from './ingest/project-entry.ts';
import { startProjector, type Projector } from './ingest/projector.ts';
import { settingsSchemas, sourceAdapters } from './ingest/sources/index.ts';
import { bindReadings } from './system/journal-binding.ts';
import {
  archiveRoot,
  checkJournal,
  isShared,
  openJournal,
  openReadings,
  readingsPlace,
  statePlace,
} from './system/open-stores.ts';
import {
  closeProjector,
  exchangeable,
  followSwitch,
  WriteGuard,
  writerLease,
  type Exchangeable,
} from './system/projection.ts';
import {
  bringIntoForce,
  LiveConfig,
  operatorOf,
  stampServers,
  watchConfig,
  type ConfigWatch,
  type ProcessRole,
} from './system/replica.ts';
import {
  extractReadings,
  rebuildReadings,
  type RebuildResult,
  type RebuildSelection,
} from './system/rebuild.ts';
import type { EntrySelection } from './system/rebuild-selected.ts';
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
  /** A server, which brings a new configuration into force for all who share the stores; a command does not. */
  serving?: boolean;
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
  /** Whole, or of selected entries; either way into a fresh store, then an atomic switch. */
  rebuild(
    onProgress: (done: number, total: number) => void,
    selection?: EntrySelection | null,
  ): Promise<RebuildResult>;
  extract(
    selection: RebuildSelection,
    onProgress: (done: number, total: number) => void,
  ): Promise<RebuildResult>;
  folder: DataFolder;
  /** The files of the configuration. */
  configDir: string;
  close(): Promise<void>;
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
    const closing = { opened, add: (close: () => Promise<void>) => void closers.unshift(close) };
    const parts = await openParts({ folder, environment, clock, config, options, log, closing });
    const { journal, holder, state, configWatch, live } = parts;
    const { projector, lease, facts } = await startProjecting(parts, { environment, options, log, closing });
    const pipeline = createPipeline({
      journal,
      projector,
      runs: state.runs,
      issues: state.issues,
      adapters: sourceAdapters,
      config: () => live.config(),
      clock,
      ...pullPorts(state),
      client: politeClients(environment, closers),
    });
    const { cursors } = state;
    const rebuildParts = { folder, journal, projector, holder, facts, environment, cursors, lease };
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
      rebuild: (onProgress, selection = null) => rebuildReadings(rebuildParts, onProgress, selection),
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

interface Opening {
  environment: Environment;
  options: SystemOptions;
  log: Logger;
  closing: {
    opened<T extends { close(): Promise<void> }>(part: Promise<T>): Promise<T>;
    add(close: () => Promise<void>): void;
  };
}

interface OpenParts {
  journal: Journal;
  holder: Exchangeable;
  state: OpenState;
  configWatch: ConfigWatch;
  live: LiveConfig;
  guard: WriteGuard;
  archiveRoot: string;
}

/** Journal, readings and state, each behind the locks of the one before; then what acts and configuration say. */
async function openParts(
  opening: Opening & { folder: DataFolder; clock: Clock; config: Config },
): Promise<OpenParts> {
  const { folder, environment, clock, config, options, closing, log } = opening;
  const shared = isShared(environment);
  const journal = await closing.opened(openJournal(folder, environment, clock));
  const guard = new WriteGuard(shared);
  // DuckDB before PGlite: its lock guards both. A server's readings need the state first, which names the database in use.
  const file = environment.influx === null ? exchangeable(await openReadings(folder, environment, {})) : null;
  if (file !== null) closing.add(() => file.current().close());
  const state = await closing.opened(openState(statePlace(folder, environment), { journal, clock }));
  const { cursors } = state;
  const holder =
    file ?? exchangeable(await openReadings(folder, environment, { cursors, ...guard.ofStore() }));
  if (file === null) closing.add(() => holder.current().close());
  if (environment.databaseUrl !== null)
    await stampServers(cursors, { synthetic: folder.synthetic, region: config.region.id });
  await state.acts.recover();
  const watched = { journal, cursors, clock, config };
  // One journal, one configuration, also where each process keeps readings of its own.
  const together = { shared: environment.databaseUrl !== null };
  await bringIntoForce(watched, {
    ...together,
    adopt: options.adoptConfig === true,
    serving: options.serving === true,
    actor: operatorOf(environment),
  });
  const bind = (): Promise<void> =>
    bindReadings(journal, holder.store, readingsPlace(folder, environment, holder.store));
  await bind();
  // Again after the last entry: the later the entry that both know, the sooner a journal that went another way is noticed.
  if (!shared) closing.add(() => bind().catch((cause: unknown) => log.warn({ err: cause }, 'binding')));
  const configWatch = await closing.opened(watchConfig(watched, together));
  const live = await closing.opened(LiveConfig.open(config, state, together.shared));
  const root = archiveRoot(folder, environment);
  return { journal, holder, state, configWatch, live, guard, archiveRoot: root };
}

/** The projector, and where several processes share the readings the right to write them. */
async function startProjecting(
  parts: OpenParts,
  { environment, options, log, closing }: Opening,
): Promise<{ projector: Projector; lease: WriterLease | null; facts: EntryFacts }> {
  const { journal, holder, state, configWatch, live, guard } = parts;
  const facts: EntryFacts = {
    issues: state.issues,
    adapters: sourceAdapters,
    config: (seq) => live.config(seq),
    acts: {
      kept: (seq) => state.acts.kept(seq),
      changed: () => live.refresh(),
      holds: () => live.holds(),
      entry: (seq) => journal.get(seq),
    },
  };
  const onError = (seq: number, cause: unknown): void =>
    log.error({ seq, err: cause }, 'an entry could not be applied; trying again');
  const wanted = (): boolean => options.role !== 'api' && configWatch.staleAgainst() === null;
  let projector: Projector | null = null;
  const lease = isShared(environment)
    ? writerLease({ state, environment, holder, wanted, log, projector: () => projector })
    : null;
  guard.lease = lease;
  projector = await startProjector({
    ...facts,
    journal,
    store: holder.current,
    onError,
    ...(lease === null ? {} : { lease }),
  });
  const started = projector;
  closing.add(() => closeProjector(started, lease));
  lease?.start();
  if (lease !== null)
    closing.add(followSwitch({ environment, state, holder, guard, log, archiveRoot: parts.archiveRoot }));
  return { projector, lease, facts };
}

/** What a check of the configuration needs to know of this program: the region asked for, the adapters there are. */
export function configOptions(environment: Pick<Environment, 'region'>): ConfigOptions {
  const region = environment.region === null ? {} : { region: environment.region };
  return { ...region, checks: [adapterCheck([...sourceAdapters.keys()]), settingsCheck(settingsSchemas)] };
}

/** What a pulled source remembers, and the keys it may ask the environment for. */
const pullPorts = ({ cursors }: Pick<OpenState, 'cursors'>): Pick<PipelineDeps, 'cursors' | 'secret'> => ({
  cursors,
  secret: (name) => process.env[name] ?? null,
});

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
