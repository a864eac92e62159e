import { Agent, request as send } from 'undici';

const maximumAnswerBytes = 1024 * 1024;
const retryAfterLimitS = 24 * 3600;

export interface HttpAnswer {
  status: number;
  text: string;
  /** Null where the answer does not say. */
  retryAfterS: number | null;
}

/** Calls receivers: no redirect is followed, nothing is retried, an answer over 1 MiB is refused. */
export interface HttpCaller {
  /** Throws what undici throws where there is no answer. */
  call(
    request: { url: string; method: 'POST' | 'GET'; headers: Record<string, string>; body?: string },
    signal: AbortSignal,
  ): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export function httpCaller(authorities: string | undefined): HttpCaller {
  const agent = new Agent({
    maxResponseSize: maximumAnswerBytes,
    ...(authorities === undefined ? {} : { connect: { ca: authorities } }),
  });
  return {
    async call({ url, method, headers, body }, signal) {
      const answer = await send(url, {
        method,
        headers: { 'user-agent': 'jiehe', ...headers },
        ...(body === undefined || method === 'GET' ? {} : { body }),
        dispatcher: agent,
        signal,
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, text, retryAfterS: retryAfter(answer.headers['retry-after']) };
    },
    close: () => agent.destroy(),
  };
}

function retryAfter(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return null;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), retryAfterLimitS) : null;
}

/** Why there was no answer, without the address, which may hold a key. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const inner = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `no answer: ${code}${inner}`;
}

/** The first characters of an answer, for a log. */
export const excerpt = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 200);
