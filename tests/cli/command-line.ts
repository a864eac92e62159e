import { runCommandLine } from '../../src/cli/run.ts';
import type { Ended } from './jiehe-process.ts';

/** One command line in this process, on stores of its own or inside the server of its data folder, as `jiehe` would. */
export async function commandLine(argv: readonly string[], cwd = process.cwd()): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const code = await runCommandLine(argv, {
    out: (text) => (said.stdout += text),
    err: (text) => (said.stderr += text),
    cwd,
    interactive: false,
  });
  return { code, ...said };
}
