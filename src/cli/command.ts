import type { Command } from 'commander';
import { MonitorError, type ErrorCode } from '../domain/errors.ts';
import type { System } from '../main.ts';

/** Where a command prints. In a bridged command these are streams to the caller, and `cwd` is the caller's. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Resolves when enough of what was printed has gone out for more to follow; absent where nothing waits. Rejects when nobody reads any more. */
  drained?(): Promise<void>;
  cwd: string;
  /** Someone watches: progress may be drawn on `err`. */
  interactive: boolean;
}

/** 0 done, 1 judged negative or rejected input, 2 usage or configuration error. */
export type ExitCode = 0 | 1 | 2;

export interface StoreOptions {
  data?: string | undefined;
  config?: string | undefined;
}

/**
 * Runs `work` on an open system: the running server's own when this is a bridged command or one answers for the data folder,
 * otherwise one that is opened for this command and closed after it.
 */
export type WithSystem = (
  options: StoreOptions,
  work: (system: System) => Promise<ExitCode>,
) => Promise<void>;

/** What every command gets: one way to print, one way to end, one way to reach the stores. */
export interface CommandContext {
  io: Io;
  exit(code: ExitCode): void;
  withSystem: WithSystem;
  /** Runs a whole command line on a system that is open already; resolves with its exit code. */
  runOn(argv: readonly string[], io: Io, system: System): Promise<ExitCode>;
}

export const DATA_OPTION = ['--data <dir>', 'data folder (数据目录)'] as const;
export const CONFIG_OPTION = ['--config <dir>', 'configuration folder (配置目录)'] as const;
export const JSON_OPTION = ['--json', 'machine output on stdout; logs go to stderr (机器可读输出)'] as const;
export const ACTOR_OPTION = ['--actor <name>', 'who acts, for the record (经办人)', 'operator'] as const;

/** Rows of a list; `limitOf` reads it. */
export const LIMIT_OPTION = ['--limit <n>', 'at most (最多)'] as const;
const MOST_ROWS = 10_000;

/** Throws E_USAGE for what is no number of rows. */
export function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ROWS) return limit;
  throw new MonitorError('E_USAGE', `--limit ${text}: expected a whole number from 1 to ${MOST_ROWS}`);
}

/** The stores, and machine output: what most commands take. */
export const withStores = (command: Command): Command =>
  command
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION);

const refusals = new Set<ErrorCode>(['E_CONFLICT', 'E_BAD_REQUEST', 'E_NOT_FOUND']);

/** A refusal is an answer: exit 1 with its reason. Anything else goes on. */
export async function orRefusal(io: Io, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MonitorError) || !refusals.has(error.code)) throw error;
    io.err(`${error.code}: ${error.message}\n`);
    return 1;
  }
}

/** Work on an open system whose refusals are answers. */
export const onSystem = (
  { io, withSystem }: CommandContext,
  options: StoreOptions,
  work: (system: System) => Promise<ExitCode>,
): Promise<void> => withSystem(options, (system) => orRefusal(io, () => work(system)));

/** Performs an act on something, a circumstance or an incident, and says under which journal entry. */
export function performOn(
  context: CommandContext,
  options: StoreOptions & { json?: boolean },
  of: { what: string; id: string; done: string },
  act: (system: System) => Promise<number>,
): Promise<void> {
  const { what, id, done } = of;
  return onSystem(context, options, async (system) => {
    const seq = await act(system);
    context.io.out(
      options.json === true ? `${JSON.stringify({ [what]: id, seq })}\n` : `${id} ${done} (entry ${seq})\n`,
    );
    return 0;
  });
}

/** Throws one E_BAD_REQUEST that names every fault of what was asked; nothing when there is none. */
export function refuseFaults(faults: readonly { field: string; value: string; expected: string }[]): void {
  if (faults.length === 0) return;
  const text = faults.map(({ field, value, expected }) => `${field} "${value}": expected ${expected}`);
  throw new MonitorError('E_BAD_REQUEST', text.join('; '), { details: { faults } });
}

/** Names with commas between them. */
export const namesOf = (text: string): string[] => text.split(',').map((one) => one.trim());
