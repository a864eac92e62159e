import { Type, type Static } from 'typebox';
import { DecimalText, Id, strict, type Text } from './config/facts.ts';
import type { EpochS } from './time.ts';

const line = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f]+$' });

export const circumstanceKinds = [
  'extreme-weather-or-flood',
  'dry-channel',
  'backflow-or-tide',
  'works',
  'natural-background',
  'incident',
  'inflow-from-upstream',
  'sampling-impossible',
] as const;
export type CircumstanceKind = (typeof circumstanceKinds)[number];

export const circumstanceNames: Readonly<Record<CircumstanceKind, Text>> = {
  'extreme-weather-or-flood': { zh: '极端天气或洪水', en: 'Extreme weather or flood' },
  'dry-channel': { zh: '断流', en: 'Dry channel' },
  'backflow-or-tide': { zh: '倒流或潮汐影响', en: 'Backflow or tide' },
  works: { zh: '工程施工', en: 'Works' },
  'natural-background': { zh: '自然本底', en: 'Natural background' },
  incident: { zh: '突发环境事件', en: 'Incident' },
  'inflow-from-upstream': { zh: '上游来水', en: 'Inflow from upstream' },
  'sampling-impossible': { zh: '不具备采样条件', en: 'Sampling impossible' },
};

export const circumstanceEffects = [
  'none',
  'exclude-interval',
  'exclude-item',
  'replace-by-make-up-sample',
  'hold',
] as const;
export type CircumstanceEffect = (typeof circumstanceEffects)[number];

/**
 * 特殊情形认定: what was applied for, what was decided and on what. `items` empty: every item. `[fromS, toS)` in epoch seconds.
 * Nothing is exempt by itself: without a deciding body and a document number the effect is none or hold.
 */
export const Circumstance = Type.Object(
  {
    id: Id,
    kind: Type.Enum([...circumstanceKinds]),
    section: Id,
    items: Type.Array(Id, { maxItems: 100 }),
    fromS: Type.Integer(),
    toS: Type.Integer(),
    /** Jurisdiction that applied. */
    applicant: Type.String({ pattern: '^\\d{6}$' }),
    evidence: Type.Array(
      Type.Object({ name: line, sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, strict),
      { maxItems: 100 },
    ),
    decidedBy: Type.Union([line, Type.Null()]),
    documentNumber: Type.Union([line, Type.Null()]),
    effect: Type.Enum([...circumstanceEffects]),
    /** Values of the make-up sample by item, exact decimals, and when it was taken. */
    makeUp: Type.Optional(
      Type.Object({ sampledS: Type.Integer(), values: Type.Record(Id, DecimalText) }, strict),
    ),
    note: Type.Optional(Type.String({ maxLength: 2000 })),
  },
  strict,
);
export type Circumstance = Static<typeof Circumstance>;

/** What is wrong with a circumstance beyond its shape; empty for a sound one. */
export function circumstanceFaults(one: Circumstance): string[] {
  const faults: string[] = [];
  const decided = one.decidedBy !== null && one.documentNumber !== null;
  if (one.fromS >= one.toS) faults.push('fromS must be before toS');
  if (!decided && one.effect !== 'none' && one.effect !== 'hold')
    faults.push(
      `effect ${one.effect} needs decidedBy and documentNumber (expected none or hold without them)`,
    );
  if (one.effect === 'replace-by-make-up-sample' && one.makeUp === undefined)
    faults.push('effect replace-by-make-up-sample needs makeUp');
  if (one.effect !== 'replace-by-make-up-sample' && one.makeUp !== undefined)
    faults.push(`effect ${one.effect} takes no makeUp`);
  if (one.makeUp !== undefined && Object.keys(one.makeUp.values).length === 0)
    faults.push('makeUp names no value');
  if (one.effect === 'exclude-item' && one.items.length === 0) faults.push('effect exclude-item needs items');
  if (one.effect !== 'none' && one.evidence.length === 0) faults.push(`effect ${one.effect} needs evidence`);
  return faults;
}

/** A name that the configuration does not know: in which field, and what would do. */
export interface NameFault {
  field: 'section' | 'applicant' | 'items';
  value: string;
  expected: string;
}

/** Names of an act on a circumstance that the region does not have; what is left out is not looked at. */
export function namesFaults(
  config: {
    sections: readonly { id: string }[];
    jurisdictions: readonly { code: string }[];
    parameters: readonly { id: string }[];
  },
  names: { section?: string; applicant?: string; items: readonly string[] },
): NameFault[] {
  const { section, applicant, items } = names;
  const faults: NameFault[] = [];
  const parameters = new Set(config.parameters.map(({ id }) => id));
  for (const value of items)
    if (!parameters.has(value))
      faults.push({ field: 'items', value, expected: 'an id of /api/v1/parameters' });
  if (section !== undefined && !config.sections.some(({ id }) => id === section))
    faults.push({ field: 'section', value: section, expected: 'an id of /api/v1/sections' });
  if (applicant !== undefined && !config.jurisdictions.some(({ code }) => code === applicant))
    faults.push({ field: 'applicant', value: applicant, expected: 'a jurisdiction of the region' });
  return faults;
}

const jurisdiction = Type.String({ pattern: '^\\d{6}$' });
const evidence = Type.Array(
  Type.Object({ name: line, sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, strict),
  { maxItems: 100 },
);
const note = Type.Optional(Type.String({ maxLength: 2000 }));

/** 申请: what an applicant asks for. It has no effect until somebody decides. Times in epoch seconds, half-open. */
export const CircumstanceApplication = Type.Object(
  {
    id: Id,
    kind: Type.Enum([...circumstanceKinds]),
    section: Id,
    items: Type.Array(Id, { maxItems: 100, uniqueItems: true }),
    fromS: Type.Integer(),
    toS: Type.Integer(),
    applicant: jurisdiction,
    evidence,
    note,
  },
  strict,
);
export type CircumstanceApplication = Static<typeof CircumstanceApplication>;

/**
 * 认定: what was decided on an application. Items, interval and evidence as applied for unless the decision names its own. Deciding
 * body and document number may only be null for a hold and for none (refused).
 */
export const CircumstanceDecision = Type.Object(
  {
    circumstance: Id,
    effect: Type.Enum([...circumstanceEffects]),
    decidedBy: Type.Union([line, Type.Null()]),
    documentNumber: Type.Union([line, Type.Null()]),
    items: Type.Optional(Type.Array(Id, { maxItems: 100, uniqueItems: true })),
    fromS: Type.Optional(Type.Integer()),
    toS: Type.Optional(Type.Integer()),
    makeUp: Circumstance.properties.makeUp,
    evidence: Type.Optional(evidence),
    note,
  },
  strict,
);
export type CircumstanceDecision = Static<typeof CircumstanceDecision>;

export const CircumstanceWithdrawal = Type.Object({ circumstance: Id, reason: line }, strict);
export type CircumstanceWithdrawal = Static<typeof CircumstanceWithdrawal>;

export type CircumstanceActKind = 'apply-circumstance' | 'decide-circumstance' | 'withdraw-circumstance';

/** A circumstance with what was decided last; before a decision the effect is none. */
export function decidedCircumstance(
  application: CircumstanceApplication,
  decision: CircumstanceDecision | null,
): Circumstance {
  if (decision === null) return { ...application, decidedBy: null, documentNumber: null, effect: 'none' };
  const { decidedBy, documentNumber, effect, makeUp, items, fromS, toS } = decision;
  return {
    ...application,
    items: items ?? application.items,
    fromS: fromS ?? application.fromS,
    toS: toS ?? application.toS,
    evidence: [...application.evidence, ...(decision.evidence ?? [])],
    decidedBy,
    documentNumber,
    effect,
    ...(makeUp === undefined ? {} : { makeUp }),
  };
}

export type CircumstanceState = 'applied' | 'decided' | 'withdrawn';

/** One act on a circumstance, as the journal has it. */
export interface CircumstanceStep {
  seq: number;
  actor: string;
  atS: EpochS;
  act: CircumstanceActKind;
}

/** A circumstance as it stands at a journal position. */
export interface StoredCircumstance extends Circumstance {
  state: CircumstanceState;
  steps: CircumstanceStep[];
}

export interface CircumstanceStore {
  /**
   * In the order of application. Without `asOfSeq` as they stand now; with it as the acts up to that position left them, those
   * applied for later left out. A `window` keeps what can reach into it, by the interval applied for or decided.
   */
  list(query: {
    id?: string;
    section?: string;
    asOfSeq?: number;
    window?: { fromS: EpochS; toS: EpochS };
  }): Promise<StoredCircumstance[]>;
}
