import type { Generated } from 'kysely';

export interface GapTables {
  gap: {
    id: Generated<number>;
    source: string;
    station: string;
    parameter: string;
    averaging: string;
    from_s: number;
    to_s: number;
    state: string;
    attempts: number;
    last_attempt_s: number | null;
    found_s: number;
    decided_s: number | null;
    reason: string | null;
  };
  backfill: {
    id: Generated<number>;
    source: string;
    from_s: number;
    to_s: number;
    done_s: number;
    started_s: number;
    finished_s: number | null;
    message: string | null;
  };
}

export const gapStatements = [
  `create table gap (
     id int8 generated always as identity primary key, source text not null, station text not null, parameter text not null,
     averaging text not null, from_s int8 not null, to_s int8 not null, state text not null, attempts int8 not null,
     last_attempt_s int8, found_s int8 not null, decided_s int8, reason text,
     unique (source, station, parameter, averaging, from_s))`,
  `create index gap_by_state on gap (source, state, from_s)`,
  `create table backfill (
     id int8 generated always as identity primary key, source text not null, from_s int8 not null, to_s int8 not null,
     done_s int8 not null, started_s int8 not null, finished_s int8, message text)`,
  `create index backfill_by_source on backfill (source, started_s desc)`,
];
