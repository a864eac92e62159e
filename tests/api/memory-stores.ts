import type { ReadingBatch, SeriesKey } from '../../src/domain/batch.ts';
import type {
  Actor,
  JournalEntry,
  PointVersion,
  ReadingStore,
  RunReport,
  StateStore,
  StoredIssue,
} from '../../src/domain/ports.ts';
import { tokenHash } from '../../src/api/routes/keys.ts';

interface Point extends PointVersion {
  key: SeriesKey;
  timeS: number;
}

/** A double of the reading store for the API's own logic: keeps every version of every point in one list. */
export class MemoryReadings implements Pick<
  ReadingStore,
  'kind' | 'latest' | 'series' | 'past' | 'position'
> {
  readonly kind = 'duckdb';
  readonly points: Point[] = [];
  reads = 0;
  broken: Error | null = null;
  #position = 0;

  async position(): Promise<number> {
    if (this.broken !== null) throw this.broken;
    return this.#position;
  }

  apply(seq: number, batch: ReadingBatch): void {
    this.#position = seq;
    for (let at = 0; at < batch.length; at++) {
      const series = batch.series[batch.seriesIndex[at] ?? -1];
      if (series === undefined) continue;
      const key = { ...series, provider: batch.provider };
      const timeS = batch.timeS[at] ?? 0;
      const value = batch.value[at] ?? Number.NaN;
      for (const point of this.#versions(key, timeS)) point.seqEnd ??= seq;
      const published = batch.publishedS[at] ?? Number.NaN;
      this.points.push({
        ...{
          key,
          timeS,
          value: Number.isNaN(value) ? null : value,
          flags: batch.flags[at] ?? 0,
          seq,
          seqEnd: null,
        },
        publishedS: Number.isNaN(published) ? null : published,
      });
    }
  }

  #versions(key: SeriesKey, timeS: number): Point[] {
    const same = (a: SeriesKey) =>
      a.station === key.station &&
      a.parameter === key.parameter &&
      a.averaging === key.averaging &&
      a.provider === key.provider;
    return this.points.filter((point) => point.timeS === timeS && same(point.key));
  }

  series: ReadingStore['series'] = async (query) => {
    this.reads++;
    const asOf = query.asOfSeq ?? Number.POSITIVE_INFINITY;
    const found = this.points.filter(
      ({ key, timeS, seq, seqEnd }) =>
        query.stations.includes(key.station) &&
        query.parameters.includes(key.parameter) &&
        key.averaging === query.averaging &&
        key.provider === query.provider &&
        timeS >= query.fromS &&
        timeS < query.toS &&
        seq <= asOf &&
        asOf < (seqEnd ?? Infinity) + (seqEnd === null ? 1 : 0),
    );
    const current = asOf === Infinity ? found.filter((point) => point.seqEnd === null) : found;
    const groups = Map.groupBy(current, ({ key }) => `${key.station}\n${key.parameter}`);
    return [...groups.values()].map((points) => {
      const sorted = points.toSorted((a, b) => a.timeS - b.timeS).slice(0, query.limitPerSeries);
      return {
        key: (points[0] as Point).key,
        timeS: Float64Array.from(sorted, (point) => point.timeS),
        value: Float64Array.from(sorted, (point) => point.value ?? Number.NaN),
        flags: Uint16Array.from(sorted, (point) => point.flags),
      };
    });
  };

  latest: ReadingStore['latest'] = async ({ averaging, provider, sinceS }) => {
    this.reads++;
    if (this.broken !== null) throw this.broken;
    const found = this.points.filter(
      (p) =>
        p.seqEnd === null &&
        p.key.averaging === averaging &&
        p.key.provider === provider &&
        p.timeS >= sinceS,
    );
    const groups = Map.groupBy(found, ({ key }) => `${key.station}\n${key.parameter}`);
    return [...groups.values()].map((points) => points.toSorted((a, b) => b.timeS - a.timeS)[0] as Point);
  };

  past: ReadingStore['past'] = async ({ timeS, ...key }) => this.#versions(key, timeS);
}

/** A double of the state for the API's own logic. Acts get the next position; keys are known by the hash of their token. */
export function memoryState(actors: Readonly<Record<string, Actor>>) {
  const byHash = new Map(Object.entries(actors).map(([token, actor]) => [tokenHash(token), actor]));
  const acts: Parameters<StateStore['acts']['perform']>[0][] = [];
  const runs: RunReport[] = [];
  const issues: StoredIssue[] = [];
  const state: Pick<StateStore, 'kind' | 'runs' | 'issues' | 'keys' | 'acts'> = {
    kind: 'pglite',
    runs: {
      start: async () => {},
      finish: async () => {},
      recent: async ({ source, limit }) =>
        runs.filter((run) => source === undefined || run.source === source).slice(0, limit),
    },
    issues: {
      record: async () => {},
      list: async ({ source, code, seq, beforeId, limit }) =>
        issues
          .filter(
            (issue) => (source ?? issue.source.id) === issue.source.id && (code ?? issue.code) === issue.code,
          )
          .filter((issue) => (seq ?? issue.seq) === issue.seq && issue.id < (beforeId ?? Infinity))
          .toSorted((a, b) => b.id - a.id)
          .slice(0, limit),
      noteUnknownStations: async (stations) => stations.map(() => true),
      unknownStations: async () => [
        {
          id: 'unregistered:bureau:x',
          provider: 'bureau',
          naturalKey: 'x',
          name: '未知',
          firstSeenS: 1_770_000_000,
        },
      ],
    },
    keys: { actorOf: async (token) => byHash.get(tokenHash(token)) ?? null, count: async () => byHash.size },
    acts: {
      perform: async (act) => {
        acts.push(act);
        if (act.kind === 'create-key') {
          const {
            keyId,
            tokenHash: hash,
            role,
            jurisdiction,
          } = act.payload as {
            keyId: string;
            tokenHash: string;
            role: Actor['role'];
            jurisdiction: string | null;
          };
          byHash.set(hash, { id: keyId, role, jurisdiction });
        }
        return acts.length;
      },
      appliedThrough: async () => acts.length,
      recover: async () => 0,
    },
  };
  return { state, acts, runs, issues };
}

/** A journal that knows when each position was received, and nothing else. */
export function memoryJournal(receivedS: readonly number[]) {
  return {
    head: () => ({ seq: receivedS.length, hash: '0'.repeat(64) }),
    get: async (seq: number) => ({ seq, receivedS: receivedS[seq - 1] }) as unknown as JournalEntry,
  };
}
