import { Type } from 'typebox';
import { canonicalJson } from '../../domain/canonical-json.ts';
import {
  requestStatuses,
  type DeviceActStore,
  type StoredApproval,
  type StoredRequest,
} from '../../domain/device-acts.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { StateDatabase, StateTransaction } from './tables.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';

/** Tables of the acts on devices: what is withdrawn or ended is a further row. */
export const deviceStatements = [
  `create table device_approval (
     id text primary key, source text not null, device text not null, station text not null, from_day text not null,
     to_day text, settings text not null, reason text not null, actor text not null, at_s int8 not null,
     unique (source, device))`,
  `create table device_withdrawal (
     id text primary key, source text not null, device text not null, reason text not null, actor text not null,
     at_s int8 not null, unique (source, device), foreign key (source, device) references device_approval (source, device))`,
  `create table device_request (
     id text primary key, source text not null, device text not null, command text not null, from_s int8,
     to_s int8, expires_s int8 not null, actor text not null, at_s int8 not null)`,
  `create table device_request_end (
     request text primary key references device_request, status text not null, qn_rtn text, exe_rtn text,
     detail text not null, at_s int8 not null)`,
  ...['device_approval', 'device_withdrawal', 'device_request', 'device_request_end'].map(
    (table) => `create trigger ${table}_is_append_only before update or delete or truncate on ${table}
       for each statement execute function refuse_change()`,
  ),
];

export interface DeviceTables {
  device_approval: {
    id: string;
    source: string;
    device: string;
    station: string;
    from_day: string;
    to_day: string | null;
    settings: string;
    reason: string;
    actor: string;
    at_s: number;
  };
  device_withdrawal: {
    id: string;
    source: string;
    device: string;
    reason: string;
    actor: string;
    at_s: number;
  };
  device_request: {
    id: string;
    source: string;
    device: string;
    command: string;
    from_s: number | null;
    to_s: number | null;
    expires_s: number;
    actor: string;
    at_s: number;
  };
  device_request_end: {
    request: string;
    status: string;
    qn_rtn: string | null;
    exe_rtn: string | null;
    detail: string;
    at_s: number;
  };
}

const line = Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000-\\u001f]+$' });
const code = Type.Union([Type.String({ maxLength: 20 }), Type.Null()]);
const instant = Type.Union([Type.Integer(), Type.Null()]);
const day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' });

const approvalV1 = Type.Object(
  {
    source: line,
    device: line,
    station: line,
    from: day,
    to: Type.Union([day, Type.Null()]),
    settings: Type.Record(Type.String(), Type.Unknown()),
    reason: line,
  },
  strict,
);
const withdrawalV1 = Type.Object({ source: line, device: line, reason: line }, strict);
const requestV1 = Type.Object(
  {
    source: line,
    device: line,
    command: Type.String({ pattern: '^\\d{4}$' }),
    fromS: instant,
    toS: instant,
    expiresS: Type.Integer(),
  },
  strict,
);
const endV1 = Type.Object(
  {
    request: line,
    status: Type.Enum([...requestStatuses]),
    qnRtn: code,
    exeRtn: code,
    detail: Type.String({ maxLength: 500 }),
  },
  strict,
);

/** Acts on devices. Throw E_BAD_REQUEST for an interval that is none, E_CONFLICT for what is approved, withdrawn or ended already, E_NOT_FOUND. */
export const deviceKinds: Record<string, ActKind> = {
  'approve-device@1': actKind(approvalV1, async (trx, approval, { id, actor, atS }) => {
    const { source, device, station, from, to, settings, reason } = approval;
    if (to !== null && to < from)
      throw new MonitorError('E_BAD_REQUEST', `an approval from ${from} cannot end on ${to}`);
    if ((await approved(trx, source, device)) !== undefined)
      throw new MonitorError('E_CONFLICT', `${device} of ${source} was approved before`);
    const row = { id, source, device, station, from_day: from, to_day: to, reason, actor, at_s: atS };
    await trx
      .insertInto('device_approval')
      .values({ ...row, settings: canonicalJson(settings) })
      .execute();
  }),
  'withdraw-device@1': actKind(withdrawalV1, async (trx, { source, device, reason }, { id, actor, atS }) => {
    if ((await approved(trx, source, device)) === undefined)
      throw new MonitorError('E_NOT_FOUND', `${device} of ${source} was approved by no act`);
    const before = await trx
      .selectFrom('device_withdrawal')
      .select('id')
      .where('source', '=', source)
      .where('device', '=', device)
      .executeTakeFirst();
    if (before !== undefined) throw new MonitorError('E_CONFLICT', `${device} is withdrawn already`);
    const row = { id, source, device, reason, actor, at_s: atS };
    await trx.insertInto('device_withdrawal').values(row).execute();
  }),
  'request-device-data@1': actKind(requestV1, async (trx, request, { id, actor, atS }) => {
    const { source, device, command, fromS, toS, expiresS } = request;
    if (fromS === null ? toS !== null : toS === null || toS <= fromS)
      throw new MonitorError('E_BAD_REQUEST', 'a request is for an interval of time, or for none');
    const row = { id, source, device, command, from_s: fromS, to_s: toS, expires_s: expiresS };
    await trx
      .insertInto('device_request')
      .values({ ...row, actor, at_s: atS })
      .execute();
  }),
  'end-device-request@1': actKind(endV1, async (trx, { request, status, qnRtn, exeRtn, detail }, { atS }) => {
    const row = { request, status, qn_rtn: qnRtn, exe_rtn: exeRtn, detail, at_s: atS };
    const known = await trx
      .selectFrom('device_request')
      .select('id')
      .where('id', '=', request)
      .executeTakeFirst();
    if (known === undefined) throw new MonitorError('E_NOT_FOUND', `there is no request ${request}`);
    const ended = await trx
      .selectFrom('device_request_end')
      .select('request')
      .where('request', '=', request)
      .executeTakeFirst();
    if (ended !== undefined) throw new MonitorError('E_CONFLICT', `request ${request} has ended already`);
    await trx.insertInto('device_request_end').values(row).execute();
  }),
};

function approved(trx: StateTransaction, source: string, device: string) {
  return trx
    .selectFrom('device_approval')
    .select('id')
    .where('source', '=', source)
    .where('device', '=', device)
    .executeTakeFirst();
}

export function deviceActStore(db: StateDatabase): DeviceActStore {
  return {
    async approvals() {
      const rows = await db
        .selectFrom('device_approval')
        .innerJoin('act', 'act.id', 'device_approval.id')
        .leftJoin('device_withdrawal', (join) =>
          join
            .onRef('device_withdrawal.source', '=', 'device_approval.source')
            .onRef('device_withdrawal.device', '=', 'device_approval.device'),
        )
        .leftJoin('act as withdrawing', 'withdrawing.id', 'device_withdrawal.id')
        .selectAll('device_approval')
        .select(['act.seq', 'withdrawing.seq as withdrawn_seq'])
        .orderBy('act.seq')
        .execute();
      return rows.map(
        ({
          at_s: atS,
          from_day: from,
          to_day: to,
          settings,
          withdrawn_seq: withdrawnSeq,
          ...row
        }): StoredApproval => ({
          ...row,
          from,
          to,
          atS,
          settings: JSON.parse(settings) as Record<string, unknown>,
          withdrawnSeq,
        }),
      );
    },
    async requests({ source, device, open, after, limit }) {
      let query = db
        .selectFrom('device_request')
        .innerJoin('act', 'act.id', 'device_request.id')
        .leftJoin('device_request_end as ended', 'ended.request', 'device_request.id')
        .selectAll('device_request')
        .select([
          'act.seq',
          'ended.status',
          'ended.qn_rtn',
          'ended.exe_rtn',
          'ended.detail',
          'ended.at_s as ended_s',
        ])
        .orderBy('act.seq', 'desc')
        .limit(limit);
      if (source !== undefined) query = query.where('device_request.source', '=', source);
      if (device !== undefined) query = query.where('device_request.device', '=', device);
      if (after !== undefined) query = query.where('act.seq', '<', after.seq);
      if (open === true) query = query.where('ended.request', 'is', null);
      return (await query.execute()).map((row): StoredRequest => ({
        seq: row.seq,
        id: row.id,
        actor: row.actor,
        atS: row.at_s,
        source: row.source,
        device: row.device,
        command: row.command,
        fromS: row.from_s,
        toS: row.to_s,
        expiresS: row.expires_s,
        end: endOf(row),
      }));
    },
  };
}

function endOf(row: {
  status: string | null;
  qn_rtn: string | null;
  exe_rtn: string | null;
  detail: string | null;
  ended_s: number | null;
}): StoredRequest['end'] {
  const status = requestStatuses.find((one) => one === row.status);
  if (status === undefined) return null;
  const { qn_rtn: qnRtn, exe_rtn: exeRtn } = row;
  return { status, qnRtn, exeRtn, detail: row.detail ?? '', atS: row.ended_s ?? 0 };
}
