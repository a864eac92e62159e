import { Type, type Static, type TSchema } from 'typebox';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Act } from '../../domain/ports.ts';
import { roles } from '../../domain/roles.ts';
import { actKind, ajv, strict, type ActKind } from './act-kind.ts';
import { alertKinds } from './alert-acts.ts';
import { deliveryKinds } from './delivery-acts.ts';
import { incidentKinds } from './incident-acts.ts';
import { identityKinds } from './identity.ts';
import { publicIdKinds } from './public-ids.ts';
import { publicationKinds } from './publications.ts';
import { settlementKinds } from './settlement-acts.ts';
import { followUpKinds } from './settlement-follow-up.ts';
import { circumstanceActKinds } from './circumstances.ts';
import { qualityKinds } from './quality-acts.ts';
import { deviceKinds } from './device-acts.ts';
import { readingKinds } from './reading-acts.ts';
import { uploadKinds } from './upload-acts.ts';
import { subscriptionKinds } from './subscriptions.ts';

const line = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f]+$' });
const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

const createKeyV1 = Type.Object(
  {
    keyId: line,
    /** SHA-256 of the token, hex; the token itself is nowhere. */
    tokenHash: sha256,
    name: Type.Union([line, Type.Null()]),
    /** Whom the key acts as in the record; its own id when absent. */
    holder: Type.Optional(line),
    role: Type.Enum([...roles]),
    jurisdiction: Type.Union([line, Type.Null()]),
    scopes: Type.Optional(Type.Array(line, { maxItems: 100 })),
    expiresS: Type.Union([Type.Integer(), Type.Null()]),
  },
  strict,
);

const revokeKeyV1 = Type.Object({ keyId: line }, strict);

export type CreateKeyPayload = Static<typeof createKeyV1>;

const kinds: Record<string, ActKind> = {
  ...readingKinds,
  ...qualityKinds,
  ...deviceKinds,
  ...settlementKinds,
  ...followUpKinds,
  ...identityKinds,
  ...publicationKinds,
  ...subscriptionKinds,
  ...circumstanceActKinds,
  ...uploadKinds,
  ...publicIdKinds,
  ...alertKinds,
  ...deliveryKinds,
  ...incidentKinds,
  'create-key@1': actKind(createKeyV1, async (trx, key, act) => {
    const taken = await trx.selectFrom('api_key').select('id').where('id', '=', key.keyId).executeTakeFirst();
    if (taken !== undefined) throw new MonitorError('E_CONFLICT', `key ${key.keyId} exists already`);
    await trx
      .insertInto('api_key')
      .values({
        id: key.keyId,
        token_sha256: key.tokenHash,
        name: key.name,
        holder: key.holder ?? key.keyId,
        role: key.role,
        jurisdiction: key.jurisdiction,
        scopes: JSON.stringify(key.scopes ?? []),
        created_s: act.atS,
        expires_s: key.expiresS,
        revoked_s: null,
      })
      .execute();
  }),
  'revoke-key@1': actKind(revokeKeyV1, async (trx, { keyId }, act) => {
    const key = await trx
      .selectFrom('api_key')
      .select('revoked_s')
      .where('id', '=', keyId)
      .executeTakeFirst();
    if (key === undefined) throw new MonitorError('E_NOT_FOUND', `there is no key ${keyId}`);
    if (key.revoked_s !== null) throw new MonitorError('E_CONFLICT', `key ${keyId} is revoked already`);
    await trx.updateTable('api_key').set({ revoked_s: act.atS }).where('id', '=', keyId).execute();
  }),
};

const envelope = ajv.compile<Act>(
  Type.Object(
    {
      id: line,
      kind: line,
      version: Type.Integer({ minimum: 1 }),
      actor: line,
      atS: Type.Integer(),
      payload: Type.Object({}),
    },
    { additionalProperties: false },
  ),
);

/** The payload's schema of every kind and version that a journal may hold. */
export function actSchemas(): Record<string, TSchema> {
  return Object.fromEntries(Object.entries(kinds).map(([kind, { schema }]) => [kind, schema]));
}

/** The act of these bytes. Throws E_JOURNAL_BROKEN: whatever is in the journal as an act was checked before. */
export function parseAct(body: Uint8Array, seq: number): Act {
  const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
  if (envelope(parsed)) return parsed;
  throw new MonitorError('E_JOURNAL_BROKEN', `entry ${seq} is not an act`, {
    details: { seq, errors: envelope.errors },
  });
}

/** Fields of a payload that are counted from the moment of the act, by kind. */
const countedFromAct: Readonly<Record<string, readonly string[]>> = { 'request-device-data': ['expiresS'] };

/** What an act says, whenever it was sent: two of one id with equal content are one act. */
export function contentOf({
  atS,
  ...act
}: Omit<Act, 'kind' | 'version'> & { kind: string; version: number }): string {
  const payload: Record<string, unknown> = { ...act.payload };
  for (const field of countedFromAct[act.kind] ?? []) {
    const value = payload[field];
    if (typeof value === 'number') payload[field] = value - atS;
  }
  return canonicalJson({ ...act, payload });
}

/** How to apply an act. Throws E_BAD_REQUEST for an unknown kind or version and for a payload that does not fit, naming each field. */
export function checkAct(act: Act): ActKind {
  if (!envelope(act)) {
    const faults = (envelope.errors ?? []).map(
      (error) => `act${error.instancePath} ${error.message ?? 'is wrong'}`,
    );
    throw new MonitorError('E_BAD_REQUEST', faults.join('; '), { details: { faults } });
  }
  const kind = kinds[`${act.kind}@${act.version}`];
  if (kind === undefined) {
    throw new MonitorError('E_BAD_REQUEST', `unknown act ${act.kind} version ${act.version}`, {
      details: { known: Object.keys(kinds) },
    });
  }
  const faults = kind.check(act.payload);
  if (faults.length > 0)
    throw new MonitorError('E_BAD_REQUEST', `${act.kind}: ${faults.join('; ')}`, { details: { faults } });
  return kind;
}
