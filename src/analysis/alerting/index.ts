export * from './episodes.ts';
export * from './evaluate.ts';
export * from './series-signals.ts';
export * from './signal.ts';
export * from './water-signals.ts';
