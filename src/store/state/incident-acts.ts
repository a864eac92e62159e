import { Type } from 'typebox';
import { SeverityName } from '../../domain/config/alerting.ts';
import { MonitorError } from '../../domain/errors.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';

const name = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f]+$' });
const text = Type.String({ minLength: 1, maxLength: 2000, pattern: '^[^\\u0000]+$' });

const openV1 = Type.Object(
  {
    incident: name,
    kind: name,
    text,
    stations: Type.Array(name, { maxItems: 100, uniqueItems: true }),
    jurisdiction: Type.Union([name, Type.Null()]),
    severity: SeverityName,
    fromS: Type.Integer(),
  },
  strict,
);
const endV1 = Type.Object(
  { incident: name, toS: Type.Integer(), withdrawn: Type.Boolean(), reason: text },
  strict,
);

/** Incidents, which begin and end by acts. Throws E_BAD_REQUEST, E_NOT_FOUND, E_CONFLICT for one that is over. */
export const incidentKinds: Record<string, ActKind> = {
  'open-incident@1': actKind(openV1, async (trx, { incident: id, stations, fromS, ...of }, act) => {
    if ((stations.length === 0) === (of.jurisdiction === null))
      throw new MonitorError('E_BAD_REQUEST', 'an incident is at stations or in a jurisdiction, one of both');
    if (fromS > act.atS)
      throw new MonitorError('E_BAD_REQUEST', 'an incident begins now or has begun', {
        details: { fromS },
      });
    const row = { id, ...of, stations: JSON.stringify(stations), from_s: fromS, to_s: null };
    const by = { actor: act.actor, at_s: act.atS, ended_by: null, end_reason: null };
    await trx
      .insertInto('incident')
      .values({ ...row, ...by, withdrawn: false })
      .execute();
  }),
  'end-incident@1': actKind(endV1, async (trx, { incident: id, toS, withdrawn, reason }, act) => {
    const row = await trx.selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw new MonitorError('E_NOT_FOUND', `there is no incident ${id}`);
    if (row.withdrawn || (row.to_s !== null && !withdrawn))
      throw new MonitorError('E_CONFLICT', `incident ${id} is over`);
    if (toS < row.from_s || toS > act.atS)
      throw new MonitorError('E_BAD_REQUEST', 'an incident ends after its begin and not in the future', {
        details: { fromS: row.from_s, toS },
      });
    const change = { to_s: toS, withdrawn, ended_by: act.actor, end_reason: reason };
    await trx.updateTable('incident').set(change).where('id', '=', id).execute();
  }),
};
