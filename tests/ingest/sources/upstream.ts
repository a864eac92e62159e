import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { SourceConfig } from '../../../src/domain/config/source.ts';
import { rowKinds, type FetchContext, type ParseResult, type RawPayload } from '../../../src/domain/ports.ts';
import { politeClient } from '../../../src/ingest/http.ts';
import { sourceAdapters } from '../../../src/ingest/sources/index.ts';
import { fixtureConfig, sampleSource, type Pulled } from './fixture-config.ts';

/** 2026-08-21T12:30Z */
export const NOW_S = 1_787_315_400;

export type Answer = (url: URL, request: IncomingMessage, response: ServerResponse) => unknown;

/** A server on a free port that answers with JSON for objects and text as it is; `asked` are the addresses in order. */
export interface Upstream {
  url: string;
  asked: URL[];
  headers: IncomingMessage['headers'][];
  close(): void;
}

export async function upstream(answer: Answer): Promise<Upstream> {
  const asked: URL[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', base);
    asked.push(url);
    headers.push(request.headers);
    const said = answer(url, request, response);
    response.end(typeof said === 'string' ? said : JSON.stringify(said));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const base = `http://127.0.0.1:${address.port}`;
  return {
    url: base,
    asked,
    headers,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export interface Pull {
  payloads: RawPayload[];
  results: ParseResult[];
  issues: string[];
  measured: number;
  /** What the generator threw at its end. */
  fault: unknown;
}

/** One run of the sample source of an adapter against this address, with cursors that a later run sees again. */
export async function pull(
  id: Pulled,
  given: {
    url: string;
    extra?: Partial<SourceConfig>;
    settings?: Record<string, unknown>;
    cursors?: Map<string, string>;
    window?: { fromS: number; toS: number };
    secrets?: Record<string, string>;
  },
): Promise<Pull> {
  const sample = sampleSource(id);
  const source: SourceConfig = {
    ...sample,
    url: given.url,
    ...(sample.archiveUrl === undefined ? {} : { archiveUrl: given.url }),
    minimumIntervalMs: 0,
    timeoutSeconds: 5,
    retries: 1,
    ...given.extra,
    settings: { ...sample.settings, ...given.settings },
  };
  const config = fixtureConfig({ sources: [source] });
  const client = politeClient(source, { backoffMs: 1 });
  const cursors = given.cursors ?? new Map<string, string>();
  const context: FetchContext = {
    signal: new AbortController().signal,
    request: client.request,
    sourceId: source.id,
    config,
    nowS: NOW_S,
    cursors: {
      get: (name) => Promise.resolve(cursors.get(name) ?? null),
      set: (name, value) => Promise.resolve(void cursors.set(name, value)),
    },
    secret: (name) => given.secrets?.[name] ?? null,
  };
  const adapter = sourceAdapters.get(id)!;
  const stream =
    given.window === undefined ? adapter.fetch(context) : adapter.backfill!(context, given.window);
  const payloads: RawPayload[] = [];
  let fault: unknown = null;
  try {
    for await (const payload of stream) payloads.push(payload);
  } catch (cause) {
    fault = cause;
  }
  await client.close();
  const results = payloads.map((payload) =>
    adapter.parse(payload.body, { receivedS: NOW_S, meta: payload.meta, config, sourceId: source.id }),
  );
  const kinds = results.flatMap((result) => [...result.rowKind]);
  return {
    payloads,
    results,
    issues: results
      .flatMap(({ issues }) => issues.map(({ code }) => code))
      .filter((code) => code !== 'STATION_UNREGISTERED'),
    measured: kinds.filter((kind) => kind === rowKinds.measured).length,
    fault,
  };
}
