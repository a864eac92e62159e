export { FileJournal } from './file-journal.ts';
export { openFileJournal, readJournal, type FileJournalOptions, type JournalReader } from './open.ts';
export { JournalBroken, type BrokenDetails } from './broken.ts';
export type { TornTail } from './recovery.ts';
export { verifyJournal, type JournalCheck } from './verify.ts';
