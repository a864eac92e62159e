import type { StatePlace } from '../src/store/state/index.ts';

/** An embedded state in a folder of its own, which begins as a copy of the one that `state-template.ts` made. */
export const embeddedState = (dir: string): StatePlace => ({
  kind: 'pglite',
  dir,
  template: process.env.JIEHE_STATE_TEMPLATE ?? null,
});
