import packageJson from '../../package.json' with { type: 'json' };
import { readEnvironment } from '../config/environment.ts';
import { runInServer } from './bridge.ts';
import type { ExitCode, Io, WithSystem } from './command.ts';
import { runProgram } from './program.ts';

/**
 * One command line in a process that holds no stores: a command that needs them runs inside the server that answers for the
 * data folder, otherwise on stores that are opened for it. Resolves with the exit code; never ends the process.
 */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<ExitCode> {
  let storeExit: ExitCode | null = null;
  const withSystem: WithSystem = async (options, work) => {
    const dataDir = options.data ?? readEnvironment(process.env).dataDir;
    storeExit = await runInServer(dataDir, argv, io);
    if (storeExit !== null) return;
    // Loaded only here: what judges rows of a file starts without the stores.
    const { openSystem } = await import('../main.ts');
    const system = await openSystem({
      dataDir,
      configDir: options.config,
      synthetic: null,
    });
    try {
      storeExit = await work(system);
    } finally {
      await system.close();
    }
  };
  const code = await runProgram(argv, { io, withSystem, version: packageJson.version });
  return code === 0 ? (storeExit ?? 0) : code;
}
