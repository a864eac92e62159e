import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Config } from '../domain/config/config.ts';
import type { SourceConfig } from '../domain/config/source.ts';
import { MonitorError, type Issue } from '../domain/errors.ts';
import type {
  Clock,
  CursorStore,
  FetchContext,
  IssueLog,
  Journal,
  RawPayload,
  RunLog,
  RunReport,
  SourceAdapter,
} from '../domain/ports.ts';
import type { PoliteClient } from './http.ts';
import type { EntryOutcome } from './project-entry.ts';
import type { Projector } from './projector.ts';

export interface PipelineDeps {
  journal: Journal;
  projector: Projector;
  runs: RunLog;
  issues: IssueLog;
  adapters: ReadonlyMap<string, SourceAdapter>;
  config: () => Config;
  clock: Clock;
  cursors: Pick<CursorStore, 'get' | 'set'>;
  /** A variable of the environment; null where it is unset. */
  secret: (name: string) => string | null;
  /** The polite client of one source. */
  client: (source: SourceConfig) => Pick<PoliteClient, 'request'>;
}

export interface RunOptions {
  trigger: RunReport['trigger'];
  signal?: AbortSignal;
  onProgress?: (report: RunReport) => void;
}

/** Entries that are journaled but not yet in the store, at most: bounds memory when the store is slow or away. */
const MAX_ENTRIES_IN_FLIGHT = 16;
/** How often a run that waits for the store asks whether the store takes entries at all. */
const STALL_CHECK_MS = 500;
/** Issues that are kept in the report as text; all of them are in the issue log. */
const MESSAGE_LENGTH = 500;

export interface Pipeline {
  /** One sweep of the source's upstream. */
  pull(sourceId: string, options: RunOptions): Promise<RunReport>;
  backfill(sourceId: string, window: { fromS: number; toS: number }, options: RunOptions): Promise<RunReport>;
  /** One recorded file. */
  file(sourceId: string, file: { name: string; bytes: Uint8Array }, options: RunOptions): Promise<RunReport>;
}

/** Journal before parsing, one report a run, and a dead or lying source never stops the others. */
export function createPipeline(deps: PipelineDeps): Pipeline {
  const sourceOf = (id: string): { source: SourceConfig; adapter: SourceAdapter } => {
    const source = deps.config().sources.find((candidate) => candidate.id === id);
    const known = deps
      .config()
      .sources.map((candidate) => candidate.id)
      .join(', ');
    if (source === undefined)
      throw new MonitorError('E_NOT_FOUND', `no source "${id}" is configured (known: ${known})`);
    const adapter = deps.adapters.get(source.adapter);
    if (adapter === undefined)
      throw new MonitorError('E_CONFIG', `source "${id}" names an unknown adapter "${source.adapter}"`);
    return { source, adapter };
  };
  const contextOf = (source: SourceConfig, signal: AbortSignal): FetchContext => ({
    signal,
    request: (request) => deps.client(source).request(request, signal),
    sourceId: source.id,
    config: deps.config(),
    nowS: deps.clock.nowS(),
    cursors: {
      get: (name) => deps.cursors.get(`pull:${source.id}:${name}`),
      set: (name, value) => deps.cursors.set(`pull:${source.id}:${name}`, value),
    },
    secret: deps.secret,
  });
  const never = new AbortController().signal;
  return {
    pull: async (id, options) => {
      const { source, adapter } = sourceOf(id);
      return runSource(deps, source, options, () =>
        adapter.fetch(contextOf(source, options.signal ?? never)),
      );
    },
    backfill: async (id, window, options) => {
      const { source, adapter } = sourceOf(id);
      const backfill = adapter.backfill;
      if (backfill === undefined || !hasHistory(source, adapter))
        throw new MonitorError('E_USAGE', `source "${id}" has no archive to back-fill from (archiveUrl)`);
      return runSource(deps, source, options, () =>
        backfill(contextOf(source, options.signal ?? never), window),
      );
    },
    file: async (id, file, options) => {
      const { source, adapter } = sourceOf(id);
      return runSource(deps, source, options, () => adapter.split(file));
    },
  };
}

/** Whether a window of this source's past can be asked for. */
export function hasHistory(source: SourceConfig, adapter: SourceAdapter | undefined): boolean {
  if (adapter?.backfill === undefined) return false;
  return adapter.history === 'upstream' ? source.url !== undefined : source.archiveUrl !== undefined;
}

/** A report of a run that has done nothing yet. */
export function emptyReport(source: string, options: RunOptions, startedS: number): RunReport {
  return {
    runId: randomUUID(),
    source,
    startedS,
    finishedS: null,
    trigger: options.trigger,
    status: 'running',
    entries: 0,
    cells: {
      read: 0,
      absent: 0,
      missing: 0,
      rejected: 0,
      accepted: 0,
      unchanged: 0,
      revised: 0,
      superseded: 0,
    },
    issues: {},
    message: null,
  };
}

async function runSource(
  deps: PipelineDeps,
  source: SourceConfig,
  options: RunOptions,
  produce: () => AsyncIterable<RawPayload> | Iterable<RawPayload>,
): Promise<RunReport> {
  const report = emptyReport(source.id, options, deps.clock.nowS());
  await deps.runs.start(report);
  const inFlight = new Map<number, Promise<void>>();
  /** Entries that were journaled while the store took none; the projection catches up with them by itself. */
  let waiting = 0;
  const settled = async (most: number): Promise<void> => {
    while (inFlight.size > most && !deps.projector.stalled()) {
      const tick = setTimeout(STALL_CHECK_MS, undefined, { ref: false });
      await Promise.race([...inFlight.values(), tick]);
    }
    if (inFlight.size <= most) return;
    waiting += inFlight.size;
    deps.projector.forget(inFlight.keys());
    inFlight.clear();
  };
  const count = (outcome: EntryOutcome): void => {
    addOutcome(report, outcome);
    options.onProgress?.(report);
  };
  try {
    for await (const payload of produce()) {
      options.signal?.throwIfAborted();
      const entry = await deps.journal.append({
        kind: 'raw',
        receivedS: deps.clock.nowS(),
        meta: { ...payload.meta, source: source.id },
        body: payload.body,
      });
      report.entries += 1;
      const applied: Promise<void> = deps.projector
        .applied(entry.seq)
        .then(count)
        .finally(() => inFlight.delete(entry.seq));
      inFlight.set(entry.seq, applied);
      await settled(MAX_ENTRIES_IN_FLIGHT - 1);
    }
    await settled(0);
    report.status = Object.keys(report.issues).length > 0 || waiting > 0 ? 'with-issues' : 'ok';
    if (waiting > 0)
      report.message = `${waiting} of ${report.entries} entries are journaled and wait for the reading store; their cells are not counted here`;
  } catch (cause) {
    await settled(0).catch(() => undefined);
    if (options.signal?.aborted === true) {
      // Nobody's fault: what was journaled is kept, and the next run goes on from there.
      report.status = 'failed';
      report.message = 'stopped before its end (运行中止)';
    } else await recordFailure(deps, source, report, cause);
  }
  report.finishedS = deps.clock.nowS();
  await deps.runs.finish(report);
  return report;
}

export function addOutcome(report: RunReport, outcome: EntryOutcome): void {
  const cells = report.cells;
  for (const key of Object.keys(cells) as (keyof typeof cells)[]) cells[key] += outcome.cells[key];
  for (const issue of outcome.issues) report.issues[issue.code] = (report.issues[issue.code] ?? 0) + 1;
}

async function recordFailure(
  deps: PipelineDeps,
  source: SourceConfig,
  report: RunReport,
  cause: unknown,
): Promise<void> {
  const message = (cause instanceof Error ? cause.message : String(cause)).slice(0, MESSAGE_LENGTH);
  report.status = 'failed';
  report.message = message;
  // Ours, not the source's: the run says so, and nothing can be recorded where a store takes nothing.
  if (cause instanceof MonitorError && cause.code.startsWith('E_STORE')) return;
  const issue: Issue = {
    code: 'SOURCE_UNREACHABLE',
    path: source.id,
    message,
    source: { id: source.id, record: source.url ?? '' },
  };
  await deps.issues.record(null, deps.clock.nowS(), [issue]);
  report.issues[issue.code] = (report.issues[issue.code] ?? 0) + 1;
}
