import type { ConfigFault } from '../../domain/config/config.ts';
import type { Draft } from '../draft.ts';
import { overlaps, type DatedFromTo } from './intervals.ts';

/** At any date a provider's natural key means one station: alias intervals of one key must not overlap. */
export function aliasFaults(draft: Draft): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const byKey = new Map<string, { station: string; alias: DatedFromTo }[]>();
  for (const station of [...draft.sections, ...draft.airStations, ...draft.flowStations]) {
    for (const [index, alias] of station.aliases.entries()) {
      const key = `${alias.provider}\n${alias.key}`;
      const before = byKey.get(key) ?? [];
      byKey.set(key, before);
      const other = before.find((entry) => overlaps(entry.alias, alias));
      if (other !== undefined) {
        const message = `this key of ${alias.provider} already means "${other.station}" at a common date`;
        const expected = 'intervals of one key that do not overlap';
        faults.push(draft.fault(station, ['aliases', index, 'key'], { message, expected }));
      }
      before.push({ station: station.id, alias });
    }
  }
  return faults;
}
