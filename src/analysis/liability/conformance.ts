import type { Scheme } from '../../domain/config/scheme.ts';
import type { Plain } from '../../domain/preview.ts';
import type {
  CaseDifference,
  CaseResult,
  ConformanceFacts,
  ConformanceRunner,
} from '../conformance/runner.ts';
import { evaluateScheme } from './evaluate.ts';
import { Exact } from './exact.ts';
import type { Outcome, Transfer, TransferParty } from './outcome.ts';

interface ExpectedTransfer {
  from: string;
  to: string;
  amountWan: string;
  basis?: string;
}

interface Example {
  id: string;
  scheme: string;
  kind?: string;
  inputs: unknown;
  expected: Record<string, unknown> & { status: string; transfers?: ExpectedTransfer[] };
}

/** Words for readers: that there is one is checked, not how it is put. */
const prose = new Set(['reason', 'note', 'flag']);
/** Figures that examples write as bare numbers come from exponentials; the examples state this tolerance. */
const numberTolerance = new Exact(1n, 1000n);
const decimalText = /^(-?\d+(?:\.\d+)?)(?:\s*\(.*\))?$/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function isExample(value: unknown): value is Example {
  if (!isRecord(value) || typeof value['scheme'] !== 'string' || !('inputs' in value)) return false;
  return isRecord(value['expected']) && typeof value['expected']['status'] === 'string';
}

/** Without a remark in brackets behind it. */
const bare = (name: string): string => name.replace(/\s*[(（][^)）]*[)）]\s*$/, '').trim();

/** A decimal text is compared to as many decimals as it prints; what it prints is one rounding of the exact figure. */
function sameDecimal(expected: string, actual: Plain): boolean {
  const text = decimalText.exec(expected)?.[1];
  if (text === undefined || typeof actual !== 'string' || decimalText.exec(actual) === null)
    return expected === actual;
  const places = text.split('.')[1]?.length ?? 0;
  return Exact.of(actual).toFixed(places) === Exact.of(text).toFixed(places);
}

function sameNumber(expected: number, actual: Plain): boolean {
  if (typeof actual !== 'string' || decimalText.exec(actual) === null) return false;
  return Exact.of(actual).minus(Exact.of(expected)).abs().compare(numberTolerance) <= 0;
}

/** Differences of one figure; the expected side decides which keys count. */
function figureDifferences(path: string, expected: unknown, actual: Plain | undefined): CaseDifference[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return [{ path, expected, actual }];
    return expected.flatMap((entry, at) => figureDifferences(`${path}[${at}]`, entry, actual[at]));
  }
  if (isRecord(expected)) {
    if (!isRecord(actual)) return [{ path, expected, actual }];
    return Object.entries(expected).flatMap(([key, entry]) =>
      figureDifferences(`${path}.${key}`, entry, actual[key]),
    );
  }
  if (actual !== undefined && typeof expected === 'number' && sameNumber(expected, actual)) return [];
  if (actual !== undefined && typeof expected === 'string' && sameDecimal(expected, actual)) return [];
  return actual !== undefined && expected === actual ? [] : [{ path, expected, actual }];
}

/**
 * Which government stands behind a role whose name the case does not give. A name binds once; a name that the scheme knows
 * for another role never binds, so a reversed payment is found.
 */
class Names {
  readonly #byRole = new Map<string, string>();
  readonly #known = new Map<string, string>();

  constructor(scheme: Scheme) {
    for (const party of scheme.parties) {
      for (const name of [party.name.zh, party.name.en, ...(party.known ?? [])])
        this.#known.set(bare(name), party.role);
    }
  }

  /** Whether `expected` can be this party; binds it when it is still open. */
  fits(party: TransferParty, expected: string): boolean {
    const name = bare(expected);
    if (party.role === null || !party.open)
      return name === bare(party.name.zh) || name === bare(party.name.en);
    const bound = this.#byRole.get(party.role);
    if (bound !== undefined) return bound === name;
    const owner = this.#known.get(name);
    if (owner !== undefined && owner !== party.role) return false;
    if ([...this.#byRole.values()].includes(name)) return false;
    this.#byRole.set(party.role, name);
    return true;
  }
}

const lineText = (line: Transfer): string => {
  const basis = line.basis === null ? '' : ` (${line.basis})`;
  return `${line.from.name.zh} → ${line.to.name.zh} ${line.amountWan}${basis}`;
};

function transferDifferences(
  scheme: Scheme,
  expected: readonly ExpectedTransfer[],
  actual: readonly Transfer[],
): CaseDifference[] {
  const names = new Names(scheme);
  const left = [...actual];
  const missing = expected.filter((want) => {
    const at = left.findIndex(
      (line) =>
        sameDecimal(want.amountWan, line.amountWan) &&
        (want.basis === undefined || line.basis === null || bare(want.basis) === bare(line.basis)) &&
        names.fits(line.from, want.from) &&
        names.fits(line.to, want.to),
    );
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  if (missing.length === 0 && left.length === 0) return [];
  return [{ path: 'transfers', expected, actual: actual.map(lineText) }];
}

function differencesOf(scheme: Scheme, expected: Example['expected'], outcome: Outcome): CaseDifference[] {
  const differences: CaseDifference[] = [];
  if (expected.status !== outcome.status) {
    const actual = outcome.reason === null ? outcome.status : `${outcome.status}: ${outcome.reason.text.en}`;
    differences.push({ path: 'status', expected: expected.status, actual });
  }
  differences.push(...transferDifferences(scheme, expected.transfers ?? [], outcome.transfers));
  if (expected['reason'] !== undefined && outcome.reason === null) {
    differences.push({ path: 'reason', expected: expected['reason'], actual: null });
  }
  for (const [name, figure] of Object.entries(expected)) {
    if (name === 'status' || name === 'transfers' || prose.has(name)) continue;
    differences.push(...figureDifferences(name, figure, outcome.figures[name]));
  }
  return differences;
}

function runExample(example: Example, config: ConformanceFacts): CaseResult {
  const head = { id: example.id, kind: `scheme ${example.scheme}` };
  const scheme = config.schemes.find((one) => one.id === example.scheme);
  if (scheme === undefined) {
    return {
      ...head,
      passed: false,
      differences: [],
      reason: `no scheme "${example.scheme}" in the configuration`,
    };
  }
  try {
    const outcome = evaluateScheme(scheme, example.inputs, config);
    const differences = differencesOf(scheme, example.expected, outcome);
    return { ...head, passed: differences.length === 0, differences };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return { ...head, passed: false, differences: [], reason };
  }
}

function runEntry(entry: unknown, at: number, config: ConformanceFacts): CaseResult {
  if (isExample(entry)) return runExample(entry, config);
  const id = isRecord(entry) && typeof entry['id'] === 'string' ? entry['id'] : `example ${at + 1}`;
  const reason = 'an example needs scheme, inputs and expected with a status';
  return { id, kind: 'scheme', passed: false, differences: [], reason };
}

/** Runs worked examples of compensation schemes: `{examples: [{id, scheme, inputs, expected}]}`, money in 万元. */
export const compensationConformance: ConformanceRunner = {
  name: 'compensation schemes',
  accepts(document) {
    const examples = isRecord(document) ? document['examples'] : null;
    return (
      Array.isArray(examples) && examples.some((one) => isRecord(one) && typeof one['scheme'] === 'string')
    );
  },
  run(document, config) {
    const examples = isRecord(document) ? document['examples'] : null;
    return (Array.isArray(examples) ? examples : []).map((entry, at) => runEntry(entry, at, config));
  },
};
