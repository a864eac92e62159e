import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { MonitorError } from '../domain/errors.ts';
import type { SignatureAlgorithm, SigningKey, StatementSignature } from '../domain/settlement.ts';
import { canonicalText } from './document.ts';
import { newSm2Key, signSm2, sm2PublicKeyOf, verifySm2 } from './sm2.ts';

/** One way to sign. Keys are DER: PKCS#8 and SPKI. */
interface Signer {
  generate(): { privateKey: Buffer; publicKey: Buffer };
  publicKeyOf(privateKey: Buffer): Buffer;
  sign(bytes: Uint8Array, privateKey: Buffer): Buffer;
  /** False for whatever is not this key's signature over these bytes, malformed ones included. */
  verify(bytes: Uint8Array, publicKey: Buffer, signature: Buffer): boolean;
}

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const privateOf = (der: Buffer): KeyObject => createPrivateKey({ key: der, type: 'pkcs8', format: 'der' });

const ed25519: Signer = {
  generate() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    return { privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }), publicKey: spki(publicKey) };
  },
  publicKeyOf: (der) => spki(createPublicKey(privateOf(der))),
  sign: (bytes, der) => sign(null, bytes, privateOf(der)),
  verify(bytes, der, signature) {
    const key = createPublicKey({ key: der, type: 'spki', format: 'der' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, bytes, key, signature);
  },
};

const sm2: Signer = {
  generate: newSm2Key,
  publicKeyOf: sm2PublicKeyOf,
  sign: signSm2,
  verify: verifySm2,
};

const signers: Record<SignatureAlgorithm, Signer> = { ed25519, 'sm2-sm3': sm2 };
export const algorithms: readonly SignatureAlgorithm[] = ['ed25519', 'sm2-sm3'];

/** The fingerprint by which a public key is known: SHA-256 of its DER, hex. */
export const keyIdOf = (publicKey: Uint8Array): string =>
  createHash('sha256').update(publicKey).digest('hex');

export interface KeyPair {
  key: SigningKey;
  /** PKCS#8 DER. It goes into the party's own file and nowhere else. */
  privateKey: Buffer;
}

/** Makes a key pair for a party, where the party is. */
export function newKey({
  party,
  holder,
  algorithm,
}: Pick<SigningKey, 'party' | 'holder' | 'algorithm'>): KeyPair {
  const { privateKey, publicKey } = signers[algorithm].generate();
  const key = {
    keyId: keyIdOf(publicKey),
    party,
    holder,
    algorithm,
    publicKey: publicKey.toString('base64'),
    certificate: null,
  };
  return { key, privateKey };
}

/** Whether the private key belongs to the public one. */
export function belongsTogether({ key, privateKey }: KeyPair): boolean {
  return signers[key.algorithm].publicKeyOf(privateKey).equals(Buffer.from(key.publicKey, 'base64'));
}

const signedBytes = ({ signature: _signature, ...rest }: StatementSignature): Buffer =>
  Buffer.from(canonicalText(rest), 'utf8');

/** Signs a statement's hash, with who, for what and when. Throws E_BAD_REQUEST when the key's halves do not belong together. */
export function signStatement(
  pair: KeyPair,
  what: Pick<
    StatementSignature,
    'statement' | 'sha256' | 'purpose' | 'signedS' | 'sealedOriginalSha256' | 'timeStamp'
  >,
): StatementSignature {
  if (!belongsTogether(pair))
    throw new MonitorError('E_BAD_REQUEST', `the private key is not that of ${pair.key.keyId}`);
  const { party, holder, keyId, algorithm } = pair.key;
  const unsigned: StatementSignature = {
    format: 'jiehe-signature',
    version: 1,
    ...what,
    party,
    signer: holder,
    keyId,
    algorithm,
    signature: '',
  };
  const signature = signers[algorithm].sign(signedBytes(unsigned), pair.privateKey);
  return { ...unsigned, signature: signature.toString('base64') };
}

/** Why a signature does not hold under this key, in words; null: it holds. */
export function signatureFault(signature: StatementSignature, key: SigningKey): string | null {
  const publicKey = Buffer.from(key.publicKey, 'base64');
  if (keyIdOf(publicKey) !== key.keyId) return `key ${key.keyId}: the public key has another fingerprint`;
  if (signature.keyId !== key.keyId) return `signed with ${signature.keyId}, not with ${key.keyId}`;
  if (signature.algorithm !== key.algorithm) return `algorithm ${signature.algorithm}, key ${key.algorithm}`;
  if (signature.party !== key.party) return `party ${signature.party}, key of ${key.party}`;
  const given = Buffer.from(signature.signature, 'base64');
  if (given.toString('base64') !== signature.signature) return 'not base64';
  try {
    const holds = signers[key.algorithm].verify(signedBytes(signature), publicKey, given);
    return holds ? null : 'the signature does not fit what it signs';
  } catch {
    return 'the public key cannot be read';
  }
}
