import type { AlertRule } from '../../domain/config/alerting.ts';
import type { Config } from '../../domain/config/config.ts';
import { defaultNetwork } from '../../domain/config/network.ts';
import type { AirStation, Section } from '../../domain/config/region.ts';
import { warnsIn } from '../assessment/index.ts';
import { aqiSignal } from './air-signals.ts';
import { episodesOf, type Episode } from './episodes.ts';
import { disagreementSignals, divergenceSignals, riseSignals } from './series-signals.ts';
import type { Place } from './place.ts';
import { scheduleSignal, silenceSignals, type LastSlot } from './silence-signals.ts';
import { isSection, type Signal, type StationData, type Subject } from './signal.ts';
import { warningReachS, warningSignals } from './warning-signals.ts';
import { classSignal, itemSignals, type SignalFacts } from './water-signals.ts';

/** Days of a month that must be over before its mean so far is looked at, unless the rule says otherwise. */
const leastDaysOfMonth = 10;
const daySeconds = 86_400;

/** Whether a station is one that a rule is about. A county counts for its prefecture. */
export function inScope(rule: AlertRule, station: Section | AirStation, config: Config): boolean {
  const { scope } = rule;
  const section = isSection(station);
  const named = section ? scope.sections : scope.airStations;
  if (named !== undefined && !named.includes(station.id)) return false;
  if (named === undefined && (section ? scope.airStations : scope.sections) !== undefined) return false;
  if (scope.medium !== undefined && scope.medium !== (section ? 'water' : 'air')) return false;
  if (scope.border === true && !(section && station.border !== undefined)) return false;
  if (scope.locatedIn === undefined) return true;
  const parent = config.jurisdictions.find(({ code }) => code === station.locatedIn)?.parent;
  return (
    scope.locatedIn.includes(station.locatedIn) || (parent !== undefined && scope.locatedIn.includes(parent))
  );
}

const waterKinds = new Set<string>(['class-worse', 'item-over-limit', 'divergence', 'early-warning']);

/** Stations that a rule watches, in the order of the configuration. */
export function stationsOf(rule: AlertRule, config: Config): (Section | AirStation)[] {
  const { when } = rule;
  if (when.kind === 'schedule-silence' || when.kind === 'incident') return [];
  if (when.kind === 'divergence')
    return config.sections.filter(({ id }) => when.pairs.some((pair) => pair.downstream === id));
  const warned = (section: Section): boolean =>
    config.waterEarlyWarnings.some((method) => warnsIn(method, section, config.rivers));
  const all: (Section | AirStation)[] = [
    ...(when.kind === 'aqi-level'
      ? []
      : config.sections.filter((one) => when.kind !== 'early-warning' || warned(one))),
    ...(waterKinds.has(when.kind) ? [] : config.airStations),
  ];
  return all.filter((station) => inScope(rule, station, config));
}

/** Stations whose readings a rule needs to judge this one, itself included. */
export function neededFor(rule: AlertRule, station: string): string[] {
  if (rule.when.kind !== 'divergence') return [station];
  const pairs = rule.when.pairs.filter((pair) => pair.downstream === station);
  return [station, ...pairs.map(({ upstream }) => upstream)];
}

/** How far before the time looked at a rule needs readings. */
export function reachBackS(rule: AlertRule, config: Pick<Config, 'networks'>): number {
  const { when } = rule;
  if (when.kind === 'silence')
    return (
      Math.max(...[...config.networks, defaultNetwork].map(({ patience }) => patience.learnDays)) * daySeconds
    );
  if (when.kind === 'rapid-rise') return when.windowDays * daySeconds;
  if (when.kind === 'early-warning') return warningReachS;
  if (when.kind === 'divergence')
    return Math.max(...when.pairs.map(({ travelHours }) => travelHours * 3600)) + daySeconds;
  if ('on' in when && when.on === 'month-to-date') return 31 * daySeconds;
  return daySeconds;
}

/** Whether a rule judges a section by all that is measured of it, as its verdicts do, and not each provider's readings apart. */
export const judgesWhole = ({ when }: AlertRule): boolean => when.kind === 'early-warning';

/** What is given to a rule for one station: every provider of it, and of the stations it is compared with. */
export interface RuleInput {
  station: Section | AirStation;
  data: ReadonlyMap<string, readonly StationData[]>;
}

function signalsOfOne(data: StationData, rule: AlertRule, facts: SignalFacts): Signal[] {
  const { when } = rule;
  const { station } = data;
  if (when.kind === 'rapid-rise') return riseSignals(data, when, facts);
  if (when.kind === 'silence') return silenceSignals(data, { ...rule, when }, facts);
  if (!isSection(station)) return when.kind === 'aqi-level' ? [aqiSignal({ ...data, station }, facts)] : [];
  if (when.kind === 'class-worse') {
    const on = { basis: when.on, leastDays: when.leastDays ?? leastDaysOfMonth };
    return [classSignal({ ...data, station }, rule, on, facts)];
  }
  if (when.kind !== 'item-over-limit') return [];
  const on = { basis: when.on, leastDays: when.leastDays ?? leastDaysOfMonth, items: when.items };
  return itemSignals({ ...data, station }, rule, on, facts);
}

/** Every signal of a rule at one station. */
export function signalsOf(rule: AlertRule, input: RuleInput, facts: SignalFacts): Signal[] {
  const { when } = rule;
  const own = input.data.get(input.station.id) ?? [];
  if (when.kind === 'divergence') {
    return when.pairs
      .filter(({ downstream }) => downstream === input.station.id)
      .flatMap((pair) =>
        (input.data.get(pair.upstream) ?? []).flatMap((upstream) =>
          own
            .filter(({ provider }) => provider === upstream.provider)
            .flatMap((below) =>
              divergenceSignals(upstream, below, { items: when.items, travelHours: pair.travelHours }, facts),
            ),
        ),
      );
  }
  if (when.kind === 'early-warning')
    return isSection(input.station) ? warningSignals(input.station, own, facts) : [];
  if (when.kind === 'provider-disagreement')
    return own.flatMap((first, at) =>
      own.slice(at + 1).flatMap((second) => disagreementSignals(first, second, when.items, facts)),
    );
  return own.flatMap((data) => signalsOfOne(data, rule, facts));
}

/** Episodes of one subject of a rule. `place`: where it is, unless its station says so. */
export interface SubjectEpisodes {
  rule: AlertRule;
  subject: Subject;
  place?: Place;
  episodes: Episode[];
}

function judged(signal: Signal, rule: AlertRule, facts: SignalFacts): SubjectEpisodes {
  const episodes = episodesOf(signal, rule, {
    throughS: facts.throughS,
    timeZone: facts.config.region.timeZone,
  });
  const { noticedAfterS } = signal;
  if (noticedAfterS === undefined) return { rule, subject: signal.subject, episodes };
  // A silence is noticed when it has lasted long enough, not when the next reading ends it.
  const noticed = (episode: Episode): Episode => {
    const raisedS = episode.startS + Math.max(noticedAfterS(episode.startS), rule.forMinutes * 60);
    const atEnd = episode.open ? facts.throughS : episode.endS;
    return {
      ...episode,
      raisedS: raisedS <= atEnd ? raisedS : null,
      knownEndS: episode.open ? null : episode.endS,
    };
  };
  return { rule, subject: signal.subject, episodes: episodes.map(noticed) };
}

/** Every episode of a rule at one station in the time looked at. Pure: the same readings give the same. */
export function evaluateStation(rule: AlertRule, input: RuleInput, facts: SignalFacts): SubjectEpisodes[] {
  return signalsOf(rule, input, facts).map((signal) => judged(signal, rule, facts));
}

/** Silence of schedules, one subject a source. */
export function evaluateSchedule(
  rule: AlertRule,
  slots: readonly LastSlot[],
  facts: SignalFacts,
): SubjectEpisodes[] {
  if (rule.when.kind !== 'schedule-silence') return [];
  const wanted = rule.scope.sources;
  return slots.flatMap((slot) => {
    const source = facts.config.sources.find(({ id }) => id === slot.source);
    if (source === undefined || (wanted !== undefined && !wanted.includes(source.id))) return [];
    return [judged(scheduleSignal(slot, source, rule, facts), rule, facts)];
  });
}
