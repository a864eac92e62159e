import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export const entryPoint = path.resolve(import.meta.dirname, '../../bin/jiehe.mjs');
const cliModule = path.resolve(import.meta.dirname, '../../src/cli/main.ts');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

type Variables = Record<string, string>;

/** `jiehe` as a process of its own, without the launcher in between, so that a signal reaches it. */
export function spawnJiehe(
  args: readonly string[],
  options: { cwd?: string; env?: Variables } = {},
): ChildProcess {
  const env = { ...process.env, JIEHE_LOG_LEVEL: 'warn', ...options.env };
  return spawn(process.execPath, [cliModule, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

/** Runs one command to its end. */
export async function jiehe(
  args: readonly string[],
  options: { cwd?: string; env?: Variables } = {},
): Promise<Ended> {
  return ended(spawnJiehe(args, options));
}

async function ended(child: ChildProcess): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

export interface ServedProcess {
  url: string;
  pid: number;
  said(): string;
  /** SIGTERM, then its end. */
  stop(): Promise<Ended>;
}

/** `jiehe serve` on a free port; resolves when it says its address. */
export async function serveJiehe(
  args: readonly string[],
  options: { env?: Variables } = {},
): Promise<ServedProcess> {
  const child = spawnJiehe(['serve', '--port', '0', ...args], options);
  let stdout = '';
  const address = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const url = /https?:\/\/127\.0\.0\.1:\d+/.exec(stdout)?.[0];
      if (url !== undefined && stdout.includes('data folder')) resolve(url);
    });
  });
  const end = ended(child);
  const first = await Promise.race([address, end]);
  if (typeof first !== 'string') throw new Error(`serve ended with ${first.code}: ${first.stderr}`);
  return {
    url: first,
    pid: child.pid ?? 0,
    said: () => stdout,
    stop: () => {
      child.kill('SIGTERM');
      return end;
    },
  };
}
