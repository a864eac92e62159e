import { Command, CommanderError, Option } from 'commander';
import { MonitorError } from '../domain/errors.ts';
import type { System } from '../main.ts';
import { backfillCommand } from './backfill.ts';
import type { CommandContext, ExitCode, Io, WithSystem } from './command.ts';
import { configCommand } from './config.ts';
import { conformanceCommand } from './conformance.ts';
import { doctorCommand } from './doctor.ts';
import { evaluateCommand } from './evaluate.ts';
import { hj212Command } from './hj212.ts';
import { ingestCommand } from './ingest.ts';
import { journalCommand } from './journal.ts';
import { rebuildCommand } from './rebuild.ts';
import { serveCommand } from './serve.ts';
import { settleCommand } from './settle.ts';
import { simulateCommand } from './simulate.ts';

export interface ProgramOptions {
  io: Io;
  withSystem: WithSystem;
  version: string;
}

/**
 * Runs one command line and resolves with its exit code; never ends the process. The same program runs in the caller's
 * process and inside a server, so that a command behaves alike both ways.
 */
export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<ExitCode> {
  let code: ExitCode = 0;
  const io: Io = { ...options.io };
  const context: CommandContext = {
    io,
    exit: (given) => {
      code = given;
    },
    withSystem: options.withSystem,
    runOn: (argv, io, system) => runOn(system, argv, { io, version: options.version }),
  };
  const program = buildProgram(context, options.version);
  program.hook('preAction', () => {
    const cwd = program.opts<{ cwd?: string }>().cwd;
    if (cwd !== undefined) io.cwd = cwd;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportFailure(error, io);
  }
}

async function runOn(
  system: System,
  argv: readonly string[],
  options: Omit<ProgramOptions, 'withSystem'>,
): Promise<ExitCode> {
  let code: ExitCode = 0;
  const withSystem: WithSystem = async (_stores, work) => {
    code = await work(system);
  };
  const ended = await runProgram(argv, { ...options, withSystem });
  return ended === 0 ? code : ended;
}

function buildProgram(context: CommandContext, version: string): Command {
  const program = new Command('jiehe')
    .description('界河 · joint watch of cross-border rivers and air (跨界水气联合监测、责任与补偿)')
    .version(version)
    .addOption(new Option('--cwd <dir>').hideHelp());
  const commands = [
    serveCommand,
    ingestCommand,
    backfillCommand,
    rebuildCommand,
    journalCommand,
    doctorCommand,
    evaluateCommand,
    settleCommand,
    conformanceCommand,
    simulateCommand,
    configCommand,
    hj212Command,
  ];
  for (const command of commands) program.addCommand(command(context));
  quieten(program, context.io);
  return program;
}

/** Every sub-command throws instead of ending the process, and prints where the context says. */
function quieten(command: Command, io: Io): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) });
  for (const child of command.commands) quieten(child, io);
}

const EXIT_1 = new Set(['E_JOURNAL_BROKEN', 'E_UPSTREAM', 'E_STORE_REJECTED']);

function reportFailure(error: unknown, io: Io): ExitCode {
  if (error instanceof MonitorError) {
    io.err(`${error.code}: ${error.message}\n`);
    const faults = error.details.printed;
    if (typeof faults === 'string') io.err(`${faults}\n`);
    return EXIT_1.has(error.code) ? 1 : 2;
  }
  io.err(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 2;
}
