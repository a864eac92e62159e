import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, projectFiles, read, root } from './tree.ts';

/** What each room may import besides itself. Siblings meet through ports in `domain`. */
const allowed: Record<string, string[]> = {
  domain: [],
  analysis: ['domain'],
  config: ['domain', 'analysis'],
  ingest: ['domain', 'analysis'],
  store: ['domain', 'analysis'],
  alert: ['domain', 'analysis'],
  settle: ['domain', 'analysis'],
  report: ['domain', 'analysis'],
  api: ['domain', 'analysis'],
  simulator: ['domain', 'analysis'],
  system: ['domain', 'analysis', 'config', 'ingest', 'store', 'main.ts'],
};

const files = projectFiles().filter((file) => existsSync(path.join(root, file)));
const sources = files.filter((file) => file.startsWith('src/') && file.endsWith('.ts'));
const pages = files.filter((file) => /^web\/.*\.tsx?$/.test(file));
const roomOf = (file: string): string => file.split('/')[1] ?? '';

describe('the tree stays tidy', () => {
  it('finds the tree it is about to judge', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(
      Object.keys(allowed).filter((room) => sources.some((file) => roomOf(file) === room)).length,
    ).toBeGreaterThan(5);
  });

  it('imports only in the direction domain ← analysis ← the rooms ← cli and main', () => {
    const wrong: string[] = [];
    for (const file of sources) {
      const rooms = allowed[roomOf(file)];
      if (rooms === undefined) continue;
      for (const target of importsOf(file)) {
        if (!target.startsWith('src/')) wrong.push(`${file} → ${target}`);
        else if (roomOf(target) !== roomOf(file) && !rooms.includes(roomOf(target)))
          wrong.push(`${file} → ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('keeps the page apart from the server: it may share types of the domain only', () => {
    const wrong = pages.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('src/') && !target.startsWith('src/domain/'))
        .map((target) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('imports only files that exist', () => {
    const missing = [...sources, ...pages].flatMap((file) =>
      importsOf(file)
        .filter((target) => /\.[cm]?tsx?$/.test(target) && !existsSync(path.join(root, target)))
        .map((target) => `${file} → ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it('has no file whose name says nothing', () => {
    const banned = /(^|\/)(utils?|helpers?|common|misc|stuff|base|manager)\.[cm]?[tj]sx?$/;
    expect(files.filter((file) => banned.test(file))).toEqual([]);
  });

  it('has no source file over 400 lines unless its head says why', () => {
    const long = [...sources, ...pages].filter((file) => {
      const text = read(file);
      return text.split('\n').length > 400 && !text.slice(0, 400).includes('Over 400 lines because');
    });
    expect(long).toEqual([]);
  });

  it('has no skipped, focused or unwritten test', () => {
    const pattern = /\b(it|test|describe)\.(skip|only|todo)\(/;
    const tests = files.filter((file) => file.endsWith('.test.ts') && file !== 'tests/tidy/tidy.test.ts');
    expect(tests.filter((file) => pattern.test(read(file)))).toEqual([]);
  });

  it('records no download address and no path of one machine', () => {
    expect(read('package-lock.json').includes('"resolved"')).toBe(false);
    const machine = new RegExp(['/wo', 'rk/|/ro', 'ot/'].join(''));
    const text = files.filter(
      (file) => /\.(ts|tsx|mjs|md|ya?ml|json|sh)$/.test(file) && file !== 'package-lock.json',
    );
    expect(text.filter((file) => machine.test(read(file)))).toEqual([]);
  });
});

describe('facts stay in config', () => {
  const ids = files
    .filter((file) => /^config\/(schemes|standards)\/.*\.yaml$/.test(file))
    .flatMap((file) => [...read(file).matchAll(/^id: (\S+)/gm)].map((match) => match[1] ?? ''));

  it('has scheme and standard ids to look for', () => {
    expect(ids.length).toBeGreaterThan(3);
  });

  it('has no scheme or standard id in src', () => {
    const wrong = sources.flatMap((file) =>
      ids.filter((id) => read(file).includes(`'${id}'`)).map((id) => `${file}: ${id}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has no limit value in the code that judges: numbers there are structural', () => {
    const structural = new Set(['0', '1', '2', '-1', '10', '100', '1000', '24', '60', '3600', '86400']);
    const judging = sources.filter((file) => /^src\/analysis\/(water|air|exceedance|liability)\//.test(file));
    expect(judging.length).toBeGreaterThan(3);
    const wrong = judging.flatMap((file) => {
      const code = read(file)
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/\/\/.*$/gm, '')
        .replace(/'[^'\n]*'|`[^`]*`|"[^"\n]*"/g, '');
      return [...code.matchAll(/(?<![\w.])\d+\.\d+(?![\w.])/g)]
        .map((match) => match[0])
        .filter((number) => !structural.has(number))
        .map((number) => `${file}: ${number}`);
    });
    expect(wrong).toEqual([]);
  });
});
