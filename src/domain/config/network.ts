import { Type, type Static } from 'typebox';
import { roles } from '../roles.ts';
import { Id, Provenance, Text, strict } from './facts.ts';

export const ReviewLevel = Type.Object(
  {
    id: Id,
    name: Text,
    /** Stage that readings have after it, 1 to 7; 7 is final. */
    stage: Type.Integer({ minimum: 1, maximum: 7 }),
    /** Roles that may review at this level, besides administrators. */
    roles: Type.Array(Type.Enum([...roles]), { minItems: 1 }),
    /** Days from the end of the readings' civil day until this level has to be done. */
    dueDays: Type.Integer({ minimum: 1, maximum: 366 }),
  },
  strict,
);
export type ReviewLevel = Static<typeof ReviewLevel>;

/** When a series counts as silent. Patience is learned from its own history, and bounded. */
export const Patience = Type.Object(
  {
    /** History that it is learned from. */
    learnDays: Type.Integer({ minimum: 1, maximum: 400 }),
    /** This share of the past intervals between readings was no longer than what is waited for. */
    quantile: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    /** Multiple of that interval, or of the cadence where there is too little history. */
    factor: Type.Number({ minimum: 1 }),
    minimumIntervals: Type.Integer({ minimum: 1 }),
    atLeastCadences: Type.Number({ minimum: 1 }),
    atMostCadences: Type.Number({ minimum: 1 }),
  },
  strict,
);
export type Patience = Static<typeof Patience>;

/** Months of the civil year in which a station is sampled at all; elsewhere no value is expected. */
export const SamplingCalendar = Type.Object(
  {
    months: Type.Array(Type.Integer({ minimum: 1, maximum: 12 }), { minItems: 1, uniqueItems: true }),
    /** Days after the month's end until its value is overdue. */
    graceDays: Type.Integer({ minimum: 0, maximum: 366 }),
    provenance: Provenance,
  },
  strict,
);

/**
 * What holds for the stations of one network: levels of review, patience with silence, the sampling calendar. The first network
 * whose conditions all fit a provider and a station is theirs; a condition that is absent fits everything.
 */
export const Network = Type.Object(
  {
    id: Id,
    name: Text,
    providers: Type.Optional(Type.Array(Id, { minItems: 1 })),
    /** `level` of sections. */
    levels: Type.Optional(
      Type.Array(Type.Enum(['national', 'provincial', 'municipal', 'county']), { minItems: 1 }),
    ),
    /** `provider`: what it delivers as final is not reviewed here, only objected to. */
    finalBy: Type.Union([Type.Literal('review'), Type.Literal('provider')]),
    reviewLevels: Type.Array(ReviewLevel, { minItems: 1, maxItems: 6 }),
    patience: Patience,
    sampling: Type.Optional(SamplingCalendar),
    provenance: Provenance,
  },
  strict,
);
export type Network = Static<typeof Network>;
export const NetworkFile = Type.Object(
  { kind: Type.Literal('networks'), networks: Type.Array(Network) },
  strict,
);

/** What holds where a region says nothing. A project default, printed as one. */
export const defaultNetwork: Network = {
  id: 'default',
  name: { zh: '默认网络', en: 'Default network' },
  finalBy: 'review',
  reviewLevels: [
    {
      id: 'station',
      name: { zh: '运维单位（站点）审核', en: 'Operator or station' },
      stage: 1,
      roles: ['duty-officer', 'signatory', 'joint-office'],
      dueDays: 3,
    },
    {
      id: 'centre',
      name: { zh: '市级或省级监测中心审核', en: 'Municipal or provincial centre' },
      stage: 4,
      roles: ['signatory', 'joint-office'],
      dueDays: 10,
    },
    { id: 'final', name: { zh: '终审', en: 'Final' }, stage: 7, roles: ['joint-office'], dueDays: 30 },
  ],
  patience: {
    learnDays: 30,
    quantile: 0.99,
    factor: 1.5,
    minimumIntervals: 20,
    atLeastCadences: 2,
    atMostCadences: 12,
  },
  provenance: { source: 'project default; no network of the region fits', confidence: 'project-default' },
};

/** The network of a station as a provider reports it. `level` null: not a section, or not known. */
export function networkOf(
  networks: readonly Network[],
  of: { provider: string; level: string | null },
): Network {
  const fits = ({ providers, levels }: Network): boolean =>
    (providers?.includes(of.provider) ?? true) &&
    (levels === undefined || levels.some((level) => level === of.level));
  return networks.find(fits) ?? defaultNetwork;
}
