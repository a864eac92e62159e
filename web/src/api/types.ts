import type { Agreement, Section as ConfiguredSection } from '../../../src/domain/config/region.ts';
import type { Text } from '../../../src/domain/config/facts.ts';

/** Answers of /api/v1 as the pages read them. Facts of configuration keep their domain types. */
export type { Agreement, AirStation, Jurisdiction } from '../../../src/domain/config/region.ts';
export type { Parameter } from '../../../src/domain/config/parameter.ts';
export type { Provenance, Text } from '../../../src/domain/config/facts.ts';
export type * from './assessment-types.ts';
export type * from './desk-types.ts';
export type * from './preview-types.ts';

/** With the name of its water in both languages. */
export type Section = ConfiguredSection & { river: Text | null };

/** As listed: with the period its scheme settles, and whether a preview has readings to compute on. */
export type ListedAgreement = Agreement & { period: 'month' | 'quarter' | 'year'; reporting: boolean };

export interface Meta {
  synthetic: boolean;
  notice: Text | null;
  configHash: string;
  appliedSeq: number;
  next: string | null;
}
export interface One<T> {
  meta: Meta;
  result: T;
}
export interface Many<T> {
  meta: Meta;
  results: T[];
}

export interface RegionView {
  id: string;
  name: Text;
  timeZone: string;
  bbox: number[];
  notice: Text;
  synthetic: boolean;
  configHash: string;
  version: string;
  attribution: { source: string; name: Text; licence: string; text: Text }[];
}

export interface Standard {
  id: string;
  kind: string;
  title: Text;
  inForce: { from: string; to: string | null };
}

export interface Flags {
  validity: string;
  stage: number;
  qualifiers: string[];
}
export interface Reading {
  parameter: string;
  averaging: string;
  value: number | null;
  unit: string | null;
  decimals: number | null;
  flags: Flags;
  begin: string;
  end: string;
  seq: number;
}
export interface Published extends Reading {
  text: Text[] | null;
}
export type Freshness = 'fresh' | 'late' | 'silent';

export interface OverLimit {
  parameter: string;
  value: string;
  limit: string;
  against: string;
  grade: number;
  multiple: string | null;
  standing: string;
  text: Text;
}
interface Verdict {
  status: string;
  reason: string | null;
  edition: string | null;
  standing: string;
  overLimits: OverLimit[];
}
export interface WaterVerdict extends Verdict {
  kind: 'water';
  class: number | null;
  className: Text | null;
  decidingItems: string[];
  items?: { parameter: string; class: number | null; reason: string | null; evaluated: boolean }[];
  targets: { kind: string; targetClass: number; met: boolean | null }[];
}
export interface AirVerdict extends Verdict {
  kind: 'air';
  aqi: number | null;
  level: number | null;
  levelName: Text | null;
  primary: string[];
  iaqi: Record<string, number | null>;
}
export interface Latest {
  station: string;
  name: Text;
  kind: string;
  locatedIn: string;
  provider: string | null;
  freshness: {
    state: string;
    lastEnd: string | null;
    ageMinutes: number | null;
    cadenceMinutes: number | null;
  };
  readings: Reading[];
  published: Published[];
  withheld: boolean;
  verdict: WaterVerdict | AirVerdict | null;
}
export interface Exceedance extends OverLimit {
  station: string;
  name: Text;
  kind: string;
  locatedIn: string;
  provider: string | null;
  end: string;
  freshness: string;
}

interface Heard {
  registered: number;
  withSource: number;
  fresh: number;
  late: number;
  silent: number;
  judged: number;
  newestEnd: string | null;
  grades: { grade: number; name: Text; count: number }[];
  overLimitStations: number;
  overLimitValues: number;
}
export interface Summary {
  now: string;
  journalSeq: number;
  appliedSeq: number;
  lagEntries: number;
  water: Heard & {
    targets: { met: number; notMet: number; undetermined: number; metPercent: string | null };
  };
  air: Heard;
  sources: { enabled: number; failing: number; withIssues: number };
}

export interface WaterGrade {
  grade: number;
  name: Text;
  roman: string;
  status: Text;
  colour: string;
}
export interface AirGrade {
  grade: number;
  name: Text;
  above: number | null;
  upTo: number | null;
  colour: string;
  polluted: boolean;
}
export interface Scales {
  water: { edition: string | null; grades: WaterGrade[] };
  air: { edition: string | null; grades: AirGrade[] };
}

export interface MapPlace {
  section: string;
  lon: number;
  lat: number;
  basis: string;
  uncertaintyKm: number | null;
}

export interface Limit {
  parameter: string;
  averaging: string | null;
  rule: string;
  against: string;
  grade: number;
  gradeName: Text;
  limit: string | null;
  min: string | null;
  max: string | null;
  edition: string;
  clause: string;
  confidence: string;
}
export interface Scale {
  parameter: string;
  averaging: string;
  rule: string;
  edition: string;
  steps: { grade: number; gradeName: Text; limit: string }[];
}
export interface StationLimits {
  station: string;
  date: string;
  limits: Limit[];
  scales: Scale[];
}

export interface DenseSeries {
  station: string;
  parameter: string;
  averaging: string;
  provider: string;
  unit: string | null;
  decimals: number | null;
  count: number;
  values: (number | null)[];
  flags: number[];
  beginS: number[];
  endS: number[];
  stepS: number | null;
}
export interface DenseAnswer {
  meta: Meta;
  flagMeanings: Record<string, Flags>;
  results: DenseSeries[];
}

export interface Version {
  value: number | null;
  flags: Flags;
  seq: number;
  seqEnd: number | null;
  published: string | null;
  begin: string;
  end: string;
}

export interface Run {
  runId: string;
  source: string;
  started: string;
  finished: string | null;
  trigger: string;
  status: string;
  entries: number;
  cells: Record<string, number>;
  issues: Record<string, number>;
  message: string | null;
}
export interface Source {
  id: string;
  adapter: string;
  provider: string;
  name: Text;
  enabled: boolean;
  takesFiles: boolean;
  cron: string;
  timeZone: string;
  cadenceSeconds: number;
  stampMeans: string;
  licence: string;
  attribution: Text;
  nextDue: string | null;
  issuesOfLastRun: number;
  lastRuns: Run[];
}
export interface IssueRow {
  id: number;
  code: string;
  path: string;
  message: string;
  source: { id: string; record: string };
  seq: number | null;
  at: string;
}

export interface Feature {
  type: 'Feature';
  id?: string;
  geometry: { type: string; coordinates: unknown } | null;
  properties: Record<string, unknown>;
}
export interface FeatureCollection {
  type: 'FeatureCollection';
  features: Feature[];
}

/** Figures of a trial are exact decimal text, tables of it, or lists. */
export interface Session {
  user: string;
  name: string;
  role: string;
  jurisdiction: string | null;
  csrf: string;
  secondFactor: boolean;
  mustEnrol: boolean;
  expires: string;
}
export interface Me {
  id: string | null;
  role: string | null;
  jurisdiction: string | null;
  /** Null: a token, or nobody. */
  session: Session | null;
  openId: boolean;
}
