export * from './episodes.ts';
export * from './evaluate.ts';
export * from './series-signals.ts';
export * from './signal.ts';
export * from './silence-signals.ts';
export * from './incidents.ts';
export * from './place.ts';
export * from './water-signals.ts';
