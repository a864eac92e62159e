import type { Text } from '../../domain/config/facts.ts';
import type { ExceedanceWording } from '../../domain/config/standard.ts';
import { MonitorError } from '../../domain/errors.ts';

/** How far a value has been confirmed; decides what may be said of it. */
export type Standing = ExceedanceWording['rungs'][number]['standing'];
export type Side = 'above' | 'below' | 'outside';

/**
 * The only wording that may be shown for a value beyond a limit, and whether the word 超标 may be used. `limitName` names the
 * class or grade. Throws E_CONFIG for a standing that the ladder has no rung for.
 */
export function ladderWording(
  wording: ExceedanceWording,
  what: { standing: Standing; side: Side; limitName: Text | undefined },
): { exceedance: boolean; text: Text } {
  const rung = wording.rungs.find((candidate) => candidate.standing === what.standing);
  if (rung === undefined)
    throw new MonitorError('E_CONFIG', `${wording.id}: no wording for standing "${what.standing}"`);
  const put = (text: string, name: string | undefined) => text.replaceAll('{class}', name ?? '');
  const template = rung[what.side];
  return {
    exceedance: rung.exceedance,
    text: {
      zh: put(template.zh, what.limitName?.zh),
      en: put(
        template.en,
        what.limitName?.en.replace(/^[CG](?=lass|rade)/, (letter) => letter.toLowerCase()),
      ),
    },
  };
}
