/**
 * Everything a change must pass, in one command: types, lint, format, then the tests. Ends with `N passed, M failed`.
 * `--long` adds the rounds, outages and soaks (`*.long.test.ts`) and prints rounds and seed. Other arguments go to vitest.
 */
import { spawnSync } from 'node:child_process';
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

function runChecks(): void {
  for (const [name, program, args] of checks) {
    const began = Date.now();
    const { status } = spawnSync(bin(program), args, { cwd: root, stdio: 'inherit' });
    if (status === 0) passed += 1;
    else failed += 1;
    console.log(`${status === 0 ? '✓' : '✗'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  }
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

if (filters.length === 0) runChecks();
runTests();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
