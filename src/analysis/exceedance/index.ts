export * from './air-over-limit.ts';
export * from './over-limit.ts';
export * from './wording.ts';
export * from './events.ts';
