import type { Role } from '../../domain/ports.ts';

export const roleNames = [
  'viewer',
  'duty-officer',
  'finance',
  'signatory',
  'administrator',
  'joint-office',
] as const satisfies readonly Role[];

/** A role that is not known any more may do least. */
export function roleOf(text: string): Role {
  return roleNames.find((role) => role === text) ?? 'viewer';
}
