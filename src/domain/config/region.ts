import { Type, type Static } from 'typebox';
import { AgreementContents, CooperationFund, UnconditionalLine } from './agreement-contents.ts';
import { Catchment, FlowTransfer, OnReach, ShoreLengths } from './basin.ts';
import { Alias, CivilDate, Id, Position, Provenance, Text, strict } from './facts.ts';
import { CircumstanceTerms } from './circumstance-terms.ts';
import { FlowTerms } from './flow-terms.ts';

export const Region = Type.Object(
  {
    kind: Type.Literal('region'),
    id: Id,
    name: Text,
    timeZone: Type.String(),
    bbox: Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number()]),
    standards: Type.Object({ water: Type.Array(Id), air: Type.Array(Id), aqi: Type.Array(Id) }, strict),
    notice: Text,
  },
  strict,
);
export type Region = Static<typeof Region>;

/** Points placed by hand that only shape the schematic outlines: on the jurisdiction's land, and in the sea off it. */
export const OutlinePoints = Type.Object(
  {
    land: Type.Optional(Type.Array(Type.Object({ lon: Type.Number(), lat: Type.Number() }, strict))),
    sea: Type.Optional(Type.Array(Type.Object({ lon: Type.Number(), lat: Type.Number() }, strict))),
    provenance: Provenance,
  },
  strict,
);

/**
 * `member` marks the prefectures of the region (their counties belong through `parent`); the others drain into, or
 * assess, one of its sections, or neighbour it.
 */
export const Jurisdiction = Type.Object(
  {
    code: Type.String({ pattern: '^\\d{6}$' }),
    name: Text,
    level: Type.Union([Type.Literal('province'), Type.Literal('prefecture'), Type.Literal('county')]),
    parent: Type.Optional(Type.String({ pattern: '^\\d{6}$' })),
    member: Type.Boolean(),
    seat: Type.Optional(Position),
    outlinePoints: Type.Optional(OutlinePoints),
    provenance: Provenance,
  },
  strict,
);
export type Jurisdiction = Static<typeof Jurisdiction>;
export const JurisdictionFile = Type.Object(
  { kind: Type.Literal('jurisdictions'), jurisdictions: Type.Array(Jurisdiction) },
  strict,
);

export const BodyType = Type.Union([Type.Literal('river'), Type.Literal('lake')]);
export type BodyType = Static<typeof BodyType>;

/**
 * A stretch of river between two junctions or borders. `downstream` is the next reach, null at the sea or the region's edge.
 * A border reach has a jurisdiction on each bank; any other has the ones it crosses, in order downstream.
 */
export const Reach = Type.Object(
  {
    id: Id,
    name: Text,
    downstream: Type.Union([Id, Type.Null()]),
    jurisdictions: Type.Array(Type.String({ pattern: '^\\d{6}$' })),
    banks: Type.Optional(
      Type.Object(
        {
          left: Type.String({ pattern: '^\\d{6}$' }),
          right: Type.String({ pattern: '^\\d{6}$' }),
          shoreKm: Type.Optional(ShoreLengths),
          provenance: Provenance,
        },
        strict,
      ),
    ),
    lengthKm: Type.Optional(
      Type.Object({ value: Type.Number({ exclusiveMinimum: 0 }), provenance: Provenance }, strict),
    ),
    /** Usual speed of the water; a stated assumption where nobody measured it. */
    velocityMS: Type.Optional(
      Type.Object({ value: Type.Number({ exclusiveMinimum: 0 }), provenance: Provenance }, strict),
    ),
    /** Land that drains past the reach's lower end. */
    catchment: Type.Optional(Catchment),
    line: Type.Optional(
      Type.Object(
        {
          coordinates: Type.Array(Type.Tuple([Type.Number(), Type.Number()]), { minItems: 2 }),
          surveyed: Type.Boolean(),
          provenance: Provenance,
        },
        strict,
      ),
    ),
    provenance: Provenance,
  },
  strict,
);
export type Reach = Static<typeof Reach>;

export const River = Type.Object(
  { id: Id, name: Text, basin: Text, reaches: Type.Array(Reach, { minItems: 1 }), provenance: Provenance },
  strict,
);
export type River = Static<typeof River>;
export const RiverFile = Type.Object({ kind: Type.Literal('rivers'), rivers: Type.Array(River) }, strict);

export const WaterClass = Type.Integer({ minimum: 1, maximum: 6 });

/** A section can have up to three targets at once, and three verdicts that differ. */
export const Target = Type.Object(
  {
    kind: Type.Union([
      Type.Literal('function-area'),
      Type.Literal('national-assessment'),
      Type.Literal('hand-over'),
    ]),
    class: Type.Integer({ minimum: 1, maximum: 5 }),
    from: Type.Optional(CivilDate),
    to: Type.Optional(CivilDate),
    provenance: Provenance,
  },
  strict,
);
export type Target = Static<typeof Target>;

/**
 * A water-quality section. Where it lies (`locatedIn`), who is assessed on it (`assessed`) and which side protects or
 * benefits (`border`) are three separate facts. `bodyType` null: not known, so phosphorus cannot be classified.
 */
export const Section = Type.Object(
  {
    id: Id,
    name: Text,
    codes: Type.Array(
      Type.Object({ code: Type.String(), issuer: Type.String(), asOf: Type.String() }, strict),
    ),
    aliases: Type.Array(Alias),
    locatedIn: Type.String({ pattern: '^\\d{6}$' }),
    assessed: Type.Union([Type.String({ pattern: '^\\d{6}$' }), Type.Null()]),
    border: Type.Optional(
      Type.Object(
        {
          protecting: Type.String({ pattern: '^\\d{6}$' }),
          benefiting: Type.String({ pattern: '^\\d{6}$' }),
          role: Type.Union([
            Type.Literal('hand-over'),
            Type.Literal('border-river'),
            Type.Literal('entry-check'),
          ]),
          provenance: Provenance,
        },
        strict,
      ),
    ),
    level: Type.Union([
      Type.Literal('national'),
      Type.Literal('provincial'),
      Type.Literal('municipal'),
      Type.Literal('county'),
      Type.Null(),
    ]),
    network: Type.Union([Type.String(), Type.Null()]),
    operator: Type.Union([Type.String(), Type.Null()]),
    riverName: Type.Union([Type.String(), Type.Null()]),
    reach: Type.Optional(
      Type.Object(
        {
          id: Id,
          km: Type.Optional(Type.Number()),
          bank: Type.Optional(Type.Union([Type.Literal('left'), Type.Literal('right')])),
          provenance: Provenance,
        },
        strict,
      ),
    ),
    bodyType: Type.Union([
      Type.Object(
        {
          value: BodyType,
          origin: Type.Union([Type.Literal('official'), Type.Literal('derived')]),
          provenance: Provenance,
        },
        strict,
      ),
      Type.Null(),
    ]),
    /** Lake or reservoir of which this is one point: its value is the mean over its points, or over those of one zone. */
    lake: Type.Optional(
      Type.Object({ id: Id, name: Text, zone: Type.Optional(Id), provenance: Provenance }, strict),
    ),
    hydraulics: Type.Union([
      Type.Literal('free-flowing'),
      Type.Literal('tidal'),
      Type.Literal('backwater'),
      Type.Literal('reservoir'),
      Type.Literal('may-run-dry'),
      Type.Null(),
    ]),
    hydraulicsProvenance: Type.Optional(Provenance),
    targets: Type.Array(Target, { maxItems: 3 }),
    position: Type.Union([Position, Type.Null()]),
    /** The gauging station whose discharge stands for the section's, and how; without `transfer` no load is computed. */
    flowStation: Type.Optional(
      Type.Object({ id: Id, transfer: Type.Optional(FlowTransfer), provenance: Provenance }, strict),
    ),
    catchment: Type.Optional(Catchment),
    /** Length of the reach above the section in which a discharge is not yet mixed. */
    mixingKm: Type.Optional(
      Type.Object({ value: Type.Number({ exclusiveMinimum: 0 }), provenance: Provenance }, strict),
    ),
    provenance: Provenance,
  },
  strict,
);
export type Section = Static<typeof Section>;
export const SectionFile = Type.Object(
  { kind: Type.Literal('sections'), sections: Type.Array(Section) },
  strict,
);

/** `zoneClass` is the ambient-air function zone (GB 3095): 1 or 2. */
export const AirStation = Type.Object(
  {
    id: Id,
    name: Text,
    aliases: Type.Array(Alias),
    locatedIn: Type.String({ pattern: '^\\d{6}$' }),
    zoneClass: Type.Object(
      { value: Type.Union([Type.Literal(1), Type.Literal(2)]), provenance: Provenance },
      strict,
    ),
    position: Type.Union([Position, Type.Null()]),
    provenance: Provenance,
  },
  strict,
);
export type AirStation = Static<typeof AirStation>;
export const AirStationFile = Type.Object(
  { kind: Type.Literal('air-stations'), airStations: Type.Array(AirStation) },
  strict,
);

export const FlowStation = Type.Object(
  {
    id: Id,
    name: Text,
    aliases: Type.Array(Alias),
    locatedIn: Type.Union([Type.String({ pattern: '^\\d{6}$' }), Type.Null()]),
    riverName: Type.String(),
    position: Type.Union([Position, Type.Null()]),
    reach: Type.Optional(OnReach),
    catchment: Type.Optional(Catchment),
    provenance: Provenance,
  },
  strict,
);
export type FlowStation = Static<typeof FlowStation>;
export const FlowStationFile = Type.Object(
  { kind: Type.Literal('flow-stations'), flowStations: Type.Array(FlowStation) },
  strict,
);

export const SignaturePurpose = Type.Union([Type.Literal('data'), Type.Literal('funds')]);
/** `data`: the bureau confirms the data (数据确认). `funds`: the finance office confirms the money (资金确认). */
export type SignaturePurpose = Static<typeof SignaturePurpose>;

const Days = Type.Integer({ minimum: 1, maximum: 3650 });
/** What follows late payment. Nothing does where an agreement does not say so: no interest, no deduction. */
export const LateTerms = Type.Object(
  {
    /** Share of the amount for each day late. */
    interestPerDay: Type.Optional(Type.String({ pattern: '^0(\\.\\d{1,8})?$' })),
    /** The superior government takes it from the payer's budget. */
    deduction: Type.Optional(Type.Object({ by: Text, afterDays: Days }, strict)),
    provenance: Provenance,
  },
  strict,
);
export type LateTerms = Static<typeof LateTerms>;

/** Days count from the state before: due from the last signature, objection and review from the issue, the others from the step before. */
export const Procedure = Type.Object(
  {
    signatures: Type.Array(SignaturePurpose, { minItems: 1, maxItems: 2, uniqueItems: true }),
    dueDays: Days,
    objectionDays: Days,
    /** Within which each party reviews a statement and signs it. Absent: no day is agreed. */
    reviewDays: Type.Optional(Days),
    answerDays: Days,
    mediationDays: Days,
    late: Type.Optional(LateTerms),
    provenance: Provenance,
  },
  strict,
);
export type Procedure = Static<typeof Procedure>;

/** What a source of settlement data is: the network's reviewed monthly values, joint sampling that both sides confirmed, reviewed local data. */
export const DataKind = Type.Union([Type.Literal('delivered'), Type.Literal('joint'), Type.Literal('local')]);

/** `samples`: how many a month are agreed, where they are no monthly values. */
export const OrderedSource = Type.Object(
  {
    provider: Id,
    averaging: Type.String(),
    kind: DataKind,
    samples: Type.Optional(Type.Integer({ minimum: 1, maximum: 31 })),
  },
  strict,
);
export type OrderedSource = Static<typeof OrderedSource>;

/** `scenario` true: no such agreement is known to be signed; everything computed from it says so. Parties are governments. */
export const Agreement = Type.Object(
  {
    kind: Type.Literal('agreement'),
    id: Id,
    name: Text,
    scenario: Type.Boolean(),
    term: Type.Object({ from: CivilDate, to: CivilDate }, strict),
    scheme: Id,
    parties: Type.Object(
      { protecting: Type.String({ pattern: '^\\d{6}$' }), benefiting: Type.String({ pattern: '^\\d{6}$' }) },
      strict,
    ),
    sections: Type.Array(
      Type.Object({ section: Id, target: Type.Integer({ minimum: 1, maximum: 5 }) }, strict),
      { minItems: 1 },
    ),
    dataSource: Type.Object(
      {
        provider: Id,
        averaging: Type.String(),
        kind: Type.Optional(DataKind),
        samples: Type.Optional(Type.Integer({ minimum: 1, maximum: 31 })),
        /** Sources that count where the ones before have no value, in order. */
        otherwise: Type.Optional(Type.Array(OrderedSource, { minItems: 1 })),
        /** Readings from which a check value (校核值) is computed: shown beside, never paid on. */
        check: Type.Optional(Type.Object({ provider: Id, averaging: Type.String() }, strict)),
        /** Scenarios only: readings nobody reviewed are taken as reviewed; every statement says so. */
        assumedReviewed: Type.Optional(Provenance),
      },
      strict,
    ),
    /** Which special circumstances count; absent: every decided one. Entries follow each other by date. */
    circumstances: Type.Optional(Type.Array(CircumstanceTerms, { minItems: 1 })),
    /** Load schemes only: without it nothing that needs flow is computed. */
    flow: Type.Optional(FlowTerms),
    /** Inputs of the scheme that no reading gives: baselines, stakes, last year's values. `period` absent: every period. */
    given: Type.Optional(
      Type.Array(
        Type.Object(
          {
            input: Type.String(),
            /** Absent: every section. */
            section: Type.Optional(Id),
            period: Type.Optional(Type.String()),
            value: Type.Union([Type.String(), Type.Boolean(), Type.Record(Type.String(), Type.String())]),
            unit: Type.Union([Type.String(), Type.Null()]),
            provenance: Provenance,
          },
          strict,
        ),
      ),
    ),
    /** Who signs for what, and the days that a statement and an objection run. Absent: {@link defaultProcedure}. */
    procedure: Type.Optional(Procedure),
    /** What an agreement has to state beside its term and its money. */
    contents: Type.Optional(AgreementContents),
    unconditional: Type.Optional(Type.Array(UnconditionalLine, { minItems: 1 })),
    fund: Type.Optional(CooperationFund),
    /** Share of expected readings that a month must have; a project default, not a standard's figure. */
    minimumCoverage: Type.Object(
      { share: Type.Number({ minimum: 0, maximum: 1 }), provenance: Provenance },
      strict,
    ),
    provenance: Provenance,
  },
  strict,
);
export type Agreement = Static<typeof Agreement>;
