import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import { parseInstant } from '../../domain/time.ts';
import { MonitorError } from '../../domain/errors.ts';
import { type DisputeStep, type Evidence, disputeSteps } from '../../domain/settlement.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  ACTOR_OPTION,
  type CommandContext,
  type StoreOptions,
} from '../command.ts';
import { atDesk } from './desk-work.ts';

interface Options extends StoreOptions {
  actor: string;
  evidence?: string[];
  json?: boolean;
}

function evidenceOf(cwd: string, files: readonly string[] = []): Evidence[] {
  return files.map((file) => {
    const bytes = readFileSync(path.resolve(cwd, file));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name: path.basename(file), sha256, bytes: bytes.length };
  });
}

/** Throws E_BAD_REQUEST for half an interval, or an interval beside an instant. */
function readingsOf(
  { at, from, to }: { at?: string; from?: string; to?: string },
  timeZone: string,
): { fromS: number; toS: number } | null {
  if (at === undefined && from === undefined && to === undefined) return null;
  if (at !== undefined && from === undefined && to === undefined) {
    const fromS = parseInstant(at, timeZone);
    return { fromS, toS: fromS + 1 };
  }
  if (at !== undefined || from === undefined || to === undefined)
    throw new MonitorError('E_BAD_REQUEST', 'readings are named by --at, or by --from and --to');
  return { fromS: parseInstant(from, timeZone), toS: parseInstant(to, timeZone) };
}

/** `jiehe settle object ID`: an objection to an input, a verdict, an attribution or a line; it holds exactly what depends on it. */
export function objectCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('object')
    .description('object to an input, a verdict, an attribution or a line of a statement (提出异议)')
    .argument('<statement>', 'statement (结算单)')
    .requiredOption('--party <code>', 'who objects (异议方)')
    .requiredOption('--section <id>', 'section (断面)')
    .option('--parameter <id>', 'the input objected to (项目)')
    .option('--at <instant>', 'one reading of the parameter, by its time (单个数据的时刻)')
    .option('--from <instant>', 'readings of the parameter from this time on (起)')
    .option('--to <instant>', 'to before this time (止，不含)')
    .option('--line <id>', 'the line objected to (明细)')
    .addOption(
      new Option('--about <what>', 'the class of the section, or who caused what (类别评价、归因)').choices([
        'verdict',
        'attribution',
      ]),
    )
    .requiredOption('--grounds <text>', 'grounds (理由)')
    .option('--evidence <file...>', 'files; their hashes go into the record (证据)')
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action(
      (
        statement: string,
        options: Options & {
          party: string;
          section: string;
          parameter?: string;
          at?: string;
          from?: string;
          to?: string;
          line?: string;
          about?: 'verdict' | 'attribution';
          grounds: string;
        },
      ) =>
        atDesk(context, options, async (desk, system) => {
          const readings = readingsOf(options, system.config().region.timeZone);
          const dispute = `dispute-${randomBytes(6).toString('hex')}`;
          const { lines } = await desk.object(
            {
              dispute,
              statement,
              party: options.party,
              section: options.section,
              parameter: options.parameter ?? null,
              line: options.line ?? null,
              ...(options.about === undefined ? {} : { about: options.about }),
              ...(readings === null ? {} : { readings }),
              grounds: options.grounds,
              evidence: evidenceOf(io.cwd, options.evidence),
            },
            options.actor,
          );
          io.out(`${dispute}\n${lines.map((line) => `on hold (暂缓): ${line}\n`).join('')}`);
          return 0;
        }),
    );
}

/** `jiehe settle dispute`: disputes of an agreement, or the next step of one. */
export function disputeCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('dispute')
    .description('disputes, or the next step of one (争议处理)')
    .argument('[dispute]', 'dispute (争议)')
    .addOption(new Option('--step <step>', 'what happens (步骤)').choices(disputeSteps))
    .option('--note <text>', 'in words (说明)', '')
    .option('--document <number>', 'document number of a decision (文号)')
    .option('--outcome <line=fen...>', 'what a line comes to, whole fen (结果)')
    .option('--evidence <file...>', 'files; their hashes go into the record (证据)')
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action(
      (
        dispute: string | undefined,
        options: Options & { step?: DisputeStep; note: string; document?: string; outcome?: string[] },
      ) =>
        atDesk(context, options, async (desk) => {
          if (dispute !== undefined && options.step !== undefined) {
            const outcome = (options.outcome ?? []).map((text) => {
              const at = text.lastIndexOf('=');
              return { line: text.slice(0, at), amountFen: text.slice(at + 1) };
            });
            const { step, note } = options;
            const evidence = evidenceOf(io.cwd, options.evidence);
            const documentNumber = options.document ?? null;
            await desk.proceed({ dispute, step, note, documentNumber, evidence, outcome }, options.actor);
          }
          const all = await desk.store.disputes({});
          for (const one of all.filter(({ id }) => dispute === undefined || id === dispute)) {
            if (options.json === true) io.out(`${JSON.stringify(one)}\n`);
            else io.out(`${one.id}  ${one.state}  ${one.statement}  ${one.grounds}\n`);
          }
          return 0;
        }),
    );
}
