import type { Scheme, SchemeResult, SchemeStep } from '../../domain/config/scheme.ts';
import type { Text } from '../../domain/config/facts.ts';
import type { WaterStandard } from '../../domain/config/standard.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { OutcomeStatus, Plain, Reason, StepNode } from '../../domain/preview.ts';
import { classifierOf } from './classifier.ts';
import type { Exact } from './exact.ts';
import { type Language, type PhraseFacts, type Phrases, knownName, phrasesOf } from './phrases.ts';
import { type ReadInputs, readInputs } from './inputs.ts';
import { fenOf, settleAmount, wanOf } from './money.ts';
import type { Outcome, Transfer, TransferParty } from './outcome.ts';
import {
  type Classifier,
  type Line,
  expressionsOf,
  figureValues,
  namesReadBy,
  runStep,
  valueOf,
} from './steps.ts';
import { type Value, Missing, missingIn, numberOf, plainOf, truthOf } from './value.ts';

/** Facts beside the scheme that a rule may ask for. */
export interface SchemeFacts {
  waterStandards: readonly WaterStandard[];
  /** For their names in reasons and remarks. */
  parameters?: PhraseFacts['parameters'];
}

/** A scheme with the names that its reasons are told in. */
interface Rule {
  scheme: Scheme;
  parameters: PhraseFacts['parameters'];
}

/** A case that cannot go on: the status and why. */
interface Ending {
  status: OutcomeStatus;
  reason: Reason;
}

/** Before schemes had words, reasons named the keys themselves; statements of that time are computed again to the byte. */
function missingReason(rule: Rule, what: readonly string[]): Ending {
  const { scheme } = rule;
  const listed = (language: Language): string => {
    if (what.length === 0) return '?';
    const phrases = scheme.words === undefined ? null : phrasesOf(rule, language);
    const names = new Set(what.map((one) => phrases?.missing(one) ?? one));
    return [...names].join(phrases !== null && language === 'zh' ? '、' : ', ');
  };
  const text = {
    zh: scheme.missing.zh.replace('{what}', listed('zh')),
    en: scheme.missing.en.replace('{what}', listed('en')),
  };
  return { status: 'not-assessable', reason: { code: 'input-missing', text } };
}

function refusal(code: string, zh: string, en: string): Ending {
  return { status: 'not-assessable', reason: { code, text: { zh, en } } };
}

/** What stands in the way before any rule is read: unknown or unfit inputs, or too few of them. */
function inputEnding(rule: Rule, read: ReadInputs): Ending | null {
  const { scheme } = rule;
  if (read.unknown.length > 0) {
    const list = read.unknown.join(', ');
    return refusal(
      'input-unknown',
      `输入不在该办法的词汇表中：${list}`,
      `not in the vocabulary of this scheme: ${list}`,
    );
  }
  if (read.faults.length > 0) {
    const list = read.faults.join('; ');
    return refusal('input-unfit', `输入不合要求：${list}`, `input does not fit: ${list}`);
  }
  const required = scheme.inputs.filter((input) => !input.optional && !read.values.has(input.name));
  if (required.length > 0)
    return missingReason(
      rule,
      required.map((input) => input.name),
    );
  if (scheme.requires.length === 0) return null;
  const gaps = scheme.requires.map((names) => names.filter((name) => !read.values.has(name)));
  const partly = scheme.requires.findIndex(
    (names, at) => (gaps[at]?.length ?? 0) > 0 && (gaps[at]?.length ?? 0) < names.length,
  );
  if (gaps.some((gap) => gap.length === 0)) return null;
  return missingReason(rule, gaps[Math.max(partly, 0)] ?? []);
}

/** A party that the case names, in English too where the scheme or its words know it. */
function namedParty(name: string, rule: Rule): Text {
  const known = rule.scheme.words === undefined ? null : knownName(rule, name);
  return { zh: name, en: known?.en ?? name };
}

function partyOf(party: Line['from'], rule: Rule, scope: ReadonlyMap<string, Value>): TransferParty {
  const { scheme } = rule;
  if ('named' in party) return { role: null, name: namedParty(party.named, rule), open: false };
  const declared = scheme.parties.find((one) => one.role === party.role);
  const given = declared?.input === undefined ? undefined : scope.get(declared.input);
  if (typeof given === 'string') return { role: party.role, name: { zh: given, en: given }, open: false };
  return {
    role: party.role,
    name: declared?.name ?? { zh: party.role, en: party.role },
    open: declared?.open ?? true,
  };
}

/** Where in the rule a line arises: step, basis and the two roles, whichever of them pays. */
function placeOf(line: Pick<Line, 'step' | 'basis' | 'from' | 'to'>): string {
  const nameOf = (party: Line['from']): string => ('named' in party ? party.named : party.role);
  const pair = [nameOf(line.from), nameOf(line.to)].toSorted().join('-');
  return `${line.step}:${line.basis ?? ''}:${pair}`;
}

/** The amount of a line that has been checked for gaps. */
const amountOf = (line: Line): Exact => numberOf(line.amount, line.step);

/** A line as money, rounded once; null for nothing to pay. */
function transferOf(line: Line, rule: Rule, scope: ReadonlyMap<string, Value>): Transfer | null {
  const { scheme } = rule;
  const amount = settleAmount(amountOf(line), scheme.money);
  if (amount.sign() === 0) return null;
  const [from, to] = amount.sign() < 0 ? [line.to, line.from] : [line.from, line.to];
  const paid = amount.abs();
  return {
    from: partyOf(from, rule, scope),
    to: partyOf(to, rule, scope),
    amountWan: wanOf(paid, scheme.money).toFixed(
      scheme.money.unit === 'wan-yuan' ? scheme.money.decimals : scheme.money.decimals + 4,
    ),
    amountFen: fenOf(paid, scheme.money).toString(),
    basis: line.basis,
    step: line.step,
    place: placeOf(line),
  };
}

function nodeOf(step: SchemeStep, scheme: Scheme, scope: ReadonlyMap<string, Value>): StepNode {
  const inputs = namesReadBy(step).map(
    (name) => [name, plainOf(scope.get(name) ?? new Missing([name], true))] as const,
  );
  return {
    step: step.step,
    primitive: step.primitive,
    rule: step.rule,
    provenance: step.provenance ?? scheme.provenance,
    expressions: expressionsOf(step),
    inputs: Object.fromEntries(inputs),
    result: null,
    skipped: true,
    missing: [],
  };
}

/** `explained` false: for the lines alone, without saying why, which is most of the work. */
interface How {
  classifier: Classifier;
  explained: boolean;
}

interface Run {
  scope: Map<string, Value>;
  lines: Line[];
  why: StepNode[];
  ending: Ending | null;
  figures: Record<string, Plain>;
}

function runSteps(rule: Rule, scope: Map<string, Value>, how: How): Run {
  const { scheme } = rule;
  const run: Run = { scope, lines: [], why: [], ending: null, figures: {} };
  for (const step of scheme.steps) {
    const node = how.explained ? nodeOf(step, scheme, scope) : null;
    if (node !== null) run.why.push(node);
    const condition = step.when === undefined ? true : valueOf(step.when, scope);
    if (condition instanceof Missing) {
      scope.set(step.step, condition);
      if (node !== null) node.missing = [...condition.what];
      if ('pay' in step) run.ending ??= missingReason(rule, condition.what);
      continue;
    }
    if (!truthOf(condition, step.step)) continue;
    const result = runStep(step, scope, how.classifier);
    scope.set(step.step, result.value);
    for (const line of result.lines) {
      if (!(line.amount instanceof Missing)) numberOf(line.amount, line.step);
    }
    run.lines.push(...result.lines);
    if (node !== null)
      Object.assign(node, {
        skipped: false,
        result: plainOf(result.value),
        missing: [...(missingIn(result.value)?.what ?? [])],
      });
    if (!('gate' in step)) continue;
    if (result.value instanceof Missing) run.ending = missingReason(rule, result.value.what);
    if (result.ends)
      run.ending = { status: step.gate.status, reason: { code: step.gate.code, text: step.gate.reason } };
    if (run.ending !== null) break;
  }
  return run;
}

function figureOf(result: SchemeResult, scope: ReadonlyMap<string, Value>): Plain | undefined {
  const take = (source: string): Plain | undefined => {
    const value = valueOf(source, scope);
    return value instanceof Missing ? undefined : plainOf(value);
  };
  if (result.value !== undefined) return take(result.value);
  const fields = Object.entries(result.fields ?? result.columns ?? {}).map(
    ([name, source]) => [name, take(source)] as const,
  );
  const known = fields.filter((field): field is [string, Plain] => field[1] !== undefined);
  if (known.length === 0) return undefined;
  if (result.fields !== undefined) return Object.fromEntries(known);
  const rows: Record<string, Record<string, Plain>> = {};
  for (const [name, column] of known) {
    if (column === null || typeof column !== 'object' || Array.isArray(column)) continue;
    for (const [key, value] of Object.entries(column)) {
      if (value !== null) rows[key] = { ...rows[key], [name]: value };
    }
  }
  return rows;
}

function figuresOf(scheme: Scheme, scope: ReadonlyMap<string, Value>): Record<string, Plain> {
  const figures: Record<string, Plain> = {};
  for (const result of scheme.results) {
    const figure = figureOf(result, scope);
    if (figure !== undefined) figures[result.name] = figure;
  }
  return figures;
}

const ruleOf = (scheme: Scheme, { parameters = [] }: SchemeFacts): Rule => ({ scheme, parameters });

function replacedText(rule: Rule, figure: string, values: { own: string; used: string }): Text {
  const [zh, en] = [phrasesOf(rule, 'zh'), phrasesOf(rule, 'en')];
  const said = (phrases: Phrases, json: string): string => phrases.value(JSON.parse(json));
  return {
    zh: `${zh.name(figure)}采用输入值：${said(zh, values.used)}；办法原值：${said(zh, values.own)}`,
    en: `${en.name(figure)} as given: ${said(en, values.used)}; the scheme says: ${said(en, values.own)}`,
  };
}

/** Figures that the case gives in place of the rule's own: an input of the same name. */
function replacedFigures(rule: Rule, read: ReadInputs, figures: ReadonlyMap<string, Value>): Text[] {
  return rule.scheme.figures.flatMap(({ figure }) => {
    const own = JSON.stringify(plainOf(figures.get(figure) ?? ''));
    const given = read.values.get(figure);
    const used = given === undefined ? own : JSON.stringify(plainOf(given));
    if (used === own) return [];
    if (rule.scheme.words !== undefined) return [replacedText(rule, figure, { own, used })];
    return [
      {
        zh: `采用输入的 ${figure} = ${used}，办法原值为 ${own}`,
        en: `${figure} = ${used} as given; the scheme says ${own}`,
      },
    ];
  });
}

/** What a rule is after and cannot be told: its amounts, or, where it pays nothing, its figures; null where nothing is missing. */
function gapOf(scheme: Scheme, run: Run): Missing | null {
  const found = run.lines.map((line) => missingIn(line.amount)).find((missing) => missing !== null);
  if (found !== undefined) return found;
  if (run.ending !== null || scheme.steps.some((step) => 'pay' in step || 'net' in step || 'pool' in step))
    return null;
  const values = scheme.results.flatMap(({ value }) =>
    value === undefined ? [] : [valueOf(value, run.scope)],
  );
  return (values.find((value) => value instanceof Missing && !value.absent) as Missing | undefined) ?? null;
}

function settled(rule: Rule, run: Run): Pick<Outcome, 'status' | 'reason' | 'transfers'> {
  const { scheme } = rule;
  const gap = gapOf(scheme, run);
  const ending = run.ending ?? (gap === null ? null : missingReason(rule, gap.what));
  if (ending !== null) return { ...ending, transfers: [] };
  const negative = run.lines.find((line) => !line.signed && amountOf(line).sign() < 0);
  if (negative !== undefined) {
    const said = (language: Language): string => {
      const name = scheme.words === undefined ? negative.step : phrasesOf(rule, language).name(negative.step);
      return `${name}: ${amountOf(negative).toString()}`;
    };
    return {
      ...refusal(
        'amount-negative',
        `金额为负而办法未定方向：${said('zh')}`,
        `negative amount without a direction: ${said('en')}`,
      ),
      transfers: [],
    };
  }
  const transfers = run.lines
    .map((line) => transferOf(line, rule, run.scope))
    .filter((line) => line !== null);
  const status = transfers.length > 0 || scheme.method ? 'assessed' : 'assessed-zero';
  return { status, reason: null, transfers };
}

/** Cells of free-form inputs are not typed by the vocabulary: one that the rule cannot compute with refuses the case. */
function runFitting(rule: Rule, scope: Map<string, Value>, how: How): Run {
  try {
    const run = runSteps(rule, scope, how);
    return how.explained ? { ...run, figures: figuresOf(rule.scheme, run.scope) } : run;
  } catch (cause) {
    if (!(cause instanceof MonitorError)) throw cause;
    const { message } = cause;
    const ending = refusal('input-unfit', `输入不合要求：${message}`, `input does not fit: ${message}`);
    return { scope: new Map(), lines: [], why: [], ending, figures: {} };
  }
}

/**
 * Applies a scheme to one case. Pure: the same scheme, document and facts give the same outcome.
 * document: an object that the scheme's vocabulary describes; whatever else it holds makes the case not assessable.
 * Never throws for a bad case; a scheme that `schemeFaults` finds sound never throws at all.
 */
export function evaluateScheme(scheme: Scheme, document: unknown, facts: SchemeFacts): Outcome {
  const read = readInputs(scheme, document);
  const figures = figureValues(scheme);
  const scope = new Map([...figures, ...read.values]);
  const rule = ruleOf(scheme, facts);
  const refused = inputEnding(rule, read);
  const run =
    refused === null || refused.reason.code === 'input-missing'
      ? runFitting(rule, scope, { classifier: classifierOf(facts.waterStandards), explained: true })
      : { scope, lines: [], why: [], ending: refused, figures: {} };
  run.ending = refused ?? run.ending;
  const result = settled(rule, run);
  return {
    scheme: scheme.id,
    ...result,
    figures: run.figures,
    why: run.why,
    remarks: replacedFigures(rule, read, figures),
  };
}

/** A line before rounding: where in the rule it arises, and its exact amount; null: it cannot be told. */
export interface RuleLine {
  place: string;
  amount: string | null;
}

/**
 * The lines of a case one by one, whatever is missing elsewhere; null when the case ends before any. Two runs that differ in
 * one input show which lines depend on it.
 */
export function ruleLines(scheme: Scheme, document: unknown, facts: SchemeFacts): RuleLine[] | null {
  const read = readInputs(scheme, document);
  const scope = new Map([...figureValues(scheme), ...read.values]);
  const rule = ruleOf(scheme, facts);
  const refused = inputEnding(rule, read);
  if (refused !== null && refused.reason.code !== 'input-missing') return null;
  const run = runFitting(rule, scope, { classifier: classifierOf(facts.waterStandards), explained: false });
  if (run.ending !== null) return null;
  return run.lines.map((line) => {
    const amount = line.amount instanceof Missing ? null : plainOf(line.amount);
    return { place: placeOf(line), amount: typeof amount === 'string' ? amount : null };
  });
}
