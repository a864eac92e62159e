import type { Check } from './list.ts';

/** A check that every source names one of these adapters; only the caller knows which exist. */
export function adapterCheck(adapters: readonly string[]): Check {
  return (draft) =>
    draft.sources
      .filter((source) => !adapters.includes(source.adapter))
      .map((source) => {
        const expected = `one of ${adapters.join(', ')}`;
        return draft.fault(source, ['adapter'], { message: 'unknown adapter', expected });
      });
}
