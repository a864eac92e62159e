import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, read, root } from './tree.ts';

const pages = projectFiles().filter((file) => /^(docs\/.*|README[^/]*)\.md$/.test(file));
const present = (target: string): boolean => existsSync(path.join(root, target));

describe('the documents name what is there', () => {
  it('finds the documents', () => {
    expect(pages).toContain('docs/architecture.md');
  });

  it('names only functions that stand in the file named beside them', () => {
    const pairs = pages.flatMap((page) =>
      [...read(page).matchAll(/`([A-Za-z]\w*)(?:\.\w+)?`(?:,? in) `(src\/[\w./-]+\.ts)`/g)].map((match) => ({
        page,
        name: match[1] ?? '',
        file: match[2] ?? '',
      })),
    );
    expect(pairs.length).toBeGreaterThan(10);
    expect(
      pairs.filter(({ name, file }) => !present(file) || !new RegExp(`\\b${name}\\b`).test(read(file))),
    ).toEqual([]);
  });

  it('names only source files that exist, and links only to pages that do', () => {
    const missing = pages.flatMap((page) => {
      const text = read(page);
      const files = [
        ...text.matchAll(/`((?:src|tests|bench|examples|config)\/[\w./-]+\.(?:ts|yaml|json|csv|md))`/g),
      ].map((m) => m[1] ?? '');
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((m) =>
        path.posix.join(path.posix.dirname(page), m[1] ?? ''),
      );
      return [...files, ...links].filter((target) => !present(target)).map((target) => `${page}: ${target}`);
    });
    expect(missing).toEqual([]);
  });
});
