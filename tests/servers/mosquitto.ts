import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './port.ts';
import { findProgram } from './required.ts';

export interface Mosquitto {
  url: string;
  port: number;
  /** Stops the broker by its process id; sessions and what waits in them stay for `start`. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

export interface BrokerOptions {
  /** Only this user may connect. */
  user?: { name: string; password: string };
  /** Files of its certificate: then TLS only. */
  tls?: { certificate: string; key: string };
}

/** Debian keeps servers outside the PATH of ordinary users. */
const outside = ['/usr/sbin', '/usr/bin'];
export const mosquittoProgram = findProgram(['mosquitto'], outside);
const passwordProgram = findProgram(['mosquitto_passwd'], outside);

/** A real broker on a free loopback port, its sessions in a temporary folder. */
export async function startMosquitto(options: BrokerOptions = {}): Promise<Mosquitto> {
  if (mosquittoProgram === null) throw new Error('no mosquitto here');
  const program = mosquittoProgram;
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-mosquitto-'));
  const port = await freePort();
  const file = path.join(folder, 'mosquitto.conf');
  writeFileSync(file, configuration(folder, port, options));
  let child: ChildProcess | null = null;
  const broker: Mosquitto = {
    url: `${options.tls === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`,
    port,
    async start() {
      child = spawn(program, ['-c', file], { stdio: 'ignore', cwd: folder });
      await listening(port, child);
    },
    async halt() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
    async stop() {
      await broker.halt();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await broker.start();
  return broker;
}

function configuration(folder: string, port: number, { user, tls }: BrokerOptions): string {
  const lines = [
    `listener ${port} 127.0.0.1`,
    'persistence true',
    `persistence_location ${folder}/`,
    'max_queued_messages 0',
    // Started as root it would become another user, who may not write here.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  if (user === undefined) lines.push('allow_anonymous true');
  else {
    const passwords = path.join(folder, 'passwords');
    execFileSync(passwordProgram ?? '', ['-b', '-c', passwords, user.name, user.password], {
      stdio: 'ignore',
    });
    lines.push('allow_anonymous false', `password_file ${passwords}`);
  }
  if (tls !== undefined) lines.push(`certfile ${tls.certificate}`, `keyfile ${tls.key}`);
  return `${lines.join('\n')}\n`;
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  const endMs = performance.now() + 20_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
    const socket = connect({ host: '127.0.0.1', port });
    const up = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (up) return;
    if (performance.now() > endMs) throw new Error('mosquitto does not listen');
    await wait(20);
  }
}
