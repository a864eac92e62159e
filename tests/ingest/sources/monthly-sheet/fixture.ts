import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { SourceConfig } from '../../../../src/domain/config/source.ts';

const sample = path.resolve(
  import.meta.dirname,
  '../../../../src/ingest/sources/monthly-sheet/source.sample.yaml',
);

/** The sample that ships, with other settings where a test needs them. */
export function sheetSource(
  settings: Record<string, unknown> = {},
  extra: Partial<SourceConfig> = {},
): SourceConfig {
  const { sources }: { sources: SourceConfig[] } = parse(readFileSync(sample, 'utf8'));
  const [source] = sources;
  return { ...source!, ...extra, settings: { ...source!.settings, ...settings } };
}

/** Joint sampling by both sides, with a tolerance made up for the tests. */
export const jointSource = (): SourceConfig =>
  sheetSource(
    {
      kind: 'joint',
      reviewedStage: 6,
      tolerance: { share: '0.2', provenance: { source: 'made up for tests', confidence: 'assumed' } },
    },
    { id: 'joint', provider: 'joint-sampling', stampMeans: 'instant' },
  );
