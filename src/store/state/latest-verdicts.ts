import type { LatestEvent, LatestVerdict, LatestVerdictStore } from '../../domain/latest-verdicts.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { StateDatabase } from './tables.ts';

export const latestVerdictStatements = [
  `create table latest_verdict (
     station text not null, medium text not null, kind text not null, period text not null, from_day text not null,
     to_day text not null, id text not null, rules text not null, outcome text not null, previous_id text,
     changed_seq int8 not null, judged_s int8 not null, primary key (station, period))`,
  `create index latest_verdict_by_change on latest_verdict (changed_seq)`,
  `create index latest_verdict_by_period on latest_verdict (period, station)`,
  `create table latest_event (
     station text not null, criterion text not null, from_s int8 not null, to_s int8 not null, is_open boolean not null,
     body text not null, primary key (station, criterion, from_s))`,
  `create index latest_event_by_begin on latest_event (from_s desc)`,
];

export interface LatestVerdictTables {
  latest_verdict: {
    station: string;
    medium: string;
    kind: string;
    period: string;
    from_day: string;
    to_day: string;
    id: string;
    rules: string;
    outcome: string;
    previous_id: string | null;
    changed_seq: number;
    judged_s: number;
  };
  latest_event: {
    station: string;
    criterion: string;
    from_s: number;
    to_s: number;
    is_open: boolean;
    body: string;
  };
}

const rowsPerInsert = 200;

const rowOf = (one: LatestVerdict): LatestVerdictTables['latest_verdict'] => ({
  station: one.station,
  medium: one.medium,
  kind: one.kind,
  period: one.period,
  from_day: one.from,
  to_day: one.to,
  id: one.id,
  rules: one.rules,
  outcome: canonicalJson(one.outcome),
  previous_id: one.previousId,
  changed_seq: one.changedSeq,
  judged_s: one.judgedS,
});

const verdictOf = (row: LatestVerdictTables['latest_verdict']): LatestVerdict => ({
  station: row.station,
  medium: row.medium === 'air' ? 'air' : 'water',
  kind: row.kind,
  period: row.period,
  from: row.from_day,
  to: row.to_day,
  id: row.id,
  rules: row.rules,
  outcome: JSON.parse(row.outcome) as LatestVerdict['outcome'],
  previousId: row.previous_id,
  changedSeq: row.changed_seq,
  judgedS: row.judged_s,
});

export function latestVerdictStore(db: StateDatabase): LatestVerdictStore {
  return {
    ...verdictRows(db),
    ...eventRows(db),
    async clear() {
      await db.deleteFrom('latest_verdict').execute();
      await db.deleteFrom('latest_event').execute();
    },
  };
}

function verdictRows(db: StateDatabase): Pick<LatestVerdictStore, 'known' | 'put' | 'list'> {
  return {
    async known(station) {
      let query = db.selectFrom('latest_verdict').select(['station', 'medium', 'period', 'id', 'rules']);
      if (station !== undefined) query = query.where('station', '=', station);
      return (await query.execute()).map((row) => ({
        ...row,
        medium: row.medium === 'air' ? 'air' : 'water',
      }));
    },
    async put(rows) {
      for (let at = 0; at < rows.length; at += rowsPerInsert) {
        await db
          .insertInto('latest_verdict')
          .values(rows.slice(at, at + rowsPerInsert).map(rowOf))
          .onConflict((conflict) =>
            conflict.columns(['station', 'period']).doUpdateSet((set) => ({
              id: set.ref('excluded.id'),
              rules: set.ref('excluded.rules'),
              outcome: set.ref('excluded.outcome'),
              previous_id: set.ref('excluded.previous_id'),
              changed_seq: set.ref('excluded.changed_seq'),
              judged_s: set.ref('excluded.judged_s'),
            })),
          )
          .execute();
      }
    },
    async list({ station, medium, kind, period, changedAfterSeq, except = [], after, limit }) {
      let query = db
        .selectFrom('latest_verdict')
        .selectAll()
        .orderBy('station')
        .orderBy('period')
        .limit(limit);
      if (station !== undefined) query = query.where('station', '=', station);
      if (medium !== undefined) query = query.where('medium', '=', medium);
      if (kind !== undefined) query = query.where('kind', '=', kind);
      if (period !== undefined) query = query.where('period', '=', period);
      if (changedAfterSeq !== undefined) query = query.where('changed_seq', '>', changedAfterSeq);
      if (except.length > 0) query = query.where('station', 'not in', except);
      if (after !== undefined)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('station', 'period'), '>', tuple(after.station, after.period)),
        );
      return (await query.execute()).map(verdictOf);
    },
  };
}

function eventRows(db: StateDatabase): Pick<LatestVerdictStore, 'putEvents' | 'events'> {
  return {
    async putEvents(station, { fromS, toS }, events) {
      await db.transaction().execute(async (trx) => {
        await trx
          .deleteFrom('latest_event')
          .where('station', '=', station)
          .where('from_s', '>=', fromS)
          .where('from_s', '<', toS)
          .execute();
        for (let at = 0; at < events.length; at += rowsPerInsert)
          await trx
            .insertInto('latest_event')
            .values(
              events.slice(at, at + rowsPerInsert).map((one) => ({
                station,
                criterion: one.criterion,
                from_s: one.fromS,
                to_s: one.toS,
                is_open: one.open,
                body: canonicalJson(one),
              })),
            )
            .execute();
      });
    },
    async events({ station, open, sinceS, except = [], after, limit }) {
      let query = db.selectFrom('latest_event').select('body').orderBy('from_s', 'desc').limit(limit);
      if (station !== undefined) query = query.where('station', '=', station);
      if (open !== undefined) query = query.where('is_open', '=', open);
      if (sinceS !== undefined) query = query.where('to_s', '>=', sinceS);
      if (except.length > 0) query = query.where('station', 'not in', except);
      // Newest first, but stations forwards: one comparison of tuples cannot say it.
      if (after !== undefined)
        query = query.where(({ eb, or, and, refTuple, tuple }) =>
          or([
            eb('from_s', '<', after.fromS),
            and([
              eb('from_s', '=', after.fromS),
              eb(refTuple('station', 'criterion'), '>', tuple(after.station, after.criterion)),
            ]),
          ]),
        );
      return (await query.orderBy('station').orderBy('criterion').execute()).map(
        ({ body }) => JSON.parse(body) as LatestEvent,
      );
    },
  };
}
