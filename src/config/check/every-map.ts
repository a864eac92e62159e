import { hasMembers, type ValuePath } from '../document.ts';

/** Visits every map within `value`, itself included, with its path. */
export function everyMap(
  value: unknown,
  visit: (map: Record<string, unknown>, path: ValuePath) => void,
  path: ValuePath = [],
): void {
  if (!hasMembers(value)) return;
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) everyMap(entry, visit, [...path, index]);
    return;
  }
  visit(value, path);
  for (const [key, entry] of Object.entries(value)) everyMap(entry, visit, [...path, key]);
}
