import type { Incident } from '../../domain/alerts.ts';
import { severities, type AlertRule } from '../../domain/config/alerting.ts';
import type { Config } from '../../domain/config/config.ts';
import type { EpochS } from '../../domain/time.ts';
import { severityOf, type Episode } from './episodes.ts';
import { inScope, type SubjectEpisodes } from './evaluate.ts';
import { placeOf, type Place } from './place.ts';

/** Where an incident is: each of its stations, or its jurisdiction as a whole. */
export function placesOf(incident: Pick<Incident, 'stations' | 'jurisdiction'>): Place[] {
  const { stations, jurisdiction } = incident;
  if (stations.length > 0 || jurisdiction === null) return stations.map((station) => ({ station }));
  return [{ jurisdiction }];
}

/** Prefectures that an incident concerns, each once. */
export function concernedBy(incident: Pick<Incident, 'stations' | 'jurisdiction'>, config: Config): string[] {
  const codes = placesOf(incident).flatMap((place) => {
    const { locatedIn, protecting, benefiting } = placeOf(place, config);
    return [locatedIn, protecting, benefiting];
  });
  return [...new Set(codes.filter((code) => code !== null))];
}

/**
 * What of a report the configuration does not know: a field each, `stations` once a name. Also where it names stations and a jurisdiction,
 * or neither.
 */
export function reportFaults(
  { kind, stations, jurisdiction }: Pick<Incident, 'kind' | 'stations' | 'jurisdiction'>,
  config: Config,
): { field: string; value: string; expected: string }[] {
  const kinds = (config.alertPolicies[0]?.incidentKinds ?? []).map(({ id }) => id);
  const known = new Set([...config.sections, ...config.airStations].map(({ id }) => id));
  const either = (stations.length === 0) !== (jurisdiction === null);
  const expected = 'stations or a jurisdiction, one of both';
  return [
    ...(kinds.includes(kind) ? [] : [{ field: 'kind', value: kind, expected: kinds.join(', ') }]),
    ...stations
      .filter((id) => !known.has(id))
      .map((id) => ({ field: 'stations', value: id, expected: 'a station of the region' })),
    ...(jurisdiction === null || config.jurisdictions.some(({ code }) => code === jurisdiction)
      ? []
      : [{ field: 'jurisdiction', value: jurisdiction, expected: 'a jurisdiction of the region' }]),
    ...(either ? [] : [{ field: 'jurisdiction', value: jurisdiction ?? '', expected }]),
  ];
}

function watches(rule: AlertRule, place: Place, config: Config): boolean {
  if ('jurisdiction' in place) return rule.scope.sections === undefined && rule.scope.border !== true;
  const all = [...config.sections, ...config.airStations];
  const station = all.find(({ id }) => id === place.station);
  return station !== undefined && inScope(rule, station, config);
}

function episodeOf(incident: Incident, rule: AlertRule, config: Config, throughS: EpochS): Episode {
  const { fromS, toS, kind, text } = incident;
  const name = config.alertPolicies[0]?.incidentKinds?.find(({ id }) => id === kind)?.name;
  const rank = severities.indexOf(incident.severity);
  const severity = severityOf(rule, rank) ?? rule.severity[0]!.severity;
  const open = toS === null || toS > throughS;
  const nothing = { parameter: null, value: null, unit: null, limit: null, multiple: null };
  return {
    startS: fromS,
    endS: toS ?? throughS,
    open,
    raisedS: fromS,
    knownEndS: open ? null : toS,
    endReason: open ? null : 'incident-over',
    severity,
    worst: severity,
    values: 1,
    peakS: fromS,
    peakScore: rank,
    explanation: {
      ...nothing,
      edition: null,
      standing: null,
      summary: { zh: `${name?.zh ?? kind}：${text}`, en: `${name?.en ?? kind}: ${text}` },
    },
  };
}

/** What a rule of incidents makes of one: an episode at each of its places, none of one that was taken back. */
export function evaluateIncident(
  rule: AlertRule,
  incident: Incident,
  at: { config: Config; throughS: EpochS },
): SubjectEpisodes[] {
  const { when } = rule;
  if (when.kind !== 'incident' || when.kinds?.includes(incident.kind) === false) return [];
  return placesOf(incident)
    .filter((place) => watches(rule, place, at.config))
    .map((place) => ({
      rule,
      subject: {
        station: 'station' in place ? place.station : null,
        parameter: null,
        provider: null,
        source: incident.id,
      },
      place,
      episodes: incident.withdrawn ? [] : [episodeOf(incident, rule, at.config, at.throughS)],
    }));
}
