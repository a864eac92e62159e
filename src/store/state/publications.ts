import { Type, type TSchema } from 'typebox';
import { SharedProduct, SharedStage } from '../../domain/config/sharing.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Act } from '../../domain/ports.ts';
import type {
  Publication,
  PublicationState,
  PublicationStore,
  StoredPublication,
} from '../../domain/sharing.ts';
import type { StateDatabase, StateTables, StateTransaction } from './tables.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';

const id = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$' });
const day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' });
const text = Type.String({ minLength: 1, maxLength: 2000, pattern: '^[^\\u0000]+$' });
const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

const askV1 = Type.Object(
  {
    product: SharedProduct,
    provider: orNull(id),
    medium: orNull(Type.Union([Type.Literal('water'), Type.Literal('air'), Type.Literal('flow')])),
    locatedIn: orNull(Type.String({ pattern: '^\\d{6}$' })),
    stage: orNull(SharedStage),
    tier: Type.Union([Type.Literal('public'), Type.Literal('partner')]),
    delaySeconds: Type.Integer({ minimum: 0 }),
    from: day,
    to: orNull(day),
    document: text,
  },
  strict,
);
const decideV1 = Type.Object({ publication: id, inForce: Type.Boolean(), reason: text }, strict);
const withdrawV1 = Type.Object({ publication: id, reason: text }, strict);

async function stateOf(trx: StateTransaction, publication: string): Promise<StateTables['publication']> {
  const row = await trx
    .selectFrom('publication')
    .selectAll()
    .where('id', '=', publication)
    .executeTakeFirst();
  if (row === undefined) throw new MonitorError('E_NOT_FOUND', `there is no publication ${publication}`);
  return row;
}

async function settle(
  trx: StateTransaction,
  publication: string,
  change: { state: PublicationState; reason: string; act: Act },
): Promise<void> {
  const { state, reason, act } = change;
  const values = { state, reason, decided_by: act.actor, decided_s: act.atS };
  await trx.updateTable('publication').set(values).where('id', '=', publication).execute();
}

/** Acts of publication. Who asked cannot decide. Throws E_CONFLICT, E_NOT_FOUND, E_BAD_REQUEST, E_FORBIDDEN. */
export const publicationKinds: Record<string, ActKind> = {
  'ask-publication@1': actKind(askV1, async (trx, asked, act) => {
    if (asked.to !== null && asked.to < asked.from)
      throw new MonitorError('E_BAD_REQUEST', `a publication from ${asked.from} cannot end on ${asked.to}`);
    await trx
      .insertInto('publication')
      .values({
        id: act.id,
        publication: canonicalJson(asked),
        state: 'asked',
        asked_by: act.actor,
        asked_s: act.atS,
        decided_by: null,
        decided_s: null,
        reason: null,
      })
      .execute();
  }),
  'decide-publication@1': actKind(decideV1, async (trx, { publication, inForce, reason }, act) => {
    const row = await stateOf(trx, publication);
    if (row.state !== 'asked')
      throw new MonitorError('E_CONFLICT', `publication ${publication} is ${row.state} already`);
    if (row.asked_by === act.actor)
      throw new MonitorError('E_FORBIDDEN', 'who asked for a publication cannot decide it', {
        details: { reason: 'SECOND_PERSON_NEEDED' },
      });
    await settle(trx, publication, { state: inForce ? 'in-force' : 'refused', reason, act });
  }),
  'withdraw-publication@1': actKind(withdrawV1, async (trx, { publication, reason }, act) => {
    const row = await stateOf(trx, publication);
    if (row.state !== 'asked' && row.state !== 'in-force')
      throw new MonitorError('E_CONFLICT', `publication ${publication} is ${row.state} already`);
    await settle(trx, publication, { state: 'withdrawn', reason, act });
  }),
};

function publicationOfRow(row: StateTables['publication']): StoredPublication {
  const asked = JSON.parse(row.publication) as Omit<Publication, 'id'>;
  return {
    ...asked,
    id: row.id,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table's check holds it to these
    state: row.state as PublicationState,
    askedBy: row.asked_by,
    askedS: row.asked_s,
    decidedBy: row.decided_by,
    decidedS: row.decided_s,
    reason: row.reason,
  };
}

export function publicationStore(db: StateDatabase): PublicationStore {
  return {
    async list({ state }) {
      let query = db.selectFrom('publication').selectAll().orderBy('asked_s', 'desc').orderBy('id');
      if (state !== undefined) query = query.where('state', '=', state);
      return (await query.execute()).map(publicationOfRow);
    },
  };
}
