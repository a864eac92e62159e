import { Command, InvalidArgumentError } from 'commander';
import type { Config } from '../domain/config/config.ts';
import { LoadMethodId } from '../domain/config/load-method.ts';
import type { Attribution, SectionLoad } from '../domain/loads.ts';
import { sectionAttribution } from '../settle/attributions.ts';
import { leftOutText } from '../settle/left-out.ts';
import { sectionLoad } from '../settle/loads.ts';
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from './command.ts';

interface Options {
  section: string;
  parameter: string;
  from: string;
  to: string;
  method?: LoadMethodId;
  entering?: string[];
  data?: string;
  config?: string;
  json?: boolean;
}

const methods = LoadMethodId.anyOf.map((one) => one.const);

function methodOf(text: string): LoadMethodId {
  const found = methods.find((one) => one === text);
  if (found === undefined) throw new InvalidArgumentError(`one of ${methods.join(', ')}`);
  return found;
}

function dateOf(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) throw new InvalidArgumentError('a date YYYY-MM-DD');
  return text;
}

function base(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--section <id>', 'section (断面)')
    .requiredOption('--parameter <id>', 'parameter (项目)')
    .requiredOption('--from <date>', 'first day (起始日)', dateOf)
    .requiredOption('--to <date>', 'last day (截止日)', dateOf)
    .option('--method <method>', `how (方法): ${methods.join(', ')}`, methodOf)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION);
}

const queryOf = (options: Options) => ({
  section: options.section,
  parameter: options.parameter,
  from: options.from,
  to: options.to,
  ...(options.method === undefined ? {} : { method: options.method }),
});

/** What the configuration calls it; the id itself where it knows none. */
const parameterText = (config: Config, id: string): string => {
  const name = config.parameters.find((one) => one.id === id)?.name;
  return name === undefined ? id : `${name.zh} / ${name.en}`;
};

function loadText(load: SectionLoad, config: Config): string {
  const { coverage, why } = load;
  const [low, high] = load.interval90Tonnes ?? ['—', '—'];
  const rows = [
    `${load.name.zh} / ${load.name.en}  ${parameterText(config, load.parameter)}  ${load.from} – ${load.to}`,
    `${load.marking.zh} / ${load.marking.en}`,
    load.tonnes === null
      ? `不可采用 / not to be relied on (indicative ${load.indicativeTonnes ?? '—'} t)`
      : `${load.tonnes} t  [${low}, ${high}] (90 %)  ${load.method}`,
    ...load.reasons.map(({ code, text }) => `  ${code}: ${text.zh} / ${text.en}`),
    `水量 / volume ${load.volumeM3 ?? '—'} m³, ${why.flow.station ?? '—'} × ${why.flow.factor ?? '—'} (${why.flow.confidence ?? '—'})`,
    `覆盖 / coverage: flow ${coverage.flowShare}, samples ${coverage.sampledShare}, high flow ${coverage.highFlowSampled}/${coverage.highFlowDays}, five wettest days ${coverage.topFiveVolumeShare ?? '—'} of the volume`,
  ];
  const missed = coverage.highFlowUnsampled;
  if (missed.length > 0)
    rows.push(`高流量无水质数据 / high flow without a concentration: ${missed.join(', ')}`);
  const leftOut = leftOutText(load.leftOut, load);
  if (leftOut !== null) rows.push(leftOut.zh, leftOut.en);
  if (load.flowNormalised !== null)
    rows.push(`流量归一 / under usual flow: ${load.flowNormalised.tonnes} t (${load.flowNormalised.basis})`);
  rows.push(...load.warnings.map((warning) => `! ${warning.zh} / ${warning.en}`));
  return `${rows.join('\n')}\n`;
}

function attributionText(found: Attribution, config: Config): string {
  const { marking, parts, reasons, text, why } = found;
  const section = config.sections.find(({ id }) => id === found.section)?.name;
  const rows = [
    `${section === undefined ? found.section : `${section.zh} / ${section.en}`}  ${parameterText(config, found.parameter)}  ${found.from} – ${found.to}`,
    `${marking.zh} / ${marking.en}`,
    ...(text === null ? ['无法计算 / not assessable'] : [`${text.zh} / ${text.en}`]),
    ...reasons.map((reason) => `  ${reason.code}: ${reason.text.zh} / ${reason.text.en}`),
    ...parts.map(
      ({ name, id, tonnes, sharePercent, interval90Percent: [low, high], aboveZero }) =>
        `  ${name.zh} / ${name.en}  ${id}  ${tonnes} t  ${sharePercent} % [${low}, ${high}]${aboveZero ? '' : '  无法区分于零 / indistinguishable from none'}`,
    ),
    `${why.remainder.zh} / ${why.remainder.en}`,
  ];
  return `${rows.join('\n')}\n`;
}

/** `jiehe load`: the load of one parameter past a section; exit 1 when it may not be relied on. */
export function loadCommand(context: CommandContext): Command {
  return base('load', 'load past a section, with its uncertainty and coverage (通量)').action(
    (options: Options) =>
      context.withSystem(options, async (system) => {
        const source = { config: system.config(), readings: system.readings };
        const load = await sectionLoad(source, queryOf(options));
        context.io.out(options.json === true ? `${JSON.stringify(load)}\n` : loadText(load, source.config));
        return load.status === 'computed' ? 0 : 1;
      }),
  );
}

/** `jiehe attribute`: entering and local contribution at a section; exit 1 when not assessable. */
export function attributeCommand(context: CommandContext): Command {
  return base('attribute', 'contributions of entering and local water at a section (来水与本地新增贡献)')
    .option('--entering <id...>', 'sections that hand the water over (入境断面)')
    .action((options: Options) =>
      context.withSystem(options, async (system) => {
        const source = { config: system.config(), readings: system.readings };
        const { entering } = options;
        const query = { ...queryOf(options), ...(entering === undefined ? {} : { entering }) };
        const found = await sectionAttribution(source, query);
        context.io.out(
          options.json === true ? `${JSON.stringify(found)}\n` : attributionText(found, source.config),
        );
        return found.status === 'computed' ? 0 : 1;
      }),
    );
}
