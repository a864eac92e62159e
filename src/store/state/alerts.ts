import {
  activeStates,
  type AlertStep,
  type AlertStepKind,
  type AlertStore,
  type Incident,
  type Silence,
  type Told,
} from '../../domain/alerts.ts';
import type { AlertMatch } from '../../domain/config/alerting.ts';
import type { NotificationKind, Severity } from '../../domain/notifications.ts';
import { alertOf } from './alert-acts.ts';
import type { StateDatabase, StateTables } from './tables.ts';

/** Ids in one question; more are asked for in parts. */
const mostAsked = 1000;

function stepOf(row: StateTables['alert_step']): AlertStep {
  return {
    number: row.number,
    atS: row.at_s,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only checked acts write it
    kind: row.kind as AlertStepKind,
    actor: row.actor,
    reason: row.reason,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
  };
}

function silenceOf(row: StateTables['alert_silence']): Silence {
  return {
    id: row.id,
    match: JSON.parse(row.match) as AlertMatch,
    reason: row.reason,
    fromS: row.from_s,
    toS: row.ended_s ?? row.to_s,
    actor: row.actor,
    atS: row.at_s,
  };
}

function incidentOf(row: StateTables['incident']): Incident {
  const {
    stations,
    from_s: fromS,
    to_s: toS,
    at_s: atS,
    ended_by: endedBy,
    end_reason: endReason,
    ...rest
  } = row;
  return {
    ...rest,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only checked acts write it
    severity: row.severity as Severity,
    stations: JSON.parse(stations) as string[],
    fromS,
    toS,
    atS,
    endedBy,
    endReason,
  };
}

async function toldOf(db: StateDatabase, alerts: readonly string[]): Promise<Told[]> {
  const found: Told[] = [];
  for (let at = 0; at < alerts.length; at += mostAsked) {
    const rows = await db
      .selectFrom('alert_told')
      .selectAll()
      .where('alert', 'in', alerts.slice(at, at + mostAsked))
      .orderBy('at_s')
      .orderBy('notification')
      .execute();
    for (const { at_s: _at, kind, ...told } of rows)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only checked acts write it
      found.push({ ...told, kind: kind as NotificationKind });
  }
  return found;
}

function alertReads(db: StateDatabase): Pick<AlertStore, 'list' | 'get' | 'current' | 'told'> {
  return {
    async list({ states, station, rule, jurisdictions, after, limit }) {
      let query = db
        .selectFrom('alert')
        .select('alert')
        .orderBy('opened_s', 'desc')
        .orderBy('id', 'desc')
        .limit(limit);
      if (states !== undefined) query = query.where('state', 'in', [...states]);
      if (station !== undefined) query = query.where('station', '=', station);
      if (rule !== undefined) query = query.where('rule', '=', rule);
      if (jurisdictions !== undefined)
        query = query.where((where) =>
          where.or(jurisdictions.map((code) => where('jurisdictions', 'like', `% ${code} %`))),
        );
      if (after !== undefined)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('opened_s', 'id'), '<', tuple(after.openedS, after.id)),
        );
      return (await query.execute()).map(alertOf);
    },
    async get(id) {
      const row = await db.selectFrom('alert').select('alert').where('id', '=', id).executeTakeFirst();
      if (row === undefined) return null;
      const steps = await db
        .selectFrom('alert_step')
        .selectAll()
        .where('alert', '=', id)
        .orderBy('number')
        .execute();
      return { alert: alertOf(row), steps: steps.map(stepOf) };
    },
    async current({ sinceS, only }) {
      const rows = await db
        .selectFrom('alert')
        .select('alert')
        .where((where) => {
          const lately = where.or([
            where('state', '=', 'resolved'),
            where('end_s', 'is', null),
            where('end_s', '>=', sinceS),
          ]);
          const named = [where('pending', '=', true), where('state', 'in', activeStates)];
          if (only === undefined) return where.or([...named, lately]);
          const of = [
            ...(only.stations.length === 0 ? [] : [where('station', 'in', only.stations)]),
            ...(only.rules.length === 0 ? [] : [where('rule', 'in', only.rules)]),
          ];
          return where.or(of.length === 0 ? named : [...named, where.and([where.or(of), lately])]);
        })
        .orderBy('id')
        .execute();
      return rows.map(alertOf);
    },
    told: (alerts) => toldOf(db, alerts),
  };
}

function reportReads(db: StateDatabase): Pick<AlertStore, 'silences' | 'incidents' | 'incident'> {
  return {
    async silences(nowS, all = false) {
      let query = db.selectFrom('alert_silence').selectAll().orderBy('at_s', 'desc').orderBy('id');
      if (!all) query = query.where('to_s', '>', nowS).where('ended_s', 'is', null);
      return (await query.execute()).map(silenceOf);
    },
    async incidents(sinceS) {
      const rows = await db
        .selectFrom('incident')
        .selectAll()
        .where((where) => where.or([where('to_s', 'is', null), where('to_s', '>', sinceS)]))
        .orderBy('from_s', 'desc')
        .orderBy('id')
        .execute();
      return rows.map(incidentOf);
    },
    async incident(id) {
      const row = await db.selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : incidentOf(row);
    },
  };
}

export function alertStore(db: StateDatabase): AlertStore {
  return { ...alertReads(db), ...reportReads(db) };
}
