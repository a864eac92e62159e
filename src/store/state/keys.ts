import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Act, ActLog, Actor, KeyStore, Role } from '../../domain/ports.ts';
import type { EpochS } from '../../domain/time.ts';
import type { CreateKeyPayload } from './act-kinds.ts';
import type { StateDatabase, StateTables } from './tables.ts';

const prefixLength = 11;
const lastUsedEveryS = 60;

/** A key as an administrator sees it: never the token, never its hash. */
export interface KeyInfo {
  keyId: string;
  prefix: string;
  name: string | null;
  actor: string;
  role: Role;
  jurisdiction: string | null;
  scopes: readonly string[];
  createdS: EpochS;
  expiresS: EpochS | null;
  revokedS: EpochS | null;
  /** To the minute. */
  lastUsedS: EpochS | null;
}

export interface KeyList extends KeyStore {
  list(): Promise<KeyInfo[]>;
}

export function keyStore(db: StateDatabase): KeyList {
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
    id: key.actor,
    role: roleOf(key.role),
    jurisdiction: key.jurisdiction,
    scopes: scopesOf(key.scopes),
  };
}

/** A token is 256 random bits, so a plain SHA-256 of it can be stored; the prefix only narrows the search. */
async function findKey(db: StateDatabase, token: string): Promise<StateTables['api_key'] | null> {
  if (!/^jh_[A-Za-z0-9_-]{43}$/.test(token)) return null;
  const candidates = await db
    .selectFrom('api_key')
    .selectAll()
    .where('prefix', '=', token.slice(0, prefixLength))
    .execute();
  const digest = digestOf(token);
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
    prefix: row.prefix,
    name: row.name,
    actor: row.actor,
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

const roles: readonly Role[] = [
  'viewer',
  'duty-officer',
  'finance',
  'signatory',
  'administrator',
  'joint-office',
];

/** A role that is not known any more may do least. */
function roleOf(text: string): Role {
  return roles.find((role) => role === text) ?? 'viewer';
}

export interface NewKey {
  /** Whom the key acts for. */
  actor: string;
  role: Role;
  jurisdiction?: string | null;
  scopes?: readonly string[];
  expiresS?: EpochS | null;
  /** What the administrator calls it. */
  name?: string | null;
  /** Who makes it; the system itself when absent, as for the first key. */
  by?: string;
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
    prefix: token.slice(0, prefixLength),
    tokenSha256: digestOf(token).toString('hex'),
    actor: key.actor,
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
    actor: key.by ?? 'system',
    atS: key.atS,
    payload,
  };
  return { token, keyId, seq: await acts.perform(act) };
}

/** Revokes a key by an act; from its answer on the token is refused. Throws E_NOT_FOUND, E_CONFLICT. */
export function revokeKey(
  acts: Pick<ActLog, 'perform'>,
  revocation: { keyId: string; by: string; atS: EpochS },
): Promise<number> {
  const { keyId, by, atS } = revocation;
  return acts.perform({
    kind: 'revoke-key',
    version: 1,
    id: `revoke-${keyId}`,
    actor: by,
    atS,
    payload: { keyId },
  });
}
