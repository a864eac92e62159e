import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { SourceConfig } from '../../../../src/domain/config/source.ts';

const sample = path.resolve(import.meta.dirname, '../../../../src/ingest/sources/mqtt/source.sample.yaml');

/** The sample that ships, as it is, with other settings where a test needs them. */
export function mqttSource(settings: Record<string, unknown> = {}): SourceConfig {
  const { sources }: { sources: SourceConfig[] } = parse(readFileSync(sample, 'utf8'));
  const [source] = sources;
  return { ...source!, settings: { ...source!.settings, ...settings } };
}
