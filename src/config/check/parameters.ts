import type { ConfigFault } from '../../domain/config/config.ts';
import type { Parameter } from '../../domain/config/parameter.ts';
import type { Draft } from '../draft.ts';

/** Codes belong to code and bit parameters, a unit to quantities; ranges and decimals are in order. */
export function parameterFaults(draft: Draft): ConfigFault[] {
  return draft.parameters.flatMap((parameter) => [
    ...codeFaults(draft, parameter),
    ...unitFaults(draft, parameter),
    ...orderFaults(draft, parameter),
  ]);
}

function codeFaults(draft: Draft, parameter: Parameter): ConfigFault[] {
  const { codes } = parameter;
  if (parameter.type === 'quantity') {
    if (codes === undefined) return [];
    return [
      draft.fault(parameter, ['codes'], {
        message: 'a quantity has no codes',
        expected: 'no codes, or type code or bits',
        at: 'key',
      }),
    ];
  }
  if (codes === undefined || codes.length === 0) {
    return [draft.fault(parameter, ['type'], { message: 'no codes are given', expected: 'a list of codes' })];
  }
  const faults: ConfigFault[] = [];
  const values = new Set<number>();
  const texts = new Set<string>();
  for (const [index, code] of codes.entries()) {
    const path = ['codes', index, 'value'];
    if (values.has(code.value))
      faults.push(
        draft.fault(parameter, path, { message: 'this code is given twice', expected: 'each value once' }),
      );
    if (parameter.type === 'bits' && (code.value === 0 || (code.value & (code.value - 1)) !== 0)) {
      faults.push(
        draft.fault(parameter, path, { message: 'not a single bit', expected: 'a power of two: 1, 2, 4, …' }),
      );
    }
    values.add(code.value);
    for (const [at, text] of code.texts.entries()) {
      if (texts.has(text)) {
        const fault = { message: 'this text already means another code', expected: 'each text once' };
        faults.push(draft.fault(parameter, ['codes', index, 'texts', at], fault));
      }
      texts.add(text);
    }
  }
  return faults;
}

function unitFaults(draft: Draft, parameter: Parameter): ConfigFault[] {
  const quantity = parameter.type === 'quantity';
  return (['unit', 'ucum'] as const)
    .filter((key) => (parameter[key] !== null) !== quantity)
    .map((key) => {
      const message = quantity ? 'a quantity without a unit' : 'a code with a unit';
      return draft.fault(parameter, [key], { message, expected: quantity ? 'a unit' : 'null' });
    });
}

function orderFaults(draft: Draft, parameter: Parameter): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const { plausible, decimals, displayDecimals } = parameter;
  if (displayDecimals > decimals) {
    faults.push(
      draft.fault(parameter, ['displayDecimals'], {
        message: 'shows more than is stored',
        expected: `at most ${decimals}`,
      }),
    );
  }
  if (plausible !== undefined && plausible.min >= plausible.max) {
    faults.push(
      draft.fault(parameter, ['plausible', 'max'], {
        message: 'the range is empty',
        expected: `more than ${plausible.min}`,
      }),
    );
  }
  return faults;
}
