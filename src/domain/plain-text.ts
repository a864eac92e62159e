/** A value of a rule as one reads it: tables as `key value, key value`, what is missing as a dash. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return '—';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(plainText).join(', ');
  if (typeof value !== 'object') return JSON.stringify(value);
  return Object.entries(value)
    .map(
      ([key, entry]) =>
        `${key} ${entry !== null && typeof entry === 'object' ? `(${plainText(entry)})` : plainText(entry)}`,
    )
    .join(', ');
}
