import type { LoadService } from '../domain/loads.ts';
import type { System } from '../main.ts';
import { sectionAttribution } from '../settle/attributions.ts';
import { sectionLoad } from '../settle/loads.ts';

/** Loads and attributions from the readings of an open system, by the configuration in force when asked. */
export function loadService(system: Pick<System, 'config' | 'readings'>): LoadService {
  const config = () => system.config();
  return {
    load: (query, readings = system.readings) => sectionLoad({ config: config(), readings }, query),
    attribution: (query, readings = system.readings) =>
      sectionAttribution({ config: config(), readings }, query),
  };
}
