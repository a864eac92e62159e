/**
 * JSON with sorted keys and no spaces: equal values give equal bytes, so the text can be hashed.
 * Absent (`undefined`) members are left out; NaN and infinities throw, since JSON would turn them into null.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'number' && !Number.isFinite(member))
      throw new RangeError(`${member} has no JSON form`);
    if (member === null || typeof member !== 'object' || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}
