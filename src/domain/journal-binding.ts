/** Which journal readings come from. */
export interface JournalBinding {
  /** Hash of its first entry: what it is known by. */
  first: string;
  /** An entry that is in it, so that a journal that went another way since is noticed too. */
  seq: number;
  hash: string;
}
