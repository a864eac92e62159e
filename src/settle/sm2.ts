import { createHash, randomBytes } from 'node:crypto';
import { weierstrass } from '@noble/curves/abstract/weierstrass.js';

/*
 * SM2 signatures with SM3 (GM/T 0003.2, GM/T 0009). OpenSSL signs with an empty signer id unless told otherwise, and Node has no
 * way to tell it; the id that GM/T 0009 prescribes is part of what is hashed. So the curve comes from a library and the
 * few lines of the scheme stand here.
 */
const curve = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};
const Point = weierstrass(curve);
const { n } = curve;

const signerId = Buffer.from('1234567812345678', 'ascii');
const bytesOfScalar = 32;
const algorithmDer = '301306072a8648ce3d020106082a811ccf5501822d';
const spkiHead = Buffer.from(`3059${algorithmDer}034200`, 'hex');
const pkcs8Head = Buffer.from(`308187020100${algorithmDer}046d306b0201010420`, 'hex');
const pkcs8Middle = Buffer.from('a144034200', 'hex');

const sm3 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sm3');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
const scalar = (value: bigint): Buffer =>
  Buffer.from(value.toString(16).padStart(bytesOfScalar * 2, '0'), 'hex');
const mod = (value: bigint): bigint => ((value % n) + n) % n;

function inverse(value: bigint): bigint {
  let [a, b, x, y] = [mod(value), n, 1n, 0n];
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return mod(x);
}

/** Uncompressed point `04 x y` of an SPKI key. Throws RangeError for anything else. */
function pointBytes(publicKey: Buffer): Buffer {
  const point = publicKey.subarray(spkiHead.length);
  if (!publicKey.subarray(0, spkiHead.length).equals(spkiHead) || point.length !== 65 || point[0] !== 4)
    throw new RangeError('not an SM2 public key');
  return point;
}

function secretOf(privateKey: Buffer): bigint {
  const at = pkcs8Head.length;
  const secret = numberOf(privateKey.subarray(at, at + bytesOfScalar));
  if (!privateKey.subarray(0, at).equals(pkcs8Head) || secret < 1n || secret >= n - 1n)
    throw new RangeError('not an SM2 private key');
  return secret;
}

const pointOf = (secret: bigint): Buffer => Buffer.from(Point.BASE.multiply(secret).toBytes(false));

/** Uniform in [1, n − 2]: 64 bits more than needed, so that the remainder shows no bias. */
const randomScalar = (): bigint => (numberOf(randomBytes(40)) % (n - 2n)) + 1n;

export function newSm2Key(): { privateKey: Buffer; publicKey: Buffer } {
  const secret = randomScalar();
  const point = pointOf(secret);
  return {
    privateKey: Buffer.concat([pkcs8Head, scalar(secret), pkcs8Middle, point]),
    publicKey: Buffer.concat([spkiHead, point]),
  };
}

/** SPKI DER of a PKCS#8 DER key. */
export function sm2PublicKeyOf(privateKey: Buffer): Buffer {
  return Buffer.concat([spkiHead, pointOf(secretOf(privateKey))]);
}

function digestOf(bytes: Uint8Array, point: Buffer): bigint {
  const idBits = Buffer.from([(signerId.length * 8) >> 8, (signerId.length * 8) & 255]);
  const domain = [curve.a, curve.b, curve.Gx, curve.Gy].map(scalar);
  return numberOf(sm3(sm3(idBits, signerId, ...domain, point.subarray(1)), bytes));
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const body = (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([2, body.length]), body]);
}

/** DER signature (r, s) over the bytes. */
export function signSm2(bytes: Uint8Array, privateKey: Buffer): Buffer {
  const secret = secretOf(privateKey);
  const digest = digestOf(bytes, pointOf(secret));
  for (;;) {
    const k = randomScalar();
    const r = mod(digest + Point.BASE.multiply(k).toAffine().x);
    const s = mod(inverse(1n + secret) * (k - r * secret));
    if (r === 0n || r + k === n || s === 0n) continue;
    const body = Buffer.concat([derInteger(r), derInteger(s)]);
    return Buffer.concat([Buffer.from([0x30, body.length]), body]);
  }
}

/** r and s of the one DER form they have; null for any other bytes. */
function readSignature(signature: Buffer): [bigint, bigint] | null {
  const lengthR = signature[3] ?? 0;
  const r = numberOf(signature.subarray(4, 4 + lengthR));
  const s = numberOf(signature.subarray(6 + lengthR));
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  const same = Buffer.concat([Buffer.from([0x30, body.length]), body]).equals(signature);
  return same && r > 0n && r < n && s > 0n && s < n ? [r, s] : null;
}

/** Throws RangeError when the public key is none. */
export function verifySm2(bytes: Uint8Array, publicKey: Buffer, signature: Buffer): boolean {
  const point = pointBytes(publicKey);
  const pair = readSignature(signature);
  if (pair === null) return false;
  const [r, s] = pair;
  const t = mod(r + s);
  if (t === 0n) return false;
  const sum = Point.BASE.multiplyUnsafe(s).add(Point.fromBytes(point).multiplyUnsafe(t));
  return !sum.is0() && mod(digestOf(bytes, point) + sum.toAffine().x) === r;
}
