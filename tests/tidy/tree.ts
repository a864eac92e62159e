import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

/** Tracked and new files of the project, relative paths, without what git ignores. */
export function projectFiles(): string[] {
  const out = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return [...new Set(out.split('\n'))].filter((file) => file !== '').sort();
}

export const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Relative specifiers that a TypeScript file imports or re-exports, as project paths. */
export function importsOf(file: string): string[] {
  const specifiers = [
    ...read(file).matchAll(
      /^\s*(?:import|export)\s[^;]*?from\s+'(\.[^']+)'|^\s*import\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gm,
    ),
  ];
  return specifiers.map((match) =>
    path.posix.join(path.posix.dirname(file), match[1] ?? match[2] ?? match[3] ?? ''),
  );
}
