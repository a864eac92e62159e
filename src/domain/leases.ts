/** The right to do a thing alone, over all processes that share a state. The token grows with each holder. */
export interface Lease {
  name: string;
  holder: string;
  token: number;
  /** Up to this journal position the holders before did their work beyond doubt. */
  safeSeq: number;
  /** The holder before gave it back itself: nothing of it can be under way. */
  clean: boolean;
}

export interface LeaseTable {
  /** Takes a lease that nobody holds or whose holder let it expire, by the clock of the database; null while another holds it. */
  take(name: string, holder: string, ttlS: number): Promise<Lease | null>;
  /** False when another has taken it. `repairSeq`: a former holder reports that a write of its own may have come late, from this entry on. */
  renew(
    lease: Lease,
    renewal: { ttlS: number; safeSeq: number },
  ): Promise<{ held: boolean; repairSeq: number | null }>;
  /** The reported late writes from this entry on are made good. */
  repaired(lease: Lease, repairSeq: number): Promise<void>;
  release(lease: Lease, safeSeq: number): Promise<void>;
  /** A former holder says that its write for this entry may have come after it lost the lease. */
  reportLate(lease: Lease, seq: number): Promise<void>;
  holder(name: string): Promise<{ holder: string; token: number; expiresInS: number } | null>;
}

/** What became of entries, for processes that did not apply them themselves. Values are JSON. */
export interface ProjectionLog {
  /** The first outcome of an entry stays. */
  record(store: string, seq: number, outcome: unknown): Promise<void>;
  find(store: string, seqs: readonly number[]): Promise<Map<number, unknown>>;
}
