import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Config, ConfigFault } from '../domain/config/config.ts';
import { MonitorError } from '../domain/errors.ts';
import { canonicalConfig } from './canonical.ts';
import { schemeNotes } from './check/schemes.ts';
import { agreementNotes } from './check/agreement-contents.ts';
import { agreementOutfallNotes } from './check/agreement-outfalls.ts';
import { alertingNotes } from './check/alerting.ts';
import { checks, type Check } from './check/list.ts';
import type { SourceText } from './document.ts';
import { draftOf, type Draft } from './draft.ts';
import { standardLists } from './kinds.ts';
import { inReadingOrder, printFault, printFaults } from './fault-text.ts';

/**
 * `region`: which folder below `regions/`; default the only one, or `zhe-min-gan` where there are several.
 * `checks`: further checks, of what only the caller knows (which adapters exist).
 */
export interface ConfigOptions {
  region?: string;
  checks?: readonly Check[];
  /** A file that stands in for all of its kind, to try it before it goes live. */
  instead?: { kind: string; text: string };
}

/** What a check found: the configuration where there is no fault, and every fault of every file. */
export interface ConfigCheck {
  config: Config | null;
  faults: ConfigFault[];
  /** What stops nothing and should be known: what a scenario lacks before it could be signed. */
  notes: ConfigFault[];
}

const defaultRegion = 'zhe-min-gan';
const sharedFolders = ['parameters', 'standards', 'schemes'] as const;
/** Folders beside the configuration that hold no configuration: generated schemas and worked examples. */
const otherFolders: ReadonlySet<string> = new Set(['schema', 'conformance']);

/** The whole configuration below `directory`. Throws E_CONFIG with every fault in `details.faults`, one a line in `details.printed`. */
export async function loadConfig(directory: string, options: ConfigOptions = {}): Promise<Config> {
  const { config, faults } = await checkConfig(directory, options);
  if (config !== null) return config;
  const message = `${faults.length} fault(s) in the configuration ${directory} · 配置有 ${faults.length} 处错误\n${printFaults(faults)}`;
  throw new MonitorError('E_CONFIG', message, { details: { faults, printed: faults.map(printFault) } });
}

/** As {@link loadConfig}, for a command that lists the faults. Never throws for what stands in files. */
export async function checkConfig(directory: string, options: ConfigOptions = {}): Promise<ConfigCheck> {
  const found = await findFiles(directory, options);
  const files: SourceText[] = [];
  const unread: string[] = [];
  const faults = [...found.faults];
  for (const file of found.files) {
    try {
      files.push({ file, text: await readText(path.join(directory, file)) });
    } catch (error) {
      unread.push(file);
      faults.push(fileFault(file, `cannot be read: ${reasonOf(error)}`, 'a readable UTF-8 file'));
    }
  }
  const checked = checkFiles(withInstead(files, found.region, options.instead), {
    ...options,
    ...(found.region === null ? {} : { region: found.region }),
    unread,
  });
  const all = inReadingOrder([...faults, ...checked.faults]);
  return { config: all.length === 0 ? checked.config : null, faults: all, notes: checked.notes };
}

/** The same over texts already read; pure. `file` names are relative to the configuration folder. */
export function checkFiles(
  files: readonly SourceText[],
  options: ConfigOptions & { unread?: readonly string[] } = {},
): ConfigCheck {
  const { draft, faults } = draftOf(files, options.unread);
  for (const check of [...checks, ...(options.checks ?? [])]) faults.push(...check(draft));
  faults.push(...regionFileFaults(draft, options.region));
  const notes = inReadingOrder([
    ...agreementNotes(draft),
    ...agreementOutfallNotes(draft),
    ...schemeNotes(draft),
    ...alertingNotes(draft),
  ]);
  if (faults.length > 0 || draft.region === null)
    return { config: null, faults: inReadingOrder(faults), notes };
  const { entries: _entries, complete: _complete, fault: _fault, region, ...lists } = draft;
  const facts: Omit<Config, 'hash'> = { ...lists, region };
  for (const name of standardLists) facts[name].sort((a, b) => (a.inForce.from < b.inForce.from ? -1 : 1));
  return { config: { hash: canonicalConfig(facts).hash, ...facts }, faults: [], notes };
}

function withInstead(
  files: readonly SourceText[],
  region: string | null,
  instead: ConfigOptions['instead'],
): readonly SourceText[] {
  if (instead === undefined) return files;
  const ofKind = new RegExp(`^kind: ${instead.kind}\\s*$`, 'm');
  const others = files.filter(({ text }) => !ofKind.test(text));
  return [...others, { file: `regions/${region ?? defaultRegion}/${instead.kind}.yaml`, text: instead.text }];
}

function regionFileFaults(draft: Draft, region: string | undefined): ConfigFault[] {
  if (draft.entries.regions.length === 0 && draft.complete('regions')) {
    return [
      fileFault(
        `regions/${region ?? defaultRegion}/region.yaml`,
        'no file says what the region is',
        'a file of kind "region"',
      ),
    ];
  }
  if (draft.region === null || region === undefined || draft.region.id === region) return [];
  return [
    draft.fault(draft.region, ['id'], { message: 'the id is not that of its folder', expected: region }),
  ];
}

interface FoundFiles {
  files: string[];
  region: string | null;
  faults: ConfigFault[];
}

async function findFiles(directory: string, options: ConfigOptions): Promise<FoundFiles> {
  let names: string[];
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    names = entries
      .filter((entry) => !entry.isDirectory() && /\.(ya?ml|json)$/i.test(entry.name))
      .map((entry) =>
        path.relative(directory, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'),
      )
      .toSorted();
  } catch (error) {
    return {
      files: [],
      region: null,
      faults: [fileFault('.', `no configuration folder: ${reasonOf(error)}`, 'a readable folder')],
    };
  }
  const regions = [
    ...new Set(
      names.filter((name) => /^regions\/[^/]+\//.test(name)).map((name) => name.split('/')[1] ?? ''),
    ),
  ];
  const region = options.region ?? (regions.length === 1 ? (regions[0] ?? defaultRegion) : defaultRegion);
  const faults: ConfigFault[] = [];
  if (!regions.includes(region)) {
    const expected = regions.length === 0 ? 'a folder below regions/' : `one of ${regions.join(', ')}`;
    faults.push(fileFault(`regions/${region}`, 'no such region', expected));
  }
  const files = names.filter((name) => isOf(name, region));
  for (const name of names) {
    const folder = name.split('/')[0] ?? '';
    const known = files.includes(name) || otherFolders.has(folder) || /^regions\/[^/]+\//.test(name);
    if (!known)
      faults.push(
        fileFault(
          name,
          'not in a folder of the configuration',
          `below ${sharedFolders.join('/, ')}/ or regions/<id>/`,
        ),
      );
  }
  return { files, region, faults };
}

function isOf(name: string, region: string): boolean {
  return (
    sharedFolders.some((folder) => name.startsWith(`${folder}/`)) || name.startsWith(`regions/${region}/`)
  );
}

async function readText(file: string): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
}

function fileFault(file: string, message: string, expected: string): ConfigFault {
  return { file, line: 1, column: 1, path: '', value: 'the file', message, expected };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
