import { asyncProperty, assert, integer } from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleText, type Bundle, sealedBundle } from '../../src/settle/bundle.ts';
import { hashOf } from '../../src/settle/document.ts';
import { newKey, signStatement } from '../../src/settle/signing.ts';
import { verifyBundle } from '../../src/settle/verify.ts';
import { type Golden, golden } from './golden.ts';

let kept: Golden;
beforeAll(async () => {
  kept = await golden();
});

const verify = (bundle: Bundle, keys = kept.keys) => verifyBundle(Buffer.from(bundleText(bundle)), keys);
/** A copy in which every hash that needs no key is right again. */
const resealed = (change: (copy: Bundle) => void): Bundle => {
  const copy = structuredClone(kept.bundle);
  change(copy);
  const { seal: _seal, ...rest } = copy;
  return { ...copy, seal: hashOf(rest) };
};

/** `shape`: the path with every place of a list alike; one leaf of each stands for all. */
type Leaf = { place: Record<string, unknown>; key: string; shape: string };
function leavesOf(value: unknown, found: Leaf[] = [], path = ''): Leaf[] {
  if (value === null || typeof value !== 'object') return found;
  for (const [key, entry] of Object.entries(value)) {
    const shape = `${path}${path === '' ? '' : '.'}${Array.isArray(value) ? '*' : key}`;
    if (entry === null || typeof entry !== 'object') found.push({ place: value as never, key, shape });
    else leavesOf(entry, found, shape);
  }
  return found;
}

describe('the golden bundle', () => {
  it('is computed again to the byte, with the keys of its parties and without', async () => {
    const given = await verifyBundle(kept.bytes, kept.keys);
    expect(given).toMatchObject({ statement: 'pact.2026-06.2', findings: [], unsigned: [] });
    expect(given.signatures.map((one) => `${one.purpose} ${one.algorithm} ${one.keyFrom}`)).toEqual([
      'data ed25519 given',
      'funds ed25519 given',
      'data sm2-sm3 given',
      'funds sm2-sm3 given',
    ]);
    expect(kept.bundle.statement.markings[0]?.zh).toBe('模拟数据：并非真实监测结果');
    const alone = await verifyBundle(kept.bytes, null);
    expect(alone.findings).toEqual([]);
    expect(alone.signatures.every((one) => one.keyFrom === 'bundle')).toBe(true);
    console.log(`golden bundle: ${kept.bytes.length} bytes, ${leavesOf(kept.bundle).length} leaves`);
  });

  it('has no byte that can be changed, added or taken away unnoticed', async () => {
    const rounds = { numRuns: 60 };
    const at = integer({ min: 0, max: kept.bytes.length - 1 });
    const flip = asyncProperty(at, integer({ min: 1, max: 255 }), async (index, mask) => {
      const bytes = Buffer.from(kept.bytes);
      bytes[index]! ^= mask;
      expect((await verifyBundle(bytes, kept.keys)).findings).not.toEqual([]);
    });
    await assert(flip, rounds);
    for (const bytes of [
      Buffer.concat([kept.bytes, Buffer.from('\n')]),
      Buffer.concat([Buffer.from('\uFEFF'), kept.bytes]),
      kept.bytes.subarray(0, -1),
      Buffer.alloc(0),
      Buffer.from('null'),
      Buffer.from('{}'),
    ])
      expect((await verifyBundle(bytes, kept.keys)).findings).not.toEqual([]);
  });

  it('has no member that can be changed unnoticed by someone who makes the seal right again', async () => {
    // One leaf for each member of the parts, and for each member of a signature and a key.
    const placeOf = (shape: string): string => {
      const [part = '', ...inner] = shape.split('.');
      const depth = { signatures: 2, keys: 2, corrected: 0 }[part] ?? 1;
      return [part, ...inner.slice(0, depth)].join('.');
    };
    const places = new Map(leavesOf(kept.bundle).map(({ shape }, index) => [placeOf(shape), index]));
    places.delete('seal');
    expect([...places.keys()]).toEqual(
      expect.arrayContaining([
        'format',
        'statement.net',
        'inputs.series',
        'signatures.*.signer',
        'keys.*.holder',
      ]),
    );
    for (const [place, index] of places) {
      const forged = resealed((copy) => {
        const leaf = leavesOf(copy)[index]!;
        leaf.place[leaf.key] = 'x';
      });
      expect((await verify(forged)).findings, place).not.toEqual([]);
    }
  });

  it('has no room for anything more', async () => {
    const more = resealed((copy) => Object.assign(copy, { note: 'paid' }));
    expect((await verify(more)).findings[0]?.message).toContain('holds more than a bundle does');
    const spare = resealed((copy) => copy.keys.push({ ...copy.keys[0]!, keyId: 'f'.repeat(64) }));
    expect((await verify(spare)).findings[0]?.message).toContain('holds more than a bundle does');
    const renamed = resealed((copy) => (copy.keys[0]!.holder = '冒名者'));
    expect((await verify(renamed)).findings).toEqual([
      { part: 'keys', message: expect.stringContaining('another than the one given, in holder') },
    ]);
  });
});

describe('a forgery', () => {
  it('of an amount is named by its place', async () => {
    const forged = resealed((copy) => {
      copy.statement.lines[0]!.amountFen = '1';
    });
    const { findings } = await verify(forged);
    expect(findings.find((one) => one.part === 'statement')?.message).toContain('lines.0.amountFen');
    expect(findings.filter((one) => one.part === 'signature')).toHaveLength(4);
  });

  it('of a reading is found although every hash is made to fit', async () => {
    const forged = resealed((copy) => {
      const tp = copy.inputs.series.find((one) => one.parameter === 'tp');
      tp!.value[0] = 0.02;
      copy.statement.inputsSha256 = hashOf(copy.inputs);
    });
    const { findings } = await verify(forged);
    const message = findings.find((one) => one.part === 'statement')?.message;
    expect(message).toContain('lines');
  });

  it('that is computed and signed anew falls with the keys that the verifier has', async () => {
    const pair = newKey({
      party: kept.bundle.statement.parties.protecting.code ?? '',
      holder: '冒名者',
      algorithm: 'ed25519',
    });
    const what = { ...kept.bundle.signatures[0]!, statement: kept.bundle.statement.id };
    const { statement, sha256, purpose, signedS, sealedOriginalSha256, timeStamp } = what;
    const signature = signStatement(pair, {
      statement,
      sha256,
      purpose,
      signedS,
      sealedOriginalSha256,
      timeStamp,
    });
    const forged = sealedBundle({ ...kept.bundle, signatures: [signature], keys: [pair.key] });
    expect((await verify(forged, kept.keys)).findings[0]?.message).toContain('is not among the keys given');
    const trusting = await verifyBundle(Buffer.from(bundleText(forged)), null);
    expect(trusting.signatures[0]?.keyFrom).toBe('bundle');
  });

  it('by leaving out signatures shows as missing ones', async () => {
    const { signatures, keys } = kept.bundle;
    const fewer = sealedBundle({ ...kept.bundle, keys, signatures: signatures.slice(1) });
    expect((await verify(fewer)).unsigned).toHaveLength(1);
    const doubled = resealed((copy) => copy.signatures.push(copy.signatures[0]!));
    const messages = (await verify(doubled)).findings.map((one) => one.message);
    expect(messages.some((one) => one.includes('signed twice'))).toBe(true);
  });
});
