import type { ReadLog } from '../../domain/identity.ts';
import type { StateDatabase } from './tables.ts';

/** Who looked at readings that are not public; append-only, and not rebuilt from the journal. */
export function readLog(db: StateDatabase): ReadLog {
  return {
    async note(entries) {
      if (entries.length === 0) return;
      const rows = entries.map((entry) => ({
        at_s: entry.atS,
        actor: entry.actor,
        reader_jurisdiction: entry.readerJurisdiction,
        door: entry.door,
        owner: entry.owner,
        provider: entry.provider,
        stations: entry.stations,
        parameters: entry.parameters,
        from_s: entry.fromS,
        to_s: entry.toS,
      }));
      await db.insertInto('read_log').values(rows).execute();
    },
    async list({ owners, after, limit }) {
      if (owners !== null && owners.length === 0) return [];
      let query = db.selectFrom('read_log').selectAll().orderBy('id', 'desc').limit(limit);
      if (owners !== null) query = query.where('owner', 'in', owners);
      if (after !== undefined) query = query.where('id', '<', after.id);
      return (await query.execute()).map((row) => ({
        id: row.id,
        atS: row.at_s,
        actor: row.actor,
        readerJurisdiction: row.reader_jurisdiction,
        door: row.door,
        owner: row.owner,
        provider: row.provider,
        stations: row.stations,
        parameters: row.parameters,
        fromS: row.from_s,
        toS: row.to_s,
      }));
    },
  };
}
