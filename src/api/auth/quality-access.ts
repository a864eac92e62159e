import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import { parseInstant } from '../../domain/time.ts';
import { actorOf, requireAccess } from './authentication.ts';
import type { ApiDeps } from '../deps.ts';
import { stationFaults } from '../http/act-shapes.ts';
import { rejectIfAny } from '../http/faults.ts';
import type { By, QualityDesk } from '../quality/quality-desk.ts';
import { AveragingInput, InstantInput } from '../http/schemas.ts';
import { registry } from '../region/stations-view.ts';

export const tags = ['quality'];
const mostWindowS = 100 * 86_400;
export const Figures = Type.Record(Type.String(), Type.String());
export const DecimalInput = Type.Union([Type.String({ pattern: '^-?\\d+(\\.\\d+)?$' }), Type.Null()]);

export function deskOf(deps: ApiDeps): QualityDesk {
  if (deps.quality === undefined)
    throw new MonitorError('E_NOT_READY', 'this process keeps no quality records');
  return deps.quality;
}

export function byOf(request: FastifyRequest, id: string | undefined): By {
  return { id: id ?? randomUUID(), actor: actorOf(request), role: request.actor?.role ?? 'viewer' };
}

/** The jurisdiction in which a station lies, the one above it, and the joint office may act on its readings. */
export function requireOwner(deps: ApiDeps, request: FastifyRequest, station: string): void {
  rejectIfAny(stationFaults(deps, station));
  const found = registry(deps.config()).get(station);
  const code = found?.station.locatedIn ?? null;
  const parent = deps.config().jurisdictions.find((place) => place.code === code)?.parent;
  const jurisdictions = [code, parent].filter((one) => typeof one === 'string');
  requireAccess(request.actor, { tier: 'owner', jurisdictions });
}

/** Throws E_BAD_REQUEST for a window that is none or longer than 100 days. */
export function windowOf(deps: ApiDeps, query: { from: string; to: string }): { fromS: number; toS: number } {
  const zone = deps.config().region.timeZone;
  const window = { fromS: parseInstant(query.from, zone), toS: parseInstant(query.to, zone) };
  const length = window.toS - window.fromS;
  rejectIfAny(
    length > 0 && length <= mostWindowS
      ? []
      : [{ field: 'querystring.to', value: query.to, expected: 'later than from, by at most 100 days' }],
  );
  return window;
}

export const windowQuery = {
  averaging: AveragingInput,
  from: InstantInput,
  to: InstantInput,
};
