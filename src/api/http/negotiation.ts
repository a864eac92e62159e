import type { FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import type { Meta } from './schemas.ts';

export const mediaTypes = {
  json: 'application/json; charset=utf-8',
  geojson: 'application/geo+json; charset=utf-8',
  columns: 'application/vnd.jiehe.columns+json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
} as const;
export type Representation = keyof typeof mediaTypes;

/** `f` in the query wins; else the best of `offered` by the Accept header; else the first one offered. */
export function chooseRepresentation<T extends Representation>(
  request: FastifyRequest,
  asked: T | undefined,
  offered: readonly [T, ...T[]],
): T {
  if (asked !== undefined) return asked;
  const ranges = (request.headers.accept ?? '').split(',').map((range, order) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const q = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    return { type: type.toLowerCase(), q: Number.isNaN(q) ? 0 : q, order };
  });
  ranges.sort((a, b) => b.q - a.q || a.order - b.order);
  for (const { type, q } of ranges) {
    const found = offered.find((name) => mediaTypes[name].split(';')[0] === type);
    if (found !== undefined && q > 0) return found;
    if (type === '*/*' || type === 'application/*') break;
  }
  return offered[0];
}

/** What every answer carries beside its content. `next` null: the last page. */
export function metaOf(deps: ApiDeps, next: string | null = null): Meta {
  const config = deps.config();
  return {
    synthetic: deps.synthetic,
    notice: deps.synthetic ? syntheticNotice : config.region.notice,
    configHash: config.hash,
    appliedSeq: deps.progress().appliedSeq,
    next,
  };
}

export const syntheticNotice = {
  zh: '模拟数据：由内置模拟器生成，并非真实监测结果',
  en: 'Synthetic data: made by the built-in simulator, not real measurements',
};
