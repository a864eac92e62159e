import { writeXlsx } from 'hucre';
import type { Config } from '../domain/config/config.ts';
import { drawnFault } from './drawn-fault.ts';
import { hashOf, normal, uniform } from './noise.ts';
import { DAY_S, HOUR_S, UPSTREAM_OFFSET_S, wallClock, twoDigits } from './options.ts';
import { basinTruth } from './water-world.ts';

export const sheetKinds = ['separated', 'joint', 'delivered'] as const;
export type SheetKind = (typeof sheetKinds)[number];

/** What goes wrong in a sheet; each names a share of its samplings. Those of a cell concern ammonia nitrogen. */
export const sheetFaults = [
  'notDetected',
  'notMeasured',
  'wrongType',
  'formulaText',
  'missingDate',
  'futureDate',
  'unknownSection',
  'contradiction',
  'halvesDiffer',
] as const;
export type SheetFault = (typeof sheetFaults)[number];
export type SheetFaultRates = Record<SheetFault, number>;

export const noSheetFaults = Object.fromEntries(sheetFaults.map((fault) => [fault, 0])) as SheetFaultRates;
export const usualSheetFaults: SheetFaultRates = {
  notDetected: 0.08,
  notMeasured: 0.03,
  wrongType: 0.01,
  formulaText: 0.01,
  missingDate: 0.01,
  futureDate: 0.01,
  unknownSection: 0.01,
  contradiction: 0.01,
  halvesDiffer: 0.05,
};

/** The truth about one sampling: what was in the water, what the rows say, and what must become of them. */
export interface SheetSampling {
  /** First row of the sheet, counted from 1 as a spreadsheet program does, and how many rows. */
  row: number;
  rows: number;
  section: string;
  /** Begin of the month of a delivered value, otherwise the moment of sampling. */
  timeS: number;
  fault: SheetFault | null;
  truth: Record<string, number>;
  sent: Record<string, string>;
  /** Parameters of which no value may be stored. */
  refused: readonly string[];
  expect: 'stored' | 'stored-unregistered' | 'refused-row' | 'refused-value';
}

export interface MonthlySheet {
  rows: string[][];
  samplings: SheetSampling[];
}

const items = [
  { parameter: 'wt', decimals: 1 },
  { parameter: 'ph', decimals: 2 },
  { parameter: 'do', decimals: 2 },
  { parameter: 'codmn', decimals: 1 },
  { parameter: 'nh3n', decimals: 3 },
  { parameter: 'tp', decimals: 3 },
] as const;
const FAULTY = 'nh3n';
const LABORATORY_ERROR = 0.01;
const DETECTION_LIMIT = '0.025';
const APART = 0.4;
/** What a cell shows instead of its value. */
const faultyCells: Partial<Record<SheetFault, string>> = {
  notDetected: `${DETECTION_LIMIT}L`,
  notMeasured: '/',
  wrongType: 'ERR',
  formulaText: '=0.1+0.2',
};

const heads: Record<SheetKind, readonly string[]> = {
  delivered: ['断面标识', '断面编码', '断面名称', '监测月份', '审核状态'],
  separated: ['断面标识', '断面编码', '断面名称', '采样日期', '审核状态'],
  joint: ['断面标识', '断面编码', '断面名称', '采样日期', '样品类型', '保护方签字', '受益方签字'],
};

/**
 * A month's sheet as a laboratory fills it in, from what passed the sections in the simulated basin. `month`: `YYYY-MM`. A sampling takes one
 * row, a joint one two halves and, where they differ, the spare. Everything follows from seed and month.
 */
export function monthlySheet(of: {
  config: Config;
  seed: number;
  kind: SheetKind;
  month: string;
  sections: readonly string[];
  rates: SheetFaultRates;
}): MonthlySheet {
  const { config, kind, month, rates } = of;
  const truthAt = basinTruth(config, of.seed);
  const key = hashOf(of.seed, `sheet:${kind}:${month}`);
  const units = new Map(config.parameters.map(({ id, name, unit }) => [id, `${name.zh}(${unit ?? ''})`]));
  const rows: string[][] = [
    [...heads[kind], ...items.map(({ parameter }) => units.get(parameter) ?? parameter)],
  ];
  const samplings: SheetSampling[] = [];
  for (const [at, section] of of.sections.entries()) {
    const monthS = Date.parse(`${month}-01T00:00:00Z`) / 1000 - UPSTREAM_OFFSET_S;
    const sampledS = monthS + Math.floor(1 + 9 * uniform(key ^ 1, at)) * DAY_S + 10 * HOUR_S;
    const truth = truthAt(section, sampledS);
    if (truth === null) continue;
    const fault = faultOf(rates, kind, uniform(key ^ 2, at));
    const timeS = kind === 'delivered' ? monthS : sampledS;
    const read = (part: number): Record<string, string> => laboratory(truth, key ^ (7 * part), at);
    const sampling = samplingOf({ fault, section, timeS, truth, sent: read(1), row: rows.length + 1 });
    const added = rowsOf({ config, kind, sampling, other: read(2) });
    sampling.rows = added.length;
    rows.push(...added);
    samplings.push(sampling);
  }
  return { rows, samplings };
}

function faultOf(rates: SheetFaultRates, kind: SheetKind, drawn: number): SheetFault | null {
  const faults = sheetFaults.filter((fault) => kind === 'joint' || fault !== 'halvesDiffer');
  return drawnFault(faults, rates, drawn);
}

function laboratory(
  truth: Readonly<Record<string, number>>,
  key: number,
  at: number,
): Record<string, string> {
  return Object.fromEntries(
    items.map(({ parameter, decimals }, index) => {
      const error = 1 + LABORATORY_ERROR * normal(key ^ (index + 41), at);
      return [parameter, ((truth[parameter] ?? 0) * error).toFixed(decimals)];
    }),
  );
}

function samplingOf(
  of: Pick<SheetSampling, 'fault' | 'section' | 'timeS' | 'row' | 'sent'> & {
    truth: Readonly<Record<string, number>>;
  },
): SheetSampling {
  const { fault } = of;
  const truth = Object.fromEntries(items.map(({ parameter }) => [parameter, of.truth[parameter] ?? 0]));
  const all = items.map(({ parameter }) => parameter);
  const base = { ...of, truth, rows: 1, refused: [] as string[], expect: 'stored' as const };
  if (fault === 'missingDate' || fault === 'futureDate' || fault === 'contradiction')
    return { ...base, refused: all, expect: 'refused-row' };
  if (fault === 'unknownSection') return { ...base, expect: 'stored-unregistered' };
  const text = fault === null ? undefined : faultyCells[fault];
  if (text === undefined) return base;
  const sent = { ...of.sent, [FAULTY]: text };
  if (fault === 'notDetected') return { ...base, sent };
  return { ...base, sent, refused: [FAULTY], expect: fault === 'notMeasured' ? 'stored' : 'refused-value' };
}

function rowsOf(of: {
  config: Config;
  kind: SheetKind;
  sampling: SheetSampling;
  other: Record<string, string>;
}): string[][] {
  const { config, kind, sampling, other } = of;
  const { fault, sent } = sampling;
  const known = config.sections.find(({ id }) => id === sampling.section);
  const who =
    fault === 'unknownSection'
      ? ['', '', `${known?.name.zh ?? ''}临时点`]
      : [sampling.section, known?.codes[0]?.code ?? '', known?.name.zh ?? ''];
  const head = [...who, stampOf(kind, sampling)];
  const cells = (values: Record<string, string>): string[] =>
    items.map(({ parameter }) => values[parameter] ?? '');
  const faulty = fault !== null && Object.hasOwn(faultyCells, fault);
  // A fault of a cell is in every row of its sampling, so that what becomes of it is plain.
  const second = faulty ? { ...other, [FAULTY]: sent[FAULTY] ?? '' } : other;
  if (kind !== 'joint') {
    const row = [...head, '已审核', ...cells(sent)];
    return fault === 'contradiction' ? [row, [...head, '已审核', ...cells(apart(other))]] : [row];
  }
  const signed = ['签', '签'];
  const halves = [
    [...head, '甲方分样', ...signed, ...cells(sent)],
    [...head, '乙方分样', ...signed, ...cells(fault === 'halvesDiffer' ? apart(second) : second)],
  ];
  if (fault === 'contradiction') return [...halves, [...head, '甲方分样', ...signed, ...cells(apart(sent))]];
  return fault === 'halvesDiffer' ? [...halves, [...head, '备用样', ...signed, ...cells(sent)]] : halves;
}

function apart(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    items.map(({ parameter, decimals }) => [
      parameter,
      (Number(values[parameter]) * (1 + APART)).toFixed(decimals),
    ]),
  );
}

function stampOf(kind: SheetKind, { fault, timeS }: SheetSampling): string {
  if (fault === 'missingDate') return '';
  const { date, hour, minute } = wallClock(fault === 'futureDate' ? timeS + 3650 * DAY_S : timeS);
  return kind === 'delivered' ? date.slice(0, 7) : `${date} ${twoDigits(hour)}:${twoDigits(minute)}`;
}

/** The sheet as bytes: CSV in UTF-8, or a workbook whose numbers are numbers. */
export async function sheetBytes({ rows }: MonthlySheet, format: 'csv' | 'xlsx'): Promise<Uint8Array> {
  if (format === 'csv')
    return new TextEncoder().encode(`${rows.map((row) => row.join(',')).join('\r\n')}\r\n`);
  const number = /^-?\d+(\.\d+)?$/;
  const table = rows.map((row, at) =>
    row.map((text, column) => (at > 0 && column > 3 && number.test(text) ? Number(text) : text)),
  );
  return writeXlsx({ sheets: [{ name: '月报', rows: table }] });
}
