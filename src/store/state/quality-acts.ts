import { Type } from 'typebox';
import { checkKinds } from '../../domain/config/quality-checks.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Act } from '../../domain/ports.ts';
import {
  holdOfCheck,
  type Hold,
  type QualityCheck,
  type QualityStore,
  type ReadingObjection,
  type StoredObjection,
} from '../../domain/quality.ts';
import { averagings, type AveragingId } from '../../domain/time.ts';
import type { StateDatabase, StateTransaction } from './tables.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';

const id = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$' });
const decimal = Type.Union([Type.String({ pattern: '^-?\\d+(\\.\\d+)?$' }), Type.Null()]);
const text = Type.String({ maxLength: 2000, pattern: '^[^\\u0000]*$' });
const figures = Type.Record(Type.String({ maxLength: 60 }), Type.String({ maxLength: 500 }));
const items = Type.Array(id, { maxItems: 50, uniqueItems: true });
const mostHeldS = 400 * 86_400;

const checkV1 = Type.Object(
  {
    station: id,
    provider: id,
    parameters: items,
    check: Type.Enum([...checkKinds]),
    fromS: Type.Integer(),
    atS: Type.Integer(),
    expected: decimal,
    measured: decimal,
    detectionLimit: decimal,
    passed: Type.Union([Type.Boolean(), Type.Null()]),
    edition: id,
    figures,
    holdsFromS: Type.Union([Type.Integer(), Type.Null()]),
    note: text,
  },
  strict,
);

const holdV1 = Type.Object(
  {
    station: id,
    provider: id,
    parameters: items,
    fromS: Type.Integer(),
    toS: Type.Integer(),
    rule: id,
    figures,
    reason: text,
  },
  strict,
);

const objectionV1 = Type.Object(
  {
    station: id,
    provider: id,
    parameters: items,
    averaging: Type.Enum(Object.keys(averagings) as AveragingId[]),
    fromS: Type.Integer(),
    toS: Type.Integer(),
    seenSeq: Type.Integer({ minimum: 0 }),
    claim: Type.String({ minLength: 1, maxLength: 2000, pattern: '^[^\\u0000]+$' }),
    evidence: Type.Array(
      Type.Object(
        { name: Type.String({ maxLength: 300 }), sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) },
        strict,
      ),
      { maxItems: 100 },
    ),
  },
  strict,
);

const answerV1 = Type.Object(
  {
    objection: id,
    outcome: Type.Enum(['upheld', 'rejected']),
    text: Type.String({ minLength: 1, maxLength: 2000 }),
  },
  strict,
);

function inOrder(fromS: number, toS: number): void {
  if (toS > fromS && toS - fromS <= mostHeldS) return;
  throw new MonitorError('E_BAD_REQUEST', 'an interval of up to 400 days is expected', {
    details: { fromS, toS },
  });
}

async function hold(trx: StateTransaction, act: Act, held: Hold): Promise<void> {
  await trx
    .insertInto('reading_hold')
    .values({
      id: act.id,
      station: held.station,
      provider: held.provider,
      rule: held.rule,
      actor: act.actor,
      held_s: act.atS,
      hold: canonicalJson(held),
      released_by: null,
      released_to_s: null,
    })
    .execute();
}

/** A passed check ends the holds of failed ones of its kind and items that were done before it. */
async function release(trx: StateTransaction, act: Act, check: QualityCheck): Promise<void> {
  const open = await trx
    .selectFrom('reading_hold')
    .selectAll()
    .where('station', '=', check.station)
    .where('provider', '=', check.provider)
    .where('rule', '=', check.check)
    .where('released_by', 'is', null)
    .execute();
  for (const row of open) {
    const held = JSON.parse(row.hold) as Hold;
    const covered = held.parameters.every((parameter) => check.parameters.includes(parameter));
    if (!covered || held.toS !== null || held.fromS >= check.atS) continue;
    await trx
      .updateTable('reading_hold')
      .set({ released_by: act.id, released_to_s: check.atS })
      .where('id', '=', row.id)
      .execute();
  }
}

/** Acts of quality control. Throw E_BAD_REQUEST for an interval that is none, E_NOT_FOUND and E_CONFLICT for an objection. */
export const qualityKinds: Record<string, ActKind> = {
  'record-check@1': actKind(checkV1, async (trx, check, act) => {
    if (check.check === 'maintenance') inOrder(check.fromS, check.atS);
    else if (check.parameters.length !== 1)
      throw new MonitorError('E_BAD_REQUEST', `a ${check.check} is of one item`);
    await trx
      .insertInto('quality_check')
      .values({
        id: act.id,
        station: check.station,
        provider: check.provider,
        parameters: check.parameters.join(','),
        kind: check.check,
        at_s: check.atS,
        passed: check.passed,
        actor: act.actor,
        recorded_s: act.atS,
        record: canonicalJson(check),
      })
      .execute();
    if (check.passed === true) await release(trx, act, check);
    const held = holdOfCheck(check);
    if (held !== null) await hold(trx, act, held);
  }),
  'hold-readings@1': actKind(holdV1, async (trx, held, act) => {
    inOrder(held.fromS, held.toS);
    await hold(trx, act, held);
  }),
  'object-to-readings@1': actKind(objectionV1, async (trx, objection, act) => {
    inOrder(objection.fromS, objection.toS);
    await trx
      .insertInto('reading_objection')
      .values({
        id: act.id,
        station: objection.station,
        provider: objection.provider,
        actor: act.actor,
        at_s: act.atS,
        objection: canonicalJson(objection),
        answered_by: null,
        answer: null,
      })
      .execute();
  }),
  'answer-objection@1': actKind(answerV1, async (trx, { objection, outcome, text: answer }, act) => {
    const row = await trx
      .selectFrom('reading_objection')
      .select('answered_by')
      .where('id', '=', objection)
      .executeTakeFirst();
    if (row === undefined) throw new MonitorError('E_NOT_FOUND', `there is no objection ${objection}`);
    if (row.answered_by !== null)
      throw new MonitorError('E_CONFLICT', `objection ${objection} is answered already`);
    const said = { outcome, text: answer, actor: act.actor, atS: act.atS };
    await trx
      .updateTable('reading_objection')
      .set({ answered_by: act.id, answer: canonicalJson(said) })
      .where('id', '=', objection)
      .execute();
  }),
};

function checkStore(db: StateDatabase): Pick<QualityStore, 'checks' | 'lastPassed'> {
  return {
    async checks({ station, after, limit }) {
      let query = db
        .selectFrom('quality_check')
        .innerJoin('act', 'act.id', 'quality_check.id')
        .select(['act.seq', 'quality_check.id', 'quality_check.actor', 'recorded_s', 'record'])
        .orderBy('act.seq', 'desc')
        .limit(limit);
      if (station !== undefined) query = query.where('station', '=', station);
      if (after !== undefined) query = query.where('act.seq', '<', after.seq);
      const rows = await query.execute();
      return rows.map(({ seq, id: checkId, actor, recorded_s: recordedS, record }) => {
        return { ...(JSON.parse(record) as QualityCheck), seq, id: checkId, actor, recordedS };
      });
    },
    async lastPassed({ station, provider, parameter, check, beforeS }) {
      const row = await db
        .selectFrom('quality_check')
        .select('at_s')
        .where('station', '=', station)
        .where('provider', '=', provider)
        .where('parameters', '=', parameter)
        .where('kind', '=', check)
        .where('passed', '=', true)
        .where('at_s', '<', beforeS)
        .orderBy('at_s', 'desc')
        .executeTakeFirst();
      return row?.at_s ?? null;
    },
  };
}

export function qualityStore(db: StateDatabase): QualityStore {
  return {
    ...checkStore(db),
    async holds() {
      const rows = await db
        .selectFrom('reading_hold')
        .innerJoin('act', 'act.id', 'reading_hold.id')
        .leftJoin('act as ending', 'ending.id', 'reading_hold.released_by')
        .select(['act.seq', 'reading_hold.id', 'reading_hold.actor', 'held_s', 'hold', 'released_to_s'])
        .select('ending.seq as released_seq')
        .orderBy('act.seq')
        .execute();
      return rows.map((row) => ({
        ...(JSON.parse(row.hold) as Hold),
        seq: row.seq,
        id: row.id,
        actor: row.actor,
        heldS: row.held_s,
        released:
          row.released_seq === null || row.released_to_s === null
            ? null
            : { seq: row.released_seq, toS: row.released_to_s },
      }));
    },
    async objections({ station, after, limit }) {
      let query = db
        .selectFrom('reading_objection')
        .innerJoin('act', 'act.id', 'reading_objection.id')
        .leftJoin('act as answering', 'answering.id', 'reading_objection.answered_by')
        .selectAll('reading_objection')
        .select(['act.seq', 'answering.seq as answer_seq'])
        .orderBy('act.seq', 'desc')
        .limit(limit);
      if (station !== undefined) query = query.where('station', '=', station);
      if (after !== undefined) query = query.where('act.seq', '<', after.seq);
      return (await query.execute()).map((row) => ({
        ...(JSON.parse(row.objection) as ReadingObjection),
        seq: row.seq,
        id: row.id,
        actor: row.actor,
        atS: row.at_s,
        answer:
          row.answer === null || row.answer_seq === null
            ? null
            : {
                ...(JSON.parse(row.answer) as Omit<NonNullable<StoredObjection['answer']>, 'seq'>),
                seq: row.answer_seq,
              },
      }));
    },
  };
}
