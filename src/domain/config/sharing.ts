import { Type, type Static } from 'typebox';
import { CivilDate, Id, Provenance, strict } from './facts.ts';

/** What can be shared apart: the readings of a series, what is judged of them, and the nightly open data. */
export const SharedProduct = Type.Union([
  Type.Literal('readings'),
  Type.Literal('assessments'),
  Type.Literal('open-data'),
]);
export type SharedProduct = Static<typeof SharedProduct>;

export const SharedTier = Type.Union([
  Type.Literal('public'),
  Type.Literal('partner'),
  Type.Literal('owner'),
  Type.Literal('office'),
]);
export type SharedTier = Static<typeof SharedTier>;

/** Raw is what no review has looked at. */
export const SharedStage = Type.Union([Type.Literal('raw'), Type.Literal('reviewed')]);
export type SharedStage = Static<typeof SharedStage>;

/** Who may see it, and how long after its end. */
const Grant = Type.Object(
  { tier: SharedTier, delaySeconds: Type.Optional(Type.Integer({ minimum: 0 })) },
  strict,
);
export type Grant = Static<typeof Grant>;

/**
 * One rule of sharing. What is absent is not asked for; the first rule of the list that fits a series, product and stage decides,
 * and where none fits only the owner and the joint office see it. `from` and `to` are civil dates of looking, both inclusive.
 */
export const SharingRule = Type.Object(
  {
    id: Id,
    product: SharedProduct,
    provider: Type.Optional(Id),
    medium: Type.Optional(Type.Union([Type.Literal('water'), Type.Literal('air'), Type.Literal('flow')])),
    /** Stations in one of these jurisdictions or below it. */
    locatedIn: Type.Optional(Type.Array(Type.String({ pattern: '^\\d{6}$' }), { minItems: 1 })),
    parameters: Type.Optional(Type.Array(Id, { minItems: 1 })),
    stage: Type.Optional(SharedStage),
    grants: Type.Array(Grant, { minItems: 1 }),
    from: Type.Optional(CivilDate),
    to: Type.Optional(CivilDate),
    provenance: Provenance,
  },
  strict,
);
export type SharingRule = Static<typeof SharingRule>;

export const SharingFile = Type.Object(
  { kind: Type.Literal('sharing'), rules: Type.Array(SharingRule) },
  strict,
);
