import type { AveragingId } from '../../../domain/time.ts';
import type { Edition } from './profile.ts';

export const answers = {
  /** The station will execute a request, or why not (QnRtn). */
  request: '9011',
  /** What became of it (ExeRtn). */
  result: '9012',
  notification: '9013',
  data: '9014',
} as const;

const answerCodes = new Set<string>(Object.values(answers));
const heartbeats = new Set(['9015', '9021']);
/** Only the platform sends these, so that a frame with one needs no answer from it. */
const platformOnly = new Set(['1000', '1002', '1012', '1062', '1064', '1072', '2012', '2022', '3021']);

/** A logger of the 2025 edition begins a change of keys; in the surface-water protocol 1014 is its clock. */
export function asksForKey(command: string, edition: Edition): boolean {
  return command === '1014' && (edition === '2025-plain' || edition === '2025-sm4');
}

/** What is odd about a command from a logger of this edition; null: nothing. */
export function oddCommand(command: string, edition: Edition): string | null {
  if (platformOnly.has(command)) return `command ${command} is the platform's to send; kept and not answered`;
  const new2025 = command === '1001' && edition !== '2025-plain' && edition !== '2025-sm4';
  return new2025 ? `command 1001 (hardware serial) is of HJ 212-2025, registered is ${edition}; kept` : null;
}

export function isAnswer(command: string): boolean {
  return answerCodes.has(command);
}

export function isHeartbeat(command: string): boolean {
  return heartbeats.has(command);
}

/** The command that answers a frame whose A bit is set; null where none is due. */
export function answerCommand(command: string, heartbeatAnswer: '9013' | '9014'): string | null {
  if (isAnswer(command) || platformOnly.has(command)) return null;
  if (isHeartbeat(command)) return heartbeatAnswer;
  return command === '1013' ? answers.notification : answers.data;
}

/** Period of the readings that a command uploads, and the suffix that holds the reading; null for any other command. */
export function uploadOf(
  command: string,
  minuteInterval: MinuteAveraging,
): { averaging: AveragingId; suffix: 'Rtd' | 'Avg' } | null {
  if (command === '2011') return { averaging: 'instant', suffix: 'Rtd' };
  if (command === '2051') return { averaging: minuteInterval, suffix: 'Avg' };
  if (command === '2061') return { averaging: 'PT1H', suffix: 'Avg' };
  if (command === '2031') return { averaging: 'P1D', suffix: 'Avg' };
  return null;
}

export const minuteAveragings = ['PT1M', 'PT5M', 'PT10M', 'PT15M', 'PT30M'] as const satisfies AveragingId[];
export type MinuteAveraging = (typeof minuteAveragings)[number];

export const qnRtnMeanings: Record<string, string> = {
  '1': 'will execute',
  '2': 'refused',
  '3': 'wrong PW',
  '4': 'wrong MN',
  '5': 'wrong ST',
  '6': 'wrong Flag',
  '7': 'wrong QN',
  '8': 'wrong CN',
  '9': 'wrong CRC, or busy in the surface-water protocol',
  '99': 'wrong CRC in the surface-water protocol',
  '100': 'unknown',
};

export const exeRtnMeanings: Record<string, string> = {
  '1': 'done',
  '2': 'failed',
  '3': 'bad condition',
  '4': 'time-out',
  '5': 'busy',
  '6': 'system fault',
  '100': 'no data',
};
