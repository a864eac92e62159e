import path from 'node:path';
import { readEnvironment } from '../config/index.ts';
import { openSystem, VERSION } from '../main.ts';
import { runInServer } from './bridge.ts';
import type { ExitCode, Io, WithSystem } from './command.ts';
import { runProgram } from './program.ts';

const io: Io = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  cwd: process.cwd(),
  interactive: process.stderr.isTTY,
};

const argv = process.argv.slice(2);
let storeExit: ExitCode | null = null;

const withSystem: WithSystem = async (options, work) => {
  const dataDir =
    options.data === undefined ? readEnvironment(process.env).dataDir : path.resolve(io.cwd, options.data);
  storeExit = await runInServer(dataDir, argv, io);
  if (storeExit !== null) return;
  const system = await openSystem({
    dataDir,
    configDir: options.config === undefined ? undefined : path.resolve(io.cwd, options.config),
    synthetic: null,
  });
  try {
    storeExit = await work(system);
  } finally {
    await system.close();
  }
};

const code = await runProgram(argv, { io, withSystem, version: VERSION });
process.exitCode = storeExit !== null && code === 0 ? storeExit : code;
