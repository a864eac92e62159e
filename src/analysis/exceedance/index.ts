export * from './over-limit.ts';
