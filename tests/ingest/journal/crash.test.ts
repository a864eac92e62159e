import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { openFileJournal, readJournal, verifyJournal } from '../../../src/ingest/journal/index.ts';
import { findProgram } from '../../servers/required.ts';
import { collect } from './folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

const appendingProcess = path.join(import.meta.dirname, 'appending-process.ts');
const rounds = Number(process.env.JIEHE_ROUNDS ?? '3');

describe('kill -9 of a process that appends from 16 loops at once', () => {
  test(
    `loses nothing that was acknowledged and doubles nothing, in ${rounds} rounds on one folder`,
    { timeout: 60_000 + rounds * 10_000 },
    async () => {
      const dir = temporaryFolder();
      const acknowledged = new Map<number, string>();
      for (let round = 1; round <= rounds; round += 1) {
        const child = spawn(process.execPath, [appendingProcess, dir, '16'], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const exited = once(child, 'exit');
        const killAfter = acknowledged.size + 50 + ((round * 137) % 500);
        for await (const line of createInterface({ input: child.stdout })) {
          const [, seq = '', hash] = /^acknowledged (\d+) ([0-9a-f]{64})$/.exec(line) ?? [];
          if (hash === undefined) continue;
          expect(acknowledged.has(Number(seq))).toBe(false);
          acknowledged.set(Number(seq), hash);
          if (acknowledged.size === killAfter) child.kill('SIGKILL');
        }
        await exited;
        expect(acknowledged.size).toBeGreaterThanOrEqual(killAfter);
        const journal = await openFileJournal({ dir, segmentMiB: 0.25 });
        const kept = new Map((await collect(journal.read(0))).map(({ seq, hash }) => [seq, hash]));
        expect([...acknowledged].filter(([seq, hash]) => kept.get(seq) !== hash)).toEqual([]);
        await journal.close();
        expect((await verifyJournal(dir, { anchor: journal.head() })).faults).toEqual([]);
      }
    },
  );
});

const strace = findProgram(['strace']);
const canTrace = strace !== null && spawnSync(strace, ['-o', '/dev/null', 'true']).status === 0;

describe.skipIf(!canTrace)('system calls of an appending process', () => {
  test('show a finished fdatasync between the write of an entry and its acknowledgement', () => {
    const dir = temporaryFolder();
    const trace = path.join(temporaryFolder(), 'trace');
    const calls = 'trace=pwrite64,pwritev,pwritev2,write,writev,fdatasync';
    const traced = [process.execPath, appendingProcess, dir, '1', '20'];
    const { status } = spawnSync(strace ?? '', [
      '-f',
      '-y',
      '-qq',
      '-s',
      '24',
      '-e',
      calls,
      '-o',
      trace,
      ...traced,
    ]);
    expect(status).toBe(0);
    let unsynced = false;
    let acknowledgements = 0;
    let writes = 0;
    for (const line of readFileSync(trace, 'utf8').split('\n')) {
      if (/pwritev?2?(64)?\(\d+<[^>]*\.jnl>/.test(line)) {
        unsynced = true;
        writes += 1;
      }
      if (/fdatasync\(\d+<[^>]*\.jnl>.*= 0$|fdatasync resumed>.*= 0$/.test(line)) unsynced = false;
      if (!line.includes('"acknowledged ')) continue;
      acknowledgements += 1;
      expect(unsynced).toBe(false);
    }
    expect(acknowledgements).toBe(20);
    expect(writes).toBeGreaterThanOrEqual(20);
  });
});

describe.skipIf(process.platform === 'win32')('a disk that takes no more', () => {
  test('refuses an entry whole; those before it stay, and the journal opens again without a torn end', async () => {
    const dir = temporaryFolder();
    // A limit on the size of files stands in for the disk; with its signal ignored, writing past it is an error.
    const limited = `trap '' XFSZ; ulimit -f 400; exec "$0" "$@"`;
    const child = spawnSync(
      'bash',
      ['-c', limited, process.execPath, appendingProcess, dir, '3', '200', '64'],
      { encoding: 'utf8' },
    );
    const acknowledged = child.stdout.match(/^acknowledged .*$/gm) ?? [];
    expect(child.stdout).toContain('refused E_STORE_UNAVAILABLE');
    expect(acknowledged.length).toBeGreaterThan(20);
    const journal = await openFileJournal({ dir });
    expect(journal.tornTail).toBeNull();
    expect(journal.head().seq).toBe(acknowledged.length);
    await journal.close();
    expect((await verifyJournal(dir)).faults).toEqual([]);
  });
});

describe('a reader beside a process that writes and seals', () => {
  test('finds no fault at any moment, and never less than before', async () => {
    const dir = temporaryFolder();
    const child = spawn(process.execPath, [appendingProcess, dir, '8', '150'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    child.stdout.resume();
    let looks = 0;
    let entries = 0;
    while (child.exitCode === null) {
      const check = await verifyJournal(dir);
      expect(check.faults).toEqual([]);
      const reader = await readJournal(dir);
      expect(reader.head().seq).toBeGreaterThanOrEqual(check.entries);
      expect(check.entries).toBeGreaterThanOrEqual(entries);
      entries = (await collect(reader.read(0))).length;
      expect(entries).toBe(reader.head().seq);
      looks += 1;
    }
    await exited;
    expect(looks).toBeGreaterThan(1);
    expect((await verifyJournal(dir)).entries).toBe(1200);
  });
});
