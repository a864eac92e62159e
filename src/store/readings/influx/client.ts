import { InfluxDB, type IPoint } from 'influx';
import pLimit from 'p-limit';
import pRetry from 'p-retry';
import { MonitorError, type ErrorCode } from '../../../domain/errors.ts';
import { linesOf } from './lines.ts';

/** One table of an answer: rows as arrays, in the order of `columns`; `tags` where the query groups by them. */
export interface AnswerTable {
  name: string;
  tags: Record<string, string>;
  columns: readonly string[];
  values: readonly (readonly (number | string | null)[])[];
}

/** Values of `$name` in a query; `{ regex }` is one too, which the client's types do not know. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Placeholders = Record<string, any>;

export interface RejectedPoint {
  point: IPoint;
  message: string;
}

export interface InfluxOptions {
  url: string;
  database: string;
  retentionPolicy: string;
  username?: string;
  password?: string;
  /** Certificates (PEM) to trust instead of the usual authorities: those of an authority of one's own. */
  ca?: string;
  /** For one call, from sending to the whole answer. */
  timeoutMs?: number;
  /** Further attempts after a failure that may pass by itself. */
  retries?: number;
  pointsPerWrite?: number;
  /** How long readers of this database go by marks of archived readings that they have read; the same for all of them. */
  marksFreshMs?: number;
  /** Asked before every attempt to write; throws when this process may not write (any more). */
  beforeWrite?: () => void;
}

/** The npm client behind our own deadline, retry, precision and retention policy. Nothing else here speaks to the server. */
export interface InfluxClient {
  readonly database: string;
  readonly retentionPolicy: string;
  /**
   * Writes in bounded requests, two at a time and so in no order: the next one's text is made while the server takes this one. A request that the server refuses in part is halved down to the points:
   * every good one is stored, the others are returned. Throws E_STORE_UNAVAILABLE, E_CONFIG (credentials).
   */
  write(points: readonly IPoint[]): Promise<RejectedPoint[]>;
  /** Strings reach the query only through placeholders. Throws E_STORE_UNAVAILABLE, E_STORE_REJECTED, E_CONFIG. */
  query(text: string, placeholders?: Placeholders): Promise<AnswerTable[]>;
  /** Points of a measurement with these tags in a window of time leave the database. Throws as `query` does. */
  remove(
    measurement: string,
    of: { tags: Record<string, string>; fromS: number; toS: number },
  ): Promise<void>;
  /** What the server's headers say it is; null where it says nothing. Never throws for a missing header. */
  identity(): Promise<{ version: string | null; build: string | null; gemini: string | null }>;
}

const requestsAtOnce = 2;

const identifier = /^[A-Za-z_][\w-]*$/;

/** The pool's own back-off refuses every call for up to ten seconds after one failure; ours spaces the attempts instead. */
const noBackoff = { getDelay: () => 0, next: () => noBackoff, reset: () => noBackoff };

export function influxClient(options: InfluxOptions): InfluxClient {
  const { database, retentionPolicy, timeoutMs = 30_000, pointsPerWrite = 5_000 } = options;
  for (const [name, value] of Object.entries({ database, retentionPolicy })) {
    if (!identifier.test(value))
      throw new MonitorError('E_CONFIG', `InfluxDB ${name} "${value}" is not ${identifier}`);
  }
  const url = readUrl(options.url);
  const influx = poolOf(url, options, timeoutMs);
  const attempt = <T>(what: string, call: () => Promise<T>): Promise<T> =>
    pRetry(() => withinDeadline(call(), timeoutMs, what), {
      retries: options.retries ?? 4,
      minTimeout: 150,
      factor: 2.5,
      maxTimeout: 5_000,
      randomize: true,
      shouldRetry: ({ error }) => mayPass(error),
    }).catch((cause: unknown) => {
      throw fault(what, url.host, cause);
    });
  const send = (points: readonly IPoint[]): Promise<void> =>
    attempt('write', async () => {
      options.beforeWrite?.();
      // The client sends a point without tags, fields and time as its measurement's name, as it stands.
      await influx.writePoints([{ measurement: linesOf(points) }], {
        database,
        precision: 's',
        retentionPolicy,
      });
    });

  return {
    database,
    retentionPolicy,
    write: (points) => writeSlices(send, points, pointsPerWrite),
    async query(text, placeholders = {}) {
      const answer: unknown = await attempt('query', () =>
        influx.queryRaw(text, {
          database,
          precision: 's',
          method: 'POST',
          placeholders,
        }),
      );
      return tablesOf(answer, text);
    },
    async remove(measurement, { tags, fromS, toS }) {
      const tagged = Object.keys(tags).map((tag) => `"${tag}" = $${tag} AND `);
      const text = `DELETE FROM "${measurement}" WHERE ${tagged.join('')}time >= ${fromS}s AND time < ${toS}s`;
      const answer: unknown = await attempt('delete', async () => {
        options.beforeWrite?.();
        return influx.queryRaw(text, { database, precision: 's', method: 'POST', placeholders: tags });
      });
      tablesOf(answer, text);
    },
    async identity() {
      const [answer] = await attempt('ping', async () => {
        const answers = await influx.ping(timeoutMs);
        if (answers[0]?.online !== true) {
          // A failed ping keeps its reason to itself; a query tells it.
          await influx.queryRaw('SHOW DATABASES', { precision: 's' });
          throw new MonitorError('E_STORE_UNAVAILABLE', 'no answer to a ping');
        }
        return answers;
      });
      return namesIn(answer?.res?.headers ?? {});
    },
  };
}

async function writeSlices(
  send: (points: readonly IPoint[]) => Promise<void>,
  points: readonly IPoint[],
  size: number,
): Promise<RejectedPoint[]> {
  const rejected: RejectedPoint[] = [];
  const atOnce = pLimit(requestsAtOnce);
  let failed = false;
  const writeSlice = async (from: number): Promise<void> => {
    if (failed) return;
    try {
      await writeHalving(send, points.slice(from, from + size), rejected);
    } catch (cause) {
      failed = true;
      throw cause;
    }
  };
  const starts = Array.from({ length: Math.ceil(points.length / size) }, (_, at) => at * size);
  // All are over before a fault is told: nothing of a failed write is still on its way when it is tried again.
  const written = await Promise.allSettled(starts.map((from) => atOnce(() => writeSlice(from))));
  for (const one of written) if (one.status === 'rejected') throw one.reason;
  return rejected;
}

function namesIn(headers: Readonly<Record<string, unknown>>): Awaited<ReturnType<InfluxClient['identity']>> {
  const header = (name: string): string | null => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    version: header('x-influxdb-version'),
    build: header('x-influxdb-build'),
    gemini: header('x-geminidb-version'),
  };
}

/** The server stores what it can of a request and does not say which line it refused, so the request is halved down to it. */
async function writeHalving(
  send: (points: readonly IPoint[]) => Promise<void>,
  points: readonly IPoint[],
  rejected: RejectedPoint[],
): Promise<void> {
  try {
    await send(points);
  } catch (cause) {
    if (!(cause instanceof MonitorError) || cause.code !== 'E_STORE_REJECTED') throw cause;
    const [only] = points;
    if (only !== undefined && points.length === 1) {
      rejected.push({ point: only, message: cause.message });
      return;
    }
    const half = Math.ceil(points.length / 2);
    await writeHalving(send, points.slice(0, half), rejected);
    await writeHalving(send, points.slice(half), rejected);
  }
}

function poolOf(url: URL, options: InfluxOptions, timeoutMs: number): InfluxDB {
  return new InfluxDB({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (url.protocol === 'https:' ? 443 : 8086)),
    protocol: url.protocol === 'https:' ? 'https' : 'http',
    path: url.pathname === '/' ? '' : url.pathname.replace(/\/$/, ''),
    database: options.database,
    // The client sends root/root when it is given none.
    username: options.username ?? '',
    password: options.password ?? '',
    options: options.ca === undefined ? {} : { ca: options.ca },
    pool: { maxRetries: 0, requestTimeout: timeoutMs, backoff: noBackoff },
  });
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new MonitorError(
      'E_CONFIG',
      `"${text}" is not an InfluxDB address (expected http://host:8086 or https://…)`,
    );
  }
  return url;
}

/** The client's promise never settles when the server stalls after its headers, and no option of it helps. */
async function withinDeadline<T>(call: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new MonitorError('E_STORE_UNAVAILABLE', `no whole answer to a ${what} within ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('res' in error)) return null;
  const { res } = error;
  if (typeof res !== 'object' || res === null || !('statusCode' in res)) return null;
  return typeof res.statusCode === 'number' ? res.statusCode : null;
}

/** All but an answer of the 300s and 400s may pass by itself: connection faults, 5xx, "No host available", a deadline, half a JSON. */
function mayPass(error: unknown): boolean {
  if (error instanceof MonitorError) return error.retryable;
  if (certificateFault(error) !== null) return false;
  const status = statusOf(error);
  return status === null || status === 429;
}

/** What is wrong with the server's certificate, as node names it; null for any other fault. */
function certificateFault(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS/.test(code) ? code : null;
}

function fault(what: string, host: string, cause: unknown): MonitorError {
  if (cause instanceof MonitorError && !cause.retryable) return cause;
  const status = statusOf(cause);
  const text = cause instanceof Error ? cause.message : String(cause);
  const details = { host, status };
  const certificate = certificateFault(cause);
  if (certificate !== null) {
    return new MonitorError(
      'E_CONFIG',
      `the certificate of InfluxDB at ${host} is not trusted (${certificate}): ${text}`,
      {
        cause: withoutRequest(cause, text),
        details: { ...details, certificate },
      },
    );
  }
  return new MonitorError(...verdict(what, host, status, text), {
    cause: withoutRequest(cause, text),
    details,
  });
}

/** The client's errors carry the whole request, credentials included, into whatever log prints them. */
function withoutRequest(cause: unknown, text: string): Error {
  if (cause instanceof MonitorError) return cause;
  const plain = new Error(text);
  if (cause instanceof Error && cause.stack !== undefined) plain.stack = cause.stack;
  return plain;
}

function verdict(what: string, host: string, status: number | null, text: string): [ErrorCode, string] {
  if (status === 401 || status === 403) {
    return ['E_CONFIG', `InfluxDB at ${host} refuses the credentials for a ${what}: ${text}`];
  }
  if (status === 400 || status === 413 || status === 422) {
    return ['E_STORE_REJECTED', `InfluxDB at ${host} refuses a ${what}: ${text}`];
  }
  return ['E_STORE_UNAVAILABLE', `InfluxDB at ${host} does not answer a ${what}: ${text}`];
}

interface RawAnswer {
  results?: {
    error?: string;
    series?: {
      name?: string;
      tags?: Record<string, string>;
      columns?: string[];
      values?: AnswerTable['values'];
    }[];
  }[];
  error?: string;
}

/** The raw answer carries its errors inside a success. */
function tablesOf(answer: unknown, text: string): AnswerTable[] {
  const { results, error } = (answer ?? {}) as RawAnswer;
  const said = error ?? results?.find((result) => result.error !== undefined)?.error;
  if (said !== undefined) {
    const code = /timeout|timed out|unavailable|no data node|shard.*not found/i.test(said)
      ? 'E_STORE_UNAVAILABLE'
      : 'E_STORE_REJECTED';
    throw new MonitorError(code, `InfluxDB: ${said}`, { details: { query: text } });
  }
  if (!Array.isArray(results))
    throw new MonitorError('E_STORE_UNSUPPORTED', 'the answer to a query is not that of an InfluxDB');
  return results.flatMap((result) =>
    (result.series ?? []).map((table) => ({
      name: table.name ?? '',
      tags: table.tags ?? {},
      columns: table.columns ?? [],
      values: table.values ?? [],
    })),
  );
}
