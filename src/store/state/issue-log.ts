import type { Issue, IssueCode } from '../../domain/errors.ts';
import { issueCodes } from '../../domain/errors.ts';
import type { IssueLog, StoredIssue, UnknownStation } from '../../domain/ports.ts';
import type { EpochS } from '../../domain/time.ts';
import { storedText } from './stored-text.ts';
import type { StateDatabase, StateTables, StateTransaction } from './tables.ts';

const rowsPerInsert = 1000;

export function issueLog(db: StateDatabase): IssueLog {
  const firstSeqs = new Map<string, number | null>();
  return {
    record: (seq, atS, issues) => record(db, seq, atS, issues),
    list: (query) => list(db, query),
    noteUnknownStations: (stations, seq, atS) => noteUnknownStations(db, firstSeqs, stations, { seq, atS }),
    async unknownStations() {
      const query = db.selectFrom('unknown_station').selectAll().orderBy('provider').orderBy('natural_key');
      return (await query.execute()).map(stationOf);
    },
  };
}

async function record(
  db: StateDatabase,
  seq: number | null,
  atS: EpochS,
  issues: readonly Issue[],
): Promise<void> {
  const rows = issues.map((issue) => ({
    seq,
    at_s: atS,
    code: issue.code,
    path: storedText(issue.path),
    message: storedText(issue.message),
    source_id: storedText(issue.source.id),
    record: storedText(issue.source.record),
  }));
  await db.transaction().execute(async (trx) => {
    if (seq !== null) await trx.deleteFrom('issue').where('seq', '=', seq).execute();
    await insertInParts(trx, rows);
  });
}

async function insertInParts(
  trx: StateTransaction,
  rows: readonly Omit<StateTables['issue'], 'id'>[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerInsert) {
    await trx
      .insertInto('issue')
      .values(rows.slice(at, at + rowsPerInsert))
      .execute();
  }
}

async function list(db: StateDatabase, query: Parameters<IssueLog['list']>[0]): Promise<StoredIssue[]> {
  let select = db.selectFrom('issue').selectAll().orderBy('id', 'desc').limit(query.limit);
  if (query.source !== undefined) select = select.where('source_id', '=', query.source);
  if (query.code !== undefined) select = select.where('code', '=', query.code);
  if (query.seq !== undefined) select = select.where('seq', '=', query.seq);
  if (query.record !== undefined) select = select.where('record', '=', query.record);
  if (query.after !== undefined) select = select.where('id', '<', query.after.id);
  return (await select.execute()).map((row) => ({
    id: row.id,
    seq: row.seq,
    atS: row.at_s,
    code: codeOf(row.code),
    path: row.path,
    message: row.message,
    source: { id: row.source_id, record: row.record },
  }));
}

/** A code that a later version removed still reads as something. */
function codeOf(text: string): IssueCode {
  return issueCodes.find((code) => code === text) ?? 'CODE_UNKNOWN';
}

/** `firstSeqs` remembers what the table says of a station's first entry, which never changes. */
async function noteUnknownStations(
  db: StateDatabase,
  firstSeqs: Map<string, number | null>,
  stations: readonly UnknownStation[],
  seen: { seq: number; atS: EpochS },
): Promise<boolean[]> {
  const rows = new Map<string, StateTables['unknown_station']>();
  for (const station of stations) {
    const row = rowOf(station, seen);
    if (!firstSeqs.has(keyOf(row)) && !rows.has(keyOf(row))) rows.set(keyOf(row), row);
  }
  const all = [...rows.values()];
  for (let at = 0; at < all.length; at += rowsPerInsert) {
    const inserted = await db
      .insertInto('unknown_station')
      .values(all.slice(at, at + rowsPerInsert))
      // Writes nothing new; an insert that does nothing would not say what is stored.
      .onConflict((conflict) =>
        conflict
          .columns(['provider', 'natural_key'])
          .doUpdateSet((eb) => ({ id: eb.ref('unknown_station.id') })),
      )
      .returning(['provider', 'natural_key', 'first_seq'])
      .execute();
    for (const row of inserted) firstSeqs.set(keyOf(row), row.first_seq);
  }
  const first = new Set(rowsSeenFirst(stations, seen, firstSeqs));
  // Of two equal ones in a list only the first counts.
  return stations.map((station) => first.delete(keyOf(rowOf(station, seen))));
}

function* rowsSeenFirst(
  stations: readonly UnknownStation[],
  seen: { seq: number; atS: EpochS },
  firstSeqs: ReadonlyMap<string, number | null>,
): Generator<string> {
  for (const station of stations) {
    const key = keyOf(rowOf(station, seen));
    if (firstSeqs.get(key) === seen.seq) yield key;
  }
}

function rowOf(station: UnknownStation, seen: { seq: number; atS: EpochS }): StateTables['unknown_station'] {
  return {
    provider: storedText(station.provider),
    natural_key: storedText(station.naturalKey),
    id: storedText(station.id),
    name: storedText(station.name),
    lon: station.lon ?? null,
    lat: station.lat ?? null,
    first_seen_s: seen.atS,
    first_seq: seen.seq,
  };
}

function keyOf(row: { provider: string; natural_key: string }): string {
  return `${row.provider}\n${row.natural_key}`;
}

function stationOf(row: StateTables['unknown_station']): UnknownStation & { firstSeenS: EpochS } {
  return {
    provider: row.provider,
    naturalKey: row.natural_key,
    id: row.id,
    name: row.name,
    ...(row.lon === null ? {} : { lon: row.lon }),
    ...(row.lat === null ? {} : { lat: row.lat }),
    firstSeenS: row.first_seen_s,
  };
}
