import type { IPoint } from 'influx';
import type { ApplyCounts } from '../../../domain/ports.ts';
import type { Version } from '../versions.ts';
import type { InfluxClient } from './client.ts';
import {
  keptAt,
  keptFields,
  linePoint,
  measurements,
  tagsOf,
  type KeptRow,
  type PointKey,
} from './points.ts';

/** What the one writer remembers between entries; read from the server before its first entry and after any failure. */
export class WriterState {
  position = 0;
  readings = 0;
  past = 0;
  readonly #marks = new Map<string, number>();
  readonly #latest = new Map<string, { key: PointKey; rows: Record<string, KeptRow> }>();
  readonly #touched = new Set<string>();
  #series = 0;

  /** Newest time of the group, -Infinity for none. A point above it is not stored yet. */
  markOf(key: PointKey): number {
    return this.#marks.get(groupName(key)) ?? -Infinity;
  }

  /** Keeps a row if none of its series is newer, and raises the group's mark. */
  keepLatest(key: PointKey, parameter: string, version: Version): void {
    const group = groupName(key);
    this.#raise(group, key.timeS);
    const { rows } = this.#kept(group, key);
    const kept = Object.hasOwn(rows, parameter) ? rows[parameter] : undefined;
    if (kept === undefined) this.#series += 1;
    else if (key.timeS < kept[0]) return;
    rows[parameter] = [
      key.timeS,
      Number.isNaN(version.value) ? null : version.value,
      version.flags,
      version.seq,
    ];
    this.#touched.add(group);
  }

  #kept(group: string, key: PointKey): { rows: Record<string, KeptRow> } {
    let kept = this.#latest.get(group);
    if (kept === undefined) {
      kept = { key, rows: {} };
      this.#latest.set(group, kept);
    }
    return kept;
  }

  /** Lines of the stations whose kept rows changed since the last call. */
  latestLines(): IPoint[] {
    const lines = [...this.#touched].flatMap((group) => {
      const kept = this.#latest.get(group);
      return kept === undefined
        ? []
        : [linePoint(measurements.latest, tagsOf(kept.key), 0, keptFields(kept.rows))];
    });
    this.#touched.clear();
    return lines;
  }

  #raise(group: string, timeS: number): void {
    if (timeS > (this.#marks.get(group) ?? -Infinity)) this.#marks.set(group, timeS);
  }

  /** The entry is complete: position and counters in one point, written last. */
  async advance(client: InfluxClient, seq: number, counts: ApplyCounts): Promise<void> {
    const readings = this.readings + counts.accepted;
    const past = this.past + counts.revised + counts.superseded;
    const fields = { seq, readings, past, series: this.#series };
    await client.write([linePoint(measurements.position, {}, 0, fields)]);
    Object.assign(this, { position: seq, readings, past });
  }

  static async load(client: InfluxClient): Promise<WriterState> {
    const state = new WriterState();
    const { seq, readings, past } = await readPosition(client);
    Object.assign(state, { position: seq, readings, past });
    const policy = `"${client.retentionPolicy}"`;
    const kept = await client.query(
      `SELECT "rows" FROM ${policy}."${measurements.latest}" GROUP BY station, averaging, provider`,
    );
    for (const { tags, values } of kept) {
      const key = keyOf(tags);
      const rows = keptAt(values.at(-1)?.[1]);
      state.#latest.set(groupName(key), { key, rows });
      for (const [timeS] of Object.values(rows)) {
        state.#raise(groupName(key), timeS);
        state.#series += 1;
      }
    }
    // An interrupted entry may have written points above the kept rows; the marks must not be below any stored point.
    const newest = await client.query(
      `SELECT last(rev) FROM ${policy}."${measurements.reading}" GROUP BY station, averaging, provider`,
    );
    for (const { tags, values } of newest) {
      state.#raise(groupName(keyOf(tags)), Number(values[0]?.[0] ?? -Infinity));
    }
    return state;
  }
}

function keyOf(tags: Record<string, string>): PointKey {
  const { station = '', averaging = '', provider = '' } = tags;
  return { station, averaging, provider, timeS: 0 };
}

function groupName(key: { station: string; averaging: string; provider: string }): string {
  return `${key.station}\n${key.averaging}\n${key.provider}`;
}

export async function readPosition(
  client: InfluxClient,
): Promise<{ seq: number; readings: number; past: number; series: number }> {
  const [table] = await client.query(
    `SELECT "seq", "readings", "past", "series" FROM "${client.retentionPolicy}"."${measurements.position}"`,
  );
  const row = table?.values.at(-1);
  return {
    seq: Number(row?.[1] ?? 0),
    readings: Number(row?.[2] ?? 0),
    past: Number(row?.[3] ?? 0),
    series: Number(row?.[4] ?? 0),
  };
}
