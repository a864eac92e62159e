import { once } from 'node:events';
import { runCommandLine } from './run.ts';

// Whoever reads our output may stop early (`| head`): that ends the command, without a fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  drained: async () => {
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  },
  cwd: process.cwd(),
  interactive: process.stderr.isTTY,
});
