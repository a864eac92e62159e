import { Type, type Static } from 'typebox';
import { CivilDate, DecimalText, Id, Provenance, Text, strict } from './facts.ts';

/** A name that expressions use. */
const Name = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*$', maxLength: 60 });

/**
 * An exact arithmetic expression: numbers, names, `+ - * /`, comparisons, `and or not`, functions.
 * Tables are combined key by key. docs/schemes.md lists the functions.
 */
const Expression = Type.String({ minLength: 1, maxLength: 400 });

/**
 * What of an agreement fills an input when a period is settled from readings. `period-volume`: water past the section, m³;
 * `period-load`: tonnes of each factor. Both need the flow terms of the agreement, or stand among what it states itself.
 */
export const InputBinding = Type.Union([
  Type.Literal('period-mean'),
  Type.Literal('period-volume'),
  Type.Literal('period-load'),
  Type.Literal('target-limit'),
  Type.Literal('target-class'),
  Type.Literal('period-class'),
  /** `dry` where a special circumstance was decided so for the whole period; otherwise nothing is said. */
  Type.Literal('section-state'),
]);
export type InputBinding = Static<typeof InputBinding>;

/**
 * Where in the input document of a case a named input stands; examples and agreements are mapped only through this.
 * `path` may hold `{key}`, one place for each of `keys`, which makes a table. Several paths are alternatives.
 * Several inputs may share a path: the one whose type fits takes it. `words` lists the texts an input may have, each under
 * the word that the rule uses.
 */
export const SchemeInput = Type.Object(
  {
    name: Name,
    path: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })]),
    keys: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    type: Type.Union([
      Type.Literal('decimal'),
      Type.Literal('text'),
      Type.Literal('boolean'),
      Type.Literal('class'),
      Type.Literal('date'),
      Type.Literal('mixed'),
    ]),
    shape: Type.Optional(
      Type.Union([
        Type.Literal('one'),
        Type.Literal('map'),
        Type.Literal('list'),
        Type.Literal('table'),
        Type.Literal('any'),
      ]),
    ),
    unit: Type.Union([Type.String(), Type.Null()]),
    optional: Type.Boolean(),
    words: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
    binds: Type.Optional(InputBinding),
  },
  strict,
);
export type SchemeInput = Static<typeof SchemeInput>;

/** Water past a section, or what it carries. */
export const isFlowInput = ({ binds }: SchemeInput): boolean =>
  binds === 'period-volume' || binds === 'period-load';

/** Whether an agreement may state it: what no reading fills, the state of a section that no decision speaks of, and flow that nobody measures. */
export const isGiven = (input: SchemeInput): boolean =>
  input.binds === undefined || input.binds === 'section-state' || isFlowInput(input);

/** `open`: any government of that role; `name` stands until a case names it. `known`: other names of the same role. */
export const SchemeParty = Type.Object(
  {
    role: Name,
    name: Text,
    open: Type.Boolean(),
    known: Type.Optional(Type.Array(Type.String())),
    /** Text input that names the party of a case. */
    input: Type.Optional(Name),
    /** Which side of an agreement takes this role. */
    side: Type.Optional(Type.Union([Type.Literal('protecting'), Type.Literal('benefiting')])),
  },
  strict,
);
export type SchemeParty = Static<typeof SchemeParty>;

/** One figure of the rule, or a table of figures, with its source and how sure it is. */
export const SchemeFigure = Type.Object(
  {
    figure: Name,
    value: Type.Union([
      DecimalText,
      Type.Record(Type.String(), DecimalText),
      Type.Record(Type.String(), Type.Record(Type.String(), DecimalText)),
      Type.Array(Type.String()),
    ]),
    unit: Type.Union([Type.String(), Type.Null()]),
    provenance: Provenance,
  },
  strict,
);
export type SchemeFigure = Static<typeof SchemeFigure>;

export const Primitive = Type.Union([
  Type.Literal('aggregate'),
  Type.Literal('deviation'),
  Type.Literal('combine'),
  Type.Literal('tariff'),
  Type.Literal('direction'),
  Type.Literal('gate'),
  Type.Literal('attribute'),
  Type.Literal('share'),
  Type.Literal('settle'),
]);
export type Primitive = Static<typeof Primitive>;

const stepHead = {
  step: Name,
  primitive: Primitive,
  when: Type.Optional(Expression),
  rule: Text,
  provenance: Type.Optional(Provenance),
};

const ValueStep = Type.Object({ ...stepHead, value: Expression }, strict);

/** First band that holds `on`; its `amount` may use `x`, the banded value. The comparison is part of the rule. */
const Band = Type.Object(
  {
    above: Type.Optional(DecimalText),
    atLeast: Type.Optional(DecimalText),
    below: Type.Optional(DecimalText),
    upTo: Type.Optional(DecimalText),
    amount: Expression,
  },
  strict,
);
const BandStep = Type.Object(
  { ...stepHead, on: Expression, bands: Type.Array(Band, { minItems: 1 }) },
  strict,
);

/** Progressive: the part of `on` inside each bracket at that bracket's rate; `upTo` ascends, null for the last. */
const BracketStep = Type.Object(
  {
    ...stepHead,
    on: Expression,
    brackets: Type.Array(
      Type.Object({ upTo: Type.Union([DecimalText, Type.Null()]), rate: DecimalText }, strict),
      { minItems: 1 },
    ),
  },
  strict,
);

/** First case whose condition holds; a case without one always does. */
const CaseStep = Type.Object(
  {
    ...stepHead,
    cases: Type.Array(Type.Object({ when: Type.Optional(Expression), value: Expression }, strict), {
      minItems: 1,
    }),
  },
  strict,
);

export const GateStatus = Type.Union([
  Type.Literal('assessed-zero'),
  Type.Literal('not-assessable'),
  Type.Literal('not-assessed'),
  Type.Literal('on-hold'),
]);

/** Ends the evaluation with a status when the condition holds. */
const GateStep = Type.Object(
  { ...stepHead, gate: Type.Object({ if: Expression, status: GateStatus, code: Id, reason: Text }, strict) },
  strict,
);

/**
 * Lines of payment. `from` and `to` are roles; with `each`, `amount` is a table and `@key` the party of its entry.
 * `signed`: a negative amount reverses the direction; otherwise it is a fault of the rule.
 */
const PaymentStep = Type.Object(
  {
    ...stepHead,
    pay: Type.Array(
      Type.Object(
        {
          when: Type.Optional(Expression),
          from: Type.String(),
          to: Type.String(),
          amount: Expression,
          basis: Type.Optional(Type.String()),
          each: Type.Optional(Type.Boolean()),
          signed: Type.Optional(Type.Boolean()),
        },
        strict,
      ),
      { minItems: 1 },
    ),
  },
  strict,
);

/** Net payment of each pair of parties from a list of `{from, to, amountWan}`; the value is the gross per direction. */
const NetStep = Type.Object({ ...stepHead, net: Expression }, strict);

/** Net payments between members who pay into a pool and receive from it: two tables by member. */
const PoolStep = Type.Object(
  { ...stepHead, pool: Type.Object({ contributed: Expression, allocated: Expression }, strict) },
  strict,
);

/** Class of each value of a table by a water standard; `names` says which parameter and water body each key is. */
const ClassifyStep = Type.Object(
  {
    ...stepHead,
    classify: Type.Object(
      {
        standard: Id,
        values: Expression,
        names: Type.Record(
          Type.String(),
          Type.Object(
            { parameter: Type.String(), bodyType: Type.Union([Type.Literal('river'), Type.Literal('lake')]) },
            strict,
          ),
        ),
      },
      strict,
    ),
  },
  strict,
);

export const SchemeStep = Type.Union([
  ValueStep,
  BandStep,
  BracketStep,
  CaseStep,
  GateStep,
  PaymentStep,
  NetStep,
  PoolStep,
  ClassifyStep,
]);
export type SchemeStep = Static<typeof SchemeStep>;

/** A figure shown beside the amount: one value, or fields, or a table whose columns share their keys. */
export const SchemeResult = Type.Object(
  {
    name: Type.String(),
    value: Type.Optional(Expression),
    fields: Type.Optional(Type.Record(Type.String(), Expression)),
    columns: Type.Optional(Type.Record(Type.String(), Expression)),
  },
  strict,
);
export type SchemeResult = Static<typeof SchemeResult>;

/** What a key of a rule is called, and its unit as it is printed: one text where both languages write it alike. */
export const SchemeWord = Type.Object(
  {
    zh: Type.String({ minLength: 1 }),
    en: Type.String({ minLength: 1 }),
    unit: Type.Optional(Type.Union([Type.String({ minLength: 1 }), Text])),
  },
  strict,
);
export type SchemeWord = Static<typeof SchemeWord>;

/** How money is counted: the unit the rule speaks in, its decimals, and the one rounding at the end. */
export const SchemeMoney = Type.Object(
  {
    currency: Type.Literal('CNY'),
    unit: Type.Union([Type.Literal('wan-yuan'), Type.Literal('yuan')]),
    decimals: Type.Integer({ minimum: 0, maximum: 6 }),
    rounding: Type.Union([Type.Literal('half-away-from-zero'), Type.Literal('half-even')]),
    provenance: Provenance,
  },
  strict,
);
export type SchemeMoney = Static<typeof SchemeMoney>;

/**
 * A published compensation scheme as data. The engine knows the primitives, never a scheme by name.
 * `requires`: alternatives of inputs; a case must give all of at least one. `remarks`: paths of a case that carry no weight.
 * `method` true: figures only, nothing is payable. `words`: what its keys, words and sources are called in print; the check of
 * a configuration asks for each of them, bundles issued earlier have none.
 */
export const Scheme = Type.Object(
  {
    kind: Type.Literal('scheme'),
    id: Id,
    name: Text,
    valid: Type.Object(
      { from: Type.Union([CivilDate, Type.Null()]), to: Type.Union([CivilDate, Type.Null()]) },
      strict,
    ),
    period: Type.Union([
      Type.Literal('week'),
      Type.Literal('month'),
      Type.Literal('quarter'),
      Type.Literal('year'),
      Type.Literal('any'),
    ]),
    readiness: Type.String(),
    method: Type.Boolean(),
    money: SchemeMoney,
    parameters: Type.Array(Type.Object({ vocabulary: Type.String(), parameter: Type.String() }, strict)),
    parties: Type.Array(SchemeParty),
    figures: Type.Array(SchemeFigure),
    inputs: Type.Array(SchemeInput),
    requires: Type.Array(Type.Array(Name, { minItems: 1 })),
    remarks: Type.Array(Type.String()),
    missing: Text,
    steps: Type.Array(SchemeStep, { minItems: 1 }),
    results: Type.Array(SchemeResult),
    words: Type.Optional(Type.Record(Type.String(), SchemeWord)),
    notes: Type.Array(Text),
    provenance: Provenance,
  },
  strict,
);
export type Scheme = Static<typeof Scheme>;
