import { runProgram } from '../../src/cli/program.ts';
import type { System } from '../../src/main.ts';

/** What a command said and how it ended. */
export interface Said {
  code: number;
  out: string;
  err: string;
}

/** `jiehe` in this process, in `folder`, on a system that is open already; null: a place without a data folder. */
export async function jiehe(of: { folder: string; system: System | null }, argv: string[]): Promise<Said> {
  const said = { out: '', err: '' };
  let code = 0;
  const ended = await runProgram(argv, {
    io: {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      cwd: of.folder,
      interactive: false,
    },
    version: 'test',
    withSystem: async (_options, work) => {
      if (of.system === null) throw new Error('no data folder here');
      code = await work(of.system);
    },
  });
  return { code: ended === 0 ? code : ended, ...said };
}
