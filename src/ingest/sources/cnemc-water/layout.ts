import { cellOf } from './cell.ts';

/** What a column of the platform's table is. */
export type Column =
  | { role: 'province' | 'basin' | 'section' | 'time' | 'class' | 'state' }
  | { role: 'measured'; parameter: string };

const measured = (parameter: string): Column => ({ role: 'measured', parameter });

/** Header text with its unit (brackets narrow, no blanks) in the published order; the last column only until 2026-01-14. */
const published: readonly (readonly [string, Column])[] = [
  ['省份', { role: 'province' }],
  ['流域', { role: 'basin' }],
  ['断面名称', { role: 'section' }],
  ['监测时间', { role: 'time' }],
  ['水质类别', { role: 'class' }],
  ['水温(℃)', measured('wt')],
  ['pH(无量纲)', measured('ph')],
  ['溶解氧(mg/L)', measured('do')],
  ['电导率(μS/cm)', measured('ec')],
  ['浊度(NTU)', measured('turbidity')],
  ['高锰酸盐指数(mg/L)', measured('codmn')],
  ['氨氮(mg/L)', measured('nh3n')],
  ['总磷(mg/L)', measured('tp')],
  ['总氮(mg/L)', measured('tn')],
  ['叶绿素α(mg/L)', measured('chla')],
  ['藻密度(cells/L)', measured('algae')],
  ['站点情况', { role: 'state' }],
];

const byHeader = new Map(published);

export const measuredParameters: readonly string[] = published.flatMap(([, column]) =>
  column.role === 'measured' ? [column.parameter] : [],
);
/** Cells that count, a row. */
export const measuredPerRow = measuredParameters.length;
/** Headers in published order, for those who write the format. */
export const publishedHeaders: readonly string[] = published.map(([header]) => header);

/** Same characters for the same header: unit in narrow brackets, one kind of micro sign and of alpha, no blanks. */
export function normalHeader(cell: unknown): string {
  return cellOf(cell)
    .shown.replaceAll(/\s/g, '')
    .replaceAll('（', '(')
    .replaceAll('）', ')')
    .replaceAll('\u00b5', '\u03bc')
    .replaceAll('叶绿素a', '叶绿素α');
}

/**
 * Columns by header text; by position only where a reply has no headers at all and a known width.
 * A header that is unknown (a changed unit included), missing or doubled is a fault, and the page must be refused.
 */
export function columnsOf(
  headers: readonly unknown[],
  width: number,
): { columns: readonly Column[] } | { fault: string } {
  const all = published.map(([, column]) => column);
  if (headers.length === 0) {
    if (width === all.length || width === all.length - 1) return { columns: all.slice(0, width) };
    return { fault: `no headers and ${width} columns, expected ${all.length - 1} or ${all.length}` };
  }
  const names = headers.map(normalHeader);
  const unknown = names.filter((name) => !byHeader.has(name));
  const lacking = published
    .filter(([name, column]) => column.role !== 'state' && !names.includes(name))
    .map(([name]) => name);
  const doubled = names.filter((name, index) => names.indexOf(name) !== index);
  if (unknown.length + lacking.length + doubled.length === 0)
    return { columns: names.map((name) => byHeader.get(name)!) };
  const parts = [
    `unknown: ${unknown.join(' ')}`,
    `lacking: ${lacking.join(' ')}`,
    `doubled: ${doubled.join(' ')}`,
  ];
  return { fault: parts.filter((part) => !part.endsWith(': ')).join('; ') };
}
