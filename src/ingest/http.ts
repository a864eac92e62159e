import { setTimeout as wait } from 'node:timers/promises';
import pRetry from 'p-retry';
import { Agent, errors, request as send, type Dispatcher } from 'undici';
import type { SourceConfig } from '../domain/config/source.ts';
import { MonitorError } from '../domain/errors.ts';
import type { FetchContext, RawPayload } from '../domain/ports.ts';

/** The longest wait that an upstream may ask for; a later run comes back anyway. */
const RETRY_AFTER_LIMIT_MS = 120_000;
const BACKOFF_LIMIT_MS = 30_000;
/** A reset beyond this is an instant (2001-09-09), not a number of seconds to wait. */
const EPOCH_FLOOR_S = 1_000_000_000;

export interface PoliteOptions {
  /** Instead of the source's own; the operator's address belongs in it. */
  userAgent?: string;
  /** First wait between attempts; doubles, with jitter. */
  backoffMs?: number;
  /** Trust for an upstream whose certificate chain is incomplete: for this source only, never for the process. */
  tls?: { ca?: string; rejectUnauthorized?: boolean };
}

export interface PoliteClient {
  /** `signal` ends this request, its waits and its further attempts. */
  request(request: Request, signal?: AbortSignal): Promise<RawPayload>;
  close(): Promise<void>;
}

type Request = Parameters<FetchContext['request']>[0];
type Signals = { signal?: AbortSignal };

/** Query parameters that hold an access key: asked with, never kept. */
const SECRET_PARAMETERS = /^(api[-_]?key|x-api-key|key|token|access[-_]token|password|pw|secret)$/i;

/** An answer worth another attempt; kept, so that the last one is returned when no attempt is better. */
class Unready extends Error {
  readonly payload: RawPayload;
  readonly waitMs: number;

  constructor(payload: RawPayload, waitMs: number) {
    super(`HTTP status ${payload.meta.status}`);
    this.payload = payload;
    this.waitMs = waitMs;
  }
}

/** The allowance of requests is used up for longer than a run waits. */
class Exhausted extends Error {}

/**
 * HTTP for one source: one request at a time, `minimumIntervalMs` between starts, `timeoutSeconds` an attempt,
 * `maximumBodyMiB` a body, `retries` with doubling waits and jitter on network faults, 5xx and 429 (Retry-After heeded).
 * Where the upstream counts (X-RateLimit-Remaining, -Reset in seconds) and nothing is left, the next request waits for the reset,
 * or is not sent when that is too far away.
 * Every HTTP answer is returned with its status, redirects unfollowed. Throws E_UPSTREAM when there was none, or too long a one.
 */
export function politeClient(source: SourceConfig, options: PoliteOptions = {}): PoliteClient {
  const agent = new Agent({
    maxResponseSize: source.maximumBodyMiB * 1024 * 1024,
    ...(options.tls === undefined ? {} : { connect: options.tls }),
  });
  let last: Promise<unknown> = Promise.resolve();
  let earliestMs = 0;

  async function attempt(request: Request, signals: Signals): Promise<RawPayload> {
    const waitMs = earliestMs - performance.now();
    if (waitMs > Math.max(RETRY_AFTER_LIMIT_MS, source.minimumIntervalMs))
      throw new Exhausted(`the upstream takes no more requests for ${Math.ceil(waitMs / 1000)} s`);
    await wait(Math.max(0, waitMs), undefined, signals);
    earliestMs = performance.now() + source.minimumIntervalMs;
    const answer = await ask(request, { source, agent, ...options, ...signals });
    earliestMs = Math.max(earliestMs, performance.now() + answer.pauseMs);
    if (answer.payload.meta.status !== 429 && (answer.payload.meta.status ?? 0) < 500) return answer.payload;
    throw new Unready(answer.payload, answer.retryAfterMs);
  }

  async function persistently(request: Request, signals: Signals): Promise<RawPayload> {
    try {
      return await pRetry(() => attempt(request, signals), {
        retries: source.retries,
        minTimeout: options.backoffMs ?? 1000,
        maxTimeout: BACKOFF_LIMIT_MS,
        factor: 2,
        randomize: true,
        ...signals,
        shouldRetry: ({ error }) =>
          !isTooLong(error) && !(error instanceof Exhausted) && signals.signal?.aborted !== true,
        onFailedAttempt: async ({ error, retriesLeft, retryDelay }) => {
          const more = error instanceof Unready && retriesLeft > 0 ? error.waitMs - retryDelay : 0;
          if (more > 0) await wait(more, undefined, signals);
        },
      });
    } catch (cause) {
      if (cause instanceof Unready) return cause.payload;
      throw unreachable(source, request.url, cause);
    }
  }

  return {
    request: (request, signal) => {
      const mine = last.then(() => persistently(request, signal === undefined ? {} : { signal }));
      last = mine.catch(() => undefined);
      return mine;
    },
    close: () => agent.destroy(),
  };
}

async function ask(
  request: Request,
  by: { source: SourceConfig; agent: Dispatcher; userAgent?: string; signal?: AbortSignal },
): Promise<{ payload: RawPayload; retryAfterMs: number; pauseMs: number }> {
  const deadline = AbortSignal.timeout(by.source.timeoutSeconds * 1000);
  const headers: Record<string, string> = {
    'user-agent': by.userAgent ?? by.source.userAgent,
    accept: '*/*',
    ...request.headers,
  };
  if (request.form !== undefined)
    headers['content-type'] = 'application/x-www-form-urlencoded; charset=UTF-8';
  const answer = await send(request.url, {
    method: request.method ?? 'GET',
    headers,
    ...(request.form === undefined ? {} : { body: new URLSearchParams(request.form).toString() }),
    dispatcher: by.agent,
    signal: by.signal === undefined ? deadline : AbortSignal.any([by.signal, deadline]),
  });
  const body = new Uint8Array(await answer.body.arrayBuffer());
  const mediaType = headerText(answer.headers['content-type']);
  const meta = {
    origin: withoutSecrets(request.url),
    status: answer.statusCode,
    ...(mediaType === null ? {} : { mediaType }),
  };
  const pauseMs = allowancePauseMs(answer.headers);
  const after = retryAfterMs(headerText(answer.headers['retry-after']));
  return {
    payload: { body, meta },
    retryAfterMs: after > 0 ? after : Math.min(pauseMs, RETRY_AFTER_LIMIT_MS),
    pauseMs,
  };
}

/** Time until the allowance starts anew where none is left; 0 where the upstream does not say so. */
function allowancePauseMs(headers: Record<string, string | string[] | undefined>): number {
  if (headerText(headers['x-ratelimit-remaining'])?.trim() !== '0') return 0;
  const reset = Number(headerText(headers['x-ratelimit-reset']) ?? Number.NaN);
  if (!Number.isFinite(reset) || reset <= 0) return 0;
  // Some count down in seconds, others name the instant.
  const ms = reset > EPOCH_FLOOR_S ? reset * 1000 - Date.now() : reset * 1000;
  return Math.max(0, ms);
}

const headerText = (value: string | string[] | undefined): string | null =>
  (Array.isArray(value) ? value[0] : value) ?? null;

/** Seconds or an HTTP date, bounded; 0 where the header says nothing usable. */
function retryAfterMs(text: string | null): number {
  if (text === null) return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), RETRY_AFTER_LIMIT_MS) : 0;
}

/** The journal keeps where bytes came from, never a user name, password or access key in the address. */
function withoutSecrets(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  for (const name of new Set(url.searchParams.keys()))
    if (SECRET_PARAMETERS.test(name)) url.searchParams.set(name, '(secret)');
  return url.href;
}

function isTooLong(error: unknown): boolean {
  return error instanceof errors.ResponseExceededMaxSizeError;
}

function unreachable(source: SourceConfig, address: string, cause: unknown): MonitorError {
  const where = withoutSecrets(address);
  const why = isTooLong(cause)
    ? `the answer is longer than ${source.maximumBodyMiB} MiB`
    : `no answer (${cause instanceof Error ? cause.message : String(cause)})`;
  return new MonitorError('E_UPSTREAM', `${source.id}: ${where}: ${why}`, {
    details: { source: source.id, url: where },
    cause,
  });
}
