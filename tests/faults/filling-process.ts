/**
 * A whole system on a disk of its own that fills up: argv is its folder, a configuration, a recorded file and what is done on the full
 * disk (`ingest` or `archive`). Each line of stdout is what one step saw. The caller mounts the disk; see full-disk.long.test.ts.
 */
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MonitorError } from '../../src/domain/errors.ts';
import { openSystem, type System } from '../../src/main.ts';
import { runRetention } from '../../src/system/retention.ts';
import { storedReadings } from '../cli/stored-readings.ts';

const [disk = '', configDir = '', file = '', what = 'ingest'] = process.argv.slice(2);
const bytes = readFileSync(file);
const ballast = path.join(disk, 'ballast');
const known = {
  stations: ['section-1', 'section-2'],
  parameters: ['ph', 'tp', 'pub_class'],
  averaging: 'instant',
  everyVersion: true,
} as const;

const say = (step: string, seen: unknown): void =>
  void process.stdout.write(`${JSON.stringify({ step, seen })}\n`);

/** Writes until nothing more fits, then gives back so many bytes. */
function fill(leaveBytes: number): void {
  const handle = openSync(ballast, 'w');
  const block = Buffer.alloc(64 * 1024, 1);
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(disk);
      const room = bavail * bsize - leaveBytes;
      if (room < block.length) break;
      writeSync(handle, block);
    }
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const open = (): Promise<System> =>
  openSystem({ dataDir: path.join(disk, 'data'), configDir, synthetic: null });

async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof MonitorError) return { code: fault.code, message: fault.message };
    return { code: 'none', message: String(fault), stack: fault instanceof Error ? fault.stack : null };
  }
}

const ingest = (system: System): Promise<unknown> =>
  outcome(async () => {
    const { status, cells, message, issues } = await system.pipeline.file(
      'water',
      { name: 'captured.csv', bytes },
      { trigger: 'file' },
    );
    return { status, cells, message, issues };
  });

let system = await open();
if (what === 'archive') {
  say('ingested', await ingest(system));
  const before = await storedReadings(system.readings, known);
  fill(40_000);
  say('full', await outcome(() => runRetention(system, { dryRun: false })));
  say('same', JSON.stringify(await storedReadings(system.readings, known)) === JSON.stringify(before));
  rmSync(ballast);
  say('again', await outcome(() => runRetention(system, { dryRun: false })));
  say('still', JSON.stringify(await storedReadings(system.readings, known)) === JSON.stringify(before));
} else {
  fill(Number(process.argv[6]));
  say('full', await ingest(system));
  say('head', system.journal.head().seq);
  rmSync(ballast);
  // By itself: what was journaled on the full disk is projected at the next attempt.
  while (system.projector.progress().appliedSeq < system.journal.head().seq) await wait(50);
  say('again', await ingest(system));
  await system.close();
  system = await open();
  say('reopened', await ingest(system));
}
say('journal', (await system.verifyJournal()).faults);
say('stored', await storedReadings(system.readings, known));
await system.close();
