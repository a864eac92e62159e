import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IdentityStore, Session, User } from '../../domain/identity.ts';
import type { EpochS } from '../../domain/time.ts';

export const sessionCookie = 'jiehe_session';
const idleS = 8 * 3600;
const longestS = 24 * 3600;
const touchEveryS = 60;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Whether cookies may only travel over TLS: the address that people use says so, or the connection itself. */
export function overTls(request: FastifyRequest, publicUrl: string | null): boolean {
  return request.protocol === 'https' || publicUrl?.startsWith('https:') === true;
}

/** Opens a session for a person who proved to be one and sets its cookie. Ends eight hours after the last use, a day at most. */
export async function openSession(
  store: IdentityStore,
  of: { user: User; secondFactor: boolean; nowS: EpochS },
  to: { request: FastifyRequest; reply: FastifyReply; publicUrl: string | null },
): Promise<Session> {
  const token = randomBytes(32).toString('base64url');
  const session: Session = {
    tokenHash: hashOf(token),
    userId: of.user.id,
    csrf: randomBytes(24).toString('base64url'),
    secondFactor: of.secondFactor,
    createdS: of.nowS,
    lastSeenS: of.nowS,
    expiresS: of.nowS + idleS,
  };
  await store.openSession(session);
  to.reply.setCookie(sessionCookie, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: overTls(to.request, to.publicUrl),
    maxAge: longestS,
  });
  return session;
}

/** The session of a request's cookie, kept alive by this use; null where there is none. */
export async function sessionOf(
  store: IdentityStore,
  request: FastifyRequest,
  nowS: EpochS,
): Promise<{ session: Session; user: User } | null> {
  const token = request.cookies[sessionCookie];
  if (token === undefined || token === '') return null;
  const found = await store.sessionOf(hashOf(token), nowS);
  if (found === null) return null;
  const { session } = found;
  if (nowS - session.lastSeenS >= touchEveryS) {
    const expiresS = Math.min(nowS + idleS, session.createdS + longestS);
    await store.touchSession(session.tokenHash, { lastSeenS: nowS, expiresS });
  }
  return found;
}

export async function closeSession(
  store: IdentityStore,
  session: Session,
  reply: FastifyReply,
): Promise<void> {
  await store.closeSession(session.tokenHash);
  reply.clearCookie(sessionCookie, { path: '/' });
}
