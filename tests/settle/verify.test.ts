import { asyncProperty, assert, integer, constantFrom } from 'fast-check';
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

type Leaf = { place: Record<string, unknown>; key: string };
function leavesOf(value: unknown, found: Leaf[] = []): Leaf[] {
  if (value === null || typeof value !== 'object') return found;
  for (const [key, entry] of Object.entries(value)) {
    if (entry === null || typeof entry !== 'object') found.push({ place: value as never, key });
    else leavesOf(entry, found);
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
    const leaves = leavesOf(kept.bundle).length;
    const values = constantFrom<unknown>('x', 0, null, true, '50000000', []);
    const change = asyncProperty(integer({ min: 0, max: leaves - 1 }), values, async (index, value) => {
      let same = false;
      const forged = resealed((copy) => {
        const leaf = leavesOf(copy)[index];
        if (leaf === undefined || leaf.key === 'seal') same = true;
        else {
          same = leaf.place[leaf.key] === value;
          leaf.place[leaf.key] = value;
        }
      });
      if (same) return;
      expect((await verify(forged)).findings).not.toEqual([]);
    });
    await assert(change, { numRuns: 60 });
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
    expect((await verify(doubled)).findings[0]?.message).toContain('signed twice');
  });
});
