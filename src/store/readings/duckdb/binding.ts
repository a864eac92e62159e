import type { JournalBinding } from '../../../domain/ports.ts';
import { numberAt, readColumns, textAt } from './columns.ts';
import type { Database } from './database.ts';

export async function readBinding(database: Database): Promise<JournalBinding | null> {
  let binding: JournalBinding | null = null;
  await database.read((connection) =>
    readColumns(connection, 'SELECT first, seq::DOUBLE, hash FROM binding', ([first, seq, hash], rows) => {
      if (rows > 0)
        binding = { first: textAt(first, 0) ?? '', seq: numberAt(seq, 0), hash: textAt(hash, 0) ?? '' };
    }),
  );
  return binding;
}

export async function writeBinding(database: Database, { first, seq, hash }: JournalBinding): Promise<void> {
  const { writer } = database;
  await writer.run('BEGIN; DELETE FROM binding');
  await writer.run('INSERT INTO binding VALUES ($1, $2, $3)', [first, seq, hash]);
  await writer.run('COMMIT');
}
