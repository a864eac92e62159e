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
