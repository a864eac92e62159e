import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { freePort } from './port.ts';
import { findProgram } from './required.ts';

export interface PostgresServer {
  /** Address of a new, empty database of this server. */
  database(): Promise<string>;
  /** As a power cut would end it: no shutdown. The data stays for `start`. */
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const debianBins = '/usr/lib/postgresql';

/** Newest first; Debian keeps `initdb` and `postgres` outside PATH. */
function serverFolders(): string[] {
  try {
    const versions = readdirSync(debianBins).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => path.join(debianBins, version, 'bin'));
  } catch {
    return [];
  }
}

/** Whom the server runs as: it refuses root, so then the user that Debian's package made; null where there is none. */
function serverUser(): { uid: number; gid: number } | null | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const ids = ['-u', '-g'].map((flag) =>
    spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim(),
  );
  const [uid = '', gid = ''] = ids;
  return uid === '' ? null : { uid: Number(uid), gid: Number(gid) };
}

const initdb = findProgram(['initdb'], serverFolders());
const postgres = findProgram(['postgres'], serverFolders());
const user = serverUser();

/** Whether this machine can start a server of its own. */
export const postgresAvailable = initdb !== null && postgres !== null && user !== null;

/** A real server on a free loopback port and a temporary folder, without a socket file; stopped by its process id. */
export async function startPostgres(): Promise<PostgresServer> {
  if (initdb === null || postgres === null) throw new Error('no PostgreSQL server programs here');
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-postgres-'));
  const owner = user ?? {};
  if (user !== undefined && user !== null) chownSync(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  execFileSync(initdb, ['-D', data, '-U', 'jiehe', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'], {
    ...owner,
    cwd: folder,
    stdio: 'ignore',
  });
  const port = await freePort();
  const settings = [
    'unix_socket_directories=',
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'max_connections=60',
  ];
  const program = postgres;
  const address = `postgres://jiehe@127.0.0.1:${port}/postgres`;
  const run = async (): Promise<{ process: ChildProcess; admin: Client }> => {
    const server = spawn(program, ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...owner,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said: string[] = [];
    server.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    const admin = await connected(address, () => {
      if (server.exitCode !== null) throw new Error(`postgres ended: ${said.join('')}`);
    });
    return { process: server, admin };
  };
  let running = await run();
  let databases = 0;
  return {
    async database() {
      databases += 1;
      await running.admin.query(`create database test_${databases}`);
      return `postgres://jiehe@127.0.0.1:${port}/test_${databases}`;
    },
    async crash() {
      const exited = once(running.process, 'exit');
      running.process.kill('SIGKILL');
      await exited;
      await running.admin.end().catch(() => undefined);
    },
    async start() {
      // The processes of the one that was killed hold its memory until they notice.
      for (let attempt = 0; ; attempt += 1) {
        try {
          running = await run();
          return;
        } catch (error) {
          if (attempt === 100 || !String(error).includes('shared memory')) throw error;
        }
      }
    },
    async stop() {
      await running.admin.end().catch(() => undefined);
      const exited = once(running.process, 'exit');
      // SIGINT is PostgreSQL's fast shutdown: open connections are ended, not waited for.
      if (running.process.kill('SIGINT')) await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function connected(url: string, check: () => void): Promise<Client> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      check();
      if (performance.now() > deadline) throw error;
    }
  }
}
