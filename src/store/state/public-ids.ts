import { Type } from 'typebox';
import type { PublicIdStore } from '../../domain/public-ids.ts';
import type { StateDatabase } from './tables.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';

const kind = Type.Enum(['station', 'series', 'sensor', 'parameter']);
const key = Type.String({ minLength: 1, maxLength: 600 });
const giveIdsV1 = Type.Object({ kind, keys: Type.Array(key, { minItems: 1, maxItems: 5000 }) }, strict);

/** Gives the next numbers to keys that have none, in the order of the act; keys that have one keep it. */
export const publicIdKinds: Record<string, ActKind> = {
  'give-public-ids@1': actKind(giveIdsV1, async (trx, { kind: of, keys }, act) => {
    const rows = await trx
      .selectFrom('public_id')
      .select(['natural_key', 'id'])
      .where('kind', '=', of)
      .orderBy('id')
      .execute();
    const known = new Set(rows.map((row) => row.natural_key));
    const last = rows.at(-1)?.id ?? 0;
    const fresh = [...new Set(keys)].filter((name) => !known.has(name));
    if (fresh.length === 0) return;
    const given = fresh.map((name, at) => ({
      kind: of,
      natural_key: name,
      id: last + 1 + at,
      at_s: act.atS,
    }));
    for (let from = 0; from < given.length; from += 1000)
      await trx
        .insertInto('public_id')
        .values(given.slice(from, from + 1000))
        .execute();
  }),
};

export function publicIdStore(db: StateDatabase): PublicIdStore {
  return {
    async given(of, afterId) {
      const rows = await db
        .selectFrom('public_id')
        .selectAll()
        .where('kind', '=', of)
        .where('id', '>', afterId)
        .orderBy('id')
        .execute();
      return rows.map((row) => ({ id: row.id, key: row.natural_key, atS: row.at_s }));
    },
  };
}
