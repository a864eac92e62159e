import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Argument, Command, Option } from 'commander';
import { editionInForce } from '../domain/config/config.ts';
import type { Standards } from '../domain/config/standard.ts';
import { Decimal } from '../domain/decimal.ts';
import { MonitorError } from '../domain/errors.ts';
import { CONFIG_OPTION, JSON_OPTION, type CommandContext } from './command.ts';
import { airHeadings, evaluateAirRow, type AirOptions } from './evaluate/air.ts';
import { timeLabel } from './evaluate/cell.ts';
import { columnsOf, rejected, RowFault, tableRows, type TableRow } from './evaluate/table.ts';
import { evaluateWaterRow, waterHeadings, type WaterFacts } from './evaluate/water.ts';
import { loadStandards } from './standards.ts';

export interface EvaluateOptions {
  medium: 'water' | 'air';
  edition?: string | undefined;
  averaging: '1h' | '24h';
  stamp: 'begin' | 'end';
  timeZone: string;
  explain: boolean;
}

type Judge = (row: TableRow) => Record<string, unknown>;

/**
 * Judges the rows of a table one by one, in order; a row that cannot be judged comes as `status: "rejected"` with the fault,
 * the line and the column. Throws E_USAGE for an unknown edition.
 */
export async function* evaluateTable(
  input: Readable,
  options: EvaluateOptions,
  standards: Standards,
): AsyncGenerator<Record<string, unknown>> {
  const prepare = options.medium === 'water' ? waterJudge(options, standards) : airJudge(options, standards);
  let judge: Judge | null = null;
  let columns: ReadonlyMap<string, number> = new Map();
  for await (const row of tableRows(input)) {
    if ('status' in row) {
      yield { ...row, ...NO_VERDICT[options.medium] };
      continue;
    }
    if (judge === null) {
      try {
        columns = columnsOf(row, prepare.headings);
        if ([...columns.keys()].every((column) => column === 'station' || column === 'time')) {
          throw new RowFault(
            'HEADERS_CHANGED',
            `line ${row.line}: no column of a ${options.medium} parameter in "${row.cells.join(',')}"`,
          );
        }
      } catch (error) {
        yield faultRow(error, row, [], options.medium);
        return;
      }
      judge = prepare.judge(columns);
      continue;
    }
    const named = ['station', 'time'].map((column) => row.cells[columns.get(column) ?? -1] ?? null);
    try {
      yield { line: row.line, station: named[0], time: named[1], ...judge(row) };
    } catch (error) {
      yield faultRow(error, row, named, options.medium);
    }
  }
  if (judge === null) {
    yield {
      ...rejected(1, [], 'HEADERS_CHANGED', 'line 1: no heading, the input is empty'),
      ...NO_VERDICT[options.medium],
    };
  }
}

/** What a rejected row says where a judged one has its verdict. */
const NO_VERDICT = {
  water: { class: null, decidingItems: [], overTarget: [] },
  air: { aqi: null, level: null, primary: [], iaqi: {}, edition: null },
} as const;

function faultRow(
  error: unknown,
  row: TableRow,
  named: readonly (string | null)[],
  medium: EvaluateOptions['medium'],
): Record<string, unknown> {
  if (!(error instanceof RowFault)) throw error;
  return { ...rejected(row.line, named, error.code, error.message), ...NO_VERDICT[medium] };
}

interface Prepared {
  headings: Map<string, string>;
  judge(columns: ReadonlyMap<string, number>): Judge;
}

function editionNamed<T extends { id: string; label?: string }>(editions: readonly T[], name: string): T {
  const key = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const found = editions.find(
    (edition) => key(edition.id) === key(name) || key(edition.label ?? '') === key(name),
  );
  if (found !== undefined) return found;
  const ids = editions.map((edition) => edition.id).join(', ');
  throw new MonitorError('E_USAGE', `--edition "${name}" is not known (expected one of: ${ids})`);
}

function waterJudge(options: EvaluateOptions, standards: Standards): Prepared {
  const { waterStandards, waterEvaluations } = standards;
  const latest =
    options.edition === undefined ? waterStandards.at(-1) : editionNamed(waterStandards, options.edition);
  const evaluation = waterEvaluations.at(-1);
  if (latest === undefined || evaluation === undefined)
    throw new MonitorError('E_CONFIG', 'no water standard is configured');
  return {
    headings: waterHeadings(latest),
    judge: (columns) => (row) => {
      const text = row.cells[columns.get('time') ?? -1] ?? '';
      let facts: WaterFacts = { standard: latest, evaluation };
      if (columns.has('time')) {
        const { date } = timeLabel({ text, line: row.line, column: 'time' }, options.timeZone);
        const standard = options.edition === undefined ? editionInForce(waterStandards, date) : latest;
        if (standard === null) {
          throw new RowFault(
            'TIME_OUT_OF_RANGE',
            `line ${row.line}, column "time": no standard in force on ${text}`,
          );
        }
        facts = { standard, evaluation };
      }
      return evaluateWaterRow(row, columns, facts, options.explain);
    },
  };
}

function airJudge(options: EvaluateOptions, standards: Standards): Prepared {
  const editions = standards.aqiStandards;
  const airOptions: AirOptions = {
    edition: options.edition === undefined ? null : editionNamed(editions, options.edition),
    averaging: options.averaging,
    stamp: options.stamp,
    timeZone: options.timeZone,
    belowDetectionShare: new Decimal(standards.waterEvaluations.at(-1)?.belowDetection.share ?? 1),
  };
  return {
    headings: airHeadings(editions, options.averaging),
    judge: (columns) => (row) => evaluateAirRow(row, columns, editions, airOptions, options.explain),
  };
}

/** `jiehe evaluate water|air [FILE]`: rows from a file or standard input, one JSON object a row. Opens no store. */
export function evaluateCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('evaluate')
    .description('judge rows of a CSV table, one JSON object a row (评价水质或空气数据)')
    .addArgument(new Argument('<medium>', 'water or air (水或气)').choices(['water', 'air']))
    .argument('[file]', 'CSV file; standard input without one (CSV 文件，缺省为标准输入)')
    .option('--edition <id>', 'standard edition instead of the one in force on the date (指定标准版本)')
    .addOption(
      new Option('--averaging <period>', 'hourly or daily report (小时或日报)')
        .choices(['1h', '24h'])
        .default('1h'),
    )
    .addOption(
      new Option('--stamp <which>', 'what the time of an hour means (时标含义)')
        .choices(['begin', 'end'])
        .default('end'),
    )
    .option('--time-zone <zone>', 'zone of times without offset (时区)', 'Asia/Shanghai')
    .option('--explain', 'add the tree of values, limits, clauses and sources (附判定依据)', false)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action(
      async (
        medium: 'water' | 'air',
        file: string | undefined,
        given: Omit<EvaluateOptions, 'medium'> & { config?: string },
      ) => {
        const standards = loadStandards(
          given.config === undefined ? undefined : path.resolve(io.cwd, given.config),
        );
        const input =
          file === undefined || file === '-' ? process.stdin : createReadStream(path.resolve(io.cwd, file));
        let lines: string[] = [];
        let rejectedRows = 0;
        const flush = () => {
          if (lines.length > 0) io.out(`${lines.join('\n')}\n`);
          lines = [];
        };
        try {
          for await (const row of evaluateTable(input, { ...given, medium }, standards)) {
            if (row.status === 'rejected') rejectedRows++;
            lines.push(JSON.stringify(row));
            if (lines.length >= 500) flush();
          }
        } catch (cause) {
          if (cause instanceof MonitorError) throw cause;
          throw new MonitorError('E_USAGE', `cannot read ${file ?? 'standard input'}: ${String(cause)}`, {
            cause,
          });
        } finally {
          flush();
        }
        context.exit(rejectedRows > 0 ? 1 : 0);
      },
    );
}
