export * from './aqi.ts';
export * from './columns.ts';
export * from './edition.ts';
export * from './index-limits.ts';
export * from './assessment.ts';
export * from './attainment.ts';
export * from './station-quality.ts';
