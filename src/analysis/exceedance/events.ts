import type { EventWindow } from '../../domain/config/exceedance-method.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';

/** What counts as beyond the limit, and how often it may be; apart from the method, which cuts events and asks for data. */
export interface Criterion {
  id: string;
  parameter: string;
  averaging: string;
  rule: 'at-most' | 'at-least';
  limit: string;
  /** Decimals of (C − S) / S; null for items that never have a multiple. */
  multipleDecimals: number | null;
  /** How many values beyond the limit are allowed in the period looked at; null: the standard has no such allowance. */
  allowed: number | null;
}

/** One value of one station, half-open; `value` null says "no valid value". Of two for one begin the higher `seq` counts. */
export interface Observation {
  beginS: number;
  endS: number;
  value: number | null;
  seq: number;
}

/** A run of values beyond a limit, in event time: `startS` and `endS` are when it happened, never when it was told. */
export interface ExceedanceEvent {
  startS: number;
  endS: number;
  /** It may still go on: neither enough values below the limit nor too long a silence follows. */
  open: boolean;
  /** Values beyond the limit, values below it inside, and due values that are absent inside. */
  values: number;
  below: number;
  missing: number;
  /** Time that the values beyond the limit stand for. */
  durationS: number;
  peak: { value: number; atS: number; multiple: string | null };
  /** Mean of the values beyond the limit, to 12 digits. */
  mean: string;
}

interface Run {
  over: Observation[];
  below: number;
}

/** The newest word on each moment, in the order of event time. */
export function inEventTime(observations: readonly Observation[]): Observation[] {
  const newest = new Map<number, Observation>();
  for (const one of observations) {
    const known = newest.get(one.beginS);
    if (known === undefined || one.seq > known.seq) newest.set(one.beginS, one);
  }
  return [...newest.values()].toSorted((a, b) => a.beginS - b.beginS);
}

function endOf(one: Observation, window: EventWindow): number {
  return Math.max(one.endS, one.beginS + window.representsSeconds);
}

/**
 * Events of one station and criterion, by start. A function of the set of observations alone: the order of arrival, repeats and late
 * values make no difference. `knownThroughS`: up to where the series is known, for what is still open.
 */
export function exceedanceEvents(
  observations: readonly Observation[],
  criterion: Criterion,
  window: EventWindow,
  knownThroughS?: number,
): ExceedanceEvent[] {
  const ordered = inEventTime(observations);
  const limit = Number(criterion.limit);
  const beyond = (value: number) => (criterion.rule === 'at-most' ? value > limit : value < limit);
  const runs: Run[] = [];
  let belowSince = 0;
  for (const one of ordered) {
    if (one.value === null) continue;
    if (!beyond(one.value)) {
      belowSince++;
      continue;
    }
    const run = runs.at(-1);
    const gapS = run === undefined ? 0 : one.beginS - endOf(run.over.at(-1)!, window);
    if (run !== undefined && belowSince < window.endAfter && gapS <= window.bridgeSeconds) {
      run.over.push(one);
      run.below += belowSince;
    } else runs.push({ over: [one], below: 0 });
    belowSince = 0;
  }
  const throughS = Math.max(knownThroughS ?? 0, ordered.length === 0 ? 0 : endOf(ordered.at(-1)!, window));
  const last = runs.at(-1);
  return runs
    .filter((run) => run.over.length >= window.leastValues)
    .map((run) => {
      const silentS = throughS - endOf(run.over.at(-1)!, window);
      const open = run === last && belowSince < window.endAfter && silentS <= window.bridgeSeconds;
      return eventOf(run, criterion, window, open);
    });
}

function eventOf(run: Run, criterion: Criterion, window: EventWindow, open: boolean): ExceedanceEvent {
  const { over } = run;
  const worse = (a: number, b: number) => (criterion.rule === 'at-most' ? a > b : a < b);
  const peak = over.reduce((worst, one) => (worse(one.value!, worst.value!) ? one : worst));
  const [startS, endS] = [over[0]!.beginS, endOf(over.at(-1)!, window)];
  const sum = over.reduce((total, one) => total.plus(one.value!), new Decimal(0));
  const due = Math.round((endS - startS) / window.representsSeconds);
  const limit = new Decimal(criterion.limit);
  const places = criterion.multipleDecimals;
  const multiple =
    places === null || limit.isZero()
      ? null
      : roundHalfEven(new Decimal(peak.value!).minus(limit).div(limit), places).toFixed(places);
  return {
    startS,
    endS,
    open,
    values: over.length,
    below: run.below,
    missing: Math.max(0, due - over.length - run.below),
    durationS: over.length * window.representsSeconds,
    peak: { value: peak.value!, atS: peak.beginS, multiple },
    mean: sum.div(over.length).toSignificantDigits(12).toFixed(),
  };
}

/** How often a limit was passed in a span. `within` null: too few values to say that it was not, or the criterion allows no count. */
export interface ExceedanceFrequency {
  expected: number;
  valid: number;
  beyond: number;
  share: string | null;
  allowed: number | null;
  within: boolean | null;
  sufficient: boolean;
}

/** Frequency over `[fromS, toS)`. Too many values beyond the limit are proven by any number of values; too few are not. */
export function exceedanceFrequency(
  observations: readonly Observation[],
  criterion: Criterion,
  window: EventWindow,
  span: { fromS: number; toS: number },
): ExceedanceFrequency {
  const limit = Number(criterion.limit);
  const values = inEventTime(observations)
    .filter((one) => one.beginS >= span.fromS && one.beginS < span.toS)
    .flatMap((one) => (one.value === null ? [] : [one.value]));
  const beyond = values.filter((value) =>
    criterion.rule === 'at-most' ? value > limit : value < limit,
  ).length;
  const expected = Math.floor((span.toS - span.fromS) / window.representsSeconds);
  const sufficient = expected > 0 && new Decimal(values.length).div(expected).gte(window.sufficientShare);
  const { allowed } = criterion;
  return {
    expected,
    valid: values.length,
    beyond,
    share: values.length === 0 ? null : roundHalfEven(new Decimal(beyond).div(values.length), 4).toFixed(4),
    allowed,
    within: allowed === null ? null : beyond > allowed ? false : sufficient ? true : null,
    sufficient,
  };
}

export type EventChangeKind = 'opened' | 'changed' | 'closed' | 'reopened' | 'merged' | 'split' | 'withdrawn';

/** What late or corrected values did to events: `before` and `after` overlap in time. */
export interface EventChange {
  kind: EventChangeKind;
  before: ExceedanceEvent[];
  after: ExceedanceEvent[];
}

const overlaps = (a: ExceedanceEvent, b: ExceedanceEvent) => a.startS < b.endS && b.startS < a.endS;

function kindOf(before: readonly ExceedanceEvent[], after: readonly ExceedanceEvent[]): EventChangeKind {
  if (before.length === 0) return 'opened';
  if (after.length === 0) return 'withdrawn';
  if (before.length > after.length) return 'merged';
  if (after.length > before.length) return 'split';
  const [old, now] = [before.at(-1)!, after.at(-1)!];
  return old.open && !now.open ? 'closed' : !old.open && now.open ? 'reopened' : 'changed';
}

/** Differences between the events of one series before and after something arrived; unchanged events are not named. */
export function eventChanges(
  before: readonly ExceedanceEvent[],
  after: readonly ExceedanceEvent[],
): EventChange[] {
  const groups: EventChange[] = [];
  const all = [
    ...before.map((event) => ({ event, old: true })),
    ...after.map((event) => ({ event, old: false })),
  ].toSorted((a, b) => a.event.startS - b.event.startS);
  for (const { event, old } of all) {
    const group = groups.at(-1);
    const joined =
      group !== undefined && [...group.before, ...group.after].some((one) => overlaps(one, event));
    const into = joined ? group : { kind: 'changed' as const, before: [], after: [] };
    if (!joined) groups.push(into);
    (old ? into.before : into.after).push(event);
  }
  return groups
    .filter((group) => JSON.stringify(group.before) !== JSON.stringify(group.after))
    .map((group) => ({ ...group, kind: kindOf(group.before, group.after) }));
}
