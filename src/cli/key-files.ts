import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MonitorError } from '../domain/errors.ts';
import type { SigningKey } from '../domain/settlement.ts';
import { type KeyPair, algorithms, keyIdOf } from '../settle/signing.ts';

const publicEnd = '.pub.json';
const privateEnd = '.key.pem';

/** Writes both halves; the private one can be read by its owner only. Returns the two paths. */
export function writeKeyPair(folder: string, pair: KeyPair): { publicFile: string; privateFile: string } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stem = path.join(folder, `${pair.key.party}-${pair.key.keyId.slice(0, 12)}`);
  const base64 = pair.privateKey.toString('base64').replace(/.{1,64}/g, '$&\n');
  const pem = `-----BEGIN PRIVATE KEY-----\n${base64}-----END PRIVATE KEY-----\n`;
  writeFileSync(`${stem}${privateEnd}`, pem, { mode: 0o600, flag: 'wx' });
  writeFileSync(`${stem}${publicEnd}`, `${JSON.stringify(pair.key, null, 2)}\n`, { flag: 'wx' });
  return { publicFile: `${stem}${publicEnd}`, privateFile: `${stem}${privateEnd}` };
}

const isKey = (value: unknown): value is SigningKey =>
  value !== null &&
  typeof value === 'object' &&
  ['keyId', 'algorithm', 'party', 'holder', 'publicKey'].every(
    (name) => typeof (value as Record<string, unknown>)[name] === 'string',
  ) &&
  (algorithms as readonly string[]).includes((value as SigningKey).algorithm);

function keysIn(file: string): SigningKey[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new MonitorError('E_USAGE', `${file} is not a readable JSON file`, { cause });
  }
  const keys = Array.isArray(value) ? value : [value];
  return keys.map((key: unknown) => {
    if (!isKey(key)) throw new MonitorError('E_USAGE', `${file}: not a public key of jiehe keys create`);
    if (keyIdOf(Buffer.from(key.publicKey, 'base64')) !== key.keyId)
      throw new MonitorError('E_USAGE', `${file}: the public key has another fingerprint than ${key.keyId}`);
    return key;
  });
}

/** Public keys of a file (one key or a list) or of a folder of `.pub.json` files. Throws E_USAGE naming the file. */
export function readPublicKeys(place: string): SigningKey[] {
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return keysIn(place);
  const files = readdirSync(place).filter((name) => name.endsWith('.json'));
  return files.toSorted().flatMap((name) => keysIn(path.join(place, name)));
}

/** The pair of a private key file; its public half lies beside it. Throws E_USAGE. */
export function readKeyPair(privateFile: string): KeyPair {
  let pem: string;
  try {
    pem = readFileSync(privateFile, 'utf8');
  } catch (cause) {
    throw new MonitorError('E_USAGE', `${privateFile} cannot be read`, { cause });
  }
  const base64 = /-----BEGIN PRIVATE KEY-----([\s\S]*)-----END PRIVATE KEY-----/.exec(pem)?.[1];
  if (base64 === undefined || !privateFile.endsWith(privateEnd))
    throw new MonitorError('E_USAGE', `${privateFile} is not a ${privateEnd} file of jiehe keys create`);
  const [key] = keysIn(privateFile.slice(0, -privateEnd.length) + publicEnd);
  if (key === undefined) throw new MonitorError('E_USAGE', `no public key beside ${privateFile}`);
  return { key, privateKey: Buffer.from(base64, 'base64') };
}
