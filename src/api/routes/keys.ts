import { Type } from 'typebox';
import type { Role } from '../../domain/ports.ts';
import { parseInstant } from '../../domain/time.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../fastify-types.ts';
import { rejectIfAny } from '../faults.ts';
import { isoTimes } from '../iso-times.ts';
import { metaOf } from '../negotiation.ts';
import { answers, IdInput, InstantInput, NullableInstant, NullableText, one, oneOf } from '../schemas.ts';

const strict = { additionalProperties: false };
const roles = [
  'viewer',
  'duty-officer',
  'finance',
  'signatory',
  'administrator',
  'joint-office',
] as const satisfies readonly Role[];

const KeyShape = Type.Object({
  id: Type.String(),
  token: Type.String({ description: 'shown this once; only its hash is kept' }),
  holder: Type.String(),
  name: NullableText,
  role: Type.String(),
  jurisdiction: NullableText,
  expires: NullableInstant,
  seq: Type.Integer({ description: 'journal entry of the act' }),
});

const tags = ['access'];

function identityRoute(app: Api, deps: ApiDeps): void {
  const MeShape = Type.Object({ id: NullableText, role: NullableText, jurisdiction: NullableText });
  app.get(
    '/me',
    {
      config: { tier: 'public' },
      schema: {
        tags,
        summary: 'who this token is; nulls without one',
        response: answers({ 200: one(MeShape) }),
      },
    },
    (request) => ({
      meta: metaOf(deps),
      result: request.actor ?? { id: null, role: null, jurisdiction: null },
    }),
  );
}

function creationRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      holder: Type.String({ pattern: '^\\S{1,80}$', description: 'whom the key acts for' }),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 80, pattern: '^[^\\u0000-\\u001f]+$' })),
      role: oneOf(roles),
      jurisdiction: Type.Optional(
        Type.Unsafe<string | null>({ type: ['string', 'null'], pattern: '^\\d{6}$' }),
      ),
      expires: Type.Optional(InstantInput),
    },
    strict,
  );
  const created = {
    tags,
    summary: 'make an access key (administrator)',
    body,
    response: answers({ 201: one(KeyShape) }, 'forbidden', 'conflict'),
  };
  app.post('/keys', { config: { tier: 'administrator' }, schema: created }, async (request, reply) => {
    const config = deps.config();
    const { holder, name = null, role, jurisdiction = null, expires } = request.body;
    const atS = deps.clock.nowS();
    const expiresS = expires === undefined ? null : parseInstant(expires, config.region.timeZone);
    const known =
      jurisdiction === null || config.jurisdictions.some((candidate) => candidate.code === jurisdiction);
    rejectIfAny([
      ...(known
        ? []
        : [{ field: 'body.jurisdiction', value: jurisdiction, expected: 'a code of /api/v1/jurisdictions' }]),
      ...(expiresS === null || expiresS > atS
        ? []
        : [{ field: 'body.expires', value: expires, expected: 'a time to come' }]),
    ]);
    const key = { actor: request.actor?.id ?? '', holder, role, jurisdiction, expiresS, name, atS };
    const { token, keyId, seq } = await deps.keyActs.create(key);
    const shown = expiresS === null ? null : isoTimes(config.region.timeZone)(expiresS);
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({
        meta: metaOf(deps),
        result: { id: keyId, token, holder, name, role, jurisdiction, expires: shown, seq },
      });
  });
}

function revocationRoute(app: Api, deps: ApiDeps): void {
  const params = Type.Object({ id: IdInput }, strict);
  const revoked = one(Type.Object({ id: Type.String(), seq: Type.Integer() }));
  app.delete(
    '/keys/:id',
    {
      config: { tier: 'administrator' },
      schema: {
        tags,
        summary: 'revoke an access key (administrator)',
        params,
        response: answers({ 200: revoked }, 'forbidden', 'notFound', 'conflict'),
      },
    },
    async (request) => {
      const { id } = request.params;
      const seq = await deps.keyActs.revoke({
        keyId: id,
        actor: request.actor?.id ?? '',
        atS: deps.clock.nowS(),
      });
      return { meta: metaOf(deps), result: { id, seq } };
    },
  );
}

/** Access keys, and who one is. Each change is an act with an actor. */
export function keyRoutes(app: Api, deps: ApiDeps): void {
  identityRoute(app, deps);
  creationRoute(app, deps);
  revocationRoute(app, deps);
}
