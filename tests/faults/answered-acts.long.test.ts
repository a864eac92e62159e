import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { writeTryRegion } from '../cli/try-region.ts';
import { findProgram } from '../servers/required.ts';

const strace = findProgram(['strace']);
const canTrace = strace !== null && spawnSync(strace, ['-o', '/dev/null', 'true']).status === 0;
const command = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-answered-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!canTrace)('system calls of a server that is sent acts over HTTP', () => {
  test('show a finished fdatasync of the journal between the write of an act and the first byte of its answer', async () => {
    const trace = path.join(folder, 'trace');
    const config = writeTryRegion(path.join(folder, 'config'), { enabled: false });
    const calls = 'trace=pwritev,pwritev2,pwrite64,write,writev,sendto,sendmsg,fdatasync';
    const child = spawn(
      strace ?? '',
      [
        '-f',
        '-y',
        '-qq',
        '--seccomp-bpf',
        '-s',
        '64',
        '-e',
        calls,
        '-o',
        trace,
        process.execPath,
        command,
      ].concat(['serve', '--port', '0', '--config', config, '--data', path.join(folder, 'data')]),
      { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, JIEHE_LOG_LEVEL: 'fatal' } },
    );
    const ended = once(child, 'exit');
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    // Not the tracer: the first thread has the lowest id.
    const traced = (): number => Math.min(...readFileSync(trace, 'utf8').match(/^\d+/gm)!.map(Number));
    onTestFinished(() => {
      if (child.exitCode === null) process.kill(traced(), 'SIGKILL');
    });
    const shown = (pattern: RegExp): string | undefined => pattern.exec(said)?.[0];
    await expect
      .poll(() => [shown(/http:\/\/127\.0\.0\.1:\d+/), shown(/jh_[\w-]{43}/)].includes(undefined), {
        timeout: 120_000,
      })
      .toBe(false);
    const [url, token] = [shown(/http:\/\/127\.0\.0\.1:\d+/), shown(/jh_[\w-]{43}/)];
    const answered: string[] = [];
    for (let nth = 0; nth < 5; nth += 1) {
      const answer = await fetch(`${url}/api/v1/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ holder: `traced-${nth}`, role: 'viewer' }),
      });
      expect(answer.status).toBe(201);
      answered.push(((await answer.json()) as { result: { id: string } }).result.id);
    }
    process.kill(traced(), 'SIGTERM');
    await ended;
    let [unsynced, writes, answers] = [false, 0, 0];
    const undone: string[] = [];
    for (const line of readFileSync(trace, 'utf8').split('\n')) {
      if (/pwritev?(2|64)?\(\d+<[^>]*\.jnl>/.test(line)) [unsynced, writes] = [true, writes + 1];
      if (/fdatasync\(\d+<[^>]*\.jnl>.*= 0$|fdatasync resumed>.*= 0$/.test(line)) unsynced = false;
      if (!line.includes('"HTTP/1.1 201')) continue;
      answers += 1;
      if (unsynced || writes === 0) undone.push(line);
      writes = 0;
    }
    expect(undone).toEqual([]);
    expect(answers).toBe(answered.length);
  }, 240_000);
});
