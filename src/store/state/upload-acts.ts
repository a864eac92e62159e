import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { Act } from '../../domain/ports.ts';
import type { AcceptedRows, DecidedUpload, UploadStore } from '../../domain/uploads.ts';
import type { StateDatabase, StateTransaction } from './tables.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';

const id = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$' });
const line = Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000-\\u001f]+$' });
const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const month = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$' });
const reason = Type.String({ minLength: 1, maxLength: 2000, pattern: '^[^\\u0000]+$' });
const mostRows = 20_000;

const receiveV1 = Type.Object(
  {
    upload: id,
    entry: Type.Integer({ minimum: 1 }),
    source: id,
    sha256,
    name: line,
    month: Type.Union([month, Type.Null()]),
    bytes: Type.Integer({ minimum: 0 }),
  },
  strict,
);

const acceptV1 = Type.Object(
  {
    upload: id,
    /** Entry and hash of the bytes that whoever accepts has seen. */
    entry: Type.Integer({ minimum: 1 }),
    sha256,
    rows: Type.Union([
      Type.Literal('all'),
      Type.Array(line, { minItems: 1, maxItems: mostRows, uniqueItems: true }),
    ]),
    reason: Type.Union([reason, Type.Null()]),
  },
  strict,
);

const refuseV1 = Type.Object({ upload: id, sha256, reason }, strict);

async function receivedUpload(trx: StateTransaction, of: { upload: string; sha256: string; entry?: number }) {
  const found = await trx.selectFrom('upload').selectAll().where('id', '=', of.upload).executeTakeFirst();
  if (found === undefined) throw new MonitorError('E_NOT_FOUND', `there is no upload ${of.upload}`);
  if (found.sha256 !== of.sha256 || (of.entry !== undefined && found.entry !== of.entry)) {
    const message = `upload ${of.upload} has content ${found.sha256}, decided was about ${of.sha256}`;
    throw new MonitorError('E_CONFLICT', message);
  }
  return found;
}

async function refuseTwice(trx: StateTransaction, upload: string, rows: AcceptedRows): Promise<void> {
  const earlier = await trx.selectFrom('upload_decision').selectAll().where('upload', '=', upload).execute();
  for (const one of earlier) {
    if (one.decision === 'refused')
      throw new MonitorError(
        'E_CONFLICT',
        `upload ${upload} was refused by ${one.actor}; hand the file in again`,
      );
    const taken = JSON.parse(one.accepted_rows) as AcceptedRows;
    const twice = taken === 'all' || rows === 'all' ? ['all'] : rows.filter((row) => taken.includes(row));
    if (twice.length > 0)
      throw new MonitorError('E_CONFLICT', `rows of upload ${upload} were accepted by ${one.actor} already`, {
        details: { rows: twice.slice(0, 20) },
      });
  }
}

const decide = (
  trx: StateTransaction,
  act: Act,
  of: { upload: string; decision: 'accepted' | 'refused'; rows: AcceptedRows; reason: string | null },
) =>
  trx
    .insertInto('upload_decision')
    .values({
      id: act.id,
      upload: of.upload,
      decision: of.decision,
      accepted_rows: JSON.stringify(of.rows),
      reason: of.reason,
      actor: act.actor,
      at_s: act.atS,
    })
    .execute();

/** Acts on files that were handed in. Throw E_NOT_FOUND, E_CONFLICT for other content than received or rows decided already. */
export const uploadKinds: Record<string, ActKind> = {
  'receive-upload@1': actKind(receiveV1, async (trx, { upload, ...facts }, act) => {
    await trx
      .insertInto('upload')
      .values({ id: upload, ...facts, actor: act.actor, at_s: act.atS })
      .execute();
  }),
  'accept-upload@1': actKind(
    acceptV1,
    async (trx, { upload, entry, sha256: content, rows, reason: why }, act) => {
      await receivedUpload(trx, { upload, entry, sha256: content });
      await refuseTwice(trx, upload, rows);
      await decide(trx, act, { upload, decision: 'accepted', rows, reason: why });
    },
  ),
  'refuse-upload@1': actKind(refuseV1, async (trx, { upload, sha256: content, reason: why }, act) => {
    await receivedUpload(trx, { upload, sha256: content });
    await refuseTwice(trx, upload, 'all');
    await decide(trx, act, { upload, decision: 'refused', rows: 'all', reason: why });
  }),
};

export function uploadStore(db: StateDatabase): UploadStore {
  const decided = async (
    rows: { id: string; entry: number; at_s: number }[],
  ): Promise<Map<string, DecidedUpload['decisions']>> => {
    const ids = rows.map((row) => row.id);
    const decisions = new Map<string, DecidedUpload['decisions']>(ids.map((one) => [one, []]));
    if (ids.length === 0) return decisions;
    const found = await db
      .selectFrom('upload_decision')
      .innerJoin('act', 'act.id', 'upload_decision.id')
      .selectAll('upload_decision')
      .select('act.seq')
      .where('upload', 'in', ids)
      .orderBy('act.seq')
      .execute();
    for (const { upload, seq, decision, accepted_rows: accepted, reason: why, actor, at_s: atS } of found) {
      const taken = JSON.parse(accepted) as AcceptedRows;
      decisions.get(upload)?.push({ seq, decision, rows: taken, reason: why, actor, atS });
    }
    return decisions;
  };
  const list: UploadStore['uploads'] = async ({ source, sha256: content, after, limit }) => {
    let query = db.selectFrom('upload').selectAll().orderBy('entry', 'desc').limit(limit);
    if (source !== undefined) query = query.where('source', '=', source);
    if (content !== undefined) query = query.where('sha256', '=', content);
    if (after !== undefined) query = query.where('entry', '<', after.entry);
    const rows = await query.execute();
    const decisions = await decided(rows);
    return rows.map(({ at_s: atS, ...upload }) => ({
      ...upload,
      atS,
      decisions: decisions.get(upload.id) ?? [],
    }));
  };
  return {
    uploads: list,
    async upload(upload) {
      const row = await db.selectFrom('upload').selectAll().where('id', '=', upload).executeTakeFirst();
      if (row === undefined) return null;
      const { at_s: atS, ...rest } = row;
      return { ...rest, atS, decisions: (await decided([row])).get(upload) ?? [] };
    },
  };
}
