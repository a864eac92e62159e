import { Type, type Static } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { FetchContext, RawPayload } from '../../domain/ports.ts';
import type { EpochS } from '../../domain/time.ts';

const HOUR_S = 3600;
const DAY_S = 86_400;

export interface Window {
  fromS: EpochS;
  toS: EpochS;
}

/** `overlapHours` are read again each time, so that a value the provider corrected is seen; `initialDays` at the first run. */
export const incrementalSettings = {
  overlapHours: Type.Optional(Type.Integer({ minimum: 0, maximum: 24 * 366 })),
  initialDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3660 })),
};
const Incremental = Type.Object(incrementalSettings);

const OVERLAP_HOURS = 48;
const INITIAL_DAYS = 7;

/**
 * Asks one part of an upstream from where it was left, the overlap included. The cursor moves when `ask` returns true, that is
 * when everything up to now was answered and journaled; a run that was cut off asks for the same window again.
 */
export async function* sinceLast(
  context: FetchContext,
  part: string,
  settings: Static<typeof Incremental>,
  ask: (window: Window, first: boolean) => AsyncGenerator<RawPayload, boolean>,
): AsyncGenerator<RawPayload> {
  const known = Number((await context.cursors.get(part)) ?? Number.NaN);
  const first = !Number.isFinite(known);
  const fromS = first
    ? context.nowS - (settings.initialDays ?? INITIAL_DAYS) * DAY_S
    : Math.min(known, context.nowS) - (settings.overlapHours ?? OVERLAP_HOURS) * HOUR_S;
  const complete = yield* ask({ fromS, toS: context.nowS }, first);
  if (complete) await context.cursors.set(part, String(context.nowS));
}

/** What a parser may hold the stamps of a reply against. */
export const windowMeta = (window: Window): { windowFromS: number; windowToS: number } => ({
  windowFromS: window.fromS,
  windowToS: window.toS,
});

/** ISO 8601 in UTC, whole seconds. */
export const utcText = (atS: EpochS): string => new Date(atS * 1000).toISOString().replace('.000', '');

/** Name of the variable that holds an access key; the key itself never stands in a configuration. */
export const KeyEnv = Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' });

/** The access key, null where none is asked for. Throws E_CONFIG for a variable that is named and not set. */
export function accessKey(context: FetchContext, keyEnv: string | undefined): string | null {
  if (keyEnv === undefined) return null;
  const key = context.secret(keyEnv);
  if (key === null || key === '')
    throw new MonitorError(
      'E_CONFIG',
      `source "${context.sourceId}" needs its access key in the environment variable ${keyEnv}`,
    );
  return key;
}
