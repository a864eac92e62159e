import path from 'node:path';
import { sweepDropFolder, type Swept } from '../ingest/drop-folder.ts';
import { UploadDesk } from '../ingest/upload-desk.ts';
import type { System } from '../main.ts';

type Parts = Pick<
  System,
  'journal' | 'state' | 'projector' | 'adapters' | 'config' | 'clock' | 'synthetic' | 'dataDir'
>;

/** The desk of an open system at which files are handed in. */
export function uploadDeskOf(system: Parts): UploadDesk {
  const { journal, state, projector, adapters, config, clock, synthetic } = system;
  const { acts, uploads, runs } = state;
  return new UploadDesk({ journal, acts, uploads, runs, projector, adapters, config, clock, synthetic });
}

/** Looks into the drop folder of a source; null where it has none, so that the source is pulled as any other. */
export async function sweptDropFolder(system: Parts, sourceId: string): Promise<Swept | null> {
  const desk = uploadDeskOf(system);
  if (!desk.sources().includes(sourceId)) return null;
  const drop = desk.dropFolder(sourceId);
  if (drop === null) return { taken: 0, waiting: 0, rejected: 0 };
  const folder = path.resolve(system.dataDir, drop.folder);
  return sweepDropFolder({ ...drop, folder, sourceId, desk, clock: system.clock });
}
