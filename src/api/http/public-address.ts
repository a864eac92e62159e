import type { FastifyRequest } from 'fastify';

/** The address that links of an answer begin with: the configured one, so that clients behind a proxy stay behind it; else that of the request. */
export function publicAddress(request: FastifyRequest, publicUrl: string | null): string {
  return publicUrl ?? `${request.protocol}://${request.host}`;
}
