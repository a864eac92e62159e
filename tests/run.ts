/**
 * Everything a change must pass, in one command: types, lint, format, then the tests. Ends with `N passed, M failed`.
 * `--long` adds the rounds, outages and soaks (`*.long.test.ts`) and prints rounds and seed. Other arguments go to vitest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { name: string; status: string; message: string; assertionResults: unknown[] }[];
}

const root = path.resolve(import.meta.dirname, '..');
const long = process.argv.includes('--long');
const filters = process.argv.slice(2).filter((argument) => argument !== '--long');
const bin = (name: string): string => path.join(root, 'node_modules', '.bin', name);

const checks: [string, string, string[]][] = [
  ['types of the server', 'tsc', ['--noEmit']],
  ['types of the page', 'tsc', ['--noEmit', '-p', 'web']],
  ['lint', 'oxlint', ['--deny-warnings']],
  ['format', 'prettier', ['--check', '.', '--log-level', 'warn']],
];

let passed = 0;
let failed = 0;

/** All at once; the output of one is printed when it failed. */
async function runChecks(): Promise<void> {
  const run = async ([name, program, args]: (typeof checks)[number]): Promise<void> => {
    const began = Date.now();
    const child = spawn(bin(program), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
    const [status] = (await once(child, 'close')) as [number | null];
    if (status === 0) passed += 1;
    else failed += 1;
    console.log(`${status === 0 ? '✓' : '✗'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    if (status !== 0) process.stdout.write(Buffer.concat(printed));
  };
  await Promise.all(checks.map(run));
}

function runTests(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-test-'));
  const file = path.join(folder, 'report.json');
  const seed = process.env.JIEHE_SEED ?? String(randomInt(2 ** 31));
  // Without it each test takes its own few rounds.
  const rounds = process.env.JIEHE_ROUNDS ?? (long ? '20' : undefined);
  if (long) console.log(`rounds ${rounds}, seed ${seed}`);
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...filters];
  const env = {
    ...process.env,
    JIEHE_LONG: long ? '1' : '0',
    JIEHE_SEED: seed,
    ...(rounds === undefined ? {} : { JIEHE_ROUNDS: rounds }),
  };
  const { status } = spawnSync(bin('vitest'), args, { cwd: root, stdio: 'inherit', env });
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    const unloadable = report.testResults.filter(
      (r) => r.status === 'failed' && r.assertionResults.length === 0,
    );
    passed += report.numPassedTests;
    failed += report.numFailedTests + unloadable.length;
    if (report.numPendingTests > 0) console.log(`${report.numPendingTests} skipped (named above)`);
    if (report.numPassedTests === 0 || (status !== 0 && failed === 0)) failed += 1;
  } catch (cause) {
    failed += 1;
    console.error('vitest wrote no report:', cause);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (filters.length === 0) await runChecks();
runTests();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
