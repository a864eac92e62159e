import { constantFrom, integer, record, type Arbitrary } from 'fast-check';
import type { Row } from './model.ts';

export const hour = 3600;
/** A full hour. */
export const t0 = 1_749_999_600;

export const rowArbitrary: Arbitrary<Row> = record({
  station: constantFrom('s1', 's2'),
  parameter: constantFrom('ph', 'tp'),
  timeS: integer({ min: 0, max: 3 }).map((at) => t0 + at * hour),
  value: constantFrom(1, 2, 3, 0, null),
  flags: constantFrom(0, 0, 0, 32),
  publishedS: constantFrom(null, 10, 20, 30),
});
