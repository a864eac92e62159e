import { Type } from 'typebox';
import { CivilDate, Provenance, strict } from './facts.ts';

/** Civil dates, both inclusive, by the date of the data; `to` null for an edition that is not replaced yet. */
export const InForce = Type.Object(
  { from: CivilDate, to: Type.Union([CivilDate, Type.Null()]), provenance: Provenance },
  strict,
);
