import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../api/app.ts';
import type { ApiDeps, CommandBridge, CommandIo } from '../api/deps.ts';
import { readEnvironment, type Environment } from '../config/index.ts';
import { removeServeFile, writeServeFile } from '../system/data-folder.ts';
import type { Io } from '../cli/command.ts';
import type { Config } from '../domain/config/config.ts';
import type { SourceConfig } from '../domain/config/source.ts';
import { MonitorError } from '../domain/errors.ts';
import { startSchedule, type Schedule, type ScheduledRun } from '../ingest/schedule.ts';
import { isShared } from '../system/open-stores.ts';
import type { ProcessRole } from '../system/replica.ts';
import { openDataDir, scheduleOpenData } from './open-data.ts';
import { scheduleRetention } from '../system/retention.ts';
import { approveDevice, requestOfDevice, withdrawDevice } from './devices.ts';
import { startAlerting } from './alerting.ts';
import { sendingDeps, startSending } from './delivery.ts';
import { startComparing } from './comparing.ts';
import { startListeners } from './listeners.ts';
import { circumstanceActs, ConfigHistory, startRejudging } from './judging.ts';
import { startReminders } from './reminders.ts';
import { startRepairs } from './repairs.ts';
import { openSystem, systemClock, VERSION, type System } from '../main.ts';
import { openSealing } from './sealing.ts';
import { loadService } from './loads.ts';
import { qualityDeskOf, silenceWatchOf } from './quality.ts';
import { settlementService } from '../settle/service.ts';
import { deskOf, explainedPreviewOf, followUpService } from './settlement.ts';
import { sweptDropFolder, uploadDeskOf } from './uploads.ts';
import { startWebhooks } from './webhooks.ts';
import { startSimulator, type Simulator } from '../simulator/index.ts';
import { createKey, revokeKey } from '../store/state/keys.ts';
import { openJobs, type Jobs } from '../store/state/jobs.ts';

export interface ServeOptions {
  dataDir: string;
  /** Undefined: the configuration that ships, against the built-in simulator. */
  configDir: string | undefined;
  host: string | undefined;
  port: number | undefined;
  out: (text: string) => void;
  /** `all` when absent; another one only where several processes share the stores. */
  role?: ProcessRole;
  /** Brings the given configuration into force although it is an older one. */
  adoptConfig?: boolean;
  /** Runs one command line on the open system, for a `jiehe` beside this server. */
  command: (argv: readonly string[], io: Io, system: System) => Promise<number>;
}

export interface Serving {
  url: string;
  system: System;
  close(): Promise<void>;
}

const WEB_DIST = path.resolve(import.meta.dirname, '..', '..', 'web', 'dist');
const HISTORY_DAYS = 30;
const DAY_S = 86_400;
const SIMULATOR_SEED = 1;
const INGEST_CONCURRENCY = 2;
const WATCH_MS = 60_000;

/** Opens everything and listens. What was opened is closed again when a later step fails. */
export async function startServing(options: ServeOptions): Promise<Serving> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of closers.splice(0).toReversed()) await step();
  };
  try {
    const environment = readEnvironment(process.env);
    const role = options.role ?? 'all';
    requireShared(role, environment);
    const simulated = options.configDir === undefined && environment.configDir === null;
    const system = await openSystem({
      dataDir: options.dataDir,
      configDir: options.configDir,
      synthetic: simulated,
      role,
      serving: true,
      adoptConfig: options.adoptConfig === true,
      ...(simulated ? { redirect: (config: Config) => onSimulator(config, closers) } : {}),
    });
    closers.push(() => system.close());
    const schedule = role === 'api' ? null : await startWork(system, closers);
    const delivery = await startSending(system, role);
    if (delivery !== null) closers.push(() => delivery.close());
    if (role !== 'api') {
      closers.push(scheduleRetention(system));
      closers.push(scheduleOpenData(system));
      const listeners = await startListeners(system);
      closers.push(() => listeners.close());
      closers.push(startComparing(system));
      closers.push(startReminders(system));
      closers.push(startRejudging(system));
    }
    const alerting = role === 'api' ? null : startAlerting(system);
    if (alerting !== null) closers.push(() => alerting.close());
    const token = randomBytes(32).toString('base64url');
    const command: CommandBridge = { token, run: (argv, io) => options.command(argv, bridged(io), system) };
    const deps = {
      ...apiDeps(system, schedule, command, role),
      ...sendingDeps(system, delivery, alerting),
    };
    if (role !== 'api') {
      const webhooks = startWebhooks(system, deps);
      closers.push(() => webhooks.close());
    }
    const app = await buildApp(deps);
    closers.push(() => app.close());
    const url = await listen(app, options, system);
    writeServeFile(options.dataDir, { pid: process.pid, url, token });
    closers.push(async () => removeServeFile(options.dataDir));
    await announce(system, url, options.out);
    return { url, system, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function requireShared(role: ProcessRole, environment: Environment): void {
  if (role === 'all' || isShared(environment)) return;
  throw new MonitorError(
    'E_USAGE',
    `--role ${role} needs stores that several processes share: set JIEHE_DATABASE_URL and JIEHE_INFLUX_URL (docs/scale.md)`,
  );
}

/**
 * Schedule and jobs. With a configuration that is not in force this process does none of it: what it fetched would be
 * parsed by others, but it would fetch from sources that are no longer agreed.
 */
async function startWork(system: System, closers: (() => Promise<unknown>)[]): Promise<Schedule> {
  const jobs = await openJobs(system.state, {
    onError: (error) => system.log.error({ err: error }, 'job queue'),
  });
  const stopping = new AbortController();
  const running = new Set<string>();
  const work = (job: ScheduledRun): Promise<void> =>
    ingest(system, job, { running, signal: stopping.signal });
  const idle = system.configWatch.staleAgainst() !== null;
  if (!idle) await jobs.work<ScheduledRun>('ingest', work, { concurrency: INGEST_CONCURRENCY });
  const schedule = await schedules(system, jobs, idle ? [] : system.config().sources);
  const unrepair = idle ? null : await startRepairs(system, jobs, stopping.signal);
  const unwatch = watch(schedule, system);
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> =>
    (stopped ??= (async () => {
      stopping.abort();
      unrepair?.();
      await unwatch();
      await schedule.stop();
      await jobs.stop();
    })());
  closers.push(stop);
  system.configWatch.onStale(() => {
    system.log.error(
      { mine: system.config().hash, inForce: system.configWatch.staleAgainst() },
      'another configuration is in force: this process answers as stale and runs no sources; restart it with the current files',
    );
    void stop();
  });
  return schedule;
}

async function onSimulator(config: Config, closers: (() => Promise<unknown>)[]): Promise<Config> {
  const simulator: Simulator = await startSimulator({
    config,
    seed: SIMULATOR_SEED,
    clock: systemClock,
    port: 0,
  });
  closers.push(() => simulator.close());
  const sources = config.sources.map((source) => ({
    ...source,
    ...simulator.urls[source.adapter as keyof Simulator['urls']],
    minimumIntervalMs: 0,
  }));
  return { ...config, sources };
}

/**
 * One job: history from where the last slot stood when the schedule was interrupted, then one sweep. A slot that comes while
 * its source still runs is left out: the sweep that runs, or the next slot, reads what it would have read.
 */
async function ingest(
  system: System,
  job: ScheduledRun,
  during: { running: Set<string>; signal: AbortSignal },
): Promise<void> {
  const source = system.config().sources.find((candidate) => candidate.id === job.source);
  if (source === undefined) return;
  if (during.running.has(source.id)) {
    system.log.warn(
      { source: source.id, slotS: job.slotS },
      'slot left out: the run before it still goes on',
    );
    return;
  }
  during.running.add(source.id);
  try {
    await sweep(system, job, source, during.signal);
  } finally {
    during.running.delete(source.id);
  }
}

async function sweep(
  system: System,
  job: ScheduledRun,
  source: SourceConfig,
  signal: AbortSignal,
): Promise<void> {
  const { trigger } = job;
  const swept = await sweptDropFolder(system, source.id);
  if (swept !== null) {
    system.log.info({ source: source.id, ...swept }, 'drop folder');
    return;
  }
  if (trigger === 'catch-up' && source.archiveUrl !== undefined) {
    const fromS = job.sinceS ?? job.slotS - HISTORY_DAYS * DAY_S;
    const window = { fromS, toS: system.clock.nowS() };
    await system.pipeline.backfill(source.id, window, { trigger, signal });
  }
  // Thrown, so that the job counts as not done and is run again after the next start.
  signal.throwIfAborted();
  const report = await system.pipeline.pull(source.id, { trigger, signal });
  signal.throwIfAborted();
  system.log.info(
    { source: source.id, status: report.status, cells: report.cells, issues: report.issues },
    'run',
  );
}

/** Says so when the schedule itself stands still; answers how to end the watch. */
function watch(schedule: Schedule, system: System): () => Promise<void> {
  const timer = setInterval(() => {
    const sources = schedule.overdue();
    if (sources.length > 0) system.log.error({ sources }, 'the schedule stands still: slots are overdue');
  }, WATCH_MS);
  timer.unref();
  return () => Promise.resolve(clearInterval(timer));
}

function schedules(system: System, jobs: Jobs, sources: readonly SourceConfig[]): Promise<Schedule> {
  return startSchedule({
    sources,
    clock: system.clock,
    cursors: system.state.cursors,
    enqueue: (job) => jobs.send('ingest', job, { singletonKey: `${job.source}:${job.key}` }),
    claimSlot: (name, slot) => jobs.claimSlot(name, slot),
    onError: (source, cause) => system.log.error({ source, err: cause }, 'a slot could not be enqueued'),
    onTurnedBack: (source, byS) =>
      system.log.error(
        { source, byS },
        'the clock was turned back; the source is asked now and by the new time',
      ),
    graceS: system.environment.leaseSeconds,
  });
}

function apiDeps(
  system: System,
  schedule: Schedule | null,
  command: CommandBridge,
  role: ProcessRole,
): ApiDeps {
  const { journal, state } = system;
  const history = new ConfigHistory({ journal, state, cursors: state.cursors, config: system.config });
  return {
    config: system.config,
    readings: system.readings,
    state: system.state,
    journal: system.journal,
    clock: system.clock,
    progress: () => system.projector.progress(),
    synthetic: system.synthetic,
    preview: explainedPreviewOf(system),
    loads: loadService(system),
    settlements: settlementService(deskOf(system), system.clock),
    followUp: followUpService(system),
    nextDueS: (source) => schedule?.nextDueS(source) ?? null,
    staleAgainst: () => system.configWatch.staleAgainst(),
    operationsOnly: role === 'worker',
    projecting: () => system.lease?.holds() ?? true,
    openDataDir: openDataDir(system),
    webhookPrivateNetworks: system.environment.webhookNetworks,
    webDist: existsSync(path.join(WEB_DIST, 'index.html')) ? WEB_DIST : null,
    command,
    keyActs: keyActs(system),
    readingActs: readingActs(system),
    acts: system.state.acts,
    sealing: openSealing(system.dataDir, system.environment),
    publicUrl: system.environment.publicUrl,
    openId: openIdOf(system),
    circumstanceActs: circumstanceActs(system.state.acts),
    configAt: (seq) => history.at(seq),
    uploads: uploadDeskOf(system),
    quality: qualityDeskOf(system),
    silence: silenceWatchOf(system),
    deviceActs: {
      approve: (approval, by) => approveDevice(system, approval, by),
      withdraw: (withdrawal, by) => withdrawDevice(system, withdrawal, by),
      request: (request, by) => requestOfDevice(system, request, by),
    },
    version: VERSION,
    onFault: (fault) => system.log.error({ ...fault, error: undefined, err: fault.error }, 'request failed'),
  };
}

function openIdOf({ environment: { openId } }: System): ApiDeps['openId'] {
  if (openId === null) return null;
  return { ...openId, clientSecret: openId.clientSecret?.reveal() ?? null };
}

function keyActs(system: System): ApiDeps['keyActs'] {
  return {
    create: (key) => createKey(system.state.acts, key),
    revoke: (revocation) => revokeKey(system.state.acts, revocation),
  };
}

function readingActs(system: System): ApiDeps['readingActs'] {
  const { acts } = system.state;
  return {
    review: ({ review, ...act }) =>
      acts.perform({ ...act, kind: 'review-readings', version: 1, payload: { ...review } }),
    register: async ({ registration, ...act }) => {
      const payload = { ...registration };
      const version = registration.grounds === undefined ? 1 : 2;
      const seq = await acts.perform({ ...act, kind: 'register-station', version, payload });
      await system.refreshConfig();
      return seq;
    },
  };
}

const bridged = (io: CommandIo): Io => ({
  out: io.stdout,
  err: io.stderr,
  drained: io.drained,
  cwd: process.cwd(),
  interactive: false,
});

async function listen(app: FastifyInstance, options: ServeOptions, system: System): Promise<string> {
  const host = options.host ?? system.environment.host;
  const port = options.port ?? system.environment.port;
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new MonitorError(
      'E_USAGE',
      `port ${port} on ${host} is taken; name another with --port (端口已被占用)`,
      { cause },
    );
  }
}

/** The first start of a data folder creates the administrator's token and prints it, once. */
async function announce(system: System, url: string, out: (text: string) => void): Promise<void> {
  out(`jiehe 界河 ${VERSION}: ${url}\n`);
  out(`data folder (数据目录): ${system.dataDir}${system.synthetic ? '  SYNTHETIC DATA 模拟数据' : ''}\n`);
  if ((await system.state.keys.count()) > 0) return;
  const { token } = await createKey(system.state.acts, {
    actor: 'system',
    holder: 'first-administrator',
    role: 'administrator',
    atS: system.clock.nowS(),
  });
  out(`administrator token, shown once (管理员令牌，仅显示一次): ${token}\n`);
}
