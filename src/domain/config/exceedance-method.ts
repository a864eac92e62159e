import { Type, type Static } from 'typebox';
import { DecimalText, Id, Provenance, Text, strict } from './facts.ts';
import { InForce } from './in-force.ts';

/** How values beyond a limit become events; apart from the limits themselves, which are the criterion. */
export const ExceedanceMethod = Type.Object(
  {
    kind: Type.Literal('exceedance-method'),
    id: Id,
    title: Text,
    inForce: InForce,
    windows: Type.Array(
      Type.Object(
        {
          averaging: Type.String(),
          /** What one value stands for; an instantaneous sample for the time until the next one is due. */
          representsSeconds: Type.Integer({ minimum: 1 }),
          /** So many values below the limit in a row end an event. */
          endAfter: Type.Integer({ minimum: 1 }),
          /** Values beyond the limit that lie further apart are two events. */
          bridgeSeconds: Type.Integer({ minimum: 0 }),
          /** Fewer values beyond the limit are no event. */
          leastValues: Type.Integer({ minimum: 1 }),
          /** Least share of due values that a frequency may be stated on. */
          sufficientShare: DecimalText,
        },
        strict,
      ),
      { minItems: 1 },
    ),
    provenance: Provenance,
  },
  strict,
);
export type ExceedanceMethod = Static<typeof ExceedanceMethod>;
export type EventWindow = ExceedanceMethod['windows'][number];
