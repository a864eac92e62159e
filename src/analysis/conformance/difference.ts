import type { CaseDifference } from './runner.ts';

/**
 * Compares what an example expects with what came out: expected keys only, arrays whole and in order.
 * Numbers may differ by `tolerance`; a number and a decimal text are equal only where the expected side is a number.
 */
export function differencesOf(
  expected: unknown,
  actual: unknown,
  tolerance = 0,
  path = '',
): CaseDifference[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return [{ path, expected, actual }];
    return expected.flatMap((entry, at) => differencesOf(entry, actual[at], tolerance, `${path}[${at}]`));
  }
  if (expected !== null && typeof expected === 'object') {
    if (actual === null || typeof actual !== 'object' || Array.isArray(actual))
      return [{ path, expected, actual }];
    const found = new Map(Object.entries(actual));
    return Object.entries(expected).flatMap(([key, value]) =>
      differencesOf(value, found.get(key), tolerance, path === '' ? key : `${path}.${key}`),
    );
  }
  if (typeof expected === 'number' && (typeof actual === 'number' || typeof actual === 'string')) {
    const difference = Math.abs(expected - Number(actual));
    return difference <= tolerance ? [] : [{ path, expected, actual }];
  }
  return Object.is(expected, actual) ? [] : [{ path, expected, actual }];
}
