import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Noted, Seen } from '../auth/seen-by.ts';
import { linkNext } from './paging.ts';

const gzipped = promisify(gzip);

/** An answer smaller than this is sent as it is. */
const leastCompressed = 1024;
const gzipLevel = 3;

interface Kept {
  tag: string;
  next: string | null;
  body: Promise<Buffer>;
  gzip: Promise<Buffer> | null;
  noted: readonly Noted[];
  /** Of its name and what was sent under it: addresses may be longer than their answers. */
  bytes: number;
}

export interface KeptAnswer {
  seen: Seen;
  /** What else the answer follows from, besides its address: a representation, a minute, the root of its links. */
  facts: readonly (string | number)[];
  type: string;
  make(): Promise<Made>;
}

/** The text of an answer, and the cursor of the page after it; null or absent: there is none. */
export interface Made {
  text: string;
  next?: string | null;
}

/** Whether gzip is taken: named or by `*`, and not with a weight of nothing. */
export function takesGzip(header: string | undefined): boolean {
  const ranges = (header ?? '').split(',').map((range) =>
    range
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/),
  );
  const found = ranges.find(([name]) => name === 'gzip') ?? ranges.find(([name]) => name === '*');
  return found !== undefined && !found.slice(1).some((parameter) => /^q=0(\.0*)?$/.test(parameter));
}

function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const bare = (one: string): string => one.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((one) => bare(one) === bare(tag));
}

const tagOf = (text: string): string =>
  `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;

/**
 * Answers that follow from their address, the journal position, the configuration and the circle of readers: made once for all of
 * a circle, kept as bytes, compressed once. Their tag is known before any work, so a client that has the answer costs nothing.
 * All are forgotten when another entry is applied; see docs/decisions/232.
 */
export class KeptAnswers {
  readonly #mostBytes: number;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;
  #state = '';

  constructor(mostBytes = 96 * 2 ** 20) {
    this.#mostBytes = mostBytes;
  }

  /** Sends the answer, 304 where the client has it. Rejects as `make` does; nothing is kept then. */
  async send(request: FastifyRequest, reply: FastifyReply, answer: KeptAnswer): Promise<FastifyReply> {
    const { seen, type } = answer;
    const { audience, readings, version } = seen;
    const state = [version, readings.place ?? '', seen.progress().appliedSeq, seen.config().hash].join('\n');
    const moment = audience.delayed ? audience.nowS : '';
    const name = [audience.name, moment, type, request.url, ...answer.facts].join('\n');
    this.#follow(state);
    const tag = this.#kept.get(name)?.tag ?? tagOf(`${state}\n${name}`);
    reply.header('etag', tag).header('vary', 'accept, accept-encoding, authorization, cookie').type(type);
    if (matches(request.headers['if-none-match'], tag)) return reply.code(304).send();
    const kept = await this.#answer(name, tag, answer);
    const body = await kept.body;
    linkNext(request, reply, kept.next);
    if (body.length < leastCompressed || !takesGzip(request.headers['accept-encoding']))
      return reply.header('content-encoding', 'identity').send(body);
    kept.gzip ??= this.#counted(name, kept, gzipped(body, { level: gzipLevel }));
    return reply.header('content-encoding', 'gzip').send(await kept.gzip);
  }

  #follow(state: string): void {
    if (state === this.#state) return;
    this.#kept.clear();
    this.#bytes = 0;
    this.#state = state;
  }

  async #answer(name: string, tag: string, { seen, make }: KeptAnswer): Promise<Kept> {
    const held = this.#kept.get(name);
    if (held !== undefined) {
      this.#kept.delete(name);
      this.#kept.set(name, held);
      await held.body;
      seen.noteAgain(held.noted);
      return held;
    }
    const making = make();
    const kept: Kept = {
      tag,
      next: null,
      body: Promise.resolve(Buffer.alloc(0)),
      gzip: null,
      noted: seen.noted,
      bytes: name.length,
    };
    this.#kept.set(name, kept);
    this.#bytes += kept.bytes;
    kept.body = this.#counted(
      name,
      kept,
      making.then(({ text, next = null }) => {
        kept.next = next;
        return Buffer.from(text);
      }),
    );
    await kept.body;
    return kept;
  }

  /** Adds the bytes to what is kept when they are there, and lets go of what was asked for longest ago. */
  async #counted(name: string, kept: Kept, work: Promise<Buffer>): Promise<Buffer> {
    try {
      const bytes = await work;
      if (this.#kept.get(name) === kept) {
        kept.bytes += bytes.length;
        this.#bytes += bytes.length;
        this.#makeRoom();
      }
      return bytes;
    } catch (cause) {
      if (this.#kept.get(name) === kept) this.#forget(name, kept);
      throw cause;
    }
  }

  #makeRoom(): void {
    for (const [name, kept] of this.#kept) {
      if (this.#bytes <= this.#mostBytes) return;
      this.#forget(name, kept);
    }
  }

  #forget(name: string, kept: Kept): void {
    this.#kept.delete(name);
    this.#bytes -= kept.bytes;
  }
}
