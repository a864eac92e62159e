import { Type } from 'typebox';
import { actorOf } from '../auth/authentication.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { metaOf } from '../http/negotiation.ts';
import { answers, many, NullableText, one, oneOf, strict } from '../http/schemas.ts';
import { Line, params, Party, Plain, Seq, serviceOf, Sha256, tags } from '../auth/settlement-access.ts';

/** Public keys of the parties, and who may publish and revoke them. */
export function signingKeyRoutes(app: Api, deps: ApiDeps): void {
  const KeyBody = Type.Object(
    {
      keyId: Sha256,
      algorithm: oneOf(['ed25519', 'sm2-sm3']),
      party: Party,
      holder: Line,
      publicKey: Type.String({ pattern: '^[A-Za-z0-9+/]+=*$', maxLength: 10_000 }),
      certificate: NullableText,
    },
    strict,
  );
  app.get(
    '/signing-keys',
    {
      config: { tier: 'public' },
      schema: { tags, summary: 'public keys of the parties', response: answers({ 200: many(Plain) }) },
    },
    async () => ({
      meta: metaOf(deps),
      results: (await serviceOf(deps).signingKeys()).map((key) => ({ ...key })),
    }),
  );
  const config = { tier: 'administrator' as const };
  app.post(
    '/signing-keys',
    {
      config,
      schema: {
        tags,
        body: KeyBody,
        summary: "publish a party's public key (administrator)",
        response: answers({ 201: one(Seq) }, 'forbidden', 'conflict'),
      },
    },
    async (request, reply) => {
      const seq = await serviceOf(deps).publishKey(request.body, actorOf(request));
      return reply.code(201).send({ meta: metaOf(deps), result: { seq } });
    },
  );
  app.post(
    '/signing-keys/:id/revocation',
    {
      config,
      schema: {
        tags,
        params,
        summary: 'nothing signed with the key is taken any more (administrator)',
        body: Type.Object({ reason: Line }, strict),
        response: answers({ 200: one(Seq) }, 'forbidden', 'notFound', 'conflict'),
      },
    },
    async (request) => {
      const { reason } = request.body;
      const act = { keyId: request.params.id, reason, actor: actorOf(request) };
      return { meta: metaOf(deps), result: { seq: await serviceOf(deps).revokeKey(act) } };
    },
  );
}
