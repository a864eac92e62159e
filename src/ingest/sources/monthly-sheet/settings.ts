import { Type, type Static } from 'typebox';
import { DecimalText, Id, Provenance } from '../../../domain/config/facts.ts';

const strict = { additionalProperties: false } as const;

/**
 * `kind`: what a row is (see README). `reviewedStage`: review level of a row that the sheet marks as reviewed, or that both sides
 * signed; other rows are raw. `aliasesOf`: providers whose names of stations hold here too. `unitRequired`: parameters whose cells are
 * refused where no unit stands. `tolerance`: by how much the two halves of a joint sample may differ, as a share of their mean.
 * `dropFolder`: folder below the data folder that the schedule looks into. `accept`: whether its files are taken at once where
 * nothing at all is wrong with them (`clean`), or wait for a person.
 */
export const sheetSettings = Type.Object(
  {
    kind: Type.Union([Type.Literal('delivered'), Type.Literal('separated'), Type.Literal('joint')]),
    reviewedStage: Type.Integer({ minimum: 1, maximum: 7 }),
    aliasesOf: Type.Optional(Type.Array(Id)),
    unitRequired: Type.Optional(Type.Array(Type.String())),
    tolerance: Type.Optional(Type.Object({ share: DecimalText, provenance: Provenance }, strict)),
    dropFolder: Type.Optional(Type.String({ minLength: 1 })),
    accept: Type.Optional(Type.Union([Type.Literal('clean'), Type.Literal('never')])),
  },
  strict,
);
export type SheetSettings = Static<typeof sheetSettings>;
export type SheetKind = SheetSettings['kind'];
