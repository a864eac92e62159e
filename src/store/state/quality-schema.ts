/** Checks, holds and objections: rows follow from acts alone. */
export const qualityStatements = [
  `create table quality_check (
     id text primary key, station text not null, provider text not null, parameters text not null, kind text not null,
     at_s int8 not null, passed boolean, actor text not null, recorded_s int8 not null, record text not null)`,
  `create index quality_check_by_station on quality_check (station, provider, kind, at_s desc)`,
  `create table reading_hold (
     id text primary key, station text not null, provider text not null, rule text not null, actor text not null,
     held_s int8 not null, hold text not null, released_by text, released_to_s int8)`,
  `create index reading_hold_by_station on reading_hold (station, provider, rule)`,
  `create table reading_objection (
     id text primary key, station text not null, provider text not null, actor text not null, at_s int8 not null,
     objection text not null, answered_by text, answer text)`,
  `alter table registration add column grounds text`,
];

export interface QualityTables {
  quality_check: {
    id: string;
    station: string;
    provider: string;
    parameters: string;
    kind: string;
    at_s: number;
    passed: boolean | null;
    actor: string;
    recorded_s: number;
    record: string;
  };
  reading_hold: {
    id: string;
    station: string;
    provider: string;
    rule: string;
    actor: string;
    held_s: number;
    hold: string;
    released_by: string | null;
    released_to_s: number | null;
  };
  reading_objection: {
    id: string;
    station: string;
    provider: string;
    actor: string;
    at_s: number;
    objection: string;
    answered_by: string | null;
    answer: string | null;
  };
}
