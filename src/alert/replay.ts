import {
  evaluateStation,
  judgesWhole,
  neededFor,
  reachBackS,
  stationsOf,
  subjectKey,
  type Episode,
  type Subject,
} from '../analysis/alerting/index.ts';
import type { AlertRule } from '../domain/config/alerting.ts';
import type { Config } from '../domain/config/config.ts';
import type { AirStation, Section } from '../domain/config/region.ts';
import type { EpochS } from '../domain/time.ts';
import { stationData, type SeriesSource } from './station-data.ts';

/** An alert that a rule set would have raised. */
export interface ReplayedAlert {
  rule: AlertRule;
  subject: Subject;
  episode: Episode & { raisedS: EpochS };
}

export interface Replay {
  alerts: ReplayedAlert[];
  /** Episodes that did not last long enough, by rule. */
  tooShort: Record<string, number>;
}

/**
 * What rules would have raised in `[fromS, toS)` on the readings as they stand, by when. A station's readings are asked for once a rule,
 * so that memory holds one rule's stations. Rules of schedules say nothing about the past and are left out.
 */
export async function replayAlerts(
  readings: SeriesSource,
  config: Config,
  span: { fromS: EpochS; toS: EpochS; rules?: readonly AlertRule[]; stations?: readonly string[] },
): Promise<Replay> {
  const alerts: ReplayedAlert[] = [];
  const tooShort: Record<string, number> = {};
  const known = new Map([...config.sections, ...config.airStations].map((one) => [one.id, one]));
  for (const rule of span.rules ?? config.alertRules) {
    const watched = stationsOf(rule, config).filter(({ id }) => span.stations?.includes(id) ?? true);
    const needed = [...new Set(watched.flatMap(({ id }) => neededFor(rule, id)))].flatMap(
      (id): (Section | AirStation)[] => (known.has(id) ? [known.get(id)!] : []),
    );
    const data = await stationData(readings, needed, config, {
      fromS: span.fromS - reachBackS(rule, config),
      toS: span.toS,
      whole: judgesWhole(rule),
    });
    const facts = { config, fromS: span.fromS, throughS: span.toS };
    for (const station of watched)
      for (const { subject, episodes } of evaluateStation(rule, { station, data }, facts))
        for (const episode of episodes) {
          const { raisedS } = episode;
          if (raisedS === null) tooShort[rule.id] = (tooShort[rule.id] ?? 0) + 1;
          else if (raisedS < span.toS) alerts.push({ rule, subject, episode: { ...episode, raisedS } });
        }
  }
  const order = (one: ReplayedAlert): string => `${one.rule.id} ${subjectKey(one.subject)}`;
  alerts.sort((a, b) => a.episode.raisedS - b.episode.raisedS || (order(a) < order(b) ? -1 : 1));
  return { alerts, tooShort };
}
