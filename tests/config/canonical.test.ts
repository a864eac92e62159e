import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify, parse } from 'yaml';
import canonicalize from 'canonicalize';
import { canonicalConfig, checkFiles } from '../../src/config/index.ts';
import type { SourceText } from '../../src/config/document.ts';
import { edited, smallRegion } from './small-region.ts';

function hashOf(files: readonly SourceText[]): string {
  const { config, faults } = checkFiles(files);
  if (config === null) throw new Error(JSON.stringify(faults));
  return config.hash;
}

/** The same value with the keys of every map in another order. */
function withKeysShuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((entry) => withKeysShuffled(entry, random));
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.entries(value).map(([key, entry]) => ({ key, entry, rank: random() }));
  return Object.fromEntries(
    keys.toSorted((a, b) => a.rank - b.rank).map(({ key, entry }) => [key, withKeysShuffled(entry, random)]),
  );
}

describe('the hash of a configuration', () => {
  test('is of the canonical text and names the same facts whatever the order of files and keys', () => {
    const files = smallRegion();
    const expected = hashOf(files);
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.shuffledSubarray(files, { minLength: files.length }),
        (stream, shuffled) => {
          const random = (): number => stream.next().value ?? 0;
          const rewritten = shuffled.map(({ file, text }) => ({
            file,
            text: stringify(withKeysShuffled(parse(text), random)),
          }));
          expect(hashOf(rewritten)).toBe(expected);
        },
      ),
      { numRuns: 20, seed: 20260301 },
    );
  });

  test('does not depend on the order of entries or on which file holds them', () => {
    const files = smallRegion();
    const moved = files.map((source) =>
      source.file.endsWith('sections.yaml') ? { ...source, file: 'regions/small/a.yaml' } : source,
    );
    expect(hashOf(moved)).toBe(hashOf(files));
    const reversed = files.map((source) => {
      if (!source.file.endsWith('water.yaml')) return source;
      const data: { parameters: unknown[] } = parse(source.text);
      return { file: source.file, text: stringify({ ...data, parameters: data.parameters.toReversed() }) };
    });
    expect(hashOf(reversed)).toBe(hashOf(files));
  });

  test('does not change with addresses and pace, and changes with a fact', () => {
    const files = smallRegion();
    const paced = edited(
      edited(files, 'sources.yaml', '25 * * * *', '5 * * * *'),
      'sources.yaml',
      'water.example',
      'other.example',
    );
    expect(hashOf(paced)).toBe(hashOf(files));
    expect(hashOf(edited(files, 'sources.yaml', 'stampMeans: instant', 'stampMeans: end'))).not.toBe(
      hashOf(files),
    );
    expect(hashOf(edited(files, 'one.yaml', 'target: 2', 'target: 3'))).not.toBe(hashOf(files));
    expect(hashOf(edited(files, 'per-class.yaml', "value: '0'", "value: '0.0'"))).not.toBe(hashOf(files));
  });

  test('is the SHA-256 of a text that reads back as the same facts, without the hash itself', () => {
    const { config } = checkFiles(smallRegion());
    if (config === null) throw new Error('the small region has faults');
    const { text, hash } = canonicalConfig(config);
    expect(hash).toBe(config.hash);
    const read: object = JSON.parse(text);
    expect(Object.keys(read)).toEqual(
      Object.keys(config)
        .filter((key) => key !== 'hash')
        .toSorted(),
    );
    expect(canonicalize(JSON.parse(text))).toBe(text);
  });
});

test('the canonical form of any JSON value reads back as that value and is canonical already', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalize(value) ?? '';
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalize(JSON.parse(text))).toBe(text);
    }),
    { numRuns: 300, seed: 8785 },
  );
});

test('the example of RFC 8785 comes out byte for byte', () => {
  const input =
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false],"10":1,"9":2}';
  expect(canonicalize(JSON.parse(input))).toBe(
    '{"10":1,"9":2,"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});
