import { Type, type Static } from 'typebox';
import { parseInstant } from '../../domain/time.ts';
import { roles } from '../../domain/roles.ts';
import { actorOf } from '../auth/authentication.ts';
import type { ApiDeps } from '../deps.ts';
import { jurisdictionFaults, NullableCode } from '../http/act-shapes.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { sessionShape, SessionShape } from './session.ts';
import {
  answers,
  IdInput,
  Instant,
  InstantInput,
  many,
  NullableInstant,
  NullableText,
  one,
  oneOf,
  strict,
} from '../http/schemas.ts';

const KeyShape = Type.Object({
  id: Type.String(),
  token: Type.String({ description: 'shown this once; only its hash is kept' }),
  holder: Type.String(),
  name: NullableText,
  role: Type.String(),
  jurisdiction: NullableText,
  scopes: Type.Array(Type.String()),
  expires: NullableInstant,
  seq: Type.Integer({ description: 'journal entry of the act' }),
});

const tags = ['access'];

function identityRoute(app: Api, deps: ApiDeps): void {
  const MeShape = Type.Object({
    id: NullableText,
    role: NullableText,
    jurisdiction: NullableText,
    session: Type.Unsafe<Static<typeof SessionShape> | null>({
      anyOf: [SessionShape, { type: 'null' }],
      description: 'null: a token, or nobody',
    }),
    openId: Type.Boolean({ description: 'people may sign in with an OpenID provider, at /auth/openid' }),
  });
  app.get(
    '/me',
    {
      config: { tier: 'public' },
      schema: {
        tags,
        summary: 'who this token or session is; nulls without one',
        response: answers({ 200: one(MeShape) }),
      },
    },
    (request, reply) => {
      const { id = null, role = null, jurisdiction = null } = request.actor ?? {};
      const session = request.session === null ? null : sessionShape(deps, request.session);
      if (session !== null) reply.header('cache-control', 'no-store');
      return {
        meta: metaOf(deps),
        result: { id, role, jurisdiction, session, openId: deps.openId !== null },
      };
    },
  );
}

function creationRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      holder: Type.String({ pattern: '^\\S{1,80}$', description: 'whom the key acts for' }),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 80, pattern: '^[^\\u0000-\\u001f]+$' })),
      role: oneOf(roles),
      jurisdiction: Type.Optional(NullableCode),
      scopes: Type.Optional(
        Type.Array(Type.String({ pattern: '^(read|(provider|station):[A-Za-z0-9._:-]{1,100})$' }), {
          maxItems: 100,
          uniqueItems: true,
          description:
            'read: no changes; provider:… and station:…: readings of these only; empty: all that the role may',
        }),
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
    const { holder, name = null, role, jurisdiction = null, scopes = [], expires } = request.body;
    const atS = deps.clock.nowS();
    const expiresS = expires === undefined ? null : parseInstant(expires, config.region.timeZone);
    rejectIfAny([
      ...jurisdictionFaults(deps, jurisdiction),
      ...(expiresS === null || expiresS > atS
        ? []
        : [{ field: 'body.expires', value: expires, expected: 'a time to come' }]),
    ]);
    const key = { actor: actorOf(request), holder, role, jurisdiction, scopes, expiresS, name, atS };
    const { token, keyId, seq } = await deps.keyActs.create(key);
    const shown = expiresS === null ? null : isoTimes(config.region.timeZone)(expiresS);
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({
        meta: metaOf(deps),
        result: { id: keyId, token, holder, name, role, jurisdiction, scopes, expires: shown, seq },
      });
  });
}

function listRoute(app: Api, deps: ApiDeps): void {
  const { token: _token, seq: _seq, ...shown } = KeyShape.properties;
  const InfoShape = Type.Object({
    ...shown,
    created: Instant,
    revoked: NullableInstant,
    lastUsed: NullableInstant,
  });
  const schema = {
    tags,
    summary: 'access keys (administrator)',
    response: answers({ 200: many(InfoShape) }, 'forbidden'),
  };
  app.get('/keys', { config: { tier: 'administrator' }, schema }, async () => {
    const iso = isoTimes(deps.config().region.timeZone);
    const at = (atS: number | null): string | null => (atS === null ? null : iso(atS));
    const results = (await deps.state.keys.list()).map(
      ({ keyId, createdS, expiresS, revokedS, lastUsedS, ...key }) => ({
        ...key,
        id: keyId,
        scopes: [...key.scopes],
        created: iso(createdS),
        expires: at(expiresS),
        revoked: at(revokedS),
        lastUsed: at(lastUsedS),
      }),
    );
    return { meta: metaOf(deps), results };
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
        actor: actorOf(request),
        atS: deps.clock.nowS(),
      });
      return { meta: metaOf(deps), result: { id, seq } };
    },
  );
}

/** Access keys, and who one is. Each change is an act with an actor. */
export function keyRoutes(app: Api, deps: ApiDeps): void {
  identityRoute(app, deps);
  listRoute(app, deps);
  creationRoute(app, deps);
  revocationRoute(app, deps);
}
