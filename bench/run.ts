/** npm run bench [-- name [arguments]]: without a name lists the benches and runs them one after the other. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const notBenches = new Set([
  'run.ts',
  'measure.ts',
  'raw-engines.ts',
  'through-journal.ts',
  'journal-bytes.ts',
]);
const directory = import.meta.dirname;
const names = readdirSync(directory)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !notBenches.has(file))
  .map((file) => file.slice(0, -'.ts'.length));

/** The first sentence of the file's opening comment. */
function about(name: string): string {
  const [, comment = ''] =
    /\/\*\*([\s\S]*?)\*\//.exec(readFileSync(path.join(directory, `${name}.ts`), 'utf8')) ?? [];
  return comment.replaceAll(/\s*\n \* ?/g, ' ').trim();
}

const [wanted, ...rest] = process.argv.slice(2);
if (wanted === '--help' || wanted === '--list') {
  for (const name of names) console.log(`${name}: ${about(name)}`);
} else if (wanted !== undefined && !names.includes(wanted)) {
  console.error(`no bench "${wanted}"; there are: ${names.join(', ')}`);
  process.exitCode = 2;
} else {
  const failed = (wanted === undefined ? names : [wanted]).filter((name) => {
    console.log(`== ${name}: ${about(name)}`);
    return (
      spawnSync(process.execPath, [path.join(directory, `${name}.ts`), ...rest], { stdio: 'inherit' })
        .status !== 0
    );
  });
  if (failed.length > 0) {
    console.error(`failed: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}
