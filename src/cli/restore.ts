import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { readEnvironment } from '../config/environment.ts';
import { MonitorError } from '../domain/errors.ts';
import { DATA_OPTION, JSON_OPTION, type CommandContext, type Io } from './command.ts';

interface Options {
  data?: string;
  config?: string;
  json?: boolean;
}

const LOOK_MS = 100;

/** `jiehe restore DIR`: verifies the chain, puts the journal in place, and projects readings and state from it. */
export function restoreCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('restore')
    .description('a new data folder, or new servers, from a backup (恢复)')
    .argument('<dir>', 'folder of the backup (备份目录)')
    .option(...DATA_OPTION)
    .option('--config <dir>', 'configuration folder; the one in the backup when absent (配置目录)')
    .option(...JSON_OPTION)
    .action(async (dir: string, options: Options) =>
      context.exit(await restore(path.resolve(io.cwd, dir), options, io)),
    );
}

async function restore(dir: string, options: Options, io: Io): Promise<0> {
  const { loadState, placeJournal, readManifest, verifyBackup } = await import('../system/backup.ts');
  const { openDataFolder, readServeFile } = await import('../system/data-folder.ts');
  const { openSystem } = await import('../main.ts');
  const environment = readEnvironment(process.env);
  const dataDir = options.data === undefined ? environment.dataDir : path.resolve(io.cwd, options.data);
  if (readServeFile(dataDir) !== null)
    throw new MonitorError('E_CONFLICT', `a server uses ${dataDir}; restore into an empty data folder`);
  const manifest = readManifest(dir);
  const seconds: Record<string, number> = {};
  const timed = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const value = await work();
    seconds[step] = Math.round(performance.now() - began) / 1000;
    return value;
  };
  const progress = (step: string, done: number, total: number): void => {
    if (io.interactive) io.err(`\r${step}: ${done} of ${total} `);
  };
  await timed('verify', () => verifyBackup(dir, manifest));
  const { region, synthetic, createdAt } = manifest;
  const folder = openDataFolder(dataDir, { region, synthetic, nowIso: createdAt });
  const databaseUrl = environment.databaseUrl?.reveal() ?? null;
  await timed('journal', () => placeJournal(dir, { journalDir: folder.journalDir, databaseUrl }, progress));
  const configDir =
    options.config === undefined ? path.join(dir, 'config') : path.resolve(io.cwd, options.config);
  const system = await timed('state', () => openSystem({ dataDir, configDir, synthetic }));
  try {
    const rows = await timed('state-rows', () => loadState(system, dir));
    await timed('readings', async () => {
      for (;;) {
        const { journalSeq, appliedSeq } = system.projector.progress();
        progress('readings', appliedSeq, journalSeq);
        if (appliedSeq >= journalSeq) return;
        await wait(LOOK_MS);
      }
    });
    if (io.interactive) io.err('\n');
    const { readings, past } = await system.readings.counts();
    const result = { entries: manifest.head.seq, readings, past, stateRows: rows, seconds };
    if (options.json === true) io.out(`${JSON.stringify(result)}\n`);
    else {
      io.out(
        `restored ${result.entries} journal entries: ${readings} readings, ${past} past versions, ${rows} rows of state\n`,
      );
      io.out(
        `${Object.entries(seconds)
          .map(([step, s]) => `${step} ${s} s`)
          .join(', ')}\n`,
      );
    }
    return 0;
  } finally {
    await system.close();
  }
}
