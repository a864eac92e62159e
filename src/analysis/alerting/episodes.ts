import { severities, type AlertRule } from '../../domain/config/alerting.ts';
import type { Severity } from '../../domain/notifications.ts';
import type { EpochS } from '../../domain/time.ts';
import { exceedanceEvents, type ExceedanceEvent } from '../exceedance/index.ts';
import { civilDates, civilMinute, holdsMoment, inForce, type Explanation, type Signal } from './signal.ts';

/** Why an episode is over, or none. */
export type EndReason = 'cleared' | 'no-more-data' | 'incident-over' | null;

/**
 * A time for which a rule's condition held, in event time. `raisedS`: end of the value that made it last long enough; null: it never
 * did. `knownEndS`: when its end could be known. `severity` is of now (or of its end), `worst` of all of it.
 */
export interface Episode {
  startS: EpochS;
  endS: EpochS;
  open: boolean;
  raisedS: EpochS | null;
  knownEndS: EpochS | null;
  endReason: EndReason;
  severity: Severity;
  worst: Severity;
  values: number;
  peakS: EpochS;
  peakScore: number;
  explanation: Explanation;
}

const rank = (severity: Severity): number => severities.indexOf(severity);

/** Worst rung that a score is above; null for one below all of them. */
export function severityOf(rule: Pick<AlertRule, 'severity'>, score: number): Severity | null {
  return rule.severity.findLast((rung) => score > rung.above)?.severity ?? null;
}

interface Row {
  row: number;
  beginS: number;
  endS: number;
  score: number;
  on: boolean;
}

/** Rows of the time and hours for which the rule is in force, each on or off: between `clear` and `raise` what was goes on. */
function rowsOf(signal: Signal, rule: AlertRule, timeZone: string): Row[] {
  const { raise, clear = raise, schedule } = rule;
  const dateOf = civilDates(timeZone);
  const rows: Row[] = [];
  let on = false;
  for (let row = 0; row < signal.score.length; row++) {
    const score = signal.score[row]!;
    const [beginS, endS] = [signal.beginS[row]!, signal.endS[row]!];
    if (Number.isNaN(score)) continue;
    const lastMoment = Math.max(beginS, endS - 1);
    if (!inForce(rule, dateOf(lastMoment))) continue;
    if (schedule !== undefined && !holdsMoment(schedule, civilMinute(lastMoment, timeZone))) continue;
    on = score > raise || (on && score > clear);
    rows.push({ row, beginS, endS, score, on });
  }
  return rows;
}

/**
 * Episodes of one signal, by start: a function of the values alone, so that late, repeated and corrected values give what they
 * would have given in order. Those that did not last long enough are among them, with `raisedS` null.
 */
export function episodesOf(
  signal: Signal,
  rule: AlertRule,
  at: { throughS: EpochS; timeZone: string },
): Episode[] {
  const rows = rowsOf(signal, rule, at.timeZone);
  const window = {
    averaging: 'signal',
    representsSeconds: signal.representsS,
    endAfter: rule.endAfterValues,
    bridgeSeconds: rule.bridgeHours * 3600,
    leastValues: 1,
    sufficientShare: '0',
  };
  const criterion = {
    id: rule.id,
    parameter: '',
    averaging: 'signal',
    rule: 'at-most',
    limit: '0',
    multipleDecimals: null,
    allowed: null,
  } as const;
  const observations = rows.map(({ beginS, endS, on }) => ({ beginS, endS, value: on ? 1 : 0, seq: 0 }));
  return exceedanceEvents(observations, criterion, window, at.throughS).map((event) =>
    episodeOf(event, rows, { signal, rule }),
  );
}

function episodeOf(
  event: ExceedanceEvent,
  rows: readonly Row[],
  of: { signal: Signal; rule: AlertRule },
): Episode {
  const { signal, rule } = of;
  const inside = rows.filter(
    ({ beginS }) => beginS >= event.startS && beginS < Math.max(event.endS, event.startS + 1),
  );
  const members = inside.filter(({ on }) => on);
  const peak = members.reduce((worst, one) => (one.score > worst.score ? one : worst));
  const raising = members.find(
    ({ beginS, endS }, nth) =>
      nth + 1 >= rule.forValues && Math.max(endS, beginS) - event.startS >= rule.forMinutes * 60,
  );
  const below = rows.filter(({ beginS }) => beginS > members.at(-1)!.beginS).slice(0, rule.endAfterValues);
  const cleared = !event.open && below.length === rule.endAfterValues && below.every(({ on }) => !on);
  const recent = [...inside, ...below].slice(-rule.endAfterValues);
  const rungs = (list: readonly Row[]): Severity[] =>
    list.flatMap(({ score }) => severityOf(rule, score) ?? []);
  const worstOf = (list: readonly Row[]): Severity =>
    rungs(list).toSorted((a, b) => rank(b) - rank(a))[0] ?? rule.severity[0]!.severity;
  return {
    startS: event.startS,
    endS: event.endS,
    open: event.open,
    raisedS: raising === undefined ? null : Math.max(raising.endS, raising.beginS),
    knownEndS: event.open ? null : cleared ? below.at(-1)!.endS : event.endS + rule.bridgeHours * 3600,
    endReason: event.open ? null : cleared ? 'cleared' : 'no-more-data',
    severity: event.open ? worstOf(recent) : worstOf(members.slice(-rule.endAfterValues)),
    worst: worstOf(members),
    values: members.length,
    peakS: peak.beginS,
    peakScore: peak.score,
    explanation: signal.explain(peak.row),
  };
}
