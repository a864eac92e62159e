import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Sealing } from '../api/deps.ts';
import type { Environment } from '../config/index.ts';
import { MonitorError } from '../domain/errors.ts';

const format = 'v1';

/** AES-256-GCM under `JIEHE_SECRET_KEY`, or under a key that the data folder keeps in a file of its own (mode 0600). */
export function openSealing(dataDir: string, environment: Pick<Environment, 'secretKey'>): Sealing {
  const key = keyOf(dataDir, environment);
  return {
    seal(text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${format}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open(sealed) {
      try {
        const bytes = Buffer.from(sealed.slice(format.length + 1), 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
        decipher.setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new MonitorError(
          'E_NOT_READY',
          'a secret was sealed with another key; set the JIEHE_SECRET_KEY it was sealed with, or enrol anew',
          { cause },
        );
      }
    },
  };
}

/** A key of its own for one purpose, from the same secret: what it makes says nothing of what is sealed. */
export function derivedKey(
  dataDir: string,
  environment: Pick<Environment, 'secretKey'>,
  purpose: string,
): Buffer {
  return createHmac('sha256', keyOf(dataDir, environment)).update(purpose).digest();
}

function keyOf(dataDir: string, environment: Pick<Environment, 'secretKey'>): Buffer {
  if (environment.secretKey !== null) return Buffer.from(environment.secretKey.reveal(), 'base64');
  const file = path.join(dataDir, 'secret.key');
  if (!existsSync(file)) {
    const made = randomBytes(32);
    writeFileSync(file, `${made.toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    return made;
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (key.length === 32) return key;
  throw new MonitorError('E_CONFIG', `${file} holds no key of 32 bytes in base64`, { details: { file } });
}
