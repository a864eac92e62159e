import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MonitorError } from '../../domain/errors.ts';
import { hasCode } from './system-error.ts';

interface LockOwner {
  pid: number;
  /** Start of the process in clock ticks since boot where the system tells it: a reused pid is then not taken for the owner. */
  startTicks: string | null;
  sinceS: number | null;
}

/**
 * One writer a journal: a file that names the owning process, made atomically. A lock of a process that is gone is taken over.
 * Throws E_LOCKED, naming the owner's process id. Returns the release.
 */
export function lockFolder(folder: string, sinceS: number | null): () => void {
  const lock = path.join(folder, 'lock');
  const mine = `${lock}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const owner: LockOwner = { pid: process.pid, startTicks: startTicksOf(process.pid), sinceS };
  writeFileSync(mine, JSON.stringify(owner), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (tryLink(mine, lock)) return () => rmSync(lock, { force: true });
      const holder = readOwner(lock);
      if (holder !== null && isAlive(holder)) throw lockedBy(folder, holder.pid);
      if (holder !== null) retire(lock, holder);
    }
  } finally {
    unlinkSync(mine);
  }
  throw lockedBy(folder, readOwner(lock)?.pid ?? null);
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Takes a dead owner's lock out of the way; if another process was quicker and it is theirs now, puts it back. */
function retire(lock: string, dead: LockOwner): void {
  const aside = `${lock}.${process.pid}.stale`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const taken = readOwner(aside);
  if (taken !== null && (taken.pid !== dead.pid || taken.startTicks !== dead.startTicks))
    tryLink(aside, lock);
  rmSync(aside, { force: true });
}

function readOwner(lock: string): LockOwner | null {
  try {
    const owner: LockOwner = JSON.parse(readFileSync(lock, 'utf8'));
    return owner;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    if (error instanceof SyntaxError) return { pid: 0, startTicks: null, sinceS: null };
    throw error;
  }
}

function isAlive(owner: LockOwner): boolean {
  if (owner.pid <= 0) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
  const ticks = startTicksOf(owner.pid);
  return ticks === null || owner.startTicks === null || ticks === owner.startTicks;
}

function startTicksOf(pid: number): string | null {
  try {
    // The command name, second field, may hold spaces and brackets: count from its closing one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function lockedBy(folder: string, pid: number | null): MonitorError {
  const who = pid === null ? 'another process' : `process ${pid}`;
  return new MonitorError('E_LOCKED', `the journal in ${folder} is in use by ${who}`, {
    details: { folder, pid },
  });
}
