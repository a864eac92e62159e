import type { Agreement } from '../domain/config/region.ts';
import type { Scheme } from '../domain/config/scheme.ts';
import { Decimal, decimalOf, roundHalfEven } from '../domain/decimal.ts';
import { MonitorError } from '../domain/errors.ts';
import type { ReadingStore } from '../domain/ports.ts';
import { beginOfDay } from '../domain/time.ts';
import type { SettlementFacts } from './facts.ts';
import { periodMeans } from './period-means.ts';
import { type Span, civilPeriod } from '../domain/civil-period.ts';

export const clauseKinds = [
  'exempt',
  'circumstances',
  'precedence',
  'coverage',
  'baseline',
  'given',
  'comparison',
  'figure',
] as const;
export type ClauseKind = (typeof clauseKinds)[number];

/** What an agreement and its scheme become when one clause is another. */
export interface Terms {
  agreement: Agreement;
  config: SettlementFacts;
  exempt: readonly Span[];
  /** Decided special circumstances do not count. */
  withoutCircumstances?: true;
}

interface Variation {
  terms: Terms;
  readings: Pick<ReadingStore, 'series'>;
  nowS: number;
}

const bad = (message: string): MonitorError => new MonitorError('E_BAD_REQUEST', message);

/**
 * One clause as text, `kind=value`: `exempt=DAY..DAY[,…]` (flood or another circumstance), `precedence=PROVIDER`, `coverage=SHARE`,
 * `circumstances=none`, `baseline=INPUT:YEAR..YEAR`, `given=INPUT[.KEY]:VALUE` (a stake, a coefficient, one entry of a table),
 * `comparison=STEP` (≤ for <, ≥ for > and the other way), `figure=NAME:VALUE`. Throws E_BAD_REQUEST.
 */
export async function varied(clause: string, of: Variation): Promise<Terms> {
  const [, kind = '', value = ''] = /^([a-z]+)=(.+)$/.exec(clause) ?? [];
  switch (kind as ClauseKind) {
    case 'exempt':
      return {
        ...of.terms,
        exempt: value.split(',').map((one) => spanOf(one, of.terms.config.region.timeZone)),
      };
    case 'circumstances':
      if (value !== 'none')
        throw bad(`"${value}" is not a variation of the special circumstances (expected none)`);
      return { ...of.terms, withoutCircumstances: true };
    case 'given':
      return withAgreement(of.terms, { given: restated(of.terms, value) });
    case 'precedence':
      return withAgreement(of.terms, { dataSource: preferred(of.terms.agreement, value) });
    case 'coverage':
      return withAgreement(of.terms, { minimumCoverage: coverageOf(of.terms.agreement, value) });
    case 'baseline':
      return withAgreement(of.terms, { given: await baselineOf(value, of) });
    case 'comparison':
      return withScheme(of.terms, (scheme) => flipped(scheme, value));
    case 'figure':
      return withScheme(of.terms, (scheme) => refigured(scheme, value));
    default:
      throw bad(`not a clause: "${clause}" (expected ${clauseKinds.map((one) => `${one}=…`).join(', ')})`);
  }
}

const withAgreement = (terms: Terms, change: Partial<Agreement>): Terms => ({
  ...terms,
  agreement: { ...terms.agreement, ...change },
});

export function schemeOf({ agreement, config }: Pick<Terms, 'agreement' | 'config'>): Scheme {
  const scheme = config.schemes.find((one) => one.id === agreement.scheme);
  if (scheme === undefined) throw new MonitorError('E_CONFIG', `no scheme "${agreement.scheme}"`);
  return scheme;
}

function withScheme(terms: Terms, change: (scheme: Scheme) => Scheme): Terms {
  const scheme = change(schemeOf(terms));
  const schemes = terms.config.schemes.map((one) => (one.id === scheme.id ? scheme : one));
  return { ...terms, config: { ...terms.config, schemes } };
}

function spanOf(text: string, timeZone: string): Span {
  const [, from, to] = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/.exec(text) ?? [];
  if (from === undefined || to === undefined || to < from) throw bad(`not two days in order: "${text}"`);
  const beginS = beginOfDay(from, timeZone);
  const next = new Date(Date.parse(`${to}T00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return { beginS, endS: beginOfDay(next, timeZone) };
}

function preferred({ dataSource }: Agreement, provider: string): Agreement['dataSource'] {
  const { otherwise = [], check, assumedReviewed, ...first } = dataSource;
  const chosen = otherwise.find((one) => one.provider === provider);
  if (chosen === undefined) {
    const others = otherwise.map((one) => one.provider).join(', ') || 'none';
    throw bad(`"${provider}" is no further source of the agreement (there are: ${others})`);
  }
  const rest = otherwise.filter((one) => one !== chosen);
  return {
    ...chosen,
    otherwise: [{ ...first, kind: first.kind ?? 'delivered' }, ...rest],
    ...(check === undefined ? {} : { check }),
    ...(assumedReviewed === undefined ? {} : { assumedReviewed }),
  };
}

function coverageOf({ minimumCoverage }: Agreement, value: string): Agreement['minimumCoverage'] {
  const share = Number(value);
  if (!(share >= 0 && share <= 1)) throw bad(`not a share from 0 to 1: "${value}"`);
  return { ...minimumCoverage, share };
}

/** What the agreement states with one figure another, wherever it states it. */
function restated({ agreement }: Terms, value: string): NonNullable<Agreement['given']> {
  const [, name = '', key, text = ''] = /^(\w+)(?:\.([^:]+))?:(-?\d+(?:\.\d+)?)$/.exec(value) ?? [];
  const stated = agreement.given ?? [];
  const has = (one: (typeof stated)[number]): boolean =>
    one.input === name &&
    (key === undefined ? typeof one.value === 'string' : typeof one.value === 'object' && key in one.value);
  if (!stated.some(has)) {
    const names = stated.flatMap((one) =>
      typeof one.value === 'object'
        ? Object.keys(one.value).map((entry) => `${one.input}.${entry}`)
        : typeof one.value === 'string'
          ? [one.input]
          : [],
    );
    throw bad(
      `not a figure that the agreement states and a number, INPUT[.KEY]:VALUE: "${value}" (it states: ${[...new Set(names)].join(', ') || 'none'})`,
    );
  }
  return stated.map((one) => {
    if (!has(one)) return one;
    return {
      ...one,
      value: key === undefined || typeof one.value !== 'object' ? text : { ...one.value, [key]: text },
    };
  });
}

/** Means of the named years at each section, in the place of what the agreement states. */
async function baselineOf(value: string, of: Variation): Promise<NonNullable<Agreement['given']>> {
  const { agreement, config } = of.terms;
  const [, name = '', from = '', to = from] = /^(\w+):(\d{4})(?:\.\.(\d{4}))?$/.exec(value) ?? [];
  const scheme = schemeOf(of.terms);
  const input = scheme.inputs.find((one) => one.name === name && one.binds === undefined);
  if (input === undefined || Number(to) < Number(from))
    throw bad(`not an input of ${scheme.id} and years, INPUT:YEAR..YEAR: "${value}"`);
  const parameters = scheme.parameters.map((one) =>
    config.parameters.find(({ id }) => id === one.parameter)!,
  );
  const years = Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => String(Number(from) + at));
  const provenance = { source: `means of ${from} to ${to}`, confidence: 'assumed' as const };
  const given = (agreement.given ?? []).filter((one) => one.input !== name);
  for (const { section } of agreement.sections) {
    const byYear = [];
    for (const year of years) {
      const period = civilPeriod(year, config.region.timeZone);
      byYear.push(
        await periodMeans({ ...of.terms, period, readings: of.readings, nowS: of.nowS }, section, parameters),
      );
    }
    const table: Record<string, string> = {};
    for (const [at, { vocabulary }] of scheme.parameters.entries()) {
      const means = byYear.map((year) => year[at]!);
      const short = means.findIndex((one) => one.mean === null);
      if (short >= 0)
        throw bad(`${section} ${vocabulary}: too few readings in ${years[short]} for a baseline`);
      const sum = means.reduce((left, one) => left.plus(decimalOf(one.mean!)), new Decimal(0));
      const places = means[0]!.decimals + 1;
      table[vocabulary] = roundHalfEven(sum.div(means.length), places).toFixed(places);
    }
    given.push({ input: name, section, value: table, unit: input.unit, provenance });
  }
  return given;
}

const other: Record<string, string> = { '<=': '<', '<': '<=', '>=': '>', '>': '>=' };
const edges: Record<string, string> = { atLeast: 'above', above: 'atLeast', upTo: 'below', below: 'upTo' };
const texts = new Set(['step', 'rule', 'provenance', 'reason', 'brackets']);

/** The step with every comparison and every edge of a band including what it left out, and the other way. */
function flippedStep(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/(?<![=!<>])(<=|>=|<|>)(?!=)/g, (sign) => other[sign] ?? sign);
  if (Array.isArray(value)) return value.map(flippedStep);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) =>
      texts.has(key) ? [key, entry] : [edges[key] ?? key, flippedStep(entry)],
    ),
  );
}

function flipped(scheme: Scheme, name: string): Scheme {
  const at = scheme.steps.findIndex((one) => one.step === name);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only signs and the names of edges are others
  const others = scheme.steps.map((one) => flippedStep(one) as Scheme['steps'][number]);
  const compares = (nth: number): boolean =>
    JSON.stringify(others[nth]) !== JSON.stringify(scheme.steps[nth]);
  const comparing =
    scheme.steps.flatMap((one, nth) => (compares(nth) ? [one.step] : [])).join(', ') || 'none';
  if (at < 0) throw bad(`scheme ${scheme.id} has no step "${name}" (steps that compare: ${comparing})`);
  if (!compares(at))
    throw bad(`step "${name}" of ${scheme.id} compares nothing (steps that compare: ${comparing})`);
  return { ...scheme, steps: scheme.steps.map((one, nth) => (nth === at ? others[nth]! : one)) };
}

function refigured(scheme: Scheme, value: string): Scheme {
  const [, name = '', text = ''] = /^(\w+):(-?\d+(?:\.\d+)?)$/.exec(value) ?? [];
  const single = scheme.figures.filter((one) => typeof one.value === 'string').map((one) => one.figure);
  if (!single.includes(name))
    throw bad(
      `not a figure of ${scheme.id} and a number, NAME:VALUE: "${value}" (it has: ${single.join(', ') || 'none'})`,
    );
  const figures = scheme.figures.map((one) => (one.figure === name ? { ...one, value: text } : one));
  return { ...scheme, figures };
}
