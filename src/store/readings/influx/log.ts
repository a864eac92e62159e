import type { IPoint } from 'influx';
import type { ReadingBatch } from '../../../domain/batch.ts';
import type { ApplyResult, ChangePage } from '../../../domain/ports.ts';
import { changePage, changeParts, entriesPerRead, type LogPart } from '../changes.ts';
import type { AnswerTable, InfluxClient } from './client.ts';
import { seconds } from './lookup.ts';
import { linePoint, measurements } from './points.ts';

/**
 * The entry's part of the projection log: its position is the time, the number of the part a tag, since parts share a time.
 * Written before the position moves, so that every applied entry has it; written again after an interruption, it is the same.
 */
export function logLines(
  entry: { seq: number; receivedS: number },
  batch: ReadingBatch,
  result: ApplyResult,
): IPoint[] {
  const parts = changeParts(batch, result.outcome);
  const { accepted, unchanged, revised, superseded } = result;
  const counts = { accepted, unchanged, revised, superseded, received: entry.receivedS };
  return parts.map((changes, part) =>
    linePoint(measurements.applied, { part: String(part) }, entry.seq, {
      ...counts,
      parts: parts.length,
      provider: batch.provider,
      changes,
    }),
  );
}

const columns = 'accepted, unchanged, revised, superseded, provider, changes, parts';

export async function readChanges(
  client: InfluxClient,
  position: number,
  cursor: string | null,
  limit: number,
): Promise<ChangePage> {
  const ask = (condition: string, rest: string): Promise<AnswerTable[]> =>
    client.query(
      `SELECT ${columns} FROM "${client.retentionPolicy}"."${measurements.applied}" WHERE ${condition} ${rest}`,
    );
  return changePage(cursor, limit, position, async (fromSeq) => {
    if (fromSeq > position) return [];
    const tables = await ask(
      `part = '0' AND time >= ${seconds(fromSeq)} AND time <= ${seconds(position)}`,
      `ORDER BY time LIMIT ${entriesPerRead}`,
    );
    const first = tables.flatMap((table) => table.values);
    const several = first.filter((row) => Number(row[7]) > 1).map((row) => Number(row[0]));
    const further =
      several.length === 0
        ? []
        : await ask(
            `part != '0' AND time >= ${seconds(several[0]!)} AND time <= ${seconds(several.at(-1)!)}`,
            'GROUP BY part',
          );
    const rest = further
      .toSorted((a, b) => Number(a.tags['part']) - Number(b.tags['part']))
      .flatMap((table) => table.values);
    return [...first, ...rest].map(logPart).sort((a, b) => a.seq - b.seq);
  });
}

function logPart(row: AnswerTable['values'][number]): LogPart {
  const [seq, accepted, unchanged, revised, superseded, provider, changes] = row;
  return {
    seq: Number(seq),
    counts: [Number(accepted), Number(unchanged), Number(revised), Number(superseded)],
    provider: String(provider),
    text: String(changes),
  };
}
