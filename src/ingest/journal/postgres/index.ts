export { copyJournal } from './copy.ts';
export { openPostgresJournal, type PostgresJournalOptions } from './open.ts';
export { PostgresJournal } from './postgres-journal.ts';
export { verifyPostgresJournal } from './verify.ts';
