import type { ReadingStore } from '../../../domain/ports.ts';
import type { Catalogue } from './catalogue.ts';
import type { Database } from './database.ts';
export async function readSums(
  _d: Database,
  _c: Catalogue,
  _q: Parameters<ReadingStore['sums']>[0],
): ReturnType<ReadingStore['sums']> {
  return [];
}
