import { sql } from 'kysely';
import type { CursorStore } from '../../domain/ports.ts';
import type { StateDatabase } from './tables.ts';

export function cursorStore(db: StateDatabase): CursorStore {
  return {
    async get(name) {
      const row = await db.selectFrom('cursor').select('value').where('name', '=', name).executeTakeFirst();
      return row?.value ?? null;
    },
    async set(name, value) {
      await db
        .insertInto('cursor')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
    },
    async raise(name, value) {
      await db
        .insertInto('cursor')
        .values({ name, value: String(value) })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ value: String(value) })
            .where(sql<boolean>`cursor.value::int8 < ${value}`),
        )
        .execute();
    },
  };
}
