import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { AlertActKind } from '../../domain/alerts.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Actor } from '../../domain/ports.ts';
import type { ApiDeps } from '../deps.ts';
import { performAct } from '../http/perform-act.ts';
import { actorOf } from './authentication.ts';

export const tags = ['alerts'];
export const Words = Type.String({ minLength: 1, maxLength: 2000, pattern: '^[^\\u0000]+$' });

/** Whose alerts somebody sees in a list: those of the own jurisdiction; the joint office, and anyone where all is invented, all. */
export function ownOnly(actor: Actor | null): { jurisdictions?: readonly string[] } {
  if (actor === null || actor.role === 'administrator' || actor.role === 'joint-office') return {};
  return { jurisdictions: [actor.jurisdiction ?? ''] };
}

/** Throws E_FORBIDDEN with `message` where a viewer asks. */
export function refuseViewer(actor: Actor | null, message: string): void {
  if (actor?.role === 'viewer')
    throw new MonitorError('E_FORBIDDEN', message, { details: { reason: 'VIEWER_ONLY' } });
}

/** Records an act of whoever asks; answers with its id and journal entry. */
export function alertAct(
  deps: ApiDeps,
  request: FastifyRequest,
  { kind, payload }: { kind: AlertActKind; payload: Record<string, unknown> },
): Promise<{ id: string; seq: number }> {
  return performAct(deps, { kind, actor: actorOf(request), payload, id: `${kind}:${randomUUID()}` });
}
