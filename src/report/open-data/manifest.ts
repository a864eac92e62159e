import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MonitorError } from '../../domain/errors.ts';
import type { Partition } from './partitions.ts';

export interface FileFacts {
  /** Below the folder of the export, with `/`. */
  path: string;
  bytes: number;
  sha256: string;
}

export interface PartitionFacts extends Partition {
  rows: number;
  /** 1 at first; more with every publication of other content. */
  edition: number;
  publishedIso: string;
  csv: FileFacts;
  parquet: FileFacts;
}

/** `extended`: rows were added; `corrected`: rows that were published read otherwise now; `withdrawn`: it is not open any more. */
export interface PublishedChange extends Partition {
  atIso: string;
  kind: 'new' | 'extended' | 'corrected' | 'withdrawn';
  edition: number;
  rowsBefore: number;
  rowsAfter: number;
}

export interface Manifest {
  format: 'jiehe-open-data/1';
  title: { zh: string; en: string };
  notice: { zh: string; en: string };
  /** True: everything in it is invented. */
  synthetic: boolean;
  generatedIso: string;
  generator: string;
  region: string;
  timeZone: string;
  configHash: string;
  /** Position of the journal that the files rest on, and the cursor from which the next run goes on. */
  journal: { seq: number; cursor: string };
  /** Of the rules that say what is open. */
  rights: string;
  licence: string;
  provenance: {
    provider: string;
    sources: { id: string; name: object; licence: string; attribution: object }[];
  }[];
  columns: { name: string; type: string; zh: string; en: string }[];
  counts: { partitions: number; rows: number; bytes: number };
  documents: FileFacts[];
  partitions: PartitionFacts[];
  /** What the last run changed; `changes.jsonl` has all that ever was. */
  changes: PublishedChange[];
}

export const manifestName = 'manifest.json';

export async function factsOf(root: string, file: string): Promise<FileFacts> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path.join(root, file)), hash);
  const { size } = await stat(path.join(root, file));
  return { path: file, bytes: size, sha256: hash.digest('hex') };
}

/** Whole or not at all: whoever reads meanwhile has the one before. */
export async function writeWhole(root: string, name: string, text: string): Promise<FileFacts> {
  const file = path.join(root, name);
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
  return factsOf(root, name);
}

/** Null where nothing was published yet. Throws E_STORE_UNSUPPORTED for a manifest of another form. */
export async function readManifest(root: string): Promise<Manifest | null> {
  let text: string;
  try {
    text = await readFile(path.join(root, manifestName), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
  const manifest = readable(text);
  if (manifest?.format === 'jiehe-open-data/1') return manifest;
  throw new MonitorError(
    'E_STORE_UNSUPPORTED',
    `${path.join(root, manifestName)} is no manifest of open data that this version reads; move the folder away`,
  );
}

function readable(text: string): Manifest | null {
  try {
    return JSON.parse(text) as Manifest | null;
  } catch {
    return null;
  }
}

/** Every file that the manifest names, compared with it; and files of readings that it does not name. */
export async function verifyExport(root: string): Promise<{ files: number; rows: number; faults: string[] }> {
  const manifest = await readManifest(root);
  if (manifest === null)
    throw new MonitorError('E_NOT_FOUND', `${root} holds no ${manifestName}`, { details: { root } });
  const named = [...manifest.documents, ...manifest.partitions.flatMap(({ csv, parquet }) => [csv, parquet])];
  const faults: string[] = [];
  for (const expected of named) {
    try {
      const found = await factsOf(root, expected.path);
      if (found.sha256 !== expected.sha256)
        faults.push(`${expected.path}: SHA-256 ${found.sha256}, the manifest says ${expected.sha256}`);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
      faults.push(`${expected.path}: missing`);
    }
  }
  const known = new Set(named.map((file) => file.path));
  for (const entry of await readdir(root, { recursive: true })) {
    const file = entry.split(path.sep).join('/');
    if (file.startsWith('provider=') && /\.(csv|parquet)$/.test(file) && !known.has(file))
      faults.push(`${file}: the manifest does not name it`);
  }
  return { files: named.length, rows: manifest.counts.rows, faults };
}
