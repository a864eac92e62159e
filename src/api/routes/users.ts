import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import { roles } from '../../domain/roles.ts';
import { actorOf } from '../auth/authentication.ts';
import { hashPassword } from '../auth/passwords.ts';
import type { ApiDeps } from '../deps.ts';
import { Done, jurisdictionFaults, NullableCode } from '../http/act-shapes.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { performAct } from '../http/perform-act.ts';
import {
  answers,
  IdInput,
  Instant,
  many,
  NullableInstant,
  NullableText,
  one,
  oneOf,
  strict,
} from '../http/schemas.ts';

const tags = ['access'];
const administrator = { tier: 'administrator' } as const;

const UserShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Type.String(),
  jurisdiction: NullableText,
  issuer: NullableText,
  subject: NullableText,
  created: Instant,
  disabled: NullableInstant,
  hasPassword: Type.Boolean(),
  hasTotp: Type.Boolean(),
});
const Password = Type.String({ minLength: 12, maxLength: 1000, description: 'at least twelve characters' });
const NullableName = Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 1, maxLength: 200 });

function listRoute(app: Api, deps: ApiDeps): void {
  const schema = {
    tags,
    summary: 'people (administrator)',
    response: answers({ 200: many(UserShape) }, 'forbidden'),
  };
  app.get('/users', { config: administrator, schema }, async () => {
    const iso = isoTimes(deps.config().region.timeZone);
    const users = await deps.state.identity.users();
    const results = users.map(({ createdS, disabledS, ...user }) => ({
      ...user,
      created: iso(createdS),
      disabled: disabledS === null ? null : iso(disabledS),
    }));
    return { meta: metaOf(deps), results };
  });
}

function creationRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      id: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,79}$' }),
      name: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f]+$' }),
      role: oneOf(roles),
      jurisdiction: Type.Optional(NullableCode),
      issuer: Type.Optional(NullableName),
      subject: Type.Optional(NullableName),
      password: Type.Optional(Password),
    },
    strict,
  );
  const schema = {
    tags,
    summary: 'add a person (administrator)',
    body,
    response: answers({ 201: one(Done) }, 'forbidden', 'conflict'),
  };
  app.post('/users', { config: administrator, schema }, async (request, reply) => {
    const { id, name, role, jurisdiction = null, issuer = null, subject = null, password } = request.body;
    rejectIfAny(jurisdictionFaults(deps, jurisdiction));
    const actor = actorOf(request);
    const payload = { userId: id, name, role, jurisdiction, issuer, subject };
    const { seq } = await performAct(deps, { kind: 'create-user', actor, payload });
    if (password !== undefined) {
      const passwordHash = await hashPassword(password);
      await performAct(deps, { kind: 'set-password', actor, payload: { userId: id, passwordHash } });
    }
    return reply.code(201).send({ meta: metaOf(deps), result: { id, seq } });
  });
}

const params = Type.Object({ id: IdInput }, strict);

function passwordRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object({ password: Password }, strict);
  const schema = {
    tags,
    summary: "set a password: one's own, or anybody's as an administrator; ends all sessions",
    params,
    body,
    response: answers({ 200: one(Done) }, 'forbidden', 'notFound', 'conflict'),
  };
  app.put('/users/:id/password', { config: { tier: 'public', signedIn: true }, schema }, async (request) => {
    const { id } = request.params;
    const { actor } = request;
    const own = request.session?.user.id === id;
    if (!own && actor?.role !== 'administrator')
      throw new MonitorError('E_FORBIDDEN', 'only an administrator may set the password of somebody else', {
        details: { reason: 'NOT_AN_ADMINISTRATOR' },
      });
    const passwordHash = await hashPassword(request.body.password);
    const { seq } = await performAct(deps, {
      kind: 'set-password',
      actor: actorOf(request),
      payload: { userId: id, passwordHash },
    });
    await deps.state.identity.closeSessionsOf(id);
    return { meta: metaOf(deps), result: { id, seq } };
  });
}

function endingRoutes(app: Api, deps: ApiDeps): void {
  const ends = [
    ['disable-user', '/users/:id', 'disable a person and end all sessions (administrator)'],
    ['reset-totp', '/users/:id/totp', 'take away a lost second factor (administrator)'],
  ] as const;
  for (const [kind, url, summary] of ends) {
    const schema = {
      tags,
      summary,
      params,
      response: answers({ 200: one(Done) }, 'forbidden', 'notFound', 'conflict'),
    };
    app.delete(url, { config: administrator, schema }, async (request) => {
      const { id } = request.params;
      const { seq } = await performAct(deps, { kind, actor: actorOf(request), payload: { userId: id } });
      await deps.state.identity.closeSessionsOf(id);
      return { meta: metaOf(deps), result: { id, seq } };
    });
  }
}

/** People of the bureaus. Each change is an act with an actor; passwords arrive in the journal as hashes only. */
export function userRoutes(app: Api, deps: ApiDeps): void {
  listRoute(app, deps);
  creationRoute(app, deps);
  passwordRoute(app, deps);
  endingRoutes(app, deps);
}
