import type { SumColumns, SumsQuery } from '../../../domain/ports.ts';
import type { InfluxClient } from './client.ts';

export async function readSums(_client: InfluxClient, _query: SumsQuery): Promise<SumColumns[]> {
  return [];
}
