import { BatchBuilder, type ReadingBatch } from '../../../src/domain/batch.ts';
import type { AveragingId } from '../../../src/domain/time.ts';

/** A reading as tests write it; `value` null for "no value". */
export interface Row {
  station?: string;
  parameter?: string;
  averaging?: AveragingId;
  timeS: number;
  value: number | null;
  flags?: number;
  publishedS?: number | null;
}

export const provider = 'cnemc';

export function batchOf(rows: readonly Row[], from = provider): ReadingBatch {
  const builder = new BatchBuilder(from);
  for (const row of rows) {
    const series = builder.seriesOf(row.station ?? 's1', row.parameter ?? 'ph', row.averaging ?? 'PT1H');
    builder.add({
      series,
      timeS: row.timeS,
      value: row.value,
      flags: row.flags ?? 0,
      publishedS: row.publishedS ?? null,
    });
  }
  return builder.build();
}

interface ModelVersion {
  value: number | null;
  flags: number;
  publishedS: number | null;
  seq: number;
  seqEnd: number | null;
}

interface ModelChange {
  accepted: number;
  revised: number;
  superseded: number;
  times: number[];
  revisedS: number[];
}

const stageOf = (flags: number): number => (flags >> 2) & 7;

/**
 * The semantics once more, as plainly as they can be written: every point is the list of its versions, the current one has
 * `seqEnd` null. Written apart from the code under test.
 */
export class Model {
  readonly points = new Map<string, ModelVersion[]>();
  /** What each entry changed, by `station|parameter`. */
  readonly changes = new Map<number, Map<string, ModelChange>>();

  apply(
    seq: number,
    rows: readonly Row[],
  ): { accepted: number; unchanged: number; revised: number; superseded: number } {
    const counts = { accepted: 0, unchanged: 0, revised: 0, superseded: 0 };
    for (const row of rows) {
      const outcome = this.#show(seq, row);
      counts[outcome] += 1;
      if (outcome !== 'unchanged') this.#noteChange(seq, row, outcome);
    }
    return counts;
  }

  #noteChange(seq: number, row: Row, outcome: 'accepted' | 'revised' | 'superseded'): void {
    const entry = this.changes.get(seq) ?? new Map<string, ModelChange>();
    this.changes.set(seq, entry);
    const key = `${row.station ?? 's1'}|${row.parameter ?? 'ph'}`;
    const change = entry.get(key) ?? { accepted: 0, revised: 0, superseded: 0, times: [], revisedS: [] };
    entry.set(key, change);
    change[outcome] += 1;
    change.times.push(row.timeS);
    if (outcome === 'revised' && !change.revisedS.includes(row.timeS)) change.revisedS.push(row.timeS);
  }

  #show(seq: number, row: Row): 'accepted' | 'unchanged' | 'revised' | 'superseded' {
    const key = `${row.station ?? 's1'}|${row.parameter ?? 'ph'}|${row.timeS}`;
    const versions = this.points.get(key) ?? [];
    this.points.set(key, versions);
    const value = row.value;
    const flags = row.flags ?? 0;
    const publishedS = row.publishedS ?? null;
    const current = versions.find((version) => version.seqEnd === null);
    if (current === undefined) {
      versions.push({ value, flags, publishedS, seq, seqEnd: null });
      return 'accepted';
    }
    const same = (version: ModelVersion): boolean => version.value === value && version.flags === flags;
    if (same(current)) return 'unchanged';
    // A source that repeats a reviewed value brings nothing new.
    if (current.value === value && stageOf(current.flags) > stageOf(flags)) return 'unchanged';
    const past = versions.filter((version) => version.seqEnd !== null && version.publishedS !== null);
    if (publishedS !== null) {
      if (past.some((version) => version.publishedS === publishedS && same(version))) return 'unchanged';
      if (current.publishedS !== null && publishedS < current.publishedS) {
        const before = past
          .map((version) => version.publishedS ?? Number.NaN)
          .filter((at) => at <= publishedS);
        const newest = Math.max(...before);
        if (past.some((version) => version.publishedS === newest && same(version))) return 'unchanged';
        versions.push({ value, flags, publishedS, seq, seqEnd: seq });
        return 'superseded';
      }
    }
    current.seqEnd = seq;
    versions.push({ value, flags, publishedS, seq, seqEnd: null });
    return 'revised';
  }

  /** Current rows as of a position, by key. */
  asOf(seq: number): Map<string, { value: number | null; flags: number }> {
    const rows = new Map<string, { value: number | null; flags: number }>();
    for (const [key, versions] of this.points) {
      for (const version of versions) {
        if (version.seq <= seq && (version.seqEnd === null || version.seqEnd > seq)) {
          rows.set(key, { value: version.value, flags: version.flags });
        }
      }
    }
    return rows;
  }

  versions(key: string): ModelVersion[] {
    const list = [...(this.points.get(key) ?? [])];
    const order = (version: ModelVersion): (number | null)[] => [
      version.seqEnd,
      version.seq,
      version.publishedS,
      version.value,
      version.flags,
    ];
    return list.sort((a, b) => {
      const left = order(a);
      const right = order(b);
      for (const [at, value] of left.entries()) {
        const other = right[at] ?? null;
        if (value === other) continue;
        if (at === 0) return (value ?? Infinity) - (other ?? Infinity);
        return (value ?? -Infinity) - (other ?? -Infinity);
      }
      return 0;
    });
  }
}
