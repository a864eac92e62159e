import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { algorithms, newKey, signatureFault, signStatement, type KeyPair } from '../../src/settle/signing.ts';
import { newSm2Key, signSm2, verifySm2 } from '../../src/settle/sm2.ts';

const what = {
  statement: 'pact.2026-06.1',
  sha256: 'a'.repeat(64),
  purpose: 'data' as const,
  signedS: 1_780_000_000,
  sealedOriginalSha256: null,
  timeStamp: null,
};
const pairOf = (algorithm: (typeof algorithms)[number]): KeyPair =>
  newKey({ party: '330300', holder: '温州市', algorithm });

describe.each(algorithms)('%s', (algorithm) => {
  it('signs and verifies; no member of a signature can be another', () => {
    const pair = pairOf(algorithm);
    const signature = signStatement(pair, what);
    expect(signatureFault(signature, pair.key)).toBeNull();
    const changes = [
      { statement: 'pact.2026-06.2' },
      { sha256: 'b'.repeat(64) },
      { purpose: 'funds' as const },
      { signedS: 1 },
      { signer: '宁德市' },
      { sealedOriginalSha256: 'c'.repeat(64) },
      { party: '350900' },
      { signature: signature.signature.replace(/.{4}/, 'AAAA') },
      { signature: '' },
      { signature: `${signature.signature} ` },
    ];
    for (const change of changes) {
      expect({ change, fault: signatureFault({ ...signature, ...change }, pair.key) }).not.toMatchObject({
        fault: null,
      });
    }
  });

  it('holds under its own key only', () => {
    const signature = signStatement(pairOf(algorithm), what);
    expect(signatureFault(signature, pairOf(algorithm).key)).toContain('signed with');
    const { key } = pairOf(algorithm);
    const forged = { ...signature, keyId: key.keyId };
    expect(signatureFault(forged, key)).toBe('the signature does not fit what it signs');
    expect(signatureFault(signature, { ...key, keyId: signature.keyId })).toContain('another fingerprint');
  });

  it('refuses a private key that is not the published one', () => {
    const pair = pairOf(algorithm);
    expect(() => signStatement({ key: pair.key, privateKey: pairOf(algorithm).privateKey }, what)).toThrow(
      'is not that of',
    );
  });
});

describe('SM2', () => {
  it('holds for any message, and not after any change of one byte', () => {
    const { privateKey, publicKey } = newSm2Key();
    assert(
      property(uint8Array({ maxLength: 200 }), integer({ min: 0, max: 71 }), (bytes, at) => {
        const signature = signSm2(bytes, privateKey);
        expect(verifySm2(bytes, publicKey, signature)).toBe(true);
        signature[at % signature.length]! ^= 1;
        expect(verifySm2(bytes, publicKey, signature)).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  const openssl = spawnSync('openssl', ['ecparam', '-list_curves']);
  const hasSm2 = openssl.status === 0 && openssl.stdout.toString().includes('SM2');
  it.runIf(hasSm2)('agrees with OpenSSL both ways, under the signer id of GM/T 0009', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-sm2-'));
    const file = (name: string, content?: Uint8Array | string): string => {
      if (content !== undefined) writeFileSync(path.join(folder, name), content);
      return path.join(folder, name);
    };
    const bytes = Buffer.from('生态补偿');
    const { privateKey, publicKey } = newSm2Key();
    file('message', bytes);
    file('private', privateKey);
    file('public', publicKey);
    file('ours', signSm2(bytes, privateKey));
    const options = [
      '-rawin',
      '-digest',
      'sm3',
      '-pkeyopt',
      'distid:1234567812345678',
      '-in',
      file('message'),
    ];
    const theirs = execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', file('private'), ...options]);
    expect(verifySm2(bytes, publicKey, theirs)).toBe(true);
    const checked = execFileSync('openssl', [
      'pkeyutl',
      '-verify',
      '-pubin',
      '-inkey',
      file('public'),
      '-sigfile',
      file('ours'),
      ...options,
    ]);
    expect(checked.toString()).toContain('Signature Verified Successfully');
    rmSync(folder, { recursive: true });
  });
});
