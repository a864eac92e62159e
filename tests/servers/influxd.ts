import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './port.ts';
import { findProgram } from './required.ts';

export interface Influxd {
  url: string;
  pid: number;
  /** Stops the server by its process id; `SIGKILL` for a crash. The data stays for `start`. */
  halt(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

export const influxdProgram = findProgram(['influxd']);

/** A real influxd on free loopback ports, data in a temporary folder, nothing reported home. */
export async function startInfluxd(options: { authenticated?: boolean } = {}): Promise<Influxd> {
  if (influxdProgram === null) throw new Error('no influxd here');
  const program = influxdProgram;
  const directory = mkdtempSync(path.join(tmpdir(), 'jiehe-influxd-'));
  const [http, rpc] = [await freePort(), await freePort()];
  const config = path.join(directory, 'influxdb.conf');
  writeFileSync(config, configuration(directory, http, rpc, options.authenticated === true));
  const url = `http://127.0.0.1:${http}`;
  let child: ReturnType<typeof spawn> | null = null;
  const server: Influxd = {
    url,
    get pid() {
      return child?.pid ?? 0;
    },
    async start() {
      child = spawn(program, ['-config', config], { stdio: 'ignore' });
      await answering(url, child);
    },
    async halt(signal = 'SIGTERM') {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },
    async stop() {
      await server.halt('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

function configuration(directory: string, http: number, rpc: number, authenticated: boolean): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${directory}/meta"
  logging-enabled = false
[data]
  dir = "${directory}/data"
  wal-dir = "${directory}/wal"
  index-version = "tsi1"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:${http}"
  auth-enabled = ${authenticated}
  log-enabled = false
[monitor]
  store-enabled = false
[continuous_queries]
  enabled = false
`;
}

async function answering(url: string, child: ReturnType<typeof spawn>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (child.exitCode !== null) throw new Error(`influxd ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/ping`).catch(() => null);
    if (answer?.status === 204) return;
    await wait(25);
  }
  throw new Error('influxd does not answer');
}
