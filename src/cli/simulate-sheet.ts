import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { MonitorError } from '../domain/errors.ts';
import {
  monthlySheet,
  noSheetFaults,
  sheetBytes,
  sheetFaults,
  sheetKinds,
  usualSheetFaults,
  type SheetFault,
  type SheetFaultRates,
  type SheetKind,
} from '../simulator/monthly-sheet.ts';
import { CONFIG_OPTION, type CommandContext } from './command.ts';
import { simulatedConfig } from './simulated-basin.ts';

interface Options {
  kind: SheetKind;
  month: string;
  out: string;
  truth?: string;
  sections?: string[];
  seed: number;
  fault: SheetFaultRates;
  config?: string;
}

function faultRate(text: string, before: SheetFaultRates): SheetFaultRates {
  if (text === 'usual') return { ...usualSheetFaults };
  if (text === 'none') return { ...noSheetFaults };
  const [name = '', share = ''] = text.split('=');
  const rate = Number(share);
  if (!sheetFaults.includes(name as SheetFault) || share === '' || !(rate >= 0 && rate <= 1))
    throw new InvalidArgumentError(
      `"${text}": expected usual, none, or name=share with a name of ${sheetFaults.join(', ')}`,
    );
  return { ...before, [name]: rate };
}

/** `jiehe simulate sheet`: a month's sheet of the simulated basin, with faults at the given shares and the truth beside it. */
export function simulateSheetCommand({ io }: CommandContext): Command {
  return new Command('sheet')
    .description('a simulated monthly sheet, CSV or XLSX (模拟月报表)')
    .addOption(
      new Option('--kind <kind>', 'kind of sheet (报表类型)').choices(sheetKinds).default('separated'),
    )
    .requiredOption('--month <YYYY-MM>', 'month (月份)')
    .requiredOption('--out <file>', 'file to write; its ending says CSV or XLSX (输出文件)')
    .option('--truth <file>', 'writes what is true of each sampling, a line each (真值文件)')
    .option('--sections <ids...>', 'only these sections (断面)')
    .option('--seed <n>', 'seed (随机种子)', Number, 1)
    .option('--fault <name=share>', 'usual, none, or a fault and its share; repeatable (故障率)', faultRate, {
      ...noSheetFaults,
    })
    .option(...CONFIG_OPTION)
    .action(async (options: Options) => {
      const { kind, month, seed, fault: rates } = options;
      const format = /\.(csv|xlsx)$/i.exec(options.out)?.[1]?.toLowerCase();
      if (format !== 'csv' && format !== 'xlsx')
        throw new MonitorError(
          'E_USAGE',
          `--out "${options.out}": expected a name that ends in .csv or .xlsx`,
        );
      if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
        throw new MonitorError('E_USAGE', `--month "${month}": expected YYYY-MM`);
      const config = await simulatedConfig(io, options);
      const sections = options.sections ?? config.sections.map(({ id }) => id);
      const sheet = monthlySheet({ config, seed, kind, month, sections, rates });
      writeFileSync(path.resolve(io.cwd, options.out), await sheetBytes(sheet, format));
      if (options.truth !== undefined)
        writeFileSync(
          path.resolve(io.cwd, options.truth),
          sheet.samplings.map((one) => `${JSON.stringify(one)}\n`).join(''),
        );
      const faulty = sheet.samplings.filter(({ fault }) => fault !== null).length;
      io.out(`${options.out}: ${sheet.samplings.length} samplings, ${faulty} with a fault (模拟数据)\n`);
    });
}
