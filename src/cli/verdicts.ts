import { Command } from 'commander';
import type { VerdictPlaces } from '../api/verdicts/lookup.ts';
import { MonitorError } from '../domain/errors.ts';
import type { System } from '../main.ts';
import { onSystem, withStores, type CommandContext, type ExitCode, type StoreOptions } from './command.ts';
import { airWhyText, differenceText, verdictText, waterWhyText } from './verdict-text.ts';

interface Options extends StoreOptions {
  json?: boolean;
}

const AS_OF_HELP = 'as it was known: a journal position or a time (截至)';
const PERIOD_HELP =
  'YYYY-MM-DD, YYYY-MM, YYYY-01/YYYY-MM (months 1 to N), YYYY-Qn, YYYY; of a section also YYYY-MM-DDTHH:MM (a single reading), of air YYYY-MM-DDTHH (期间)';

/** Readings of each deciding item to list. */
function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0 && count <= 10_000) return count;
  throw new MonitorError('E_USAGE', `--readings ${text}: expected a whole number from 0 to 10000`);
}

async function placesOf(system: System): Promise<VerdictPlaces> {
  const { ConfigHistory } = await import('../serving/judging.ts');
  const { journal, state, config, readings, projector } = system;
  const history = new ConfigHistory({ journal, state, cursors: state.cursors, config });
  return {
    config,
    configAt: (seq) => history.at(seq),
    readings,
    state,
    journal,
    progress: () => projector.progress(),
  };
}

/** Runs a look-up and prints it: as one JSON object, or as text. */
function lookUp<T>(
  context: CommandContext,
  options: Options,
  find: (places: VerdictPlaces) => Promise<T>,
  text: (found: T) => string,
): Promise<void> {
  const { io } = context;
  return onSystem(context, options, async (system): Promise<ExitCode> => {
    const found = await find(await placesOf(system));
    io.out(options.json === true ? `${JSON.stringify(found)}\n` : text(found));
    return 0;
  });
}

function showCommand(context: CommandContext): Command {
  return withStores(new Command('show'))
    .description('verdict on a section or air station over a period (结论)')
    .requiredOption('--station <id>', 'section or air station (断面或站点)')
    .requiredOption('--period <period>', PERIOD_HELP)
    .option('--as-of <when>', AS_OF_HELP)
    .action((options: Options & { station: string; period: string; asOf?: string }) =>
      lookUp(
        context,
        options,
        async (places) => {
          const { knownAt, verdictOn } = await import('../api/verdicts/lookup.ts');
          const { airVerdictShape } = await import('../api/verdicts/air-shapes.ts');
          const { assessmentShape } = await import('../api/verdicts/assessment-shapes.ts');
          const known = await knownAt(places, options.asOf);
          const { station, period } = options;
          const found = await verdictOn(places, { ...known, station, period });
          return found.medium === 'air' ? airVerdictShape(found.verdict) : assessmentShape(found.verdict);
        },
        verdictText,
      ),
    );
}

function whyCommand(context: CommandContext): Command {
  return withStores(new Command('why'))
    .description('from a verdict through rules, means and flags to readings and journal entries (依据)')
    .argument('<id>', 'as `show` names it (结论编号)')
    .option('--readings <n>', 'readings shown of each deciding item (列出的读数)', '20')
    .action((id: string, options: Options & { readings: string }) =>
      lookUp(
        context,
        options,
        async (places) => {
          const { whyOf } = await import('../api/verdicts/lookup.ts');
          return whyOf(places, { id, limit: countOf(options.readings) }, places);
        },
        (found) => ('section' in found ? waterWhyText(found) : airWhyText(found)),
      ),
    );
}

function differenceCommand(context: CommandContext): Command {
  return withStores(new Command('difference'))
    .description('what was known on an earlier day, what later, and why the verdict differs (前后差异)')
    .requiredOption('--station <id>', 'section or air station (断面或站点)')
    .requiredOption('--period <period>', PERIOD_HELP)
    .requiredOption('--before <when>', 'a journal position or a time (之前)')
    .option('--after <when>', 'a later one; now without (之后)')
    .option('--readings <n>', 'changed readings to list (列出的读数)', '20')
    .action(
      (
        options: Options & {
          station: string;
          period: string;
          before: string;
          after?: string;
          readings: string;
        },
      ) =>
        lookUp(
          context,
          options,
          async (places) => {
            const { differenceOf } = await import('../api/verdicts/lookup.ts');
            const { station, period, before, after, readings } = options;
            const of = { station, period, before, after, readings: countOf(readings) };
            return differenceOf(places, of, places);
          },
          differenceText,
        ),
    );
}

/** `jiehe verdicts show|why|difference`. */
export function verdictsCommand(context: CommandContext): Command {
  const command = new Command('verdicts').description(
    'verdicts over periods, why they are what they are, and what changed (评价结论)',
  );
  for (const make of [showCommand, whyCommand, differenceCommand]) command.addCommand(make(context));
  return command;
}
