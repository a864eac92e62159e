import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { Viewer } from '../auth/seen-by.ts';
import { answers, IdList, Limit, represented, strict } from '../http/schemas.ts';
import {
  FeedAnswer,
  feedMeanings,
  feedPage,
  type FeedFilter,
  type FeedPage,
} from '../readings/change-feed.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { metaOf } from '../http/negotiation.ts';

const mostWaitS = 30;
/** A stream ends then, so that whoever follows shows again who it is. */
const mostStreamS = 900;
const mostStreams = 256;
const lookMs = 250;
const heartbeatMs = 15_000;

const SinceInput = Type.String({
  pattern: '^[0-9a-f:.,~-]{1,400}$',
  description: '`cursor` of the answer before; absent: from the beginning',
});
const what = {
  since: Type.Optional(SinceInput),
  limit: Limit(5000, 500),
  provider: Type.Optional(IdList),
  station: Type.Optional(IdList),
  parameter: Type.Optional(IdList),
};
const pageQuery = Type.Object(
  {
    ...what,
    wait: Type.Integer({
      minimum: 0,
      maximum: mostWaitS,
      default: 0,
      description: 'where nothing changed, seconds to wait for a change before the answer',
    }),
  },
  strict,
);
const streamQuery = Type.Object(
  {
    ...what,
    seconds: Type.Integer({
      minimum: 0,
      maximum: mostStreamS,
      default: mostStreamS,
      description: 'the stream ends after so long; a client reconnects with Last-Event-ID',
    }),
  },
  strict,
);

interface Asked {
  since: string | null;
  limit: number;
  filter: FeedFilter;
}

const setOf = (list: string | undefined): ReadonlySet<string> | null =>
  list === undefined ? null : new Set(list.split(','));

function askedOf(query: {
  since?: string;
  limit: number;
  provider?: string;
  station?: string;
  parameter?: string;
}): Asked {
  const { since = null, limit, provider, station, parameter } = query;
  return {
    since,
    limit,
    filter: { providers: setOf(provider), stations: setOf(station), parameters: setOf(parameter) },
  };
}

/** Looks for changes on behalf of those who wait for them, without asking the store while its position stands still. */
class Feed {
  readonly #deps: ApiDeps;
  readonly #viewer: Viewer;
  readonly closing = new AbortController();
  streams = 0;

  constructor(deps: ApiDeps, viewer: Viewer) {
    this.#deps = deps;
    this.#viewer = viewer;
  }

  async page(request: Pick<FastifyRequest, 'actor'>, asked: Asked): Promise<FeedPage> {
    return feedPage(await this.#viewer.seenBy(request, 'feed'), asked);
  }

  /** How far the readings are; taken before a page, it tells whether there may be more after it. */
  position(): number {
    return this.#deps.progress().appliedSeq;
  }

  /** Waits until the position is another one, a delay may have run out, or the time is up. */
  async moved(before: number, untilMs: number, signal: AbortSignal): Promise<void> {
    for (let waited = 0; performance.now() < untilMs && waited < heartbeatMs; waited += lookMs) {
      if (signal.aborted || this.position() !== before) return;
      await pause(Math.min(lookMs, Math.max(1, untilMs - performance.now())));
    }
  }

  shape(page: FeedPage) {
    const { cursor, more, entries } = page;
    return {
      meta: metaOf(this.#deps),
      cursor,
      more,
      flagMeanings: feedMeanings(page),
      results: entries,
    };
  }
}

const isEmpty = ({ entries, more }: FeedPage): boolean => entries.length === 0 && !more;

/** Events `changes` with the cursor as their id; a comment where nothing changed, so that nobody on the way hangs up. */
async function* events(
  feed: Feed,
  request: FastifyRequest,
  asked: Asked,
  until: { ms: number; signal: AbortSignal },
): AsyncGenerator<string> {
  let { since } = asked;
  yield 'retry: 3000\n\n';
  for (;;) {
    const position = feed.position();
    const page = await feed.page(request, { ...asked, since });
    if (page.entries.length > 0)
      yield `id: ${page.cursor}\nevent: changes\ndata: ${JSON.stringify(feed.shape(page))}\n\n`;
    else yield `: ${page.cursor}\n\n`;
    since = page.cursor;
    if (until.signal.aborted || performance.now() >= until.ms) return;
    if (!page.more) await feed.moved(position, until.ms, until.signal);
  }
}

function pages(app: Api, feed: Feed): void {
  const schema = {
    tags: ['readings'],
    summary: 'what changed since a cursor, in the order of the journal, with the readings themselves',
    querystring: pageQuery,
    response: answers({ 200: FeedAnswer }),
  };
  app.get('/changes', { config: { tier: 'public' }, schema }, async (request, reply) => {
    const asked = askedOf(request.query);
    const untilMs = performance.now() + request.query.wait * 1000;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, feed.closing.signal]);
    let position = feed.position();
    let page = await feed.page(request, asked);
    while (isEmpty(page) && performance.now() < untilMs && !signal.aborted) {
      await feed.moved(position, untilMs, signal);
      position = feed.position();
      page = await feed.page(request, { ...asked, since: page.cursor });
    }
    return feed.shape(page);
  });
}

function streams(app: Api, feed: Feed): void {
  const schema = {
    tags: ['readings'],
    summary: 'the same as server-sent events; Last-Event-ID goes on where a stream ended',
    querystring: streamQuery,
    response: answers({ 200: represented('events', { 'text/event-stream': Type.String() }) }),
  };
  const options = { config: { tier: 'public' as const }, schema, compress: false as const };
  app.get('/changes/stream', options, async (request, reply) => {
    if (feed.streams >= mostStreams)
      throw new MonitorError('E_NOT_READY', `${mostStreams} streams are open; ask /api/v1/changes instead`);
    const last = request.headers['last-event-id'];
    const asked = askedOf(request.query);
    const since = typeof last === 'string' && last !== '' ? last : asked.since;
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, feed.closing.signal]);
    const until = { ms: performance.now() + request.query.seconds * 1000, signal };
    feed.streams += 1;
    reply.raw.once('close', () => {
      gone.abort();
      feed.streams -= 1;
    });
    reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no');
    reply.type('text/event-stream; charset=utf-8');
    return reply.send(Readable.from(events(feed, request, { ...asked, since }, until)));
  });
}

/** The change feed: pages, long polls, and a stream of events. */
export function changeRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const feed = new Feed(deps, viewer);
  app.addHook('preClose', (done) => {
    feed.closing.abort();
    done();
  });
  pages(app, feed);
  streams(app, feed);
}
