import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Check } from './list.ts';

/** A check that the settings of every source fit the schema of its adapter; only the caller knows which schemas exist. */
export function settingsCheck(schemas: ReadonlyMap<string, TSchema>): Check {
  return (draft) =>
    draft.sources.flatMap((source) => {
      const schema = schemas.get(source.adapter);
      if (schema === undefined || Value.Check(schema, source.settings)) return [];
      const errors = [...Value.Errors(schema, source.settings)];
      // A value that fits no form of a union has an error for each of them; it is one fault.
      const firsts = errors.filter(
        (error, at) => errors.findIndex((other) => other.instancePath === error.instancePath) === at,
      );
      return firsts.map(({ instancePath, message }) => {
        const steps = instancePath.split('/').slice(1);
        const path = steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
        const alone = errors.filter((other) => other.instancePath === instancePath).length === 1;
        return draft.fault(source, ['settings', ...path], {
          message: alone ? message : 'fits none of the values or forms allowed here',
          expected: `what the adapter ${source.adapter} takes`,
        });
      });
    });
}
