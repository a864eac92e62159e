import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import { registry } from '../api/region/stations-view.ts';
import type { By, QualityDesk } from '../api/quality/quality-desk.ts';
import { checkKinds, type CheckKind } from '../domain/config/quality-checks.ts';
import type { Validity } from '../domain/flags.ts';
import { averagings, isoWithOffset, parseInstant, type AveragingId } from '../domain/time.ts';
import type { System } from '../main.ts';
import {
  ACTOR_OPTION,
  onSystem,
  withStores,
  type CommandContext,
  type ExitCode,
  type StoreOptions,
} from './command.ts';

interface Options extends StoreOptions {
  json?: boolean;
}

interface SeriesOptions extends Options {
  station: string;
  provider: string;
  averaging: AveragingId;
  from: string;
  to: string;
}

const byHand = (actor: string): By => ({ id: randomUUID(), actor, role: 'administrator' });

function atDesk(
  context: CommandContext,
  options: StoreOptions,
  work: (desk: QualityDesk, system: System) => Promise<ExitCode>,
): Promise<void> {
  return onSystem(context, options, async (system) => {
    const { qualityDeskOf } = await import('../serving/quality.ts');
    return work(qualityDeskOf(system), system);
  });
}

/** One object a line with --json, otherwise one line of text. */
function print<T>(
  context: CommandContext,
  options: Options,
  rows: readonly T[],
  text: (row: T) => string,
): ExitCode {
  for (const row of rows) context.io.out(`${options.json === true ? JSON.stringify(row) : text(row)}\n`);
  return 0;
}

const withSeries = (command: Command): Command =>
  command
    .requiredOption('--station <id>', 'station (站点)')
    .requiredOption('--provider <id>', 'provider (数据提供方)')
    .addOption(
      new Option('--averaging <id>', 'averaging period (平均时段)')
        .choices(Object.keys(averagings))
        .default('instant'),
    )
    .requiredOption('--from <time>', 'begin (起)')
    .requiredOption('--to <time>', 'end, not included (止)');

const windowOf = (system: System, { from, to }: { from: string; to: string }) => {
  const zone = system.config().region.timeZone;
  return { fromS: parseInstant(from, zone), toS: parseInstant(to, zone) };
};

function marksCommand(context: CommandContext): Command {
  const command = withSeries(new Command('marks').description('what screening marks and why (自动筛查结果)'));
  return withStores(command).action((options: SeriesOptions) =>
    atDesk(context, options, async (desk, system) => {
      const zone = system.config().region.timeZone;
      const { station, provider, averaging } = options;
      const marks = await desk.marks({
        stations: [station],
        provider,
        averaging,
        ...windowOf(system, options),
      });
      return print(context, options, marks, ({ parameter, timeS, value, rule, effect, figures, inputs }) => {
        const by = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
        const on = inputs.map((input) => `${input.parameter} ${input.value ?? '-'}`);
        return `${isoWithOffset(timeS, zone)} ${parameter} ${value} ${rule} (${effect}; ${by.join(', ')}) ${on.join(' ')}`;
      });
    }),
  );
}

function compareCommand(context: CommandContext): Command {
  const command = new Command('compare')
    .description('readings unlike their neighbours, or that two providers disagree on (比对)')
    .option('--station <ids...>', 'only of these stations (站点)')
    .addOption(
      new Option('--averaging <id>', 'averaging period (平均时段)')
        .choices(['instant', 'PT1H', 'P1M'])
        .default('instant'),
    )
    .requiredOption('--from <time>', 'begin (起)')
    .requiredOption('--to <time>', 'end, not included (止)')
    .option('--hold', 'put what is suspect under review (转入待审核)')
    .option(...ACTOR_OPTION);
  interface CompareOptions extends Options {
    station?: string[];
    averaging: AveragingId;
    from: string;
    to: string;
    hold?: boolean;
    actor: string;
  }
  return withStores(command).action((options: CompareOptions) =>
    atDesk(context, options, async (_desk, system) => {
      const { comparingOf } = await import('../serving/comparing.ts');
      const comparing = comparingOf(system);
      const zone = system.config().region.timeZone;
      const { airStations, sections } = system.config();
      const stations = new Set(options.station ?? [...airStations, ...sections].map(({ id }) => id));
      const { averaging } = options;
      const found = await comparing.find({ averaging, stations, ...windowOf(system, options) });
      const own = found.filter(({ station }) => stations.has(station));
      if (options.hold === true)
        for (const finding of own)
          if (finding.effect === 'suspect')
            await system.projector.applied(await comparing.hold(finding, options.actor));
      return print(context, options, own, ({ timeS, station, provider, parameter, value, rule, inputs }) => {
        const others = inputs.map((one) => `${one.station} ${one.provider} ${one.value}`).join(', ');
        return `${isoWithOffset(timeS, zone)} ${station} ${provider} ${parameter} ${value} ${rule}: ${others}`;
      });
    }),
  );
}

function checkCommand(context: CommandContext): Command {
  const command = new Command('check')
    .description(
      'record a check of an instrument, or maintenance; a failed one puts readings under review (质控记录)',
    )
    .requiredOption('--station <id>', 'station (站点)')
    .requiredOption('--provider <id>', 'provider (数据提供方)')
    .addOption(
      new Option('--check <kind>', 'kind of check (质控类型)').choices(checkKinds).makeOptionMandatory(),
    )
    .option('--parameter <ids...>', 'items; none for the maintenance of the whole station (项目)')
    .option('--from <time>', 'begin of a maintenance (维护开始)')
    .requiredOption('--at <time>', 'when it was done, or ended (时间)')
    .option('--expected <decimal>', 'standard or laboratory value; left out: below detection (标准值)')
    .option('--measured <decimal>', 'value of the instrument; left out: below detection (测定值)')
    .option('--detection-limit <decimal>', 'limit of detection, for a comparison (检出限)')
    .option('--note <text>', 'note (说明)', '')
    .option(...ACTOR_OPTION);
  interface CheckOptions extends Options {
    station: string;
    provider: string;
    check: CheckKind;
    parameter?: string[];
    from?: string;
    at: string;
    expected?: string;
    measured?: string;
    detectionLimit?: string;
    note: string;
    actor: string;
  }
  return withStores(command).action((options: CheckOptions) =>
    atDesk(context, options, async (desk, system) => {
      const zone = system.config().region.timeZone;
      const { station, provider, check, parameter = [], from, note } = options;
      const { check: judged } = await desk.recordCheck(byHand(options.actor), {
        station,
        provider,
        check,
        note,
        parameters: parameter,
        ...(from === undefined ? {} : { fromS: parseInstant(from, zone) }),
        atS: parseInstant(options.at, zone),
        expected: options.expected ?? null,
        measured: options.measured ?? null,
        detectionLimit: options.detectionLimit ?? null,
      });
      print(context, options, [judged], ({ passed, figures, holdsFromS }) => {
        const words =
          passed === null ? 'not judged (待人工判定)' : passed ? 'passed (合格)' : 'failed (不合格)';
        const held = holdsFromS === null ? '' : `; under review from ${isoWithOffset(holdsFromS, zone)}`;
        return `${words} ${JSON.stringify(figures)}${held}`;
      });
      return judged.passed === false ? 1 : 0;
    }),
  );
}

function reviewCommand(context: CommandContext): Command {
  const command = withSeries(new Command('review').description('review readings at a level (逐级审核)'))
    .requiredOption('--parameter <ids...>', 'items (项目)')
    .requiredOption('--level <id>', 'level of the network (审核级别)')
    .addOption(
      new Option('--validity <validity>', 'what they are worth (有效性)')
        .choices(['valid', 'suspect', 'invalid'])
        .makeOptionMandatory(),
    )
    .requiredOption('--opinion <text>', 'opinion (审核意见)')
    .requiredOption('--reviewer <name>', 'who reviewed (审核人)')
    .option('--reopen', 'also what is final already (重新打开终审数据)')
    .option(...ACTOR_OPTION);
  interface ReviewOptions extends SeriesOptions {
    parameter: string[];
    level: string;
    validity: Validity;
    opinion: string;
    reviewer: string;
    reopen?: boolean;
    actor: string;
  }
  return withStores(command).action((options: ReviewOptions) =>
    atDesk(context, options, async (desk, system) => {
      const { station, provider, averaging, level, validity, reviewer, opinion: reason } = options;
      if (!registry(system.config()).has(station)) {
        context.io.err(`no station "${station}" is registered\n`);
        return 1;
      }
      const seq = await desk.review(byHand(options.actor), {
        station,
        provider,
        averaging,
        level,
        validity,
        reviewer,
        reason,
        parameters: options.parameter,
        ...windowOf(system, options),
        seenSeq: system.projector.progress().appliedSeq,
        reopens: options.reopen === true,
      });
      await system.projector.applied(seq);
      return print(context, options, [{ seq }], () => `reviewed, journal entry ${seq}`);
    }),
  );
}

function dueCommand(context: CommandContext): Command {
  const command = withSeries(
    new Command('due').description('days that a level has not reviewed (待审核)'),
  ).option('--overdue', 'only what is late (仅逾期)');
  return withStores(command).action((options: SeriesOptions & { overdue?: boolean }) =>
    atDesk(context, options, async (desk, system) => {
      const zone = system.config().region.timeZone;
      const { station, provider, averaging, overdue = false } = options;
      const window = windowOf(system, options);
      const due = await desk.due({
        stations: [station],
        provider,
        averaging,
        overdueOnly: overdue,
        ...window,
      });
      return print(context, options, due, ({ dayS, level, readings, dueS, overdue: late }) => {
        const until = isoWithOffset(dueS, zone);
        return `${isoWithOffset(dayS, zone).slice(0, 10)} ${level}: ${readings} readings, due ${until}${late ? ' OVERDUE 逾期' : ''}`;
      });
    }),
  );
}

function suggestCommand(context: CommandContext): Command {
  const command = new Command('suggest').description(
    'unregistered names and the stations they may be (站点匹配建议)',
  );
  return withStores(command).action((options: Options) =>
    atDesk(context, options, async (desk) =>
      print(context, options, await desk.suggestions(), ({ provider, naturalKey, matches }) => {
        const list = matches.map(
          ({ station, score, reasons }) => `${station} ${score} (${reasons.join('; ')})`,
        );
        return `${provider} ${naturalKey}: ${list.length === 0 ? '-' : list.join(' | ')}`;
      }),
    ),
  );
}

function silenceCommand(context: CommandContext): Command {
  const command = new Command('silence')
    .description('series that are overdue or silent (数据中断)')
    .option('--all', 'those that report, too (含正常)');
  return withStores(command).action((options: Options & { all?: boolean }) =>
    context.withSystem(options, async (system) => {
      const { silenceWatchOf } = await import('../serving/quality.ts');
      const zone = system.config().region.timeZone;
      const states = await silenceWatchOf(system).states();
      const quiet = states.filter(
        ({ state }) => options.all === true || state === 'overdue' || state === 'silent',
      );
      return print(context, options, quiet, ({ source, station, parameter, state, lastEndS, patienceS }) => {
        const last = lastEndS === null ? '-' : isoWithOffset(lastEndS, zone);
        return `${state} ${source} ${station} ${parameter ?? '*'} last ${last}, patience ${Math.round(patienceS / 60)} min`;
      });
    }),
  );
}

/** `jiehe quality`: screening, checks, reviews by level, identities and silence. */
export function qualityCommand(context: CommandContext): Command {
  const quality = new Command('quality').description('quality of readings (数据质量)');
  for (const command of [
    marksCommand,
    compareCommand,
    checkCommand,
    reviewCommand,
    dueCommand,
    suggestCommand,
    silenceCommand,
  ])
    quality.addCommand(command(context));
  return quality;
}
