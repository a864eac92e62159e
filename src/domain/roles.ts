/** What a person or key may be in a jurisdiction, from the least on. */
export const roles = [
  'viewer',
  'duty-officer',
  'finance',
  'signatory',
  'administrator',
  'joint-office',
] as const;

export type Role = (typeof roles)[number];

/** A role that is not known any more may do least. */
export function roleOf(text: string): Role {
  return roles.find((role) => role === text) ?? 'viewer';
}
