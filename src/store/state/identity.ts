import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { IdentityStore, Session, User, UserSecrets } from '../../domain/identity.ts';
import { roles, roleOf } from '../../domain/roles.ts';
import { sealedPattern } from './stored-text.ts';
import type { StateDatabase, StateTables, StateTransaction } from './tables.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';

const userId = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,79}$' });
const line = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f]+$' });
const nullableLine = Type.Union([line, Type.Null()]);

const createUserV1 = Type.Object(
  {
    userId,
    name: line,
    role: Type.Enum([...roles]),
    jurisdiction: Type.Union([Type.String({ pattern: '^\\d{6}$' }), Type.Null()]),
    issuer: nullableLine,
    subject: nullableLine,
  },
  strict,
);
const setPasswordV1 = Type.Object(
  { userId, passwordHash: Type.String({ pattern: '^\\$argon2id\\$[^\\s]{20,300}$' }) },
  strict,
);
const enrolTotpV1 = Type.Object({ userId, sealedSecret: Type.String({ pattern: sealedPattern }) }, strict);
const ofUserV1 = Type.Object({ userId }, strict);

async function change(
  trx: StateTransaction,
  id: string,
  values: Partial<StateTables['user_account']>,
): Promise<void> {
  const known = await trx
    .selectFrom('user_account')
    .select('disabled_s')
    .where('id', '=', id)
    .executeTakeFirst();
  if (known === undefined) throw new MonitorError('E_NOT_FOUND', `there is no user ${id}`);
  if (known.disabled_s !== null) throw new MonitorError('E_CONFLICT', `user ${id} is disabled`);
  await trx.updateTable('user_account').set(values).where('id', '=', id).execute();
}

/** Acts on people. Secrets arrive as hashes or sealed. Throws E_CONFLICT for a taken name, E_NOT_FOUND for an unknown one. */
export const identityKinds: Record<string, ActKind> = {
  'create-user@1': actKind(createUserV1, async (trx, user, act) => {
    const { issuer, subject } = user;
    if ((issuer === null) !== (subject === null))
      throw new MonitorError('E_BAD_REQUEST', 'issuer and subject come together or not at all');
    let query = trx.selectFrom('user_account').select('id').where('id', '=', user.userId);
    if (issuer !== null && subject !== null)
      query = trx
        .selectFrom('user_account')
        .select('id')
        .where((where) =>
          where.or([
            where('id', '=', user.userId),
            where.and([where('issuer', '=', issuer), where('subject', '=', subject)]),
          ]),
        );
    const taken = await query.executeTakeFirst();
    if (taken !== undefined)
      throw new MonitorError('E_CONFLICT', `user ${taken.id} exists already`, {
        details: { user: taken.id },
      });
    const { userId: id, name, role, jurisdiction } = user;
    await trx
      .insertInto('user_account')
      .values({
        id,
        name,
        role,
        jurisdiction,
        issuer,
        subject,
        created_s: act.atS,
        password_hash: null,
        sealed_totp: null,
        totp_confirmed: false,
        disabled_s: null,
      })
      .execute();
  }),
  'set-password@1': actKind(setPasswordV1, (trx, { userId: id, passwordHash }) =>
    change(trx, id, { password_hash: passwordHash }),
  ),
  'disable-user@1': actKind(ofUserV1, (trx, { userId: id }, act) => change(trx, id, { disabled_s: act.atS })),
  'enrol-totp@1': actKind(enrolTotpV1, (trx, { userId: id, sealedSecret }) =>
    change(trx, id, { sealed_totp: sealedSecret, totp_confirmed: false }),
  ),
  'confirm-totp@1': actKind(ofUserV1, (trx, { userId: id }) => change(trx, id, { totp_confirmed: true })),
  'reset-totp@1': actKind(ofUserV1, (trx, { userId: id }) =>
    change(trx, id, { sealed_totp: null, totp_confirmed: false }),
  ),
};

function userOfRow(row: StateTables['user_account']): User {
  const { id, name, jurisdiction, issuer, subject } = row;
  return {
    id,
    name,
    role: roleOf(row.role),
    jurisdiction,
    issuer,
    subject,
    createdS: row.created_s,
    disabledS: row.disabled_s,
  };
}

function secretsOfRow(row: StateTables['user_account'], step: number): UserSecrets {
  return {
    passwordHash: row.password_hash,
    sealedTotp: row.sealed_totp,
    totpConfirmed: row.totp_confirmed,
    totpStep: step,
  };
}

function sessionOfRow(row: StateTables['session']): Session {
  return {
    tokenHash: row.token_hash,
    userId: row.user_id,
    csrf: row.csrf,
    secondFactor: row.second_factor,
    createdS: row.created_s,
    lastSeenS: row.last_seen_s,
    expiresS: row.expires_s,
  };
}

function users(db: StateDatabase): Pick<IdentityStore, 'users' | 'user' | 'userOf' | 'useTotpStep'> {
  return {
    async users() {
      const rows = await db.selectFrom('user_account').selectAll().orderBy('id').execute();
      return rows.map((row) => ({
        ...userOfRow(row),
        hasPassword: row.password_hash !== null,
        hasTotp: row.totp_confirmed,
      }));
    },
    async user(id) {
      const row = await db.selectFrom('user_account').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) return null;
      const used = await db
        .selectFrom('totp_step')
        .select('step')
        .where('user_id', '=', id)
        .executeTakeFirst();
      return { ...userOfRow(row), ...secretsOfRow(row, used?.step ?? 0) };
    },
    async userOf(issuer, subject) {
      const row = await db
        .selectFrom('user_account')
        .selectAll()
        .where('issuer', '=', issuer)
        .where('subject', '=', subject)
        .executeTakeFirst();
      return row === undefined ? null : userOfRow(row);
    },
    async useTotpStep(id, step) {
      const taken = await db
        .insertInto('totp_step')
        .values({ user_id: id, step })
        .onConflict((conflict) =>
          conflict.column('user_id').doUpdateSet({ step }).where('totp_step.step', '<', step),
        )
        .returning('step')
        .executeTakeFirst();
      return taken !== undefined;
    },
  };
}

function sessions(
  db: StateDatabase,
): Pick<IdentityStore, 'openSession' | 'sessionOf' | 'touchSession' | 'closeSession' | 'closeSessionsOf'> {
  return {
    async openSession(session) {
      await db.deleteFrom('session').where('expires_s', '<=', session.createdS).execute();
      await db
        .insertInto('session')
        .values({
          token_hash: session.tokenHash,
          user_id: session.userId,
          csrf: session.csrf,
          second_factor: session.secondFactor,
          created_s: session.createdS,
          last_seen_s: session.lastSeenS,
          expires_s: session.expiresS,
        })
        .execute();
    },
    async sessionOf(tokenHash, nowS) {
      const row = await db
        .selectFrom('session')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .where('expires_s', '>', nowS)
        .executeTakeFirst();
      if (row === undefined) return null;
      const user = await db
        .selectFrom('user_account')
        .selectAll()
        .where('id', '=', row.user_id)
        .where('disabled_s', 'is', null)
        .executeTakeFirst();
      return user === undefined ? null : { session: sessionOfRow(row), user: userOfRow(user) };
    },
    async touchSession(tokenHash, { lastSeenS, expiresS }) {
      const values = { last_seen_s: lastSeenS, expires_s: expiresS };
      await db.updateTable('session').set(values).where('token_hash', '=', tokenHash).execute();
    },
    async closeSession(tokenHash) {
      await db.deleteFrom('session').where('token_hash', '=', tokenHash).execute();
    },
    async closeSessionsOf(id) {
      await db.deleteFrom('session').where('user_id', '=', id).execute();
    },
  };
}

const failuresKeptS = 86_400;

function signIns(
  db: StateDatabase,
): Pick<IdentityStore, 'noteFailure' | 'failures' | 'keepAttempt' | 'takeAttempt'> {
  return {
    async noteFailure({ user, address, atS }) {
      await db
        .deleteFrom('sign_in_failure')
        .where('at_s', '<', atS - failuresKeptS)
        .execute();
      await db.insertInto('sign_in_failure').values({ user_id: user, address, at_s: atS }).execute();
    },
    async failures({ user, address, sinceS }) {
      const rows = await db
        .selectFrom('sign_in_failure')
        .select(['user_id', 'address'])
        .where('at_s', '>=', sinceS)
        .where((where) => where.or([where('user_id', '=', user), where('address', '=', address)]))
        .execute();
      return {
        user: rows.filter((row) => row.user_id === user).length,
        address: rows.filter((row) => row.address === address).length,
      };
    },
    async keepAttempt({ state, nonce, verifier, atS }) {
      await db
        .deleteFrom('sign_in_attempt')
        .where('at_s', '<', atS - failuresKeptS)
        .execute();
      await db.insertInto('sign_in_attempt').values({ state, nonce, verifier, at_s: atS }).execute();
    },
    async takeAttempt(state, sinceS) {
      const row = await db
        .deleteFrom('sign_in_attempt')
        .where('state', '=', state)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined || row.at_s < sinceS) return null;
      return { state: row.state, nonce: row.nonce, verifier: row.verifier, atS: row.at_s };
    },
  };
}

export function identityStore(db: StateDatabase): IdentityStore {
  return { ...users(db), ...sessions(db), ...signIns(db) };
}
