import type { Client } from 'pg';
import { MonitorError } from '../../../domain/errors.ts';

/** One number for all who append to the journal of a database: whoever holds this lock knows the head. */
export const appendLock = 7_310_441_001;
export const channel = 'jiehe_journal';

const formatVersion = 1;

const statements = [
  `create table journal_format (id int8 primary key check (id = 1), version int8 not null)`,
  `insert into journal_format (id, version) values (1, ${formatVersion})`,
  `create table journal_entry (
     seq int8 primary key check (seq > 0),
     kind text not null check (kind in ('raw', 'config', 'act', 'aborted')),
     received_s int8 not null,
     meta text not null,
     length int8 not null check (length = octet_length(body)),
     sha256 text not null,
     previous text not null,
     hash text not null,
     body bytea not null)`,
  `create index journal_entry_not_raw on journal_entry (seq) where kind <> 'raw'`,
  `create function journal_refuses_change() returns trigger language plpgsql as $$
   begin
     raise exception 'table % is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
   end $$`,
  `create trigger journal_is_append_only before update or delete or truncate on journal_entry
     for each statement execute function journal_refuses_change()`,
];

/** Makes the tables when absent; several processes may call it at once. Throws E_STORE_UNSUPPORTED for a newer format. */
export async function ensureSchema(client: Pick<Client, 'query'>): Promise<void> {
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [appendLock]);
    const { rows } = await client.query<{ known: boolean }>(
      `select to_regclass('journal_entry') is not null as known`,
    );
    if (rows[0]?.known !== true) for (const statement of statements) await client.query(statement);
    const format = await client.query<{ version: number }>(
      'select version::int4 as version from journal_format',
    );
    const found = format.rows[0]?.version;
    if (found !== formatVersion)
      throw new MonitorError(
        'E_STORE_UNSUPPORTED',
        `the journal in the database has format ${found}, this version of jiehe knows ${formatVersion}`,
      );
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback').catch(() => undefined);
    throw cause;
  }
}
