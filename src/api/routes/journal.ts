import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../fastify-types.ts';
import { isoTimes } from '../iso-times.ts';
import { metaOf } from '../negotiation.ts';
import { redacted } from '../redaction.ts';
import { answers, Instant, NullableText, one } from '../schemas.ts';

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

/** The bytes behind readings and acts, for who owns data; credentials never leave. */
export function journalRoutes(app: Api, deps: ApiDeps): void {
  const params = Type.Object({ seq: Type.Integer({ minimum: 1 }) }, { additionalProperties: false });
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
