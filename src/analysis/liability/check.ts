import type { Scheme, SchemeStep } from '../../domain/config/scheme.ts';
import { MonitorError } from '../../domain/errors.ts';
import { builtins } from './builtins.ts';
import { callsIn, namesIn } from './expression.ts';
import { expressionOf, expressionsOf } from './steps.ts';

/** A fault inside one scheme file that its schema cannot see. `path` is where in the file. */
export interface SchemeFault {
  path: (string | number)[];
  value: string;
  message: string;
  expected: string;
}

function expressionFaults(
  source: string,
  path: (string | number)[],
  known: ReadonlySet<string>,
): SchemeFault[] {
  try {
    const node = expressionOf(source);
    const names = namesIn(node).filter((name) => !known.has(name));
    const faults = names.map((name) => ({
      path,
      value: name,
      message: `"${name}" is not known here`,
      expected: 'a figure, an input or an earlier step',
    }));
    for (const call of callsIn(node)) {
      const operands = builtins[call.name]?.operands;
      if (operands === undefined) {
        const expected = `one of ${Object.keys(builtins).join(', ')}`;
        faults.push({ path, value: call.name, message: `no function "${call.name}"`, expected });
      } else if (call.operands < operands[0] || call.operands > operands[1]) {
        const expected = `${operands[0]} to ${operands[1]} operands`;
        faults.push({
          path,
          value: call.name,
          message: `"${call.name}" has ${call.operands} operands`,
          expected,
        });
      }
    }
    return faults;
  } catch (cause) {
    if (!(cause instanceof MonitorError)) throw cause;
    return [{ path, value: source, message: cause.message, expected: 'an expression' }];
  }
}

function roleFaults(step: SchemeStep, at: number, scheme: Scheme): SchemeFault[] {
  if (!('pay' in step)) return [];
  const roles = new Set(scheme.parties.map((party) => party.role));
  return step.pay.flatMap((line, index) =>
    (['from', 'to'] as const)
      .filter((end) => !(roles.has(line[end]) || (line.each === true && line[end] === '@key')))
      .map((end) => ({
        path: ['steps', at, 'pay', index, end],
        value: line[end],
        message: `no party with the role "${line[end]}"`,
        expected: `one of ${[...roles].join(', ')}`,
      })),
  );
}

/** Bands must leave no gap: every edge where one ends is where the next begins, with the other comparison. */
function bandFaults(step: SchemeStep, at: number): SchemeFault[] {
  if (!('bands' in step)) return [];
  return step.bands.slice(1).flatMap((band, index) => {
    const before = step.bands[index];
    if (band.above === undefined && band.atLeast === undefined) return [];
    if (band.above !== undefined ? before?.upTo === band.above : before?.below === band.atLeast) return [];
    const edge = band.above ?? band.atLeast ?? '';
    const message = `the band before ends at ${before?.upTo ?? before?.below ?? 'no edge'}`;
    const expected = 'upTo before above, below before atLeast, at the same value';
    return [{ path: ['steps', at, 'bands', index + 1], value: edge, message, expected }];
  });
}

function duplicateFaults(names: readonly string[], path: string): SchemeFault[] {
  return names.flatMap((name, at) =>
    names.indexOf(name) === at
      ? []
      : [{ path: [path, at], value: name, message: `"${name}" stands twice`, expected: 'each name once' }],
  );
}

/**
 * Faults of a scheme that its schema cannot see: expressions that do not parse, names not known at that step, functions, roles,
 * bands with gaps, names twice. Empty for a sound scheme, which then never throws in `evaluateScheme`.
 */
export function schemeFaults(scheme: Scheme): SchemeFault[] {
  const known = new Set([
    ...scheme.figures.map((one) => one.figure),
    ...scheme.inputs.map((one) => one.name),
  ]);
  const inputNames = scheme.inputs.map((input) => input.name);
  const faults = [
    ...duplicateFaults(inputNames, 'inputs'),
    ...duplicateFaults(
      scheme.figures.map((one) => one.figure),
      'figures',
    ),
    ...duplicateFaults(
      scheme.parties.map((one) => one.role),
      'parties',
    ),
  ];
  for (const [at, step] of scheme.steps.entries()) {
    const here = 'bands' in step ? new Set([...known, 'x']) : known;
    for (const source of expressionsOf(step)) faults.push(...expressionFaults(source, ['steps', at], here));
    if (known.has(step.step)) {
      const expected = 'a name that no figure, input or earlier step has';
      faults.push({
        path: ['steps', at, 'step'],
        value: step.step,
        message: `"${step.step}" stands twice`,
        expected,
      });
    }
    known.add(step.step);
    faults.push(...roleFaults(step, at, scheme), ...bandFaults(step, at));
  }
  for (const [at, result] of scheme.results.entries()) {
    const sources = [
      result.value,
      ...Object.values(result.fields ?? {}),
      ...Object.values(result.columns ?? {}),
    ];
    for (const source of sources) {
      if (source !== undefined) faults.push(...expressionFaults(source, ['results', at], known));
    }
  }
  for (const [at, name] of scheme.requires.flat().entries()) {
    if (inputNames.includes(name)) continue;
    faults.push({
      path: ['requires', at],
      value: name,
      message: `no input "${name}"`,
      expected: 'a declared input',
    });
  }
  return faults;
}
