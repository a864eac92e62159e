import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { parse } from 'yaml';
import type { CaseResult, ConformanceFacts, ConformanceRunner } from '../analysis/conformance/runner.ts';
import { loadConfig } from '../config/index.ts';
import { CONFIG_OPTION, JSON_OPTION, type CommandContext } from './command.ts';
import { conformanceRunners } from './conformance-runners.ts';
import { shippedConfigFolder } from './standards.ts';

export interface FileResult {
  file: string;
  runner: string | null;
  cases: CaseResult[];
}

/** The files of worked examples that ship, in order of their names. */
export function shippedExamples(folder: string = shippedConfigFolder): string[] {
  const directory = path.join(folder, 'conformance');
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|json)$/i.test(name))
    .toSorted()
    .map((name) => path.join(directory, name));
}

/** Runs one file (YAML or JSON). A file that cannot be read or that no runner accepts is one failed case. Never throws. */
export function runExamples(
  file: string,
  facts: ConformanceFacts,
  runners: readonly ConformanceRunner[] = conformanceRunners,
): FileResult {
  const failed = (reason: string): FileResult => ({
    file,
    runner: null,
    cases: [{ id: path.basename(file), kind: 'file', passed: false, differences: [], reason }],
  });
  let document: unknown;
  try {
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    document = file.endsWith('.json') ? JSON.parse(text) : parse(text);
  } catch (error) {
    return failed(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const runner = runners.find((candidate) => candidate.accepts(document));
  if (runner === undefined) return failed('no runner accepts a document of this shape');
  try {
    return { file, runner: runner.name, cases: runner.run(document, facts) };
  } catch (error) {
    return failed(`runner ${runner.name} failed: ${String(error)}`);
  }
}

/** What is printed of one case: nothing when it passed, else a line for the reason or for each difference. */
export function caseText(file: string, result: CaseResult): string {
  if (result.passed) return '';
  const head = `FAIL ${path.basename(file)} ${result.id} (${result.kind})`;
  if (result.reason !== undefined) return `${head}: ${result.reason}\n`;
  return result.differences
    .map(
      ({ path: at, expected, actual }) => `${head} ${at}: expected ${show(expected)}, got ${show(actual)}\n`,
    )
    .join('');
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

/** `jiehe conformance [FILE…]`: worked examples through the functions of production. Opens no store. */
export function conformanceCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('conformance')
    .description('run worked examples through the functions of production (以标准算例检验判定)')
    .argument('[file...]', 'example files; those that ship without one (算例文件，缺省为自带算例)')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action(async (given: string[], options: { config?: string; json?: boolean }) => {
      const folder =
        options.config === undefined ? shippedConfigFolder : path.resolve(io.cwd, options.config);
      const facts = await loadConfig(folder);
      const files = given.length > 0 ? given.map((file) => path.resolve(io.cwd, file)) : shippedExamples();
      let passed = 0;
      let failed = 0;
      for (const file of files) {
        const result = runExamples(file, facts);
        for (const entry of result.cases) {
          if (entry.passed) passed++;
          else failed++;
          if (options.json === true) io.out(`${JSON.stringify({ file, runner: result.runner, ...entry })}\n`);
          else io.out(caseText(file, entry));
        }
      }
      if (options.json === true) io.out(`${JSON.stringify({ passed, failed })}\n`);
      else io.out(`${passed} passed, ${failed} failed\n`);
      context.exit(failed > 0 || passed === 0 ? 1 : 0);
    });
}
