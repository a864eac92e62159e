import { MonitorError } from '../../../domain/errors.ts';
import type { AnswerTable, InfluxClient } from './client.ts';

/** What stands behind the address, as far as it can be told. */
export interface InfluxServer {
  kind: string;
  version: string | null;
}

/** A fixed time, so that the canary stays one point a slot, and a slot, so that two openers do not read each other's. */
const canaryTimeS = 946_684_800;
const canarySlots = 97;

/**
 * Prepares database and retention policy, then writes and reads a canary: overwriting, merging of fields, strings, whole seconds.
 * Throws E_STORE_UNSUPPORTED (names what the server is and what it does wrong), E_CONFIG, E_STORE_UNAVAILABLE.
 */
export async function probeServer(client: InfluxClient): Promise<InfluxServer> {
  const { version, build, gemini } = await client.identity();
  const server = {
    kind: gemini === null ? `InfluxDB ${build ?? 'API'}` : 'openGemini',
    version: gemini ?? version,
  };
  try {
    await refuseBogusSuccess(client);
    await preparePolicy(client);
    await canary(client);
  } catch (cause) {
    if (!(cause instanceof MonitorError) || cause.code !== 'E_STORE_UNSUPPORTED') throw cause;
    const name = `${server.kind} ${server.version ?? '(no version given)'}`;
    throw new MonitorError('E_STORE_UNSUPPORTED', `${name} cannot hold readings: ${cause.message}`, {
      cause,
      details: { ...server },
    });
  }
  return server;
}

/** VictoriaMetrics answers every query with one row named _internal, and keeps a rewritten point twice. */
async function refuseBogusSuccess(client: InfluxClient): Promise<void> {
  const tables = await client.query('SHOW DATABASES');
  const named = tables.some((table) => table.name === 'databases' || table.columns[0] === 'name');
  const bogus = tables.some((table) => table.name === '_internal' || table.columns.length === 0);
  if (bogus || !named) {
    throw new MonitorError(
      'E_STORE_UNSUPPORTED',
      'it answers "SHOW DATABASES" with something else, as VictoriaMetrics does',
    );
  }
}

async function preparePolicy(client: InfluxClient): Promise<void> {
  const { database, retentionPolicy } = client;
  const policies = await client
    .query(`SHOW RETENTION POLICIES ON "${database}"`)
    .catch(async (cause: unknown) => {
      if (!(cause instanceof MonitorError) || !/database not found/i.test(cause.message)) throw cause;
      await client.query(`CREATE DATABASE "${database}"`);
      return client.query(`SHOW RETENTION POLICIES ON "${database}"`);
    });
  const duration = policyDuration(policies, retentionPolicy);
  if (duration === null) {
    // Few large shards: a back-fill of years over weekly ones took the server to 4.8 GB.
    await client.query(
      `CREATE RETENTION POLICY "${retentionPolicy}" ON "${database}" DURATION INF REPLICATION 1 SHARD DURATION 4w`,
    );
  } else if (!/^(0s|0|inf)$/i.test(duration)) {
    throw new MonitorError(
      'E_CONFIG',
      `retention policy "${retentionPolicy}" of database "${database}" drops data after ${duration}; readings are evidence: it must be INF`,
    );
  }
}

function policyDuration(tables: readonly AnswerTable[], name: string): string | null {
  for (const { columns, values } of tables) {
    const row = values.find((candidate) => candidate[columns.indexOf('name')] === name);
    if (row !== undefined) return String(row[columns.indexOf('duration')]);
  }
  return null;
}

async function canary(client: InfluxClient): Promise<void> {
  const slot = `s${process.pid % canarySlots}`;
  const nonce = Math.floor(performance.timeOrigin + performance.now());
  const point = (fields: Record<string, number | string>): Parameters<InfluxClient['write']>[0][number] => ({
    measurement: 'canary',
    tags: { slot },
    fields,
    timestamp: String(canaryTimeS),
  });
  for (const fields of [
    { nonce: nonce - 1, kept: nonce },
    { nonce, said: 'a "quoted" \\ 界\nline' },
  ]) {
    const [rejected] = await client.write([point(fields)]);
    if (rejected !== undefined)
      throw new MonitorError('E_STORE_UNSUPPORTED', `it refuses a plain point: ${rejected.message}`);
  }
  const policy = `"${client.retentionPolicy}"`;
  const tables = await client.query(
    `SELECT nonce, kept, said FROM ${policy}."canary" WHERE slot = $slot AND time >= ${canaryTimeS}s AND time <= ${canaryTimeS}s`,
    { slot },
  );
  const rows = tables.flatMap((table) => table.values);
  const wanted = [canaryTimeS, nonce, nonce, 'a "quoted" \\ 界\nline'];
  const found = JSON.stringify(rows);
  if (rows.length > 1)
    throw new MonitorError('E_STORE_UNSUPPORTED', `a rewritten point is kept twice: ${found}`);
  if (found !== JSON.stringify([wanted])) {
    throw new MonitorError(
      'E_STORE_UNSUPPORTED',
      `what was written does not read back: ${found}, expected ${JSON.stringify([wanted])}`,
    );
  }
  if ((await client.query(`SELECT * FROM ${policy}."no_such_measurement"`)).length > 0) {
    throw new MonitorError('E_STORE_UNSUPPORTED', 'it answers for a measurement that does not exist');
  }
}
