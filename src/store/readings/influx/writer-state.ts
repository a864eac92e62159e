import type { IPoint } from 'influx';
import type { ApplyCounts } from '../../../domain/ports.ts';
import type { Version } from '../versions.ts';
import type { InfluxClient } from './client.ts';
import { keptAt, keptFields, linePoint, measurements, tagsOf, type KeptRow } from './points.ts';

/** One station's readings of an averaging and a provider. */
export interface Group {
  readonly tags: Readonly<Record<string, string>>;
  /** Newest time of the group, -Infinity for none. A point above it is not stored yet. */
  markS: number;
  /** The newest row of each parameter. */
  rows: Record<string, KeptRow>;
}

/** What the one writer remembers between entries; read from the server before its first entry and after any failure. */
export class WriterState {
  position = 0;
  readings = 0;
  past = 0;
  readonly #groups = new Map<string, Group>();
  readonly #touched = new Set<Group>();
  #series = 0;

  groupOf(key: { station: string; averaging: string; provider: string }): Group {
    const name = `${key.station}\n${key.averaging}\n${key.provider}`;
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { tags: tagsOf(key), markS: -Infinity, rows: {} };
      this.#groups.set(name, group);
    }
    return group;
  }

  /** Keeps a row if none of its series is newer, and raises the group's mark. */
  keepLatest(
    group: Group,
    timeS: number,
    parameter: string,
    { value, flags, seq }: Pick<Version, 'value' | 'flags' | 'seq'>,
  ): void {
    if (timeS > group.markS) group.markS = timeS;
    const kept = Object.hasOwn(group.rows, parameter) ? group.rows[parameter] : undefined;
    if (kept === undefined) {
      this.#series += 1;
      group.rows[parameter] = [timeS, Number.isNaN(value) ? null : value, flags, seq];
    } else if (timeS >= kept[0]) {
      // In place: every reading of a long entry passes here.
      kept[0] = timeS;
      kept[1] = Number.isNaN(value) ? null : value;
      kept[2] = flags;
      kept[3] = seq;
    } else return;
    this.#touched.add(group);
  }

  /** Lines of the stations whose kept rows changed since the last call. */
  latestLines(): IPoint[] {
    const lines = Array.from(this.#touched, ({ tags, rows }) =>
      linePoint(measurements.latest, { ...tags }, 0, keptFields(rows)),
    );
    this.#touched.clear();
    return lines;
  }

  /** The entry is complete: position and counters in one point, written last. */
  async advance(client: InfluxClient, seq: number, counts: ApplyCounts): Promise<void> {
    const readings = this.readings + counts.accepted;
    const past = this.past + counts.revised + counts.superseded;
    const fields = { seq, readings, past, series: this.#series };
    await client.write([linePoint(measurements.position, {}, 0, fields)]);
    Object.assign(this, { position: seq, readings, past });
  }

  /** Readings left the database or came back; the position stays. In one request with what is written `beside`. */
  async count(
    client: InfluxClient,
    change: { readings: number; past: number },
    beside: readonly IPoint[],
  ): Promise<void> {
    const readings = this.readings + change.readings;
    const past = this.past + change.past;
    const fields = { seq: this.position, readings, past, series: this.#series };
    await client.write([linePoint(measurements.position, {}, 0, fields), ...beside]);
    Object.assign(this, { readings, past });
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
      const group = state.groupOf(keyOf(tags));
      group.rows = keptAt(values.at(-1)?.[1]);
      for (const [timeS] of Object.values(group.rows)) {
        group.markS = Math.max(group.markS, timeS);
        state.#series += 1;
      }
    }
    // An interrupted entry may have written points above the kept rows; the marks must not be below any stored point.
    const newest = await client.query(
      `SELECT last(rev) FROM ${policy}."${measurements.reading}" GROUP BY station, averaging, provider`,
    );
    for (const { tags, values } of newest) {
      const group = state.groupOf(keyOf(tags));
      group.markS = Math.max(group.markS, Number(values[0]?.[0] ?? -Infinity));
    }
    return state;
  }
}

function keyOf(tags: Record<string, string>): { station: string; averaging: string; provider: string } {
  const { station = '', averaging = '', provider = '' } = tags;
  return { station, averaging, provider };
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
