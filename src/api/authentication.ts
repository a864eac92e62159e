import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MonitorError } from '../domain/errors.ts';
import type { Actor } from '../domain/ports.ts';
import { decide, type Decision, type Resource, type Tier } from './access.ts';
import type { ApiDeps } from './deps.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. A route without one cannot be registered under /api/v1. */
    tier?: Tier;
    /** The row decides further (an agreement's parties): the route calls `requireAccess` itself. */
    decidedByRow?: boolean;
  }
  interface FastifyRequest {
    /** Null: nobody signed in. */
    actor: Actor | null;
    /** True when a token was sent that is unknown, expired or revoked. */
    tokenRejected: boolean;
  }
  interface FastifyInstance {
    /** Every route with the tier it declares, for the access matrix. */
    routeTable: { method: string; url: string; tier: Tier; decidedByRow: boolean }[];
  }
}

const reasons: Record<Exclude<Decision, { allow: true }>['reason'], string> = {
  NOT_SIGNED_IN: 'this needs an access token: Authorization: Bearer jh_…',
  NOT_A_PARTY: 'only the parties of the agreement and the joint office may see this',
  NOT_THE_OWNER: 'only the jurisdiction that owns the data and the joint office may see this',
  NOT_THE_OFFICE: 'only the joint office may see this',
  NOT_AN_ADMINISTRATOR: 'only an administrator may do this',
};

/** Throws E_UNAUTHORIZED (nobody signed in) or E_FORBIDDEN with the reason by name; returns when access is allowed. */
export function requireAccess(actor: Actor | null, resource: Resource): void {
  const decision = decide(actor, resource);
  if (decision.allow) return;
  const code = decision.reason === 'NOT_SIGNED_IN' ? 'E_UNAUTHORIZED' : 'E_FORBIDDEN';
  throw new MonitorError(code, reasons[decision.reason], {
    details: { reason: decision.reason, tier: resource.tier },
  });
}

function bearerToken(request: FastifyRequest): string | null {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  return /^Bearer (\S+)$/i.exec(header)?.[1] ?? '';
}

/**
 * Knows the actor before anything else runs, and checks the route's tier before the body is read. A rejected token is refused on
 * every route, public ones too, so that nobody works on believing to be signed in; it is refused after rate limiting.
 */
export function installAuthentication(
  app: FastifyInstance,
  deps: Pick<ApiDeps, 'state' | 'clock' | 'synthetic'>,
): void {
  app.decorateRequest('actor', null);
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
      });
    }
  });
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.url?.startsWith('/internal/') === true) return;
    const token = bearerToken(request);
    if (token === null) return;
    request.actor = token === '' ? null : await deps.state.keys.actorOf(token, deps.clock.nowS());
    request.tokenRejected = request.actor === null;
  });
  app.addHook('preParsing', async (request) => {
    if (request.tokenRejected) {
      throw new MonitorError('E_UNAUTHORIZED', 'the access token is unknown, expired or revoked', {
        details: { reason: 'TOKEN_REJECTED' },
      });
    }
    const { tier, decidedByRow } = request.routeOptions.config;
    if (tier !== undefined && decidedByRow !== true)
      requireAccess(request.actor, { tier, synthetic: deps.synthetic });
  });
}
