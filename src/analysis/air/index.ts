export * from './aqi.ts';
export * from './columns.ts';
export * from './edition.ts';
export * from './index-limits.ts';
