import { Type, type Static } from 'typebox';
import { Provenance, strict } from './facts.ts';
import { LeftOutBounds, LoadCoverage, LoadMethodId } from './load-method.ts';

/**
 * What the parties agreed about flow: the least coverage of flow and concentration below which nothing is computed, and how a load
 * is. Flow comes from the section's declared gauging station. `method` absent: mean concentration × mean flow of the period.
 */
export const FlowTerms = Type.Object(
  {
    method: Type.Optional(LoadMethodId),
    minimum: LoadCoverage,
    /** Absent: the bounds of the rules of loads in force. */
    leftOut: Type.Optional(LeftOutBounds),
    /** So many years of flow before the period are read and carried, for the load under usual flow; absent: none is shown. */
    recordYears: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
    provenance: Provenance,
  },
  strict,
);
export type FlowTerms = Static<typeof FlowTerms>;
