import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { Session, User, UserSecrets } from '../../domain/identity.ts';
import { fitsNobody, passwordFits } from '../auth/passwords.ts';
import { newTotp, totpStepOf } from '../auth/second-factor.ts';
import { closeSession, openSession } from '../auth/sessions.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { performAct } from '../http/perform-act.ts';
import { answers, Instant, NullableText, one, strict } from '../http/schemas.ts';

const tags = ['access'];
const windowS = 900;
const mostFailures = { user: 5, address: 30 };

export const SessionShape = Type.Object({
  user: Type.String(),
  name: Type.String(),
  role: Type.String(),
  jurisdiction: NullableText,
  csrf: Type.String({
    description: 'send it back as X-CSRF-Token with every request that changes something',
  }),
  secondFactor: Type.Boolean(),
  mustEnrol: Type.Boolean({
    description: 'a signatory without a second factor can do nothing but enrol one',
  }),
  expires: Instant,
});

const Code = Type.String({ pattern: '^\\d{6}$', description: 'code of the authenticator' });

export function sessionShape(deps: ApiDeps, { session, user }: { session: Session; user: User }) {
  return {
    user: user.id,
    name: user.name,
    role: user.role,
    jurisdiction: user.jurisdiction,
    csrf: session.csrf,
    secondFactor: session.secondFactor,
    mustEnrol: user.role === 'signatory' && !session.secondFactor,
    expires: isoTimes(deps.config().region.timeZone)(session.expiresS),
  };
}

function refused(reason: 'WRONG_NAME_OR_PASSWORD' | 'CODE_NEEDED' | 'CODE_WRONG'): MonitorError {
  const messages = {
    WRONG_NAME_OR_PASSWORD: 'name and password do not fit (用户名或密码不正确)',
    CODE_NEEDED: 'the code of the authenticator is needed as well (需要动态验证码)',
    CODE_WRONG: 'the code does not fit or was used already (动态验证码不正确或已使用)',
  };
  return new MonitorError('E_UNAUTHORIZED', messages[reason], { details: { reason } });
}

/** Too many wrong passwords for a name or from an address: nobody is let in for a while, right password or not. */
async function checkPatience(deps: ApiDeps, who: { user: string; address: string }): Promise<void> {
  const sinceS = deps.clock.nowS() - windowS;
  const failures = await deps.state.identity.failures({ ...who, sinceS });
  if (failures.user < mostFailures.user && failures.address < mostFailures.address) return;
  throw new MonitorError('E_TOO_MANY_REQUESTS', 'too many failed sign-ins; wait a quarter of an hour', {
    details: { retryAfterSeconds: windowS },
  });
}

/** Whether a code proves the second factor of this person; each code works once over all replicas. */
async function codeFits(deps: ApiDeps, user: User & UserSecrets, code: string): Promise<boolean> {
  if (user.sealedTotp === null) return false;
  const step = totpStepOf(deps.sealing.open(user.sealedTotp), code, deps.clock.nowS());
  return step !== null && (await deps.state.identity.useTotpStep(user.id, step));
}

async function signIn(
  deps: ApiDeps,
  credentials: { user: string; password: string; code?: string },
  http: { request: FastifyRequest; reply: FastifyReply },
) {
  const { identity } = deps.state;
  const who = { user: credentials.user, address: http.request.ip };
  await checkPatience(deps, who);
  const fail = async (reason: Parameters<typeof refused>[0]): Promise<MonitorError> => {
    await identity.noteFailure({ ...who, atS: deps.clock.nowS() });
    return refused(reason);
  };
  const user = await identity.user(credentials.user);
  const hash = user === null || user.disabledS !== null ? null : user.passwordHash;
  const fits = await (hash === null
    ? fitsNobody(credentials.password)
    : passwordFits(credentials.password, hash));
  if (!fits || user === null) throw await fail('WRONG_NAME_OR_PASSWORD');
  if (user.totpConfirmed) {
    if (credentials.code === undefined) throw refused('CODE_NEEDED');
    if (!(await codeFits(deps, user, credentials.code))) throw await fail('CODE_WRONG');
  }
  const of = { user, secondFactor: user.totpConfirmed, nowS: deps.clock.nowS() };
  const session = await openSession(identity, of, { ...http, publicUrl: deps.publicUrl });
  return sessionShape(deps, { session, user });
}

function signInRoutes(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      user: Type.String({ minLength: 1, maxLength: 80 }),
      password: Type.String({ minLength: 1, maxLength: 1000 }),
      code: Type.Optional(Code),
    },
    strict,
  );
  const response = answers({ 200: one(SessionShape) });
  const config = { tier: 'public', beforeSecondFactor: true } as const;
  const summary =
    'sign in with name and password, and the code where a second factor is enrolled; sets a cookie';
  app.post('/session', { config, schema: { tags, summary, body, response } }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    return { meta: metaOf(deps), result: await signIn(deps, request.body, { request, reply }) };
  });
  const ended = answers({ 200: one(Type.Object({ ended: Type.Boolean() })) }, 'forbidden');
  app.delete(
    '/session',
    { config, schema: { tags, summary: 'sign out', response: ended } },
    async (request, reply) => {
      if (request.session !== null) await closeSession(deps.state.identity, request.session.session, reply);
      return { meta: metaOf(deps), result: { ended: request.session !== null } };
    },
  );
}

/** The person of a session; a token is a machine's and has no second factor. Throws E_CONFLICT. */
async function personOf(deps: ApiDeps, request: FastifyRequest): Promise<User & UserSecrets> {
  const user = request.session === null ? null : await deps.state.identity.user(request.session.user.id);
  if (user !== null) return user;
  throw new MonitorError('E_CONFLICT', 'a second factor belongs to a person in a session, not to a token');
}

function secondFactorRoutes(app: Api, deps: ApiDeps): void {
  const config = { tier: 'public', signedIn: true, beforeSecondFactor: true } as const;
  const secret = Type.Object({
    secret: Type.String({ description: 'base 32, shown once' }),
    uri: Type.String({ description: 'otpauth address for an authenticator' }),
  });
  const enrol = {
    tags,
    summary: 'a new second factor (TOTP) for who is signed in; it counts once a code of it was shown',
    response: answers({ 201: one(secret) }, 'forbidden', 'conflict'),
  };
  app.post('/session/totp', { config, schema: enrol }, async (request, reply) => {
    const user = await personOf(deps, request);
    if (user.totpConfirmed && request.session?.session.secondFactor !== true)
      throw new MonitorError('E_CONFLICT', 'a second factor is enrolled already; sign in with it first');
    const made = newTotp(user.id);
    const payload = { userId: user.id, sealedSecret: deps.sealing.seal(made.secret) };
    await performAct(deps, { kind: 'enrol-totp', actor: user.id, payload });
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({ meta: metaOf(deps), result: made });
  });
  const confirm = {
    tags,
    summary: 'show that the second factor works; the session counts as opened with it',
    body: Type.Object({ code: Code }, strict),
    response: answers({ 200: one(SessionShape) }, 'forbidden', 'conflict'),
  };
  app.post('/session/totp/confirm', { config, schema: confirm }, async (request, reply) => {
    const user = await personOf(deps, request);
    await checkPatience(deps, { user: user.id, address: request.ip });
    if (!(await codeFits(deps, user, request.body.code))) {
      await deps.state.identity.noteFailure({ user: user.id, address: request.ip, atS: deps.clock.nowS() });
      throw refused('CODE_WRONG');
    }
    await performAct(deps, { kind: 'confirm-totp', actor: user.id, payload: { userId: user.id } });
    await deps.state.identity.closeSessionsOf(user.id);
    const of = { user, secondFactor: true, nowS: deps.clock.nowS() };
    const http = { request, reply, publicUrl: deps.publicUrl };
    const session = await openSession(deps.state.identity, of, http);
    return reply.header('cache-control', 'no-store').send({
      meta: metaOf(deps),
      result: sessionShape(deps, { session, user }),
    });
  });
}

/** Signing in and out, and the second factor. */
export function sessionRoutes(app: Api, deps: ApiDeps): void {
  signInRoutes(app, deps);
  secondFactorRoutes(app, deps);
}
