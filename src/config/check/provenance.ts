import type { ConfigFault } from '../../domain/config/config.ts';
import type { Draft } from '../draft.ts';
import { collections } from '../kinds.ts';
import { everyMap } from './every-map.ts';
import { soundEntries } from './intervals.ts';

/** A source that says nothing is no source. */
export function provenanceFaults(draft: Draft): ConfigFault[] {
  const faults: ConfigFault[] = [];
  for (const entry of collections.flatMap((name) => soundEntries(draft, name))) {
    everyMap(entry, (map, path) => {
      if (
        typeof map.source !== 'string' ||
        typeof map.confidence !== 'string' ||
        /[\p{L}\p{N}]/u.test(map.source)
      )
        return;
      const text = {
        message: 'the source says nothing',
        expected: 'document and clause, address, or "project default" with the reason',
      };
      faults.push(draft.fault(entry, [...path, 'source'], text));
    });
  }
  return faults;
}
