import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../ingest/journal/temporary-folder.ts';
import { findProgram } from '../../servers/required.ts';

const strace = findProgram(['strace']);
const canTrace = strace !== null && spawnSync(strace, ['-o', '/dev/null', 'true']).status === 0;
const performing = path.join(import.meta.dirname, 'performing-process.ts');

describe.skipIf(!canTrace)('system calls of a process that performs acts', () => {
  test('show a finished fdatasync of the journal between the write of an act and its answer', () => {
    const folder = temporaryFolder();
    const trace = path.join(temporaryFolder(), 'trace');
    const calls = 'trace=pwritev,pwritev2,write,fdatasync';
    const options = ['-f', '-y', '-qq', '--seccomp-bpf', '-s', '24', '-e', calls, '-o', trace];
    const traced = spawnSync(strace ?? '', [...options, process.execPath, performing, folder, '5'], {
      encoding: 'utf8',
    });
    expect([traced.status, traced.stderr]).toEqual([0, '']);
    let [unsynced, answers, writes] = [false, 0, 0];
    for (const line of readFileSync(trace, 'utf8').split('\n')) {
      if (/pwritev2?\(\d+<[^>]*\.jnl>/.test(line)) [unsynced, writes] = [true, writes + 1];
      if (/fdatasync\(\d+<[^>]*\.jnl>.*= 0$|fdatasync resumed>.*= 0$/.test(line)) unsynced = false;
      if (!line.includes('"answered ')) continue;
      answers += 1;
      expect(unsynced).toBe(false);
    }
    expect(answers).toBe(5);
    expect(writes).toBeGreaterThanOrEqual(5);
  }, 180_000);
});
