import type { ApplyCounts } from '../../../domain/ports.ts';
import type { InfluxClient } from './client.ts';
import { columnMap, linePoint, measurements, type PointKey } from './points.ts';

/** What the one writer remembers between entries; read from the server before its first entry and after any failure. */
export class WriterState {
  position = 0;
  readings = 0;
  past = 0;
  readonly #marks = new Map<string, number>();
  /** Key time of the newest row of each reading. */
  readonly #latest = new Map<string, number>();

  /** Newest time of the group, -Infinity for none. A point above it is not stored yet. */
  markOf(key: PointKey): number {
    return this.#marks.get(groupName(key)) ?? -Infinity;
  }

  /** True when a row at this time is the newest of its series; it then is. Raises the group's mark too. */
  offerLatest(key: PointKey, parameter: string): boolean {
    const group = groupName(key);
    const name = `${group}\n${parameter}`;
    this.#raise(group, key.timeS);
    if (key.timeS < (this.#latest.get(name) ?? -Infinity)) return false;
    this.#latest.set(name, key.timeS);
    return true;
  }

  #raise(group: string, timeS: number): void {
    if (timeS > (this.#marks.get(group) ?? -Infinity)) this.#marks.set(group, timeS);
  }

  /** The entry is complete: position and counters in one point, written last. */
  async advance(client: InfluxClient, seq: number, counts: ApplyCounts): Promise<void> {
    const readings = this.readings + counts.accepted;
    const past = this.past + counts.revised + counts.superseded;
    const fields = { seq, readings, past, series: this.#latest.size };
    await client.write([linePoint(measurements.position, {}, 0, fields)]);
    Object.assign(this, { position: seq, readings, past });
  }

  static async load(client: InfluxClient): Promise<WriterState> {
    const state = new WriterState();
    const { seq, readings, past } = await readPosition(client);
    Object.assign(state, { position: seq, readings, past });
    const policy = `"${client.retentionPolicy}"`;
    const kept = await client.query(`SELECT * FROM ${policy}."${measurements.latest}" GROUP BY station, averaging, provider`);
    for (const { tags, columns, values } of kept) {
      const map = columnMap(columns);
      for (const row of values) {
        for (const { parameter, time } of map.parameters) {
          const timeS = row[time];
          if (typeof timeS === 'number') state.offerLatest({ ...(tags as unknown as PointKey), timeS }, parameter);
        }
      }
    }
    // An interrupted entry may have written points above the kept rows; the marks must not be below any stored point.
    const newest = await client.query(
      `SELECT last(rev) FROM ${policy}."${measurements.reading}" GROUP BY station, averaging, provider`,
    );
    for (const { tags, values } of newest) {
      state.#raise(groupName(tags as unknown as PointKey), Number(values[0]?.[0] ?? -Infinity));
    }
    return state;
  }
}

function groupName(key: { station: string; averaging: string; provider: string }): string {
  return `${key.station}\n${key.averaging}\n${key.provider}`;
}

export async function readPosition(client: InfluxClient): Promise<{ seq: number; readings: number; past: number; series: number }> {
  const [table] = await client.query(
    `SELECT "seq", "readings", "past", "series" FROM "${client.retentionPolicy}"."${measurements.position}"`,
  );
  const row = table?.values.at(-1);
  return { seq: Number(row?.[1] ?? 0), readings: Number(row?.[2] ?? 0), past: Number(row?.[3] ?? 0), series: Number(row?.[4] ?? 0) };
}
