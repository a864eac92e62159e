export interface AlertTables {
  alert: {
    id: string;
    rule: string;
    subject: string;
    station: string | null;
    state: string;
    severity: string;
    start_s: number;
    end_s: number | null;
    opened_s: number;
    changed_s: number;
    jurisdictions: string;
    steps: number;
    alert: string;
    /** It has something that nobody was told yet. */
    pending: boolean;
  };
  alert_step: {
    alert: string;
    number: number;
    at_s: number;
    kind: string;
    actor: string | null;
    reason: string;
    detail: string;
  };
  alert_told: {
    notification: string;
    alert: string;
    kind: string;
    contact: string;
    channel: string;
    address: string;
    at_s: number;
  };
  alert_silence: {
    id: string;
    match: string;
    reason: string;
    from_s: number;
    to_s: number;
    actor: string;
    at_s: number;
    ended_s: number | null;
    ended_by: string | null;
  };
  incident: {
    id: string;
    kind: string;
    text: string;
    stations: string;
    jurisdiction: string | null;
    severity: string;
    from_s: number;
    to_s: number | null;
    withdrawn: boolean;
    actor: string;
    at_s: number;
    ended_by: string | null;
    end_reason: string | null;
  };
}

/** What somebody reported; follows from acts. `stations` is a list in JSON. And which alerts every pass has to look at. */
export const incidentStatements = [
  `create table incident (
     id text primary key, kind text not null, text text not null, stations text not null, jurisdiction text,
     severity text not null, from_s int8 not null, to_s int8, withdrawn boolean not null, actor text not null, at_s int8 not null,
     ended_by text, end_reason text)`,
  `create index incident_by_end on incident (to_s, from_s desc)`,
  `alter table alert add column pending boolean not null default false`,
  `update alert set pending = alert not like '%"pending":null%'`,
  `create index alert_by_rule on alert (rule, opened_s desc)`,
  `create index alert_to_look_at on alert (id) where pending or state in ('open', 'notified', 'acknowledged', 'escalated')`,
];

/** All of it follows from acts, of the system and of persons. One subject of a rule has one alert that is not over. */
export const alertStatements = [
  `create table alert (
     id text primary key, rule text not null, subject text not null, station text, state text not null,
     severity text not null, start_s int8 not null, end_s int8, opened_s int8 not null, changed_s int8 not null,
     jurisdictions text not null, steps int8 not null, alert text not null)`,
  `create unique index alert_one_open on alert (rule, subject) where state in ('open', 'notified', 'acknowledged', 'escalated')`,
  `create index alert_by_opening on alert (opened_s desc, id desc)`,
  `create index alert_by_station on alert (station, opened_s desc)`,
  `create index alert_by_change on alert (changed_s)`,
  `create table alert_step (
     alert text not null, number int8 not null, at_s int8 not null, kind text not null, actor text,
     reason text not null, detail text not null, primary key (alert, number))`,
  `create table alert_told (
     notification text not null, alert text not null, kind text not null, contact text not null, channel text not null,
     address text not null, at_s int8 not null, primary key (notification, alert))`,
  `create index alert_told_by_alert on alert_told (alert)`,
  `create table alert_silence (
     id text primary key, match text not null, reason text not null, from_s int8 not null, to_s int8 not null,
     actor text not null, at_s int8 not null, ended_s int8, ended_by text)`,
];
