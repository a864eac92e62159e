import { placeOf, subjectKey, type Episode, type SubjectEpisodes } from '../analysis/alerting/index.ts';
import type { Alert } from '../domain/alerts.ts';
import { severities } from '../domain/config/alerting.ts';
import type { Config } from '../domain/config/config.ts';
import type { EpochS } from '../domain/time.ts';
import { isActive, nextPending, nextState, reopenedState, type AlertEdits } from './lifecycle.ts';

export interface ReconcileContext {
  config: Config;
  nowS: EpochS;
  /** Event time that the episodes were computed on: what begins before it is not judged by them. */
  fromS: EpochS;
  /** What ended longer ago is not told of when old data arrives. */
  oldestS: EpochS;
  synthetic: boolean;
}

const endOf = (alert: Alert): number => alert.endS ?? Infinity;
const overlaps = (alert: Alert, episode: Episode): boolean =>
  alert.startS <= (episode.open ? Infinity : episode.endS) && episode.startS <= endOf(alert);

function factsOf(episode: Episode): Partial<Alert> {
  return {
    startS: episode.startS,
    endS: episode.open ? null : episode.endS,
    severity: episode.severity,
    worst: episode.worst,
    peakS: episode.peakS,
    peakScore: episode.peakScore,
    facts: episode.explanation,
  };
}

function open(edits: AlertEdits, of: SubjectEpisodes, episode: Episode, context: ReconcileContext): void {
  const { rule, subject } = of;
  const key = subjectKey(subject);
  const id = `${rule.id}~${key}~${episode.startS}`;
  const known = edits.get(id);
  if (known !== undefined) {
    const state = episode.open ? reopenedState(known) : 'resolved';
    const resolvedS = episode.open ? null : context.nowS;
    const news = known.notifiedS === null ? ('opened' as const) : ('amended' as const);
    const change = { ...factsOf(episode), state, resolvedS, pending: news, pendingSinceS: null };
    edits.edit(id, { kind: 'reopened', reason: 'data-restored' }, change);
    return;
  }
  edits.open(
    {
      id,
      rule: rule.id,
      kind: rule.when.kind,
      title: rule.title,
      subject: key,
      ...subject,
      ...placeOf(of.place ?? { station: subject.station }, context.config),
      state: episode.open ? 'open' : 'resolved',
      severity: episode.severity,
      worst: episode.worst,
      startS: episode.startS,
      endS: episode.open ? null : episode.endS,
      peakS: episode.peakS,
      peakScore: episode.peakScore,
      facts: episode.explanation,
      openedS: context.nowS,
      resolvedS: episode.open ? null : context.nowS,
      pending: 'opened',
      pendingSinceS: context.nowS,
      held: null,
      notifiedS: null,
      escalation: 0,
      lastToldS: null,
      acknowledgedBy: null,
      acknowledgedS: null,
      assignee: null,
      snoozedUntilS: null,
      drill: false,
      synthetic: context.synthetic,
    },
    'condition-held',
  );
}

function withdraw(
  edits: AlertEdits,
  alert: Alert,
  reason: string,
  detail: Record<string, unknown> = {},
): void {
  const state = nextState(alert.state, 'withdraw');
  if (state === null) return;
  edits.edit(alert.id, { kind: 'withdrawn', reason, detail }, { state, ...nextPending(alert, 'withdrawn') });
}

/** What moved without time having gone on: only late or corrected data does that. */
function amendments(alert: Alert, episode: Episode): Record<string, unknown> {
  const moved: Record<string, unknown> = {};
  if (alert.startS !== episode.startS) moved.startS = [alert.startS, episode.startS];
  if (alert.endS !== null && !episode.open && alert.endS !== episode.endS)
    moved.endS = [alert.endS, episode.endS];
  // A silence grows with time: its value says how long it is.
  const grows = alert.kind === 'silence' || alert.kind === 'schedule-silence';
  const said = ({ value, summary }: Alert['facts']): string => value ?? summary.zh;
  const { explanation: now, peakS, peakScore } = episode;
  const corrected = !grows && alert.peakS === peakS && said(alert.facts) !== said(now);
  const told = now.value === null ? 'summary' : 'value';
  if (corrected) moved[told] = [alert.facts[told], now[told]];
  // The worst of a time that goes on can only grow.
  else if (!grows && peakScore < alert.peakScore) moved.peakScore = [alert.peakScore, peakScore];
  return moved;
}

function follow(edits: AlertEdits, alert: Alert, episode: Episode, nowS: EpochS): void {
  const facts = factsOf(episode);
  const moved = amendments(alert, episode);
  if (Object.keys(moved).length > 0) {
    const change = { ...facts, ...nextPending(alert, 'amended') };
    edits.edit(alert.id, { kind: 'amended', reason: 'late-or-corrected-data', detail: moved }, change);
  }
  const rank = (one: Alert['severity']): number => severities.indexOf(one);
  const goesOn = episode.open && isActive(alert);
  if (goesOn && rank(episode.severity) > rank(alert.severity)) {
    const change = { ...facts, ...nextPending(edits.get(alert.id)!, 'amended') };
    const detail = { from: alert.severity, to: episode.severity };
    edits.edit(alert.id, { kind: 'severity-raised', reason: 'worse-rung', detail }, change);
  } else if (goesOn && rank(episode.severity) < rank(alert.severity)) {
    const detail = { from: alert.severity, to: episode.severity };
    edits.edit(alert.id, { kind: 'severity-lowered', reason: 'better-rung', detail }, facts);
  }
  const now = edits.get(alert.id)!;
  if (alert.state === 'closed' && alert.endS === null) {
    // Closed by a person while it went on: it stays so, and ends with its event.
    if (!episode.open)
      edits.edit(alert.id, { kind: 'amended', reason: 'event-ended' }, { endS: episode.endS });
  } else if (episode.open && !isActive(now)) {
    const change = { ...facts, state: reopenedState(now), resolvedS: null, ...nextPending(now, 'amended') };
    edits.edit(alert.id, { kind: 'reopened', reason: 'goes-on' }, change);
  } else if (!episode.open && isActive(now)) {
    const change = { ...facts, state: 'resolved' as const, resolvedS: nowS, ...nextPending(now, 'resolved') };
    edits.edit(alert.id, { kind: 'resolved', reason: episode.endReason ?? 'cleared' }, change);
  } else if (
    now.steps === alert.steps &&
    episode.peakScore > alert.peakScore &&
    alert.peakS !== episode.peakS
  ) {
    edits.edit(alert.id, { kind: 'new-peak', reason: 'worse-value' }, facts);
  }
}

/**
 * Brings the alerts of one subject and rule to what its episodes say now. The same episodes again change nothing, in whatever order
 * the readings came.
 */
export function reconcile(edits: AlertEdits, of: SubjectEpisodes, context: ReconcileContext): void {
  const key = subjectKey(of.subject);
  const known = edits
    .all()
    .filter(
      (alert) =>
        !alert.drill && alert.rule === of.rule.id && alert.subject === key && alert.state !== 'withdrawn',
    )
    .toSorted((a, b) => a.startS - b.startS);
  const raised = of.episodes.filter(({ raisedS }) => raisedS !== null && raisedS <= context.nowS);
  const taken = new Map<Episode, Alert>();
  for (const alert of known) {
    if (alert.startS < context.fromS) continue;
    const matching = raised.filter((episode) => overlaps(alert, episode));
    const free = matching.find((episode) => !taken.has(episode));
    if (free !== undefined) {
      taken.set(free, alert);
      follow(edits, alert, free, context.nowS);
    } else if (matching[0] === undefined) withdraw(edits, alert, 'condition-did-not-hold');
    else withdraw(edits, alert, 'merged', { into: taken.get(matching[0])?.id });
  }
  for (const episode of raised) {
    if (taken.has(episode) || episode.startS < context.fromS) continue;
    if (known.some((alert) => alert.startS < context.fromS && overlaps(alert, episode))) continue;
    if (!episode.open && episode.endS < context.oldestS) continue;
    open(edits, of, episode, context);
  }
}
