import { civilPeriods } from '../analysis/statistics/civil-periods.ts';
import type { ArchiveMark, ArchiveWindow, KeptInterval, ReadingArchive } from '../domain/archive.ts';
import type { RetentionPolicy } from '../domain/config/retention.ts';
import { MonitorError } from '../domain/errors.ts';
import { civilDate, type EpochS } from '../domain/time.ts';
import type { System } from '../main.ts';
import { archiveRoot, isShared } from './open-stores.ts';
import { listArchive, type ArchiveFacts } from '../store/readings/archive/index.ts';

const DAY_S = 86_400;

/** What moved (or, in a dry run, would move) of one policy, averaging, provider and civil month. */
export interface AgedMonth {
  policy: string;
  averaging: string;
  provider: string;
  month: string;
  readings: number;
  past: number;
  /** Null in a dry run. */
  archive: string | null;
}

/** The archive of the store in use. Throws E_CONFIG where replicas would not find each other's files. */
export function archiveOf(system: System): ReadingArchive {
  const { archive } = system.readings;
  if (archive === undefined) throw new MonitorError('E_NOT_READY', 'this store of readings has no archive');
  if (isShared(system.environment) && system.environment.archiveDir === null)
    throw new MonitorError(
      'E_CONFIG',
      'several processes read these readings: name an archive that all of them reach with JIEHE_ARCHIVE (docs/retention.md)',
    );
  return archive;
}

/**
 * Moves whole civil months into the archive, oldest first, by the policies in force today. Each month rests the projection only
 * while it moves. What a statement or an act relied on stays in the store. Interrupted anywhere, nothing is lost and the next run completes it.
 */
export async function runRetention(
  system: System,
  options: { dryRun: boolean; onMonth?: (month: AgedMonth) => void },
): Promise<AgedMonth[]> {
  const archive = archiveOf(system);
  if (!options.dryRun && system.lease?.mayApply() === false)
    throw new MonitorError(
      'E_CONFLICT',
      'another replica projects the readings; run the retention beside that one',
    );
  const { timeZone } = system.config().region;
  const nowS = system.clock.nowS();
  const kept = await reliedOn(system);
  if (!options.dryRun) await system.projector.paused(() => archive.resume());
  const aged: AgedMonth[] = [];
  for (const { policy, ...window } of await windowsOf(system, archive, nowS)) {
    const month = civilDate(window.fromS, timeZone).slice(0, 7);
    const counted = await archive.count(window, kept);
    if (counted.readings + counted.past === 0) continue;
    const mark = options.dryRun ? null : await moveMonth(system, archive, { policy, window, kept, month });
    const { averaging, provider } = window;
    const done = { policy: policy.id, averaging, provider, month, ...counted, archive: mark?.id ?? null };
    aged.push(done);
    options.onMonth?.(done);
  }
  return aged;
}

async function moveMonth(
  system: System,
  archive: ReadingArchive,
  of: { policy: RetentionPolicy; window: ArchiveWindow; kept: readonly KeptInterval[]; month: string },
): Promise<ArchiveMark | null> {
  const { policy, window, kept, month } = of;
  const facts = {
    policy: policy.id,
    region: system.config().region.id,
    configHash: system.config().hash,
    journal: (await system.journal.get(1)).hash,
    archivedAt: new Date(system.clock.nowS() * 1000).toISOString(),
  };
  const id = `${policy.id}.${window.provider}.${window.averaging}.${month}`;
  const meets = kept.filter(({ fromS, toS }) => fromS < window.toS && window.fromS < toS);
  return system.projector.paused(() =>
    archive.age(window, { id, place: policy.archive, kept: meets, facts }),
  );
}

/** Whole civil months that ended long enough ago, of every provider that is configured. */
async function windowsOf(
  system: System,
  archive: ReadingArchive,
  nowS: EpochS,
): Promise<(ArchiveWindow & { policy: RetentionPolicy })[]> {
  const { region, retention, sources } = system.config();
  const today = civilDate(nowS, region.timeZone);
  const windows: (ArchiveWindow & { policy: RetentionPolicy })[] = [];
  for (const policy of retention) {
    const { from, to } = policy.inForce;
    if (today < from || (to !== null && today > to)) continue;
    const beforeS = nowS - policy.keepDays * DAY_S;
    for (const provider of new Set(sources.map((source) => source.provider))) {
      for (const averaging of policy.averagings) {
        const firstS = await archive.firstTimeS(averaging, provider);
        if (firstS === null || firstS >= beforeS) continue;
        const { beginS, endS } = civilPeriods('month', firstS, beforeS, region.timeZone);
        for (const [at, fromS] of beginS.entries()) {
          if (endS[at]! > beforeS) continue;
          const parameters = policy.parameters ?? null;
          windows.push({ policy, averaging, provider, parameters, fromS, toS: endS[at]! });
        }
      }
    }
  }
  return windows.sort((a, b) => a.fromS - b.fromS);
}

/**
 * Intervals of stations that someone relied on: what statements were computed from (their disputes are about the same), and every
 * act that names a station or section and an interval, whatever its kind.
 */
export async function reliedOn(system: Pick<System, 'state'>): Promise<KeptInterval[]> {
  const { db } = system.state;
  const kept: KeptInterval[] = [];
  for (const { inputs } of await db.selectFrom('statement').select('inputs').execute()) {
    const { series } = JSON.parse(inputs) as { series: { station: string; timeS: number[] }[] };
    for (const { station, timeS } of series) {
      const [fromS, toS] = [timeS[0], timeS.at(-1)];
      if (fromS !== undefined && toS !== undefined) kept.push({ station, fromS, toS: toS + 1 });
    }
  }
  for (const { payload } of await db.selectFrom('act').select('payload').execute())
    kept.push(...intervalsIn(JSON.parse(payload) as unknown));
  // A decision may go beyond what was applied for, and names the section only through the application.
  for (const { section, fromS, toS } of await system.state.circumstances.list({}))
    kept.push({ station: section, fromS, toS });
  return merged(kept);
}

/** An instrument check has no end of its own: it is about the readings up to its time, and holds them from `holdsFromS` on. */
function intervalsIn(value: unknown): KeptInterval[] {
  if (typeof value !== 'object' || value === null) return [];
  const { station, section, fromS, toS, holdsFromS, atS } = value as Record<string, unknown>;
  const name = station ?? section;
  const begins = [fromS, holdsFromS].filter((one) => typeof one === 'number');
  const endS = toS ?? atS;
  const own =
    typeof name === 'string' && begins.length > 0 && typeof endS === 'number'
      ? [{ station: name, fromS: Math.min(...begins), toS: endS }]
      : [];
  return [...own, ...Object.values(value).flatMap(intervalsIn)];
}

function merged(kept: readonly KeptInterval[]): KeptInterval[] {
  const out: KeptInterval[] = [];
  for (const intervals of Map.groupBy(kept, ({ station }) => station).values()) {
    let last: KeptInterval | null = null;
    for (const interval of intervals.toSorted((a, b) => a.fromS - b.fromS)) {
      if (last !== null && interval.fromS <= last.toS) last.toS = Math.max(last.toS, interval.toS);
      else out.push((last = { ...interval }));
    }
  }
  return out;
}

export interface ListedArchive extends ArchiveFacts {
  file: string;
  /** Whether the store in use has its readings there; an older file of a store before a rebuild is not. */
  inUse: boolean;
}

export async function listedArchives(system: System): Promise<ListedArchive[]> {
  const inUse = new Set((await archiveOf(system).marks()).map(({ id }) => id));
  const found = await listArchive(archiveRoot(system.folder, system.environment));
  return found.map((facts) => ({
    ...facts,
    file: `${facts.mark.place}/${facts.mark.id}.parquet`,
    inUse: inUse.has(facts.mark.id),
  }));
}

/** Every archive that the store relies on, read whole and compared; empty: all are as they were written. */
export async function archiveFaults(system: System): Promise<{ checked: number; faults: string[] }> {
  const archive = archiveOf(system);
  const marks = await archive.marks();
  const faults: string[] = [];
  for (const mark of marks) {
    const fault = await archive.fault(mark);
    if (fault !== null) faults.push(fault);
  }
  return { checked: marks.length, faults };
}

const LOOK_MS = 3_600_000;

/** Once a civil day of the region, in the one process that projects. Answers how to stop it. */
export function scheduleRetention(system: System): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    if (system.config().retention.length === 0 || system.configWatch.staleAgainst() !== null) return;
    if (system.lease?.mayApply() === false) return;
    const day = civilDate(system.clock.nowS(), system.config().region.timeZone);
    if (!(await system.state.claimSlot('retention', day))) return;
    const aged = await runRetention(system, { dryRun: false });
    if (aged.length > 0) system.log.info({ aged }, 'readings moved into the archive');
  };
  const next = (): void => {
    running = running.then(look).catch((cause: unknown) => {
      system.log.error({ err: cause }, 'the retention did not run; the store holds what it held');
    });
  };
  const timer = setInterval(next, LOOK_MS).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
