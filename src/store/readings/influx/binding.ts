import type { JournalBinding } from '../../../domain/ports.ts';
import { refuse } from './apply.ts';
import type { InfluxClient } from './client.ts';
import { linePoint, measurements } from './points.ts';

export async function readBinding(client: InfluxClient): Promise<JournalBinding | null> {
  const [table] = await client.query(
    `SELECT "first", "seq", "hash" FROM "${client.retentionPolicy}"."${measurements.binding}"`,
  );
  const row = table?.values.at(-1);
  return row === undefined ? null : { first: String(row[1]), seq: Number(row[2]), hash: String(row[3]) };
}

export async function writeBinding(client: InfluxClient, binding: JournalBinding): Promise<void> {
  refuse(await client.write([linePoint(measurements.binding, {}, 0, { ...binding })]));
}
