import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MonitorError } from '../../domain/errors.ts';
import type { Session, User } from '../../domain/identity.ts';
import type { Actor } from '../../domain/ports.ts';
import { decide, type Decision, type Resource, type Tier } from './access.ts';
import { sessionOf } from './sessions.ts';
import type { ApiDeps } from '../deps.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. A route without one cannot be registered under /api/v1. */
    tier?: Tier;
    /** The row decides further (an agreement's parties): the route calls `requireAccess` itself. */
    decidedByRow?: boolean;
    /** For whoever is signed in, as whatever. */
    signedIn?: boolean;
    /** Usable although a second factor is due: signing in, enrolling, signing out. */
    beforeSecondFactor?: boolean;
  }
  interface FastifyRequest {
    /** Null: nobody signed in. */
    actor: Actor | null;
    /** The session of the cookie, where it and not a token says who this is. */
    session: { session: Session; user: User } | null;
    /** True when a token was sent that is unknown, expired or revoked. */
    tokenRejected: boolean;
  }
  interface FastifyInstance {
    /** Every route with the tier it declares, for the access matrix. */
    routeTable: { method: string; url: string; tier: Tier; decidedByRow: boolean; signedIn: boolean }[];
  }
}

type Reason =
  Exclude<Decision, { allow: true }>['reason'] | 'KEY_READS_ONLY' | 'SECOND_FACTOR_NEEDED' | 'FORGED_REQUEST';

const reasons: Record<Reason, string> = {
  NOT_SIGNED_IN: 'this needs an access token: Authorization: Bearer jh_…, or a session',
  NOT_A_PARTY: 'only the parties of the agreement and the joint office may see this',
  NOT_THE_OWNER: 'only the jurisdiction that owns the data and the joint office may see this',
  NOT_THE_OFFICE: 'only the joint office may see this',
  NOT_AN_ADMINISTRATOR: 'only an administrator may do this',
  KEY_READS_ONLY: 'this key is limited to reading',
  SECOND_FACTOR_NEEDED: 'signatories act only with a second factor: enrol one, then sign in with its code',
  FORGED_REQUEST: 'the request does not carry the token of its session: X-CSRF-Token',
};

function forbidden(reason: Reason, details: Record<string, unknown> = {}): MonitorError {
  const code = reason === 'NOT_SIGNED_IN' ? 'E_UNAUTHORIZED' : 'E_FORBIDDEN';
  return new MonitorError(code, reasons[reason], { details: { reason, ...details } });
}

/** Throws E_UNAUTHORIZED (nobody signed in) or E_FORBIDDEN with the reason by name; returns when access is allowed. */
export function requireAccess(actor: Actor | null, resource: Resource): void {
  const decision = decide(actor, resource);
  if (!decision.allow) throw forbidden(decision.reason, { tier: resource.tier });
}

/** Id of whoever acts; empty where nobody is signed in. */
export const actorOf = (request: Pick<FastifyRequest, 'actor'>): string => request.actor?.id ?? '';

function bearerToken(request: FastifyRequest): string | null {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  return /^Bearer (\S+)$/i.exec(header)?.[1] ?? '';
}

const readsOnly = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What a request that changes something must show besides who it is from. */
function checkChange(request: FastifyRequest): void {
  if (readsOnly.has(request.method)) return;
  if (request.actor?.scopes?.includes('read') === true) throw forbidden('KEY_READS_ONLY');
  const found = request.session;
  if (found === null) return;
  const site = request.headers['sec-fetch-site'];
  const sameSite = site === undefined || site === 'same-origin' || site === 'none';
  if (!sameSite || request.headers['x-csrf-token'] !== found.session.csrf) throw forbidden('FORGED_REQUEST');
  const needsFactor = found.user.role === 'signatory' && !found.session.secondFactor;
  if (needsFactor && request.routeOptions.config.beforeSecondFactor !== true)
    throw forbidden('SECOND_FACTOR_NEEDED');
}

/** Who sends this: a token wins over a session; a session that is over is nobody, a rejected token is refused. */
async function identify(request: FastifyRequest, deps: Pick<ApiDeps, 'state' | 'clock'>): Promise<void> {
  const token = bearerToken(request);
  if (token !== null) {
    request.actor = token === '' ? null : await deps.state.keys.actorOf(token, deps.clock.nowS());
    request.tokenRejected = request.actor === null;
    return;
  }
  request.session = await sessionOf(deps.state.identity, request, deps.clock.nowS());
  if (request.session === null) return;
  const { id, role, jurisdiction } = request.session.user;
  request.actor = { id, role, jurisdiction };
}

/**
 * Knows the actor before anything else runs, and checks the route's tier before the body is read. A rejected token is refused on
 * every route, public ones too, so that nobody works on believing to be signed in; it is refused after rate limiting.
 */
export async function installAuthentication(
  app: FastifyInstance,
  deps: Pick<ApiDeps, 'state' | 'clock' | 'synthetic'>,
): Promise<void> {
  await app.register(cookie);
  app.decorateRequest('actor', null);
  app.decorateRequest('session', null);
  app.decorateRequest('tokenRejected', false);
  app.decorate('routeTable', []);
  app.addHook('onRoute', (route) => {
    const tier = route.config?.tier;
    if (tier === undefined && route.url.startsWith('/api/v1'))
      throw new MonitorError('E_CONFIG', `route ${route.url} declares no access tier`);
    for (const method of [route.method].flat()) {
      app.routeTable.push({
        method,
        url: route.url,
        tier: tier ?? 'public',
        decidedByRow: route.config?.decidedByRow ?? false,
        signedIn: route.config?.signedIn ?? false,
      });
    }
  });
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.url?.startsWith('/internal/') === true) return;
    await identify(request, deps);
  });
  app.addHook('preParsing', async (request) => {
    if (request.tokenRejected) {
      throw new MonitorError('E_UNAUTHORIZED', 'the access token is unknown, expired or revoked', {
        details: { reason: 'TOKEN_REJECTED' },
      });
    }
    const { tier, decidedByRow, signedIn } = request.routeOptions.config;
    if (signedIn === true && request.actor === null) throw forbidden('NOT_SIGNED_IN');
    if (tier !== undefined && decidedByRow !== true)
      requireAccess(request.actor, { tier, synthetic: deps.synthetic });
    checkChange(request);
  });
}
