import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration, type MigrationProvider } from 'kysely/migration';
import { MonitorError } from '../../domain/errors.ts';
import { acknowledgeTokenStatements } from './acknowledge-tokens.ts';
import { circumstanceStatements } from './circumstances.ts';
import { latestVerdictStatements } from './latest-verdicts.ts';
import { gapStatements } from './gap-schema.ts';
import { qualityStatements } from './quality-schema.ts';
import { deviceStatements } from './device-acts.ts';
import { deliveryOrderStatements, notificationStatements } from './notifications.ts';
import { identityStatements, publicIdStatements } from './identity-schema.ts';
import { alertStatements, incidentStatements } from './alerts-schema.ts';
import { changedInputStatements, followUpStatements, noticeStatements } from './settlement-follow-up.ts';
import { subscriptionStatements } from './subscriptions.ts';
import {
  contestedReadingStatements,
  pairBalanceStatements,
  settlementStatements,
  statementTermStatements,
} from './settlement-schema.ts';
import type { StateDatabase } from './tables.ts';

/** Dated steps of the one schema, the same on PGlite and on a server. A step that has shipped is never edited. */
const migrations: Record<string, Migration> = {
  '001-runs-issues-keys-acts': { up: foundation },
  '002-leases-projections-reviews': { up: (db) => run(db, leaseStatements) },
  '002-first-entry-of-unknown-stations': { up: firstEntryOfUnknownStations },
  '003-settlements': { up: (db) => run(db, settlementStatements) },
  '030-checks-holds-objections': { up: (db) => run(db, qualityStatements) },
  '020-devices': { up: (db) => run(db, deviceStatements) },
  '040-identity-and-publications': { up: (db) => run(db, identityStatements) },
  '017-circumstances': { up: (db) => run(db, circumstanceStatements) },
  '018-latest-verdicts': { up: (db) => run(db, latestVerdictStatements) },
  '023-uploads': { up: (db) => run(db, uploadStatements) },
  '027-gaps-and-backfills': { up: (db) => run(db, gapStatements) },
  '053-notifications': { up: (db) => run(db, notificationStatements) },
  '055-reminders-and-funds': { up: (db) => run(db, followUpStatements) },
  '054-acknowledge-tokens': { up: (db) => run(db, acknowledgeTokenStatements) },
  '042-subscriptions': { up: (db) => run(db, subscriptionStatements) },
  '041-public-ids': { up: (db) => run(db, publicIdStatements) },
  '050-alerts': { up: (db) => run(db, alertStatements) },
  '064-providers-in-unregistered-ids': { up: (db) => run(db, [providersInUnregisteredIds]) },
  '069-incidents': { up: (db) => run(db, incidentStatements) },
  '068-delivery-order': { up: (db) => run(db, deliveryOrderStatements) },
  '083-settlement-notices': { up: (db) => run(db, noticeStatements) },
  '086-changed-inputs-told': { up: (db) => run(db, changedInputStatements) },
  '093-terms-of-statements': { up: (db) => run(db, statementTermStatements) },
  '094-entries-balance-by-pair': { up: (db) => run(db, pairBalanceStatements) },
  '243-objections-to-readings': { up: (db) => run(db, contestedReadingStatements) },
};

const provider: MigrationProvider = { getMigrations: () => Promise.resolve(migrations) };

/** Brings the schema up to date; several processes may call it at once. Throws E_STORE_UNSUPPORTED for a schema of a newer version. */
export async function migrate(db: StateDatabase): Promise<void> {
  const migrator = new Migrator({
    db,
    provider,
    migrationTableName: 'jiehe_migration',
    migrationLockTableName: 'jiehe_migration_lock',
    // Numbers come in ranges: a lower one may ship after a higher one.
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'none ran';
  throw new MonitorError(
    'E_STORE_UNSUPPORTED',
    `the state schema could not be brought up to date (${failed})`,
    { cause: error },
  );
}

async function run(db: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

function foundation(db: Kysely<unknown>): Promise<void> {
  return run(db, foundationStatements);
}

async function firstEntryOfUnknownStations(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('unknown_station').addColumn('first_seq', 'int8').execute();
}

const providersInUnregisteredIds = `update unknown_station set id = 'u-' || provider || '-' || right(id, 12)
   where provider <> 'cnemc' and id = 'u-cnemc-' || right(id, 12)`;

const uploadStatements = [
  `create table upload (
     id text primary key, entry int8 not null, source text not null, sha256 text not null, name text not null, month text,
     bytes int8 not null, actor text not null, at_s int8 not null)`,
  `create index upload_by_source on upload (source, at_s desc)`,
  `create index upload_by_content on upload (sha256)`,
  `create table upload_decision (
     id text primary key, upload text not null references upload (id), decision text not null, accepted_rows text not null,
     reason text, actor text not null, at_s int8 not null)`,
  `create index upload_decision_by_upload on upload_decision (upload)`,
];

const foundationStatements = [
  `create table run (
     run_id text primary key, source text not null, started_s int8 not null, finished_s int8, trigger text not null,
     status text not null, entries int8 not null, cells text not null, issues text not null, message text)`,
  `create index run_by_start on run (started_s desc, run_id)`,
  `create index run_by_source on run (source, started_s desc, run_id)`,
  `create table issue (
     id int8 generated always as identity primary key, seq int8, at_s int8 not null, code text not null, path text not null,
     message text not null, source_id text not null, record text not null)`,
  `create index issue_by_seq on issue (seq)`,
  `create index issue_by_source on issue (source_id, id desc)`,
  `create index issue_by_code on issue (code, id desc)`,
  `create table unknown_station (
     provider text not null, natural_key text not null, id text not null, name text not null, lon float8, lat float8,
     first_seen_s int8 not null, primary key (provider, natural_key))`,
  `create table cursor (name text primary key, value text not null)`,
  `create table api_key (
     id text primary key, token_sha256 text not null unique, name text, holder text not null, role text not null,
     jurisdiction text, scopes text not null, created_s int8 not null, expires_s int8, revoked_s int8)`,
  `create index api_key_by_hash_start on api_key (left(token_sha256, 12))`,
  `create table key_use (key_id text primary key, last_used_s int8 not null)`,
  `create table act (
     seq int8 primary key, id text not null unique, kind text not null, version int8 not null, actor text not null,
     at_s int8 not null, payload text not null)`,
  `create table act_position (id int8 primary key check (id = 1), applied_through int8 not null)`,
  `insert into act_position (id, applied_through) values (1, 0)`,
  `create table journal_anchor (id int8 primary key check (id = 1), seq int8 not null, hash text not null, at_s int8 not null)`,
  `create table cron_slot (name text not null, slot text not null, claimed_s int8 not null, primary key (name, slot))`,
  `create index cron_slot_by_age on cron_slot (claimed_s)`,
  `create function refuse_change() returns trigger language plpgsql as $$
   begin
     raise exception 'table % is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
   end $$`,
  `create trigger act_is_append_only before update or delete or truncate on act
     for each statement execute function refuse_change()`,
];

const leaseStatements = [
  `create table lease (
     name text primary key, holder text not null, token int8 not null, expires_at timestamptz not null,
     safe_seq int8 not null, repair_seq int8, clean boolean not null)`,
  `create table projection_log (store text not null, seq int8 not null, outcome text not null, primary key (store, seq))`,
  `create table review (
     id text primary key, station text not null, provider text not null, from_s int8 not null, to_s int8 not null,
     actor text not null, at_s int8 not null, review text not null)`,
  `create index review_by_station on review (station, from_s)`,
  `create table registration (
     id text primary key, provider text not null, natural_key text not null, station text not null, from_day text not null,
     to_day text, actor text not null, at_s int8 not null)`,
  `create index registration_by_key on registration (provider, natural_key, from_day)`,
];
