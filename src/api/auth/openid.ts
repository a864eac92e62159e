import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';
import { errorCodes, MonitorError } from '../../domain/errors.ts';
import type { ApiDeps, OpenIdSettings } from '../deps.ts';
import { showPage } from '../http/bare-page.ts';
import { monitorErrorOf } from '../http/faults.ts';
import { publicAddress } from '../http/public-address.ts';
import { openSession } from './sessions.ts';

const start = '/auth/openid';
const callback = '/auth/openid/callback';
const attemptS = 600;
/** Values of `amr` by which a provider says that more than a password was shown (RFC 8176). */
const strong = new Set(['mfa', 'otp', 'hwk', 'sc']);

/** The provider's own description, fetched at first use and again after a failure, so that a dead provider does not stop a start. */
function provider({ issuer, clientId, clientSecret }: OpenIdSettings): () => Promise<Configuration> {
  let found: Promise<Configuration> | null = null;
  const url = new URL(issuer);
  const options = url.protocol === 'http:' ? { execute: [allowInsecureRequests] } : {};
  return async () => {
    found ??= discovery(url, clientId, clientSecret ?? undefined, undefined, options);
    try {
      return await found;
    } catch (cause) {
      found = null;
      const zh = `统一认证服务 ${issuer} 没有正常应答`;
      throw new MonitorError('E_UPSTREAM', `the OpenID provider ${issuer} does not answer as one`, {
        cause,
        details: { zh },
      });
    }
  };
}

interface SignIn {
  deps: ApiDeps;
  configuration: () => Promise<Configuration>;
}

async function goOut({ deps, configuration }: SignIn, request: FastifyRequest): Promise<URL> {
  const config = await configuration();
  const verifier = randomPKCECodeVerifier();
  const attempt = { state: randomState(), nonce: randomNonce(), verifier, atS: deps.clock.nowS() };
  await deps.state.identity.keepAttempt(attempt);
  return buildAuthorizationUrl(config, {
    redirect_uri: `${publicAddress(request, deps.publicUrl)}${callback}`,
    scope: 'openid profile',
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
}

function refused(
  text: { zh: string; en: string },
  details: Record<string, unknown>,
  cause?: unknown,
): MonitorError {
  return new MonitorError('E_UNAUTHORIZED', text.en, {
    details: { reason: 'OPENID_REFUSED', zh: text.zh, ...details },
    ...(cause === undefined ? {} : { cause }),
  });
}

async function comeBack(
  { deps, configuration }: SignIn,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { identity } = deps.state;
  const nowS = deps.clock.nowS();
  const { state = '' } = request.query as { state?: string };
  const attempt = await identity.takeAttempt(state, nowS - attemptS);
  if (attempt === null)
    throw refused(
      {
        zh: '此次登录不是从这里发起的，或已过期，或已用过',
        en: 'this sign-in was not begun here, is over or was used already',
      },
      {},
    );
  const config = await configuration();
  const url = new URL(request.url, publicAddress(request, deps.publicUrl));
  const checks = {
    pkceCodeVerifier: attempt.verifier,
    expectedState: attempt.state,
    expectedNonce: attempt.nonce,
    idTokenExpected: true,
  };
  const tokens = await authorizationCodeGrant(config, url, checks).catch((cause: unknown) => {
    throw refused(
      { zh: '统一认证服务没有确认此次登录', en: 'the OpenID provider did not confirm the sign-in' },
      {},
      cause,
    );
  });
  const claims = tokens.claims();
  const issuer = claims?.iss ?? '';
  const subject = claims?.sub ?? '';
  const user = await identity.userOf(issuer, subject);
  if (user === null || user.disabledS !== null)
    throw refused(
      {
        zh: '此处没有以该统一认证名称登记的人员；管理员可以添加',
        en: 'nobody here is known under this name of the provider; an administrator can add it',
      },
      { issuer, subject },
    );
  const methods: unknown = claims?.amr;
  const secondFactor = Array.isArray(methods) && methods.some((method) => strong.has(String(method)));
  await openSession(identity, { user, secondFactor, nowS }, { request, reply, publicUrl: deps.publicUrl });
}

/** A browser is shown what went wrong and a way back; any other client gets the usual shape. */
function signInFault(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  if (!(request.headers.accept ?? '').includes('text/html')) throw error;
  const fault = monitorErrorOf(error);
  const { zh, issuer, subject } = fault.details as { zh?: string; issuer?: string; subject?: string };
  const named = subject === undefined ? [] : [`issuer ${issuer ?? ''}`, `subject ${subject}`];
  showPage(reply, errorCodes[fault.code].status, {
    title: '登录未成功 · Sign-in failed',
    lines: [...(zh === undefined ? [] : [zh]), fault.message, ...named, `request ${request.id}`],
    link: { href: '/account', text: '返回登录 · Back to sign-in' },
  });
}

/** Sign-in through the bureau's OpenID provider (authorization code with PKCE). Who may come in is decided here, by users that name issuer and subject. */
export function openIdRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const settings = deps.openId;
  if (settings === null) return;
  const signIn: SignIn = { deps, configuration: provider(settings) };
  const options = { errorHandler: signInFault };
  app.get(start, options, async (request, reply) => reply.redirect((await goOut(signIn, request)).href));
  app.get(callback, options, async (request, reply) => {
    await comeBack(signIn, request, reply);
    return reply.redirect('/');
  });
}
