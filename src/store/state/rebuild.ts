import { sql } from 'kysely';
import { MonitorError } from '../../domain/errors.ts';
import type { Clock, Journal } from '../../domain/ports.ts';
import { ActQueue } from './act-queue.ts';
import { openEngine } from './engine.ts';
import { migrate } from './migrations.ts';
import type { StateDatabase } from './tables.ts';

export interface StateRebuild {
  acts: number;
  /** Tables that follow from acts. `rows`: as the journal gives them; `equal`: the state had the same. */
  tables: { name: string; rows: number; equal: boolean }[];
}

/** Tables that do not follow from acts: what runs did, where things stand, who works now. */
const notFromActs = new Set([
  'run',
  'issue',
  'unknown_station',
  'cursor',
  'key_use',
  'act_position',
  'journal_anchor',
  'journal_entry',
  'journal_format',
  'cron_slot',
  'lease',
  'projection_log',
  'session',
  'sign_in_failure',
  'sign_in_attempt',
  'totp_step',
  'read_log',
  'notification',
  'delivery_order',
  'acknowledge_token',
  'subscription_progress',
  'webhook_delivery',
  'latest_verdict',
  'latest_event',
  'jiehe_migration',
  'jiehe_migration_lock',
]);

/**
 * Applies every act of the journal to an empty state in memory, compares it with the one in use table by table, and puts what
 * differs in its place, in one transaction. `acts` must rest meanwhile: call it through the queue.
 */
export async function rebuildState(
  live: StateDatabase,
  journal: Journal,
  clock: Clock,
): Promise<StateRebuild> {
  const fresh = await openEngine({ kind: 'pglite', dir: 'memory://' });
  try {
    await migrate(fresh.db);
    // The copy never appends: whatever it did would be an act of nobody.
    const readOnly: Journal = {
      ...bound(journal),
      append: () => Promise.reject(new MonitorError('E_INTERNAL', 'a rebuilt state appended to the journal')),
    };
    const acts = await new ActQueue({ db: fresh.db, journal: readOnly, clock }).recover();
    const tables: StateRebuild['tables'] = [];
    for (const name of await tablesOf(fresh.db)) {
      const [ours, theirs] = [await rowsOf(fresh.db, name), await rowsOf(live, name)];
      tables.push({ name, rows: ours.length, equal: JSON.stringify(ours) === JSON.stringify(theirs) });
    }
    if (tables.some((table) => !table.equal))
      await replace(
        live,
        fresh.db,
        tables.map((table) => table.name),
      );
    return { acts, tables };
  } finally {
    await fresh.close();
  }
}

/** Every row that follows from acts, by table, as text. */
export async function rowsFromActs(db: StateDatabase): Promise<Record<string, string[]>> {
  const rows: Record<string, string[]> = {};
  for (const name of await tablesOf(db)) rows[name] = await rowsOf(db, name);
  return rows;
}

function bound(journal: Journal): Omit<Journal, 'append'> {
  return {
    read: (after) => journal.read(after),
    get: (seq) => journal.get(seq),
    head: () => journal.head(),
    onAppend: (listener) => journal.onAppend(listener),
    close: () => journal.close(),
  };
}

async function tablesOf(db: StateDatabase): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE' order by table_name`.execute(db);
  return rows.map(({ name }) => name).filter((name) => !notFromActs.has(name));
}

/** As text, so that both engines give the same; in the order of that text. */
async function rowsOf(db: StateDatabase, table: string): Promise<string[]> {
  const { rows } = await sql<{ row: string }>`
    select row::text as row from ${sql.table(table)} as row order by 1`.execute(db);
  return rows.map(({ row }) => row);
}

/** Those that are written: the engine itself fills in those that follow from others. */
async function columnsOf(db: StateDatabase, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = current_schema() and table_name = ${table} and is_generated = 'NEVER'`.execute(db);
  return rows.map(({ name }) => name);
}

/** A table after all that it refers to. */
async function inOrder(db: StateDatabase, tables: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ child: string; parent: string }>`
    select conrelid::regclass::text as child, confrelid::regclass::text as parent from pg_constraint
    where contype = 'f' and conrelid <> confrelid`.execute(db);
  const ordered: string[] = [];
  const add = (table: string): void => {
    if (ordered.includes(table)) return;
    for (const { parent } of rows.filter(({ child }) => child === table)) add(parent);
    ordered.push(table);
  };
  for (const table of tables) add(table);
  return ordered;
}

/** All of them together: what refers to a replaced row is replaced too. */
async function replace(live: StateDatabase, fresh: StateDatabase, tables: readonly string[]): Promise<void> {
  const ordered = await inOrder(fresh, tables);
  const triggers = (change: 'enable' | 'disable', table: string) =>
    sql`alter table ${sql.table(table)} ${sql.raw(change)} trigger user`;
  await live.transaction().execute(async (trx) => {
    for (const table of ordered.toReversed()) {
      await triggers('disable', table).execute(trx);
      await sql`delete from ${sql.table(table)}`.execute(trx);
    }
    for (const table of ordered) {
      const columns = sql.join((await columnsOf(fresh, table)).map((column) => sql.ref(column)));
      // In the order in which the acts made them.
      const { rows } = await sql<
        Record<string, unknown>
      >`select ${columns} from ${sql.table(table)} order by ctid`.execute(fresh);
      for (const row of rows) {
        const names = Object.keys(row).map((name) => sql.ref(name));
        const values = Object.values(row).map((value) => sql`${value}`);
        await sql`insert into ${sql.table(table)} (${sql.join(names)}) overriding system value
          values (${sql.join(values)})`.execute(trx);
      }
    }
    for (const table of ordered) await triggers('enable', table).execute(trx);
  });
}
