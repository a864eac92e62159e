import { targetLimit, waterLimits } from '../water/index.ts';
import type { Agreement, BodyType } from '../../domain/config/region.ts';
import { type Scheme, type SchemeInput, isFlowInput, isGiven } from '../../domain/config/scheme.ts';
import type { WaterStandard } from '../../domain/config/standard.ts';

/** What an agreement and its readings say about one section in one period. Null: not known, or not enough readings. */
export interface SectionCase {
  targetClass: number;
  bodyType: BodyType | null;
  /** By parameter id. */
  means: ReadonlyMap<string, string | null>;
  periodClass: number | null;
  /** Parameters that a decision took out of the whole period: the rule does not hear of them. */
  excluded?: ReadonlySet<string>;
  /** What a decision says of the section through the whole period; null: nothing. */
  state?: 'dry' | null;
  /** Water past the section in m³ and tonnes by parameter id; absent: the agreement has no terms of flow. */
  flow?: { volumeM3: string | null; tonnes: ReadonlyMap<string, string | null> };
}

function limitText(standard: WaterStandard, parameter: string, given: SectionCase): string | null {
  const entry = waterLimits(standard).byParameter.get(parameter);
  if (entry === undefined) return null;
  if (given.bodyType === null && !entry.sameForBoth) return null;
  return targetLimit(entry, given.bodyType ?? 'river', given.targetClass)?.toFixed() ?? null;
}

function boundValue(
  input: SchemeInput,
  parameter: string | null,
  given: SectionCase,
  standard: WaterStandard,
): unknown {
  switch (input.binds) {
    case 'period-mean':
      return parameter === null ? null : (given.means.get(parameter) ?? null);
    case 'period-volume':
      return given.flow?.volumeM3 ?? null;
    case 'period-load':
      return parameter === null ? null : (given.flow?.tonnes.get(parameter) ?? null);
    case 'target-limit':
      return parameter === null ? null : limitText(standard, parameter, given);
    case 'target-class':
      return String(given.targetClass);
    case 'section-state':
      return given.state ?? undefined;
    default:
      return given.periodClass === null ? null : String(given.periodClass);
  }
}

function put(document: Record<string, unknown>, path: string, value: unknown): void {
  const segments = path.split('.');
  const last = segments.pop() ?? path;
  let place = document;
  for (const segment of segments) {
    const next = (place[segment] ?? {}) as Record<string, unknown>;
    place[segment] = next;
    place = next;
  }
  place[last] = value;
}

const pathOf = (input: SchemeInput): string =>
  typeof input.path === 'string' ? input.path : (input.path.at(-1) ?? input.name);

interface CaseFacts {
  agreement: Pick<Agreement, 'given' | 'flow'>;
  period: string;
  section: string;
}

/** Flow that the parties state instead of measuring it: only where no terms of measuring are agreed. */
const isStatedFlow = (input: SchemeInput, { given, flow }: CaseFacts['agreement']): boolean =>
  isFlowInput(input) && flow === undefined && given?.some((one) => one.input === input.name) === true;

/** What the agreement itself states for this period, under the scheme's own names. */
function putGiven(
  document: Record<string, unknown>,
  scheme: Scheme,
  facts: CaseFacts & { without: ReadonlySet<string> },
): void {
  for (const { input: name, period, section, value } of facts.agreement.given ?? []) {
    const input = scheme.inputs.find(
      (one) => one.name === name && isGiven(one) && (!isFlowInput(one) || facts.agreement.flow === undefined),
    );
    if (input === undefined || (period !== undefined && period !== facts.period)) continue;
    if (section !== undefined && section !== facts.section) continue;
    if (typeof value !== 'object') {
      put(document, pathOf(input), value);
      continue;
    }
    const entries = Object.entries(value).filter(([key]) => !facts.without.has(key));
    if (input.keys === undefined) put(document, pathOf(input), Object.fromEntries(entries));
    else for (const [key, entry] of entries) put(document, pathOf(input).replace('{key}', key), entry);
  }
}

/**
 * The input document of a scheme for one section, written through the scheme's own vocabulary. What is not known is written as
 * null, so that the scheme sees it as missing, never as absent.
 */
export function caseDocument(
  scheme: Scheme,
  given: SectionCase,
  facts: CaseFacts & { standard: WaterStandard },
): Record<string, unknown> {
  const { standard } = facts;
  const document: Record<string, unknown> = {};
  const excluded = scheme.parameters.filter(({ parameter }) => given.excluded?.has(parameter) === true);
  const without = new Set(excluded.map(({ vocabulary }) => vocabulary));
  putGiven(document, scheme, { ...facts, without });
  for (const input of scheme.inputs) {
    if (input.binds === undefined || isStatedFlow(input, facts.agreement)) continue;
    const path = pathOf(input);
    const perFactor = input.keys !== undefined || input.shape === 'map';
    if (!perFactor) {
      const value = boundValue(input, null, given, standard);
      if (value !== undefined) put(document, path, value);
      continue;
    }
    for (const { vocabulary, parameter } of scheme.parameters) {
      if (without.has(vocabulary)) continue;
      const place = input.keys === undefined ? `${path}.${vocabulary}` : path.replace('{key}', vocabulary);
      put(document, place, boundValue(input, parameter, given, standard));
    }
  }
  return document;
}
