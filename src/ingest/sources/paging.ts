import { MonitorError } from '../../domain/errors.ts';
import type { EntryMeta, FetchContext, RawPayload } from '../../domain/ports.ts';

/** Pages of one question at most: an upstream that never ends is not believed. */
const PAGES_LIMIT = 2000;

type Ask = Parameters<FetchContext['request']>[0];

/**
 * Asks page after page and yields each reply. `next` says, from a readable page, where the following one is (null: this was the
 * last); it must lie on the same host, since an address from a reply is not trusted with a key. Returns whether the last page
 * was reached: false where a reply was no page, which parsing names. Throws E_UPSTREAM for a page that leads elsewhere or in a circle.
 */
export async function* pages(
  context: FetchContext,
  first: Ask,
  next: (page: unknown, asked: URL) => string | null,
  meta: EntryMeta = {},
): AsyncGenerator<RawPayload, boolean> {
  const seen = new Set<string>();
  let url = new URL(first.url);
  for (let page = 1; page <= PAGES_LIMIT; page++) {
    seen.add(url.href);
    const reply = await context.request({ ...first, url: url.href });
    const part = [meta.part, `page ${page}`].filter((text) => text !== undefined).join(' ');
    yield { body: reply.body, meta: { ...reply.meta, ...meta, part } };
    const document = reply.meta.status === 200 ? readable(reply.body) : null;
    if (document === null) return false;
    const following = next(document, url);
    if (following === null) return true;
    url = sameOrigin(context, following, url);
    if (seen.has(url.href)) throw strayed(context, `page ${page} leads back to a page that was read`);
  }
  throw strayed(context, `more than ${PAGES_LIMIT} pages`);
}

function sameOrigin(context: FetchContext, following: string, asked: URL): URL {
  const url = URL.canParse(following, asked.href) ? new URL(following, asked.href) : null;
  if (url === null || url.origin !== asked.origin)
    throw strayed(
      context,
      `a page leads to "${following.slice(0, 200)}", expected an address on ${asked.origin}`,
    );
  return url;
}

const strayed = (context: FetchContext, why: string): MonitorError =>
  new MonitorError('E_UPSTREAM', `${context.sourceId}: ${why}`, { details: { source: context.sourceId } });

function readable(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return null;
  }
}
