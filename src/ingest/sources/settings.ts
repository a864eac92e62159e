import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { SourceConfig } from '../../domain/config/source.ts';
import { MonitorError } from '../../domain/errors.ts';

/** The adapter's own settings, checked. Throws E_CONFIG that names every fault. */
export function settingsOf<S extends TSchema>(source: SourceConfig, schema: S): Static<S> {
  if (Value.Check(schema, source.settings)) return source.settings;
  const faults = [...Value.Errors(schema, source.settings)].map(
    (error) => `${error.instancePath || '/'} ${error.message}`,
  );
  throw new MonitorError('E_CONFIG', `source "${source.id}": settings ${faults.join('; ')}`, {
    details: { source: source.id, settings: source.settings },
  });
}
