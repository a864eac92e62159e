import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import type { Act, ActLog, Actor, KeyInfo, KeyStore } from '../../domain/ports.ts';
import { roleOf, type Role } from '../../domain/roles.ts';
import type { EpochS } from '../../domain/time.ts';
import type { CreateKeyPayload } from './act-kinds.ts';
import type { StateDatabase, StateTables } from './tables.ts';

const hashStart = 12;
const lastUsedEveryS = 60;

export function keyStore(db: StateDatabase): KeyStore {
  const notedS = new Map<string, EpochS>();
  return {
    async actorOf(token, nowS) {
      const key = await findKey(db, token);
      if (key === null || key.revoked_s !== null || (key.expires_s !== null && key.expires_s <= nowS))
        return null;
      if (nowS - (notedS.get(key.id) ?? -Infinity) >= lastUsedEveryS) {
        notedS.set(key.id, nowS);
        await noteUse(db, key.id, nowS);
      }
      return actorOfRow(key);
    },
    async count() {
      const query = db.selectFrom('api_key').select((select) => select.fn.countAll<number>().as('keys'));
      return (await query.executeTakeFirstOrThrow()).keys;
    },
    list: () => list(db),
  };
}

function actorOfRow(key: StateTables['api_key']): Actor {
  return {
    id: key.holder,
    role: roleOf(key.role),
    jurisdiction: key.jurisdiction,
    scopes: scopesOf(key.scopes),
  };
}

/** A token is some 200 random bits, so a plain SHA-256 of it can be stored. Its start finds the row, a constant-time compare decides. */
async function findKey(db: StateDatabase, token: string): Promise<StateTables['api_key'] | null> {
  if (!/^jh_[A-Za-z0-9_-]{32,64}$/.test(token)) return null;
  const digest = digestOf(token);
  const start = digest.toString('hex').slice(0, hashStart);
  const candidates = await db
    .selectFrom('api_key')
    .selectAll()
    .where(sql`left(token_sha256, ${sql.lit(hashStart)})`, '=', start)
    .execute();
  return candidates.find((key) => timingSafeEqual(Buffer.from(key.token_sha256, 'hex'), digest)) ?? null;
}

async function noteUse(db: StateDatabase, keyId: string, nowS: EpochS): Promise<void> {
  await db
    .insertInto('key_use')
    .values({ key_id: keyId, last_used_s: nowS })
    .onConflict((conflict) => conflict.column('key_id').doUpdateSet({ last_used_s: nowS }))
    .execute();
}

async function list(db: StateDatabase): Promise<KeyInfo[]> {
  const rows = await db
    .selectFrom('api_key')
    .leftJoin('key_use', 'key_use.key_id', 'api_key.id')
    .selectAll('api_key')
    .select('key_use.last_used_s')
    .orderBy('api_key.created_s')
    .orderBy('api_key.id')
    .execute();
  return rows.map((row) => ({
    keyId: row.id,
    name: row.name,
    holder: row.holder,
    role: roleOf(row.role),
    jurisdiction: row.jurisdiction,
    scopes: scopesOf(row.scopes),
    createdS: row.created_s,
    expiresS: row.expires_s,
    revokedS: row.revoked_s,
    lastUsedS: row.last_used_s,
  }));
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function scopesOf(text: string): readonly string[] {
  const scopes: string[] = JSON.parse(text);
  return scopes;
}

export interface NewKey {
  /** Who makes it. */
  actor: string;
  /** Whom the key acts as in the record; its own id when absent. */
  holder?: string;
  role: Role;
  jurisdiction?: string | null;
  scopes?: readonly string[];
  expiresS?: EpochS | null;
  /** What the administrator calls it. */
  name?: string | null;
  atS: EpochS;
}

/** Makes a key by an act. The token is returned once, here, and is stored nowhere. */
export async function createKey(
  acts: Pick<ActLog, 'perform'>,
  key: NewKey,
): Promise<{ token: string; keyId: string; seq: number }> {
  const token = `jh_${randomBytes(32).toString('base64url')}`;
  const keyId = `key_${randomBytes(9).toString('base64url')}`;
  const payload: CreateKeyPayload = {
    keyId,
    tokenHash: digestOf(token).toString('hex'),
    ...(key.holder === undefined ? {} : { holder: key.holder }),
    role: key.role,
    jurisdiction: key.jurisdiction ?? null,
    scopes: [...(key.scopes ?? [])],
    name: key.name ?? null,
    expiresS: key.expiresS ?? null,
  };
  const act: Act = {
    kind: 'create-key',
    version: 1,
    id: `create-${keyId}`,
    actor: key.actor,
    atS: key.atS,
    payload,
  };
  return { token, keyId, seq: await acts.perform(act) };
}

/** Revokes a key by an act; from its answer on the token is refused. Throws E_NOT_FOUND, E_CONFLICT. */
export function revokeKey(
  acts: Pick<ActLog, 'perform'>,
  revocation: { keyId: string; actor: string; atS: EpochS },
): Promise<number> {
  const { keyId, actor, atS } = revocation;
  return acts.perform({
    kind: 'revoke-key',
    version: 1,
    id: `revoke-${keyId}`,
    actor,
    atS,
    payload: { keyId },
  });
}
