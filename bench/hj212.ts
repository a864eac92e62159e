/**
 * HJ 212: frames decoded a second of one core, and a listener with many loggers at once: frames/s, time from the first byte of a
 * frame to its answer, memory. Frames are journaled and fsynced before they are answered.
 * Run: node bench/hj212.ts [loggers, default 2000] [seconds, default 20] [seconds between frames of a logger, default 1]
 */
import { fork } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Config } from '../src/domain/config/config.ts';
import { openFileJournal } from '../src/ingest/journal/index.ts';
import { hj212Crc } from '../src/ingest/sources/hj212/crc.ts';
import { encodeFrame } from '../src/ingest/sources/hj212/encode.ts';
import { hj212 } from '../src/ingest/sources/hj212/index.ts';
import { startHj212Listener } from '../src/ingest/sources/hj212/listener.ts';
import { strictProfile } from '../src/ingest/sources/hj212/profile.ts';
import { FrameReader } from '../src/ingest/sources/hj212/reader.ts';
import { fixtureConfig } from '../tests/ingest/sources/fixture-config.ts';
import { hj212Source } from '../tests/ingest/sources/hj212/fixture.ts';

const loggers = Number(process.argv[2] ?? 2000);
const seconds = Number(process.argv[3] ?? 20);
const intervalMs = Number(process.argv[4] ?? 1) * 1000;

const mnOf = (at: number): string => `A330300_${String(at).padStart(4, '0')}`;

const items =
  'w01010-Avg=23.1,w01010-Flag=N;w01001-Avg=7.64,w01001-Flag=N;w01009-Avg=6.60,w01009-Flag=N;' +
  'w01014-Avg=300,w01014-Flag=N;w01003-Avg=17,w01003-Flag=N;w01019-Avg=1.4,w01019-Flag=N;w21011-Avg=0.042,w21011-Flag=N;' +
  'w21001-Avg=3.04,w21001-Flag=N;w21003-Avg=0.16,w21003-Flag=N';

function frameOf(mn: string, at: number): Buffer {
  const QN = `20260821${String(at % 1_000_000_000).padStart(9, '0')}`;
  const dataArea = `DataTime=20260821${String(at % 24).padStart(2, '0')}0000;${items}`;
  return encodeFrame({ QN, ST: '21', CN: '2061', PW: '123456', MN: mn, Flag: 9, dataArea });
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

function decoding(): void {
  const chunk = Buffer.concat(Array.from({ length: 2000 }, (_, at) => frameOf(mnOf(at), at)));
  const rates: number[] = [];
  for (let turn = 0; turn < 12; turn++) {
    const reader = new FrameReader({ maxSegmentBytes: 4096, profileOf: () => strictProfile });
    const before = process.cpuUsage();
    let frames = 0;
    for (let at = 0; at < 10; at++)
      for (const event of reader.push(chunk)) if (event.kind === 'frame') frames += 1;
    const { user, system } = process.cpuUsage(before);
    rates.push(frames / ((user + system) / 1e6));
  }
  rates.sort((a, b) => a - b);
  const bytes = Math.round(chunk.length / 2000);
  console.log(
    `decode: ${Math.round(percentile(rates, 0.5))} frames/s of one core (${bytes} bytes, 9 factors; median of 12, best ${Math.round(rates.at(-1)!)}); ` +
      `bound by making fields and factors: the CRC is ${Math.round(crcShare(chunk, percentile(rates, 0.5)) * 100)} % of it`,
  );
}

/** Share of the decoding time that the CRC over all bytes takes. */
function crcShare(chunk: Buffer, framesPerSecond: number): number {
  const before = process.cpuUsage();
  for (let turn = 0; turn < 10; turn++) hj212Crc(chunk);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1e6 / 20_000) * framesPerSecond;
}

function projecting(config: Config): void {
  const body = Buffer.concat(
    Array.from({ length: 2000 }, (_, at) => {
      const frame = frameOf(mnOf(at), at);
      const line = JSON.stringify({
        atS: 1_787_315_400,
        peer: '10.0.0.1:1',
        is: 'accepted',
        bytes: frame.length,
      });
      return Buffer.concat([Buffer.from(`${line}\n`), frame]);
    }),
  );
  for (let turn = 0; turn < 4; turn++) {
    const before = process.cpuUsage();
    const { cells } = hj212.parse(body, { receivedS: 1_787_315_400, meta: {}, config, sourceId: 'hj212' });
    const { user, system } = process.cpuUsage(before);
    const cpuS = (user + system) / 1e6;
    if (turn === 3)
      console.log(
        `parse of entries: ${Math.round(2000 / cpuS)} frames/s, ${Math.round(cells.read / cpuS)} readings/s of one core`,
      );
  }
}

/** The bound of every answer: one write and fsync of an entry's size. */
function fsyncFloor(folder: string): void {
  const file = openSync(path.join(folder, 'floor'), 'w');
  const times = Array.from({ length: 200 }, () => {
    const before = performance.now();
    writeSync(file, Buffer.alloc(8192));
    fsyncSync(file);
    return performance.now() - before;
  }).sort((a, b) => a - b);
  closeSync(file);
  console.log(
    `fsync of 8 KiB here: p50 ${percentile(times, 0.5).toFixed(2)} ms, p99 ${percentile(times, 0.99).toFixed(2)} ms`,
  );
}

/** Plays the loggers, in a process of its own so that its work is not the listener's. */
async function play(port: number): Promise<void> {
  const latencies: number[] = [];
  let unanswered = 0;
  const one = (at: number): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        let sentAt = 0;
        let number = at;
        socket.on('data', () => {
          if (sentAt > 0) latencies.push(performance.now() - sentAt);
          sentAt = 0;
        });
        const frames = Array.from({ length: 24 }, (_, hour) => frameOf(mnOf(at), hour));
        const send = (): void => {
          if (sentAt > 0) unanswered += 1;
          sentAt = performance.now();
          socket.write(frames[number++ % 24]!);
        };
        setTimeout(() => setInterval(send, intervalMs), (at / loggers) * intervalMs);
        resolve(socket);
      });
    });
  for (let at = 0; at < loggers; at += 100)
    await Promise.all(Array.from({ length: Math.min(100, loggers - at) }, (_, next) => one(at + next)));
  await new Promise((resolve) => setTimeout(resolve, intervalMs + 1000));
  latencies.length = 0;
  unanswered = 0;
  const startMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const sorted = latencies.toSorted((a, b) => a - b);
  process.send!({
    perSecond: sorted.length / ((performance.now() - startMs) / 1000),
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    worst: sorted.at(-1),
    late: unanswered,
  });
  process.exit(0);
}

async function listening(config: Config, folder: string): Promise<void> {
  const journal = await openFileJournal({ dir: path.join(folder, 'journal') });
  const appendMs: number[] = [];
  const listener = await startHj212Listener({
    source: config.sources.find((source) => source.id === 'hj212')!,
    config: () => config,
    journal: {
      append: async (entry) => {
        const startMs = performance.now();
        const appended = await journal.append(entry);
        appendMs.push(performance.now() - startMs);
        return appended;
      },
    },
    issues: { record: async () => undefined },
    cursors: { get: async () => null, set: async () => undefined, raise: async () => undefined },
    clock: { nowS: () => Math.floor(Date.now() / 1000) },
    secret: () => undefined,
    log: { info: () => undefined, warn: (about, text) => console.error(text, about) },
  });
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  const cpu = process.cpuUsage();
  const before = performance.now();
  const child = fork(import.meta.filename, [String(loggers), String(seconds), String(intervalMs / 1000)], {
    env: { ...process.env, HJ212_PLAY: String(listener.port) },
  });
  const played = await new Promise<{
    perSecond: number;
    p50: number;
    p99: number;
    worst: number;
    late: number;
  }>((resolve) => {
    child.once('message', (message) => resolve(message as never));
  });
  const { user, system } = process.cpuUsage(cpu);
  const share = (user + system) / 1000 / (performance.now() - before);
  const { p50, p99, worst } = played;
  console.log(
    `listener: ${loggers} loggers, ${Math.round(played.perSecond)} frames/s answered; to the answer p50 ${p50.toFixed(1)} ms, ` +
      `p99 ${p99.toFixed(1)} ms, worst ${worst.toFixed(0)} ms; ${played.late} sends before the answer to the last; ` +
      `${Math.round(share * 100)} % of one core, ${Math.round(process.memoryUsage().rss / 1048576)} MiB; ` +
      `${journal.head().seq} entries for ${listener.stats().journaled} frames; loop delay p99 ${(loop.percentile(99) / 1e6).toFixed(1)} ms`,
  );
  appendMs.sort((a, b) => a - b);
  console.log(
    `journal append with fsync: p50 ${percentile(appendMs, 0.5).toFixed(1)} ms, p99 ${percentile(appendMs, 0.99).toFixed(1)} ms, worst ${percentile(appendMs, 1).toFixed(0)} ms`,
  );
  const [lingerMs, fsyncMs, loopMs] = [5, percentile(appendMs, 0.99), loop.percentile(99) / 1e6];
  const parts: [string, number][] = [
    ['waiting for others to share the fsync', lingerMs],
    ['append and fsync (p99)', fsyncMs],
    ['event loop: other frames, other work of the machine (p99)', loopMs],
  ];
  parts.sort(([, a], [, b]) => b - a);
  console.log(
    `the p99 is bound by ${parts.map(([what, ms]) => `${what} ${ms.toFixed(1)} ms`).join(', then ')}`,
  );
  await listener.close();
  await journal.close();
}

if (process.env['HJ212_PLAY'] !== undefined) await play(Number(process.env['HJ212_PLAY']));
else {
  const devices = Array.from({ length: loggers }, (_, at) => ({
    mn: mnOf(at),
    edition: 'surface-water',
    pw: { sha256: '8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92' },
    stampMeans: 'begin',
    factors: 'river',
  }));
  const limits = {
    framesPerMinute: 1_000_000,
    connections: loggers + 100,
    connectionsPerAddress: loggers + 100,
  };
  const config = fixtureConfig({ sources: [hj212Source({ listen: { port: 0 }, devices, limits })] });
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-bench-hj212-'));
  try {
    console.log(`load of the machine before: ${readFileSync('/proc/loadavg', 'utf8').trim()}`);
    decoding();
    projecting(config);
    fsyncFloor(folder);
    await listening(config, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
