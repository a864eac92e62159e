import { Secret, TOTP } from 'otpauth';

const issuer = 'jiehe';
const period = 30;

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer, label, secret: Secret.fromBase32(secret), digits: 6, period, algorithm: 'SHA1' });
}

/** A new TOTP secret (RFC 6238) of 160 bits in base 32, and the address that an authenticator reads. */
export function newTotp(label: string): { secret: string; uri: string } {
  const secret = new Secret({ size: 20 }).base32;
  return { secret, uri: totpOf(secret, label).toString() };
}

/** The time step whose code this is, one step of clock drift to either side; null for none. */
export function totpStepOf(secret: string, code: string, nowS: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totpOf(secret, '').validate({ token: code, timestamp: nowS * 1000, window: 1 });
  return delta === null ? null : Math.floor(nowS / period) + delta;
}
