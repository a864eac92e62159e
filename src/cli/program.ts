import path from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import { MonitorError } from '../domain/errors.ts';
import type { System } from '../main.ts';
import { alertsCommand } from './alerts.ts';
import { backfillCommand } from './backfill.ts';
import { backupCommand } from './backup.ts';
import { circumstancesCommand } from './circumstances.ts';
import type { CommandContext, ExitCode, Io, StoreOptions, WithSystem } from './command.ts';
import { configCommand } from './config.ts';
import { conformanceCommand } from './conformance.ts';
import { doctorCommand } from './doctor.ts';
import { evaluateCommand } from './evaluate.ts';
import { exportCommand } from './export.ts';
import { gapsCommand } from './gaps.ts';
import { hj212Command } from './hj212.ts';
import { ingestCommand } from './ingest.ts';
import { incidentsCommand } from './incidents.ts';
import { journalCommand } from './journal.ts';
import { keysCommand } from './keys.ts';
import { attributeCommand, loadCommand } from './load.ts';
import { qualityCommand } from './quality.ts';
import { rebuildCommand } from './rebuild.ts';
import { rejudgeCommand } from './rejudge.ts';
import { restoreCommand } from './restore.ts';
import { retentionCommand } from './retention.ts';
import { serveCommand } from './serve.ts';
import { settleCommand } from './settle.ts';
import { simulateCommand } from './simulate.ts';
import { uploadsCommand } from './uploads.ts';
import { verdictsCommand } from './verdicts.ts';

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
    withSystem: (stores, work) => options.withSystem(absolute(stores, io.cwd), work),
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
  const withSystem: WithSystem = async (stores, work) => {
    if (stores.config !== undefined) await refuseOtherConfig(system, stores.config);
    code = await work(system);
  };
  const ended = await runProgram(argv, { ...options, withSystem });
  return ended === 0 ? code : ended;
}

const absolute = (stores: StoreOptions, cwd: string): StoreOptions => ({
  ...stores,
  ...(stores.data === undefined ? {} : { data: path.resolve(cwd, stores.data) }),
  ...(stores.config === undefined ? {} : { config: path.resolve(cwd, stores.config) }),
});

/** A server judges by one configuration; a command beside it must not believe that it runs with another. */
async function refuseOtherConfig(system: System, configDir: string): Promise<void> {
  const { configOptions } = await import('../main.ts');
  const { hash } = await loadConfig(configDir, configOptions(system.environment));
  if (hash === system.config().hash) return;
  throw new MonitorError(
    'E_CONFLICT',
    `the server that holds ${system.dataDir} runs with another configuration than ${configDir}; ` +
      'leave --config out to use its own, or stop it first',
    { details: { server: system.config().hash, given: hash } },
  );
}

function buildProgram(context: CommandContext, version: string): Command {
  const program = new Command('jiehe')
    .description('界河 · joint watch of cross-border rivers and air (跨界水气联合监测、溯源与补偿)')
    .version(version)
    .addOption(new Option('--cwd <dir>').hideHelp());
  const commands = [
    serveCommand,
    ingestCommand,
    backfillCommand,
    gapsCommand,
    rebuildCommand,
    rejudgeCommand,
    backupCommand,
    restoreCommand,
    retentionCommand,
    journalCommand,
    doctorCommand,
    evaluateCommand,
    exportCommand,
    loadCommand,
    attributeCommand,
    settleCommand,
    alertsCommand,
    incidentsCommand,
    keysCommand,
    conformanceCommand,
    simulateCommand,
    configCommand,
    hj212Command,
    uploadsCommand,
    qualityCommand,
    circumstancesCommand,
    verdictsCommand,
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
