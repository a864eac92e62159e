import { canonicalJson } from '../../domain/canonical-json.ts';
import {
  CircumstanceApplication,
  CircumstanceDecision,
  CircumstanceWithdrawal,
  circumstanceFaults,
  decidedCircumstance,
  type CircumstanceActKind,
  type CircumstanceStore,
  type StoredCircumstance,
} from '../../domain/circumstance.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Act } from '../../domain/ports.ts';
import type { StateDatabase, StateTransaction } from './tables.ts';
import { actKind, type ActKind } from './act-kind.ts';

/** Both tables follow from acts alone and are append-only: what held at a position is a matter of the acts up to it. */
export const circumstanceStatements = [
  `create table circumstance (
     id text primary key, act_id text not null unique, section text not null, from_s int8 not null, to_s int8 not null,
     applicant text not null, application text not null)`,
  `create index circumstance_by_section on circumstance (section, from_s)`,
  `create table circumstance_step (
     act_id text primary key, circumstance text not null references circumstance (id), act text not null, body text not null)`,
  `create index circumstance_step_by_circumstance on circumstance_step (circumstance)`,
  `create trigger circumstance_is_append_only before update or delete or truncate on circumstance
     for each statement execute function refuse_change()`,
  `create trigger circumstance_step_is_append_only before update or delete or truncate on circumstance_step
     for each statement execute function refuse_change()`,
];

export interface CircumstanceTables {
  circumstance: {
    id: string;
    act_id: string;
    section: string;
    from_s: number;
    to_s: number;
    applicant: string;
    application: string;
  };
  circumstance_step: { act_id: string; circumstance: string; act: string; body: string };
}

function refuse(faults: readonly string[]): void {
  if (faults.length > 0) throw new MonitorError('E_BAD_REQUEST', faults.join('; '), { details: { faults } });
}

async function standing(trx: StateTransaction, id: string): Promise<StoredCircumstance> {
  const [found] = await read(trx, { id });
  if (found === undefined) throw new MonitorError('E_NOT_FOUND', `there is no circumstance ${id}`);
  if (found.state === 'withdrawn')
    throw new MonitorError('E_CONFLICT', `circumstance ${id} was withdrawn; apply for another one`);
  return found;
}

async function keepStep(
  trx: StateTransaction,
  act: Act,
  body: CircumstanceDecision | CircumstanceWithdrawal,
): Promise<void> {
  const row = { act_id: act.id, circumstance: body.circumstance, act: act.kind, body: canonicalJson(body) };
  await trx.insertInto('circumstance_step').values(row).execute();
}

/** Acts on special circumstances. Throw E_BAD_REQUEST naming each fault, E_NOT_FOUND, and E_CONFLICT for a withdrawn or known one. */
export const circumstanceActKinds: Record<`${CircumstanceActKind}@1`, ActKind> = {
  'apply-circumstance@1': actKind(CircumstanceApplication, async (trx, application, act) => {
    refuse(circumstanceFaults(decidedCircumstance(application, null)));
    const { id, section, fromS, toS, applicant } = application;
    const known = await trx.selectFrom('circumstance').select('id').where('id', '=', id).executeTakeFirst();
    if (known !== undefined) throw new MonitorError('E_CONFLICT', `circumstance ${id} exists already`);
    await trx
      .insertInto('circumstance')
      .values({
        id,
        act_id: act.id,
        section,
        from_s: fromS,
        to_s: toS,
        applicant,
        application: canonicalJson(application),
      })
      .execute();
  }),
  'decide-circumstance@1': actKind(CircumstanceDecision, async (trx, decision, act) => {
    await standing(trx, decision.circumstance);
    const row = await trx
      .selectFrom('circumstance')
      .select('application')
      .where('id', '=', decision.circumstance)
      .executeTakeFirstOrThrow();
    const application = JSON.parse(row.application) as CircumstanceApplication;
    refuse(circumstanceFaults(decidedCircumstance(application, decision)));
    await keepStep(trx, act, decision);
  }),
  'withdraw-circumstance@1': actKind(CircumstanceWithdrawal, async (trx, withdrawal, act) => {
    await standing(trx, withdrawal.circumstance);
    await keepStep(trx, act, withdrawal);
  }),
};

type Query = Parameters<CircumstanceStore['list']>[0];

async function read(
  db: StateDatabase | StateTransaction,
  { id, section, asOfSeq = Number.MAX_SAFE_INTEGER }: Omit<Query, 'window'>,
): Promise<StoredCircumstance[]> {
  let applied = db
    .selectFrom('circumstance')
    .innerJoin('act', 'act.id', 'circumstance.act_id')
    .select(['act.seq', 'act.actor', 'act.at_s', 'circumstance.application'])
    .where('act.seq', '<=', asOfSeq)
    .orderBy('act.seq');
  if (id !== undefined) applied = applied.where('circumstance.id', '=', id);
  if (section !== undefined) applied = applied.where('circumstance.section', '=', section);
  const rows = await applied.execute();
  if (rows.length === 0) return [];
  const applications = rows.map((row) => ({
    ...row,
    application: JSON.parse(row.application) as CircumstanceApplication,
  }));
  const steps = await db
    .selectFrom('circumstance_step')
    .innerJoin('act', 'act.id', 'circumstance_step.act_id')
    .select(['act.seq', 'act.actor', 'act.at_s', 'act.kind', 'circumstance_step.circumstance', 'body'])
    .where('act.seq', '<=', asOfSeq)
    .where(
      'circumstance_step.circumstance',
      'in',
      applications.map(({ application }) => application.id),
    )
    .orderBy('act.seq')
    .execute();
  const byCircumstance = Map.groupBy(steps, (step) => step.circumstance);
  return applications.map(({ application, seq, actor, at_s: atS }) => {
    const own = byCircumstance.get(application.id) ?? [];
    const withdrawn = own.some(({ kind }) => kind === 'withdraw-circumstance');
    const last = withdrawn ? undefined : own.findLast(({ kind }) => kind === 'decide-circumstance');
    const decision = last === undefined ? null : (JSON.parse(last.body) as CircumstanceDecision);
    return {
      ...decidedCircumstance(application, decision),
      state: withdrawn ? 'withdrawn' : decision === null ? 'applied' : 'decided',
      steps: [
        { seq, actor, atS, act: 'apply-circumstance' },
        ...own.map((step) => ({
          seq: step.seq,
          actor: step.actor,
          atS: step.at_s,
          act: step.kind as CircumstanceActKind,
        })),
      ],
    };
  });
}

export function circumstanceStore(db: StateDatabase): CircumstanceStore {
  return {
    async list({ window, ...query }) {
      const found = await read(db, query);
      if (window === undefined) return found;
      return found.filter(({ fromS, toS }) => fromS < window.toS && window.fromS < toS);
    },
  };
}
