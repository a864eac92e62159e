import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { registry } from '../region/stations-view.ts';
import type { RequestFault } from './faults.ts';

/** Under which a client sends an act again without doing it twice. */
export const ActId = Type.Optional(
  Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$',
    description: 'sent again under it, an act is done once',
  }),
);

/** Why an act is done. */
export const Reason = Type.String({ minLength: 1, maxLength: 2000 });

/** Code of a jurisdiction, or of none. */
export const NullableCode = Type.Unsafe<string | null>({ type: ['string', 'null'], pattern: '^\\d{6}$' });

/** A civil day, and one that may be left open. */
export const Day = Type.String({ format: 'date' });
export const NullableDay = Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date' });

/** What came of an act. */
export const Done = Type.Object({
  id: Type.String(),
  seq: Type.Integer({ description: 'journal entry of the act' }),
});

/** The fault of a station that the region does not know; none for one that it does. */
export function stationFaults(deps: Pick<ApiDeps, 'config'>, station: string): RequestFault[] {
  if (registry(deps.config()).has(station)) return [];
  return [{ field: 'body.station', value: station, expected: 'an id of /api/v1/stations' }];
}

/** The fault of a code that names no jurisdiction of the region; none for null. */
export function jurisdictionFaults(
  deps: Pick<ApiDeps, 'config'>,
  code: string | null,
  field = 'jurisdiction',
): RequestFault[] {
  if (code === null || deps.config().jurisdictions.some((known) => known.code === code)) return [];
  return [{ field: `body.${field}`, value: code, expected: 'a code of /api/v1/jurisdictions' }];
}
