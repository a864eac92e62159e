import pLimit from 'p-limit';
import { MonitorError } from '../../../domain/errors.ts';
import type { ReadingStore } from '../../../domain/ports.ts';
import { checkRows, nothingApplied, resultOf } from '../rows.ts';
import { influxAgeing } from './ageing.ts';
import { applyBatch } from './apply.ts';
import { readBinding, writeBinding } from './binding.ts';
import { influxClient, type InfluxClient, type InfluxOptions } from './client.ts';
import { readChanges } from './log.ts';
import { readEntries, readLatest, readPast } from './read.ts';
import { readSeries } from './series.ts';
import { readSums } from './sums.ts';
import { readTallies } from './tallies.ts';
import { probeServer, type InfluxServer } from './server.ts';
import { readWritten } from './written.ts';
import { readPosition, WriterState } from './writer-state.ts';

export type { InfluxOptions } from './client.ts';
export type { InfluxServer } from './server.ts';

/** A reading store that also says which server it found. */
export interface InfluxReadings extends ReadingStore {
  readonly server: InfluxServer;
}

/**
 * Readings on a server of the InfluxDB 1.x API. Throws E_STORE_UNSUPPORTED (names the server and what it lacks), E_CONFIG
 * (address, credentials, a retention policy that drops data), E_STORE_UNAVAILABLE.
 */
export async function openInfluxReadings(options: InfluxOptions): Promise<InfluxReadings> {
  const { beforeWrite, ...open } = options;
  // The canary is no reading: whoever opens the store may write it.
  const server = await probeServer(influxClient(open));
  const client = influxClient({ ...open, ...(beforeWrite === undefined ? {} : { beforeWrite }) });
  return store(client, server, options.marksFreshMs ?? 2_000);
}

function store(client: InfluxClient, server: InfluxServer, marksFreshMs: number): InfluxReadings {
  const writing = pLimit(1);
  let state: WriterState | null = null;
  let closed = false;
  const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) throw new MonitorError('E_STORE_UNAVAILABLE', 'the readings store is closed');
    return work();
  };
  const apply: ReadingStore['apply'] = async (entry, batch) => {
    state ??= await WriterState.load(client);
    if (entry.seq <= state.position) return nothingApplied();
    if (batch !== null && batch.length > 0) checkRows(batch);
    const writer = state;
    // What the server holds after a failure is only known by asking it again.
    state = null;
    const result =
      batch === null || batch.length === 0
        ? resultOf(new Uint8Array())
        : await applyBatch(client, writer, entry, batch);
    await writer.advance(client, entry.seq, result);
    state = writer;
    return result;
  };
  const repair: NonNullable<ReadingStore['repair']> = async (entry, batch) => {
    state ??= await WriterState.load(client);
    const writer = state;
    if (entry.seq > writer.position)
      throw new MonitorError('E_INTERNAL', `entry ${entry.seq} is beyond the position ${writer.position}`);
    if (batch === null || batch.length === 0) return nothingApplied();
    state = null;
    const result = await applyBatch(client, writer, entry, batch, { repairing: true });
    state = writer;
    return result;
  };
  const ageing = influxAgeing({
    marksFreshMs,
    client,
    alone: (work) => writing(() => whileOpen(work)),
    count: async (change, beside) => (state ??= await WriterState.load(client)).count(client, change, beside),
  });
  return {
    kind: 'influx',
    place: client.database,
    server,
    ageing,
    forget: () =>
      writing(async () => {
        state = null;
      }),
    repair: (entry, batch) => writing(() => whileOpen(() => repair(entry, batch))),
    position: () => whileOpen(async () => (await readPosition(client)).seq),
    apply: (entry, batch) => writing(() => whileOpen(() => apply(entry, batch))),
    written: (from, through) => whileOpen(() => readWritten(client, from, through)),
    series: (query) => whileOpen(() => readSeries(client, query)),
    entries: (query) => whileOpen(() => readEntries(client, query)),
    latest: (query) => whileOpen(() => readLatest(client, query)),
    past: (point) => whileOpen(() => readPast(client, point)),
    sums: (query) => whileOpen(() => readSums(client, query)),
    tallies: (query) => whileOpen(() => readTallies(client, query)),
    changesSince: (cursor, limit) =>
      whileOpen(async () => readChanges(client, (await readPosition(client)).seq, cursor, limit)),
    counts: () => whileOpen(() => countsOf(client)),
    binding: () => whileOpen(() => readBinding(client)),
    bind: (binding) => writing(() => whileOpen(() => writeBinding(client, binding))),
    async close() {
      await writing(async () => {
        closed = true;
      });
    },
  };
}

async function countsOf(client: InfluxClient): ReturnType<ReadingStore['counts']> {
  const { readings, past, series } = await readPosition(client);
  return { readings, past, series };
}
