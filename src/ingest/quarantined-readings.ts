import { everyRow } from '../domain/paging.ts';
import type { JournalEntry, ParseResult, StoredIssue } from '../domain/ports.ts';
import type { EntryFacts } from './project-entry.ts';

/**
 * What entries before hold of the device that an act lets in: it was kept unread until now. Null where the act was taken back
 * or nothing was kept. The issues of those entries say which they are.
 */
export async function quarantinedReadings(
  entry: JournalEntry,
  deps: EntryFacts,
): Promise<ParseResult | null> {
  const { acts } = deps;
  if (acts?.entry === undefined || !(await acts.kept(entry.seq))) return null;
  await acts.changed();
  const { payload } = JSON.parse(Buffer.from(entry.body).toString('utf8')) as {
    payload: { source: string; device: string };
  };
  // The act itself is among those that complete it.
  const config = deps.config(entry.seq + 1);
  const source = config.sources.find((candidate) => candidate.id === payload.source);
  const adapter = source === undefined ? undefined : deps.adapters.get(source.adapter);
  if (source === undefined || adapter?.heldBack === undefined) return null;
  const kept: Uint8Array[] = [];
  for (const seq of await quarantinedSeqs(entry.seq, payload, deps))
    kept.push(adapter.heldBack((await acts.entry(seq)).body, payload.device));
  if (kept.length === 0) return null;
  const { receivedS, meta, seq } = entry;
  return adapter.parse(Buffer.concat(kept), { receivedS, meta, config, sourceId: source.id, seq });
}

async function quarantinedSeqs(
  beforeSeq: number,
  of: { source: string; device: string },
  deps: EntryFacts,
): Promise<number[]> {
  const seqs = new Set<number>();
  const about = { source: of.source, code: 'FRAME_QUARANTINED', record: of.device };
  for await (const { seq } of everyRow<StoredIssue>((page) => deps.issues.list({ ...about, ...page })))
    if (seq !== null && seq < beforeSeq) seqs.add(seq);
  return [...seqs].sort((a, b) => a - b);
}
