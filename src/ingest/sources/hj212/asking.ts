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
  '1011': 'read its clock',
  '1012': 'set its clock to ours',
  '1014': 'take the next SM4 key',
} as const;
export type Askable = keyof typeof askable;

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
