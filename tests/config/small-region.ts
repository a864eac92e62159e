import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { checkFiles } from '../../src/config/load.ts';
import { printFault } from '../../src/config/fault-text.ts';
import type { SourceText } from '../../src/config/document.ts';

export const smallDirectory = path.join(import.meta.dirname, 'fixtures/small');
export const shippedDirectory = path.resolve(import.meta.dirname, '../../config');

/** Every configuration file below a folder, as texts. */
export function textsOf(directory: string, folders: readonly string[]): SourceText[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll(path.sep, '/'))
    .filter((name) => /\.ya?ml$/.test(name) && folders.some((folder) => name.startsWith(`${folder}/`)))
    .map((file) => ({ file, text: readFileSync(path.join(directory, file), 'utf8') }));
}

/** The made-up region of the fixtures. */
export function smallRegion(): SourceText[] {
  return textsOf(smallDirectory, ['parameters', 'schemes', 'regions']);
}

/** The files with one text of one file replaced; the text must stand there exactly once. */
export function edited(files: readonly SourceText[], file: string, from: string, to: string): SourceText[] {
  return files.map((source) => {
    if (!source.file.endsWith(file)) return source;
    if (source.text.split(from).length !== 2) throw new Error(`${file} does not hold "${from}" exactly once`);
    return { file: source.file, text: source.text.replace(from, () => to) };
  });
}

/** Printed faults of the small region after edits `[file, from, to]`. */
export function faultsAfter(...edits: [file: string, from: string, to: string][]): string[] {
  const files = edits.reduce((before, [file, from, to]) => edited(before, file, from, to), smallRegion());
  return checkFiles(files).faults.map(printFault);
}
