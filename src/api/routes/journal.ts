import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { JournalEntry } from '../../domain/journal.ts';
import { decide } from '../auth/access.ts';
import type { Seen, Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { redacted } from '../auth/redaction.ts';
import { answers, Instant, NullableText, one, SeqInput, strict } from '../http/schemas.ts';

const mostBytes = 1024 * 1024;

const EntryShape = Type.Object({
  seq: Type.Integer(),
  kind: Type.String(),
  received: Instant,
  meta: Type.Record(Type.String(), Type.Unknown()),
  length: Type.Integer({ description: 'bytes of the body' }),
  sha256: Type.String({ description: 'of the body as it was received, before anything was taken out' }),
  previous: Type.String(),
  hash: Type.String(),
  body: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'text with credentials taken out; null where it is no text or too long',
  }),
  redacted: Type.Boolean({ description: 'something was taken out of body or meta' }),
  why: NullableText,
});

function textOf(body: Uint8Array): { text: string | null; why: string | null } {
  if (body.length > mostBytes) return { text: null, why: `longer than ${mostBytes} bytes` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(body), why: null };
  } catch {
    return { text: null, why: 'not UTF-8' };
  }
}

/**
 * Bytes of a source are for whoever may see at once all that was read from them, as received; bytes of which nothing was read
 * have no owner yet and are for the joint office. Throws E_FORBIDDEN.
 */
async function requireBytes(
  { audience }: Pick<Seen, 'audience'>,
  readings: ApiDeps['readings'],
  { seq, kind }: Pick<JournalEntry, 'seq' | 'kind'>,
): Promise<void> {
  if (kind !== 'raw' || decide(audience.actor, { tier: 'office' }).allow) return;
  const batch = (await readings.written?.(seq, seq))?.get(seq);
  const written = (batch?.series ?? []).map((key) => ({ ...key, provider: batch?.provider ?? '' }));
  const closed = written.find((key) => audience.sees(key).raw !== 0);
  if (written.length > 0 && closed === undefined) return;
  const reason = 'NOT_THE_OWNER';
  const station = closed?.station ?? null;
  throw new MonitorError(
    'E_FORBIDDEN',
    `entry ${seq} holds what only its owner and the joint office may see`,
    {
      details: { reason, station },
    },
  );
}

/** The bytes behind readings and acts, for who owns data; credentials never leave. */
export function journalRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const params = Type.Object({ seq: SeqInput }, strict);
  app.get(
    '/journal/:seq',
    {
      config: { tier: 'owner' },
      schema: {
        tags: ['journal'],
        summary: 'one journal entry, credentials taken out',
        params,
        response: answers({ 200: one(EntryShape) }, 'forbidden', 'notFound'),
      },
    },
    async (request) => {
      const entry = await deps.journal.get(request.params.seq);
      await requireBytes(await viewer.seenBy(request, 'journal'), deps.readings, entry);
      const { seq, kind, receivedS, sha256, previous, hash } = entry;
      const { text, why } = textOf(entry.body);
      const body = text === null ? null : redacted(text);
      const metaText = JSON.stringify(entry.meta);
      const meta: Record<string, unknown> = JSON.parse(redacted(metaText));
      const received = isoTimes(deps.config().region.timeZone)(receivedS);
      const length = entry.body.length;
      const changed = body !== text || JSON.stringify(meta) !== metaText;
      return {
        meta: metaOf(deps),
        result: { seq, kind, received, meta, length, sha256, previous, hash, body, redacted: changed, why },
      };
    },
  );
}
