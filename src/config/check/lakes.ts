import type { ConfigFault } from '../../domain/config/config.ts';
import type { Draft } from '../draft.ts';

/** A point of a lake is judged as a lake, and its lake has one name. */
export function lakeFaults(draft: Draft): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const names = new Map<string, string>();
  for (const section of draft.sections) {
    const { lake, bodyType } = section;
    if (lake === undefined) continue;
    if (bodyType?.value !== 'lake') {
      const text = { message: 'a point of a lake that is no lake', expected: 'bodyType lake' };
      faults.push(draft.fault(section, ['lake', 'id'], text));
    }
    const name = names.get(lake.id) ?? lake.name.zh;
    names.set(lake.id, name);
    if (name === lake.name.zh) continue;
    const text = { message: `another name of the lake ${lake.id}`, expected: name };
    faults.push(draft.fault(section, ['lake', 'name', 'zh'], text));
  }
  return faults;
}
