export * from './classify.ts';
export * from './columns.ts';
export * from './limits.ts';
export * from './measured.ts';
