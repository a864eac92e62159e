import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram, serversRequired } from './required.ts';

const run = promisify(execFile);

/** Debian's Python, which has Debian's modules; another one in the PATH may not. */
export const python = '/usr/bin/python3';

export const hasProgram = (name: string): boolean => findProgram([name]) !== null;

/** Where servers are required, a missing module fails the tests that need it. */
export const hasPythonModule = (name: string): boolean =>
  serversRequired || spawnSync(python, ['-c', `import ${name}`], { stdio: 'ignore' }).status === 0;

/** Runs a program to its end. Rejects with its output where it fails. */
export async function output(file: string, args: readonly string[], input?: string): Promise<string> {
  const running = run(file, args, { maxBuffer: 64 * 1024 * 1024 });
  if (input !== undefined) running.child.stdin?.end(input);
  const { stdout, stderr } = await running;
  return stdout + stderr;
}
