import { MonitorError } from '../../../domain/errors.ts';
import { averagings, type EpochS } from '../../../domain/time.ts';
import type { Device } from './settings.ts';
import { stampText } from './stamp.ts';

const DAY_S = 86_400;

/** What a logger may be asked by the platform. Those with a window upload history; setting a clock or a key changes the logger. */
export const askable = {
  '2031': 'history of days',
  '2041': 'history of running times',
  '2051': 'history of minutes',
  '2061': 'history of hours',
  '1000': 'wait and repeat as we do',
  '1011': 'read its clock',
  '1012': 'set its clock to ours',
  '1014': 'take the next SM4 key',
  '1061': 'read its interval of real-time data',
  '1063': 'read its interval of minute data',
} as const;
export type Askable = keyof typeof askable;

/** Commands that one might want to send and that are never sent, and why. */
const neverAsked: Readonly<Record<string, string>> = {
  '1001': 'a logger tells its hardware serial by itself (HJ 212-2025)',
  '1002':
    'a number is registered here, not assigned; what the 2025 edition puts into it is known second hand only',
  '1013': 'a logger asks for the time with it; 1012 sets its clock',
  '1015': 'what the surface-water protocol puts into it is known second hand only',
  '1072': 'a password of a logger is set at the logger: it would be sent in clear',
};

/** Why a command is not sent, with what is. */
export function whyNotAsked(command: string): string {
  const why = neverAsked[command] ?? 'no command that a logger is asked';
  return `command ${command}: ${why}; expected one of ${Object.keys(askable).join(', ')}`;
}

/** Data area of 1000: what we wait for an answer, in seconds, and how often we send before the link counts as unusable. */
export function patienceArea({ timeoutMs, attempts }: { timeoutMs: number; attempts: number }): string {
  return `OverTime=${Math.ceil(timeoutMs / 1000)};ReCount=${attempts}`;
}

export const isAskable = (command: string): command is Askable => Object.hasOwn(askable, command);
export const hasWindow = (command: Askable): boolean => command.startsWith('2');

/** Seconds of a period that a history command uploads. */
function periodS(command: Askable, device: Device): number {
  if (command === '2061') return 3600;
  if (command === '2051') return averagings[device.minuteAveraging ?? 'PT10M'].seconds;
  return DAY_S;
}

/**
 * Data area of a history request. The window is half-open on begins of periods; the protocol names the first and the last stamp,
 * both included, as the logger stamps. Throws E_BAD_REQUEST for a window without a whole period.
 */
export function windowArea(command: Askable, window: { fromS: EpochS; toS: EpochS }, device: Device): string {
  const lengthS = periodS(command, device);
  const shiftS = device.stampMeans === 'end' ? lengthS : 0;
  const lastS = window.toS - lengthS;
  if (lastS < window.fromS)
    throw new MonitorError('E_BAD_REQUEST', `the window holds no period of ${lengthS} s`, {
      details: { ...window, periodS: lengthS },
    });
  return `BeginTime=${stampText(window.fromS + shiftS)};EndTime=${stampText(lastS + shiftS)}`;
}

/** Data area of the command that hands over a new key. The field's name is not known here first hand, so that it is configured. */
export function keyArea(key: Uint8Array, { field = 'NewKey' }: { field?: string } = {}): string {
  return `${field}=${Buffer.from(key).toString('hex').toUpperCase()}`;
}
