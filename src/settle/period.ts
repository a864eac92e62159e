import type { Period } from '../domain/civil-period.ts';
import type { Agreement } from '../domain/config/region.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Reason } from '../domain/preview.ts';
import { civilDate } from '../domain/time.ts';

/**
 * The rule is for whole periods: one of which only a part lies in an agreement's term has no result, and this says why; null for a whole one.
 * Throws E_BAD_REQUEST for a period outside the term.
 */
export function termReason(
  { id, term }: Pick<Agreement, 'id' | 'term'>,
  period: Period,
  timeZone: string,
): Reason | null {
  const [first, last] = [civilDate(period.beginS, timeZone), civilDate(period.endS - 1, timeZone)];
  if (first > term.to || last < term.from) {
    const message = `${period.id} is outside the term of ${id}: ${term.from} to ${term.to}`;
    throw new MonitorError('E_BAD_REQUEST', message);
  }
  if (first >= term.from && last <= term.to) return null;
  const text = {
    zh: `协议期限 ${term.from} 至 ${term.to} 只覆盖 ${period.id} 的一部分，不按整期计算`,
    en: `the term from ${term.from} to ${term.to} covers only a part of ${period.id}, which is not computed as a whole`,
  };
  return { code: 'term-covers-part', text };
}
