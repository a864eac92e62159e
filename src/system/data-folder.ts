import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MonitorError } from '../domain/errors.ts';

/**
 * A data folder: `data.json` (its stamp), `journal/`, `readings/` (DuckDB files, `current` names the one in use),
 * `state/` (embedded PostgreSQL) and, while a server runs on it, `serve.json`.
 */
export interface DataFolder {
  dir: string;
  journalDir: string;
  stateDir: string;
  synthetic: boolean;
}

interface Stamp {
  format: 1;
  region: string;
  /** Set by the first thing that puts data in: the built-in simulator, or anything else. */
  synthetic: boolean;
  createdAt: string;
}

const STAMP = 'data.json';
const FIRST_READINGS = 'readings-1.duckdb';

function writeAtomically(file: string, text: string, mode = 0o644): void {
  writeFileSync(`${file}.tmp`, text, { mode, flush: true });
  renameSync(`${file}.tmp`, file);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new MonitorError('E_CONFIG', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** The stamp of a data folder, null before its first start. */
export function readStamp(dir: string): Pick<Stamp, 'synthetic' | 'region'> | null {
  return readJson(path.join(dir, STAMP)) as Stamp | null;
}

/**
 * Opens or creates the folder. Synthetic and real data never mix: throws E_MIXED_DATA when the stamp says otherwise.
 * `synthetic` null takes the folder as it is stamped, real when it is new.
 */
export function openDataFolder(
  dir: string,
  options: { region: string; synthetic: boolean | null; nowIso: string },
): DataFolder {
  mkdirSync(path.join(dir, 'readings'), { recursive: true });
  const stamp = readStamp(dir);
  const synthetic = options.synthetic ?? stamp?.synthetic ?? false;
  if (stamp !== null && stamp.synthetic !== synthetic) {
    const [has, asked] = stamp.synthetic
      ? ['synthetic (模拟)', 'real (真实)']
      : ['real (真实)', 'synthetic (模拟)'];
    throw new MonitorError(
      'E_MIXED_DATA',
      `the data folder ${dir} holds ${has} data and would now receive ${asked} data; they never mix. ` +
        `Name another folder with --data${stamp.synthetic ? '' : ', or give --config to run on real upstreams'}.`,
      { details: { dir, stamped: stamp.synthetic ? 'synthetic' : 'real' } },
    );
  }
  if (stamp !== null && stamp.region !== options.region) {
    throw new MonitorError(
      'E_MIXED_DATA',
      `the data folder ${dir} belongs to region "${stamp.region}", not "${options.region}"`,
    );
  }
  if (stamp === null) {
    const created: Stamp = { format: 1, region: options.region, synthetic, createdAt: options.nowIso };
    writeAtomically(path.join(dir, STAMP), `${JSON.stringify(created, null, 2)}\n`);
  }
  return { dir, journalDir: path.join(dir, 'journal'), stateDir: path.join(dir, 'state'), synthetic };
}

/** The DuckDB file in use. */
export function currentReadings(dir: string): string {
  let name = FIRST_READINGS;
  try {
    name = readFileSync(path.join(dir, 'readings', 'current'), 'utf8').trim();
  } catch {
    // no rebuild yet: the first file
  }
  return path.join(dir, 'readings', name);
}

/** A file name for a rebuild to write into; leftovers of an interrupted one are removed. */
export function nextReadings(dir: string): string {
  const current = Number(/(\d+)\.duckdb$/.exec(currentReadings(dir))?.[1] ?? '1');
  const file = path.join(dir, 'readings', `readings-${current + 1}.duckdb`);
  rmSync(file, { force: true });
  rmSync(`${file}.wal`, { force: true });
  return file;
}

/** Makes `file` the one in use, atomically, and removes the one it replaces, which must be closed. */
export function switchReadings(dir: string, file: string): void {
  const before = currentReadings(dir);
  writeAtomically(path.join(dir, 'readings', 'current'), `${path.basename(file)}\n`);
  rmSync(before, { force: true });
  rmSync(`${before}.wal`, { force: true });
}

/** How a command finds the server that holds this folder. */
export interface ServeFile {
  pid: number;
  url: string;
  token: string;
}

const serveFile = (dir: string): string => path.join(dir, 'serve.json');

export function writeServeFile(dir: string, serve: ServeFile): void {
  writeAtomically(serveFile(dir), `${JSON.stringify(serve)}\n`, 0o600);
}

export function readServeFile(dir: string): ServeFile | null {
  return readJson(serveFile(dir)) as ServeFile | null;
}

export function removeServeFile(dir: string): void {
  rmSync(serveFile(dir), { force: true });
}
