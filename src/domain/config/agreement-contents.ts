import { Type, type Static } from 'typebox';
import { CivilDate, DecimalText, Id, Provenance, Text, strict } from './facts.ts';

/** Sides of an agreement: who protects (生态保护地区), who benefits (生态受益地区). */
export const Side = Type.Union([Type.Literal('protecting'), Type.Literal('benefiting')]);

/** Ways of compensation: money, paired assistance, moving industry, training people, parks built together, purchase. */
export const CompensationWay = Type.Union([
  Type.Literal('money'),
  Type.Literal('paired-assistance'),
  Type.Literal('industry'),
  Type.Literal('training'),
  Type.Literal('joint-parks'),
  Type.Literal('purchase'),
]);

const Clause = Type.Object({ text: Text, provenance: Provenance }, strict);

/**
 * What an agreement between regions has to state beside its term: 生态保护补偿条例 (国令第779号), article 17. All of it optional here:
 * `jiehe config check` says what is missing, as a fault where the agreement is signed.
 */
export const AgreementContents = Type.Object(
  {
    scope: Type.Optional(Clause),
    goals: Type.Optional(
      Type.Array(
        Type.Object(
          {
            goal: Text,
            /** What is monitored, and how it is judged. */
            indicator: Text,
            monitoredBy: Type.Optional(Text),
            provenance: Provenance,
          },
          strict,
        ),
        { minItems: 1 },
      ),
    ),
    duties: Type.Optional(
      Type.Array(Type.Object({ side: Side, duty: Text, provenance: Provenance }, strict), { minItems: 1 }),
    ),
    ways: Type.Optional(
      Type.Array(
        Type.Object(
          {
            way: CompensationWay,
            by: Side,
            what: Text,
            due: Type.Optional(CivilDate),
            provenance: Provenance,
          },
          strict,
        ),
        { minItems: 1 },
      ),
    ),
    breach: Type.Optional(Clause),
  },
  strict,
);
export type AgreementContents = Static<typeof AgreementContents>;

/** Money that comes whatever the readings say: guiding funds of the superior government. A line of each statement of its periods. */
export const UnconditionalLine = Type.Object(
  {
    id: Id,
    from: Type.Object(
      { code: Type.Union([Type.String({ pattern: '^\\d{6}$' }), Type.Null()]), name: Text },
      strict,
    ),
    to: Side,
    amountWan: Type.String({ pattern: '^(0|[1-9]\\d{0,9})(\\.\\d{1,6})?$' }),
    /** `YYYY`, `YYYY-Qn` or `YYYY-MM`, as the scheme counts. */
    periods: Type.Array(Type.String({ pattern: '^\\d{4}(-(0[1-9]|1[0-2])|-Q[1-4])?$' }), { minItems: 1 }),
    documentNumber: Type.Union([Type.String(), Type.Null()]),
    provenance: Provenance,
  },
  strict,
);
export type UnconditionalLine = Static<typeof UnconditionalLine>;

/** A fund into which members pay a share of their fiscal revenue, and what it may be spent on. */
export const CooperationFund = Type.Object(
  {
    name: Text,
    /** Bounds of the share that the agreement allows. */
    share: Type.Object({ atLeast: DecimalText, atMost: DecimalText, provenance: Provenance }, strict),
    members: Type.Array(
      Type.Object(
        {
          party: Type.String({ pattern: '^\\d{6}$' }),
          share: DecimalText,
          /** Which revenue the share is of. */
          revenue: Text,
          provenance: Provenance,
        },
        strict,
      ),
      { minItems: 2 },
    ),
    uses: Type.Array(Type.Object({ id: Id, name: Text, provenance: Provenance }, strict), { minItems: 1 }),
  },
  strict,
);
export type CooperationFund = Static<typeof CooperationFund>;
