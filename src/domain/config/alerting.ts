import { Type, type Static } from 'typebox';
import { CivilDate, Id, Provenance, Text, strict } from './facts.ts';

const Code = Type.String({ pattern: '^\\d{6}$' });
const TimeOfDay = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' });
/** ISO weekdays, 1 Monday. */
const Weekdays = Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, uniqueItems: true });

export const severities = ['info', 'minor', 'major', 'critical'] as const;
export const SeverityName = Type.Enum([...severities]);

/** Which values a rule looks at, each with its own rung of the wording ladder. */
export const RuleBasis = Type.Union([
  Type.Literal('single'),
  Type.Literal('day'),
  Type.Literal('month-to-date'),
]);
export type RuleBasis = Static<typeof RuleBasis>;

const kind = <const K extends string>(name: K) => ({ kind: Type.Literal(name) });

/**
 * What is watched. Each yields a score in event time; the rule's `raise` and `clear` are in the unit of that score:
 * `class-worse` classes worse than the target; `item-over-limit` times the limit beyond it, (C − S) / S; `aqi-level` the level;
 * `rapid-rise` scaled median deviations above the own median; `divergence` times the upstream value;
 * `provider-disagreement` share of the larger value; `silence` multiples of what is waited for, which is learned from the station's own
 * intervals (with `items`: of each of these series); `schedule-silence` cadences without a slot; `incident` rank of its severity;
 * `early-warning` levels of the method of the section's basin, of a whole month: 0 for none, 1 for the least severe.
 */
export const RuleCondition = Type.Union([
  Type.Object(
    { ...kind('class-worse'), on: RuleBasis, leastDays: Type.Optional(Type.Integer({ minimum: 1 })) },
    strict,
  ),
  Type.Object(
    {
      ...kind('item-over-limit'),
      on: RuleBasis,
      items: Type.Optional(Type.Array(Id, { minItems: 1 })),
      leastDays: Type.Optional(Type.Integer({ minimum: 1 })),
    },
    strict,
  ),
  Type.Object({ ...kind('early-warning') }, strict),
  Type.Object({ ...kind('aqi-level') }, strict),
  Type.Object(
    {
      ...kind('rapid-rise'),
      items: Type.Array(Id, { minItems: 1 }),
      windowDays: Type.Integer({ minimum: 1, maximum: 366 }),
      leastValues: Type.Integer({ minimum: 3 }),
      /** The value must also be so many times the median: a quiet series must not cry at noise. */
      leastRatio: Type.Number({ minimum: 1 }),
    },
    strict,
  ),
  Type.Object(
    {
      ...kind('divergence'),
      items: Type.Array(Id, { minItems: 1 }),
      pairs: Type.Array(
        Type.Object(
          { upstream: Id, downstream: Id, travelHours: Type.Number({ minimum: 0 }), provenance: Provenance },
          strict,
        ),
        { minItems: 1 },
      ),
    },
    strict,
  ),
  Type.Object({ ...kind('provider-disagreement'), items: Type.Array(Id, { minItems: 1 }) }, strict),
  Type.Object({ ...kind('silence'), items: Type.Optional(Type.Array(Id, { minItems: 1 })) }, strict),
  Type.Object({ ...kind('schedule-silence') }, strict),
  Type.Object({ ...kind('incident'), kinds: Type.Optional(Type.Array(Id, { minItems: 1 })) }, strict),
]);
export type RuleCondition = Static<typeof RuleCondition>;
export type RuleKind = RuleCondition['kind'];

/** Stations that a rule is about; what is absent is not asked for. `targetKinds`: targets that a class or limit is held against. */
export const RuleScope = Type.Object(
  {
    sections: Type.Optional(Type.Array(Id, { minItems: 1 })),
    airStations: Type.Optional(Type.Array(Id, { minItems: 1 })),
    medium: Type.Optional(Type.Union([Type.Literal('water'), Type.Literal('air')])),
    locatedIn: Type.Optional(Type.Array(Code, { minItems: 1 })),
    /** Sections on a border only. */
    border: Type.Optional(Type.Boolean()),
    sources: Type.Optional(Type.Array(Id, { minItems: 1 })),
    targetKinds: Type.Optional(
      Type.Array(Type.Enum(['function-area', 'national-assessment', 'hand-over']), { minItems: 1 }),
    ),
  },
  strict,
);
export type RuleScope = Static<typeof RuleScope>;

/** One dated rule. Civil dates, both inclusive, by the date of the data; `to` null: until it is replaced. */
export const AlertRule = Type.Object(
  {
    id: Id,
    title: Text,
    from: CivilDate,
    to: Type.Union([CivilDate, Type.Null()]),
    when: RuleCondition,
    scope: RuleScope,
    /** A score above it raises, one at or below `clear` (itself at most `raise`) ends; between the two what was goes on. */
    raise: Type.Number(),
    clear: Type.Optional(Type.Number()),
    /** Event time and number of values that the condition must last before anybody is told. */
    forMinutes: Type.Integer({ minimum: 0 }),
    forValues: Type.Integer({ minimum: 1 }),
    /** So many values in a row at or below `clear` end it. */
    endAfterValues: Type.Integer({ minimum: 1 }),
    /** Values beyond the limit that lie further apart are two alerts. */
    bridgeHours: Type.Number({ minimum: 0 }),
    /** Values outside of it are not looked at; absent: always. In the region's zone. */
    schedule: Type.Optional(Type.Object({ weekdays: Weekdays, begin: TimeOfDay, end: TimeOfDay }, strict)),
    /** Worst rung that the score is above; it goes up at once and down after `endAfterValues`. */
    severity: Type.Array(Type.Object({ above: Type.Number(), severity: SeverityName }, strict), {
      minItems: 1,
    }),
    provenance: Provenance,
  },
  strict,
);
export type AlertRule = Static<typeof AlertRule>;
export const AlertRuleFile = Type.Object(
  { kind: Type.Literal('alert-rules'), rules: Type.Array(AlertRule) },
  strict,
);

/** One way to a person or office; `channel` is the id of a channel. */
export const ContactChannel = Type.Object({ channel: Id, address: Type.String({ minLength: 1 }) }, strict);
export const Contact = Type.Object(
  {
    id: Id,
    name: Text,
    /** Null: the joint office. */
    jurisdiction: Type.Union([Code, Type.Null()]),
    /** `finance`: told of settlements and never on duty by itself. Absent: a desk that is told of alerts. */
    desk: Type.Optional(Type.Literal('finance')),
    language: Type.Union([Type.Literal('zh'), Type.Literal('en')]),
    /** First choice first. */
    channels: Type.Array(ContactChannel, { minItems: 1 }),
    provenance: Provenance,
  },
  strict,
);
export type Contact = Static<typeof Contact>;
export const ContactFile = Type.Object(
  { kind: Type.Literal('contacts'), contacts: Type.Array(Contact) },
  strict,
);

/**
 * Who is on duty for a jurisdiction (null: the joint office). The first exception of the day, else the first shift that holds the
 * moment, decides; `contacts` in the order in which they are told. A shift whose end is not after its begin runs past midnight.
 */
export const OnCall = Type.Object(
  {
    id: Id,
    jurisdiction: Type.Union([Code, Type.Null()]),
    /** Absent: the region's. */
    timeZone: Type.Optional(Type.String()),
    shifts: Type.Array(
      Type.Object(
        { weekdays: Weekdays, begin: TimeOfDay, end: TimeOfDay, contacts: Type.Array(Id, { minItems: 1 }) },
        strict,
      ),
      { minItems: 1 },
    ),
    exceptions: Type.Optional(
      Type.Array(Type.Object({ date: CivilDate, contacts: Type.Array(Id, { minItems: 1 }) }, strict)),
    ),
    provenance: Provenance,
  },
  strict,
);
export type OnCall = Static<typeof OnCall>;
export const OnCallFile = Type.Object(
  { kind: Type.Literal('on-call'), calendars: Type.Array(OnCall) },
  strict,
);

/** What alerts an entry is about; what is absent is not asked for, all that is given must hold. */
export const AlertMatch = Type.Object(
  {
    rules: Type.Optional(Type.Array(Id, { minItems: 1 })),
    stations: Type.Optional(Type.Array(Id, { minItems: 1 })),
    jurisdictions: Type.Optional(Type.Array(Code, { minItems: 1 })),
    rivers: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
    leastSeverity: Type.Optional(SeverityName),
    kinds: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
  },
  strict,
);
export type AlertMatch = Static<typeof AlertMatch>;

const ReminderDays = Type.Integer({ minimum: 1, maximum: 365 });
/** Days before the end of each term at which the finance desks of the parties are reminded; absent: they are not. */
export const SettlementReminders = Type.Object(
  {
    paymentDays: Type.Optional(ReminderDays),
    objectionDays: Type.Optional(ReminderDays),
    reviewDays: Type.Optional(ReminderDays),
  },
  strict,
);
export type SettlementReminders = Static<typeof SettlementReminders>;

/**
 * How alerts reach people. Every route that matches adds to who is told. `side`: both sides of the border, the one that protects,
 * the one that benefits, or whose land the station stands on.
 */
export const AlertPolicy = Type.Object(
  {
    kind: Type.Literal('alert-policy'),
    id: Id,
    severities: Type.Array(
      Type.Object(
        {
          severity: SeverityName,
          /** How long unanswered before the next step: next contact, then the joint office. Empty: nobody is chased. */
          escalateMinutes: Type.Array(Type.Integer({ minimum: 1 })),
          /** Told once a day, together, instead of at once. */
          digest: Type.Boolean(),
        },
        strict,
      ),
      { minItems: 1 },
    ),
    digestTime: TimeOfDay,
    /** What belongs to one group waits so long for the others. */
    group: Type.Object(
      {
        by: Type.Array(Type.Enum(['jurisdiction', 'river', 'rule', 'station']), { minItems: 1 }),
        waitSeconds: Type.Integer({ minimum: 0 }),
      },
      strict,
    ),
    /** Nobody is told of what ended longer ago, when old data arrives. */
    notOlderThanHours: Type.Integer({ minimum: 1 }),
    closeAfterHours: Type.Integer({ minimum: 1 }),
    routes: Type.Array(
      Type.Object(
        {
          id: Id,
          match: AlertMatch,
          side: Type.Enum(['both', 'protecting', 'benefiting', 'located-in', 'office']),
        },
        strict,
      ),
      { minItems: 1 },
    ),
    /** While an alert of `source` is open, those of `target` on the same station (or source of data) are held back. */
    inhibitions: Type.Array(Type.Object({ id: Id, source: AlertMatch, target: AlertMatch }, strict)),
    /** What can be reported as an incident. */
    incidentKinds: Type.Optional(Type.Array(Type.Object({ id: Id, name: Text }, strict), { minItems: 1 })),
    /** Known work: nothing is told of what matches. ISO 8601 with offset, or a wall-clock time of the region. */
    maintenance: Type.Array(
      Type.Object(
        {
          id: Id,
          match: AlertMatch,
          from: Type.String({ minLength: 10 }),
          to: Type.String({ minLength: 10 }),
          reason: Text,
        },
        strict,
      ),
    ),
    /** Absent: nobody is reminded of a settlement; what is late is told where this stands at all. */
    settlementReminders: Type.Optional(SettlementReminders),
    provenance: Provenance,
  },
  strict,
);
export type AlertPolicy = Static<typeof AlertPolicy>;
