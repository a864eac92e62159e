export { openState, type OpenState } from './open.ts';
export type { StatePlace } from './engine.ts';
export type { WithAct } from './act-queue.ts';
export { createKey, revokeKey, type NewKey } from './keys.ts';
export { openJobs, type Job, type Jobs, type SendChoices } from './jobs.ts';
export { acknowledgeTokens } from './acknowledge-tokens.ts';
export { addNotifications, deliveryStore, openOutbox, type AddNotifications } from './notifications.ts';
export { settlementStore } from './settlements.ts';
