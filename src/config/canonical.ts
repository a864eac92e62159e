import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Config } from '../domain/config/config.ts';
import type { SourceConfig } from '../domain/config/source.ts';

/** What an operator may change without changing any fact: addresses, pace, politeness. */
const operation = [
  'enabled',
  'url',
  'archiveUrl',
  'cron',
  'timeoutSeconds',
  'retries',
  'minimumIntervalMs',
  'maximumBodyMiB',
  'userAgent',
] as const satisfies readonly (keyof SourceConfig)[];

/**
 * The facts of a configuration as canonical JSON (RFC 8785), and its SHA-256 in hex. The order of files, of keys and of entries
 * that have an id changes nothing; neither does how a source is polled. Decimals that are text stay as written.
 */
export function canonicalConfig(config: Omit<Config, 'hash'>): { text: string; hash: string } {
  const facts: Record<string, unknown> = {};
  for (const [name, list] of Object.entries(config)) if (name !== 'hash') facts[name] = sorted(list);
  facts.rivers = sorted(config.rivers.map((river) => ({ ...river, reaches: sorted(river.reaches) })));
  facts.sources = sorted(config.sources.map(withoutOperation));
  const text = canonicalize(facts);
  if (text === undefined) throw new TypeError('a configuration has a canonical form');
  return { text, hash: createHash('sha256').update(text, 'utf8').digest('hex') };
}

/** A list in the order of its entries' names; anything else as it is. */
function sorted(list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  const nameOf = (entry: { id?: string; code?: string }): string => entry.id ?? entry.code ?? '';
  return list.toSorted((a: object, b: object) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function withoutOperation(source: SourceConfig): Partial<SourceConfig> {
  const facts: Partial<SourceConfig> = { ...source };
  for (const key of operation) delete facts[key];
  return facts;
}
