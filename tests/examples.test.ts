import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../src/cli/run.ts';

const root = path.resolve(import.meta.dirname, '..');
const readme = readFileSync(path.join(root, 'examples/README.md'), 'utf8');

/** Command lines of the README's shell blocks, without the program's name. */
const commands = [...readme.matchAll(/^bin\/jiehe\.mjs (.+)$/gm)].map((match) => (match[1] ?? '').split(' '));

const lastLine: Record<string, string> = {
  'evaluate water': '"decidingItems":["tp"],"overTarget":[{"item":"tp","multiple":0.24}]',
  'evaluate air': '"aqi":106,',
  'ingest cnemc-water': 'issue STATION_UNREGISTERED: 1',
  'journal verify': '3 entries, head',
  'alerts replay': '0 alerts; too short to tell: none',
};

describe('the examples run as their README says', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'jiehe-examples-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has a check for each command', () => {
    expect(commands.map(([a, b]) => `${a} ${b}`)).toEqual(Object.keys(lastLine));
  });

  it('gives the outcome that is described', async () => {
    for (const argv of commands) {
      const printed: string[] = [];
      const io = {
        out: (text: string) => printed.push(text),
        err: (text: string) => printed.push(text),
        cwd: root,
        interactive: false,
      };
      const code = await runCommandLine(
        argv.map((word) => (word === '/tmp/jiehe-example' ? folder : word)),
        io,
      );
      expect(code, printed.join('')).toBe(0);
      expect(printed.join('').trimEnd().split('\n').at(-1)).toContain(lastLine[`${argv[0]} ${argv[1]}`]);
      if (argv[0] === 'ingest') {
        expect(printed.join('')).toContain(
          'accepted 26 + unchanged 8 + revised 1 + absent 8 + missing 1 + rejected 0',
        );
      }
    }
  });
});
