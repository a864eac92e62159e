import type { Config, ConfigFault } from '../domain/config/config.ts';
import type { Region } from '../domain/config/region.ts';
import {
  hasMembers,
  readDocument,
  valueAt,
  type FaultText,
  type PositionedDocument,
  type SourceText,
  type ValuePath,
} from './document.ts';
import { collections, kinds, standardLists, type Collection, type Kind } from './kinds.ts';
import { schemaCheck } from './schema-faults.ts';

/**
 * Configuration whose entries fit their schemas one by one, before they are checked against each other. An entry with a fault of
 * its own is left out of the lists but still known by id, so that one fault does not appear as many.
 */
export interface Draft extends Omit<Config, 'hash' | 'region'> {
  region: Region | null;
  /** Every entry that is at least a map, sound or not, in the order of files. */
  entries: Record<Collection, object[]>;
  /** Whether every file of this list could be read; where not, a name missing from it proves nothing. */
  complete: (collection: Collection) => boolean;
  /** A fault at a value of an entry, with file, line and column. */
  fault: (entry: object, path: ValuePath, text: FaultText) => ConfigFault;
}

interface Origin {
  document: PositionedDocument;
  path: ValuePath;
}

/**
 * Parses and schema-checks every file. `unread` names files that exist but could not be read.
 * `faults` holds those of YAML, kind, folder and schema.
 */
export function draftOf(
  files: readonly SourceText[],
  unread: readonly string[] = [],
): { draft: Draft; faults: ConfigFault[] } {
  const faults: ConfigFault[] = [];
  const check = schemaCheck();
  const origins = new WeakMap<object, Origin>();
  const entries = listPerCollection<object>();
  const sound = listPerCollection<object>();
  const incomplete = new Set<Collection>();
  for (const file of unread) for (const kind of kindsOf(file)) incomplete.add(kind.collection);
  for (const source of files.toSorted((a, b) => (a.file < b.file ? -1 : 1))) {
    const document = readDocument(source);
    faults.push(...document.faults);
    const kind = kindOf(document);
    if (!('collection' in kind)) {
      if (document.readable) faults.push(kind);
      for (const possible of kindsOf(source.file)) incomplete.add(possible.collection);
      continue;
    }
    if (!document.readable) incomplete.add(kind.collection);
    else {
      const result = check(document, kind);
      faults.push(...result.faults);
      collect(document, kind, result.paths, { origins, entries, sound, incomplete });
    }
  }
  giveWayToRegion({ origins, entries, sound });
  const { regions, ...lists } = sound;
  const draft: Draft = {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every entry of these lists has passed its schema
    ...(lists as unknown as Omit<Config, 'hash' | 'region'>),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- so has this
    region: (regions[0] as Region | undefined) ?? null,
    entries,
    complete: (collection) => !incomplete.has(collection),
    fault(entry, path, text) {
      const origin = origins.get(entry);
      if (origin === undefined) throw new TypeError('a fault was reported on something that is no entry');
      return origin.document.fault([...origin.path, ...path], text);
    },
  };
  return { draft, faults };
}

const regionStandards = /^regions\/[^/]+\/standards\//;

/** A standard below the region's own `standards/` stands in the place of the shared one of the same id: stricter limits, checked figures. */
function giveWayToRegion(of: {
  origins: WeakMap<object, Origin>;
  entries: Record<Collection, object[]>;
  sound: Record<Collection, object[]>;
}): void {
  const fileOf = (entry: object) => of.origins.get(entry)?.document.file ?? '';
  for (const collection of standardLists) {
    const own = new Set(
      of.entries[collection]
        .filter((entry) => regionStandards.test(fileOf(entry)))
        .map((entry) => valueAt(entry, ['id'])),
    );
    if (own.size === 0) continue;
    const stays = (entry: object) => regionStandards.test(fileOf(entry)) || !own.has(valueAt(entry, ['id']));
    of.entries[collection] = of.entries[collection].filter(stays);
    of.sound[collection] = of.sound[collection].filter(stays);
  }
}

/** The folder whose kinds a file may hold. */
function folderOf(file: string): string {
  return regionStandards.test(file) ? 'standards' : (file.split('/')[0] ?? '');
}

function listPerCollection<T>(): Record<Collection, T[]> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fromEntries forgets the keys' type
  return Object.fromEntries(collections.map((name) => [name, [] as T[]])) as Record<Collection, T[]>;
}

function kindsOf(file: string): readonly Kind[] {
  return kinds.filter((kind) => kind.folder === folderOf(file));
}

/** The kind that a file names, or the fault that it names none that belongs in its folder. */
function kindOf(document: PositionedDocument): Kind | ConfigFault {
  const folder = folderOf(document.file);
  const expected = kindsOf(document.file)
    .map((kind) => `"${kind.kind}"`)
    .join(' or ');
  if (!hasMembers(document.data) || Array.isArray(document.data)) {
    return document.fault([], { message: 'not a map', expected: `a map with kind: ${expected}` });
  }
  const named = document.data.kind;
  if (named === undefined) return document.fault(['kind'], { message: '"kind" is missing', expected });
  const kind = kinds.find((candidate) => candidate.kind === named);
  if (kind === undefined) return document.fault(['kind'], { message: 'unknown kind', expected });
  if (kind.folder !== folder) {
    return document.fault(['kind'], { message: `this kind belongs below ${kind.folder}/`, expected });
  }
  return kind;
}

function collect(
  document: PositionedDocument,
  kind: Kind,
  faultPaths: readonly ValuePath[],
  into: {
    origins: WeakMap<object, Origin>;
    entries: Record<Collection, object[]>;
    sound: Record<Collection, object[]>;
    incomplete: Set<Collection>;
  },
): void {
  const { list, collection } = kind;
  const listed: unknown = list === null ? [document.data] : valueAt(document.data, [list]);
  if (!Array.isArray(listed)) {
    into.incomplete.add(collection);
    return;
  }
  for (const [index, entry] of listed.entries()) {
    if (!hasMembers(entry)) continue;
    into.origins.set(entry, { document, path: list === null ? [] : [list, index] });
    into.entries[collection].push(entry);
    const faulty =
      list === null
        ? faultPaths.length > 0
        : faultPaths.some((path) => path[0] === list && path[1] === index);
    if (!faulty) into.sound[collection].push(entry);
    if (typeof entry[kind.key] !== 'string') into.incomplete.add(collection);
  }
}
