import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './port.ts';
import { findProgram } from './required.ts';

export interface Influxd {
  url: string;
  pid: number;
  /** Where its data lies: `data/<database>` and `wal/<database>`. */
  directory: string;
  /** Stops the server by its process id; `SIGKILL` for a crash. The data stays for `start`. */
  halt(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

/** Files of a server's certificate, and the text of the authority to trust. */
export interface ServerCertificate {
  certificate: string;
  key: string;
  ca: string;
}

export const influxdProgram = findProgram(['influxd']);

/** A real influxd on free loopback ports, data in a temporary folder, nothing reported home. */
export async function startInfluxd(
  options: { authenticated?: boolean; tls?: ServerCertificate } = {},
): Promise<Influxd> {
  if (influxdProgram === null) throw new Error('no influxd here');
  const program = influxdProgram;
  const directory = mkdtempSync(path.join(tmpdir(), 'jiehe-influxd-'));
  const [http, rpc] = [await freePort(), await freePort()];
  const config = path.join(directory, 'influxdb.conf');
  writeFileSync(config, configuration({ directory, http, rpc, ...options }));
  const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${http}`;
  let child: ReturnType<typeof spawn> | null = null;
  const server: Influxd = {
    url,
    directory,
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

function configuration(server: {
  directory: string;
  http: number;
  rpc: number;
  authenticated?: boolean;
  tls?: ServerCertificate;
}): string {
  const { directory, http, rpc, authenticated = false, tls } = server;
  const https =
    tls === undefined
      ? ''
      : `https-enabled = true\nhttps-certificate = "${tls.certificate}"\nhttps-private-key = "${tls.key}"`;
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
  ${https}
[monitor]
  store-enabled = false
[continuous_queries]
  enabled = false
`;
}

async function answering(url: string, child: ReturnType<typeof spawn>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (child.exitCode !== null) throw new Error(`influxd ended with ${child.exitCode}`);
    if ((await pingStatus(url)) === 204) return;
    await wait(25);
  }
  throw new Error('influxd does not answer');
}

/** Whether its certificate is to be trusted is what the tests are about, and not asked here. */
function pingStatus(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet;
    get(`${url}/ping`, { agent: false, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', () => resolve(undefined));
  });
}
