import path from 'node:path';
import { MonitorError } from '../domain/errors.ts';
import type { Config } from '../domain/config/config.ts';
import type { Io } from './command.ts';

/** The region that a simulation is of. Throws E_CONFIG. */
export async function simulatedConfig(io: Io, options: { config?: string }): Promise<Config> {
  const { loadConfig, readEnvironment } = await import('../config/index.ts');
  const { configOptions, DEFAULT_CONFIG_DIR } = await import('../main.ts');
  return loadConfig(
    path.resolve(io.cwd, options.config ?? DEFAULT_CONFIG_DIR),
    configOptions(readEnvironment(process.env)),
  );
}

/** What truly passes the `at`-th of these sections at a time. Throws E_USAGE for one that the simulated basin does not have. */
export async function simulatedBasin(
  io: Io,
  options: { config?: string; seed: number; sections: readonly string[] },
): Promise<(at: number, timeS: number) => Readonly<Record<string, number>> | null> {
  const { basinTruth } = await import('../simulator/water-world.ts');
  const truth = basinTruth(await simulatedConfig(io, options), options.seed);
  const unknown = options.sections.filter((id) => truth(id, 0) === null);
  if (unknown.length > 0)
    throw new MonitorError('E_USAGE', `--sections: the simulated basin does not have ${unknown.join(', ')}`);
  return (at, timeS) => truth(options.sections[at] ?? '', timeS);
}
