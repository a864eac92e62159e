import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { gaugingOf } from '../analysis/network/gauging.ts';
import { buildNetwork } from '../analysis/network/network.ts';
import type { Config } from '../domain/config/config.ts';
import { MonitorError } from '../domain/errors.ts';
import { civilPeriod } from '../domain/civil-period.ts';
import { carried, type Carried, riverFiles, type RiverPlace } from '../simulator/river-files.ts';
import { CONFIG_OPTION, type CommandContext } from './command.ts';
import { PERIOD_OPTION } from './settle/desk-work.ts';
import { simulatedConfig } from './simulated-basin.ts';

interface Options {
  section: string;
  period: string;
  out: string;
  seed: number;
  carries: Partial<Record<Carried, number>>;
  surges?: boolean;
  glitches: number;
  config?: string;
}

/** The section and its gauge as their publishers name them. Throws E_USAGE for one that a load could not be computed at. */
function placeOf(config: Config, id: string): RiverPlace {
  const section = config.sections.find((one) => one.id === id);
  const source = config.sources.find(({ adapter }) => adapter === 'cnemc-water');
  const alias = section?.aliases.find(({ provider }) => provider === source?.provider);
  const [province, name] = alias?.key.split('/') ?? [];
  if (section === undefined || province === undefined || name === undefined)
    throw new MonitorError('E_USAGE', `--section: ${id} is no section of the national automatic stations`);
  const gauging = gaugingOf(buildNetwork(config), id);
  const station = config.flowStations.find((one) => one.id === gauging.station);
  const gauge = station?.aliases[0]?.key;
  if (!('factor' in gauging) || gauge === undefined)
    throw new MonitorError('E_USAGE', `--section: ${id} has no gauge with a declared transfer of flow`);
  const river = section.riverName ?? name;
  const transfer = gauging.factor.toDecimal().toNumber();
  const transferError = Number(gauging.relativeStandardError);
  return { province, section: name, river, gauge, transfer, transferError };
}

function carriesOf(text: string, before: Options['carries']): Options['carries'] {
  const [factor = '', multiple = ''] = text.split('=');
  if (!Object.hasOwn(carried, factor) || !(Number(multiple) > 0))
    throw new InvalidArgumentError(
      `"${text}": expected factor=multiple with a factor of ${Object.keys(carried).join(', ')}`,
    );
  return { ...before, [factor]: Number(multiple) };
}

function shareOf(text: string): number {
  const share = Number(text);
  if (text === '' || !(share >= 0 && share <= 1))
    throw new InvalidArgumentError(`"${text}": expected 0 to 1`);
  return share;
}

/** `jiehe simulate river`: what a section and its gauge would show of a made-up basin, and what truly passed. */
export function simulateRiverCommand({ io }: CommandContext): Command {
  return new Command('river')
    .description('flow and quality of a made-up basin as recorded files, and its true load (模拟河流通量)')
    .requiredOption('--section <id>', 'section whose place it takes (断面)')
    .requiredOption(...PERIOD_OPTION)
    .requiredOption('--out <folder>', 'folder to write water.csv, flow.csv and truth.json into (输出目录)')
    .option('--seed <n>', 'seed (随机种子)', Number, 1)
    .option(
      '--carries <factor=multiple>',
      'about so many mg/L of a factor; repeatable (浓度倍数)',
      carriesOf,
      {},
    )
    .option('--surges', 'half days of many times the load, which truly pass (短时高通量)')
    .option(
      '--glitches <share>',
      'share of readings that an instrument shows far too high (仪器误报率)',
      shareOf,
      0,
    )
    .option(...CONFIG_OPTION)
    .action(async (options: Options) => {
      const { seed, period, glitches, surges = false, carries } = options;
      if (!Number.isSafeInteger(seed)) throw new MonitorError('E_USAGE', '--seed: expected a whole number');
      const config = await simulatedConfig(io, options);
      const { beginS, endS } = civilPeriod(period, config.region.timeZone);
      const days = Math.round((endS - beginS) / 86_400);
      const { water, flow, tonnes } = riverFiles(placeOf(config, options.section), {
        seed,
        beginS,
        days,
        multiples: carries,
        surges,
        glitches,
      });
      const folder = path.resolve(io.cwd, options.out);
      mkdirSync(folder, { recursive: true });
      const drawn = { period, seed, carries, surges, glitches };
      const truth = { synthetic: true, section: options.section, ...drawn, tonnes };
      writeFileSync(path.join(folder, 'water.csv'), water);
      writeFileSync(path.join(folder, 'flow.csv'), flow);
      writeFileSync(path.join(folder, 'truth.json'), `${JSON.stringify(truth)}\n`);
      const told = Object.entries(tonnes).map(([factor, of]) => `${factor} ${of.toFixed(1)} t`);
      io.out(`${options.out}: ${days} days (模拟数据); true loads (真值): ${told.join(', ')}\n`);
    });
}
