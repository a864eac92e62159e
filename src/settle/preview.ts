import { evaluateScheme, ruleLines } from '../analysis/liability/evaluate.ts';
import type { Outcome, OutcomeStatus, Reason, TransferParty } from '../analysis/liability/outcome.ts';
import { classifyReading } from '../analysis/water/index.ts';
import { editionInForce } from '../domain/config/config.ts';
import type { Text } from '../domain/config/facts.ts';
import type { Parameter } from '../domain/config/parameter.ts';
import type { Agreement } from '../domain/config/region.ts';
import type { Scheme } from '../domain/config/scheme.ts';
import type { WaterStandard } from '../domain/config/standard.ts';
import { MonitorError } from '../domain/errors.ts';
import type { ReadingStore } from '../domain/ports.ts';
import { civilDate } from '../domain/time.ts';
import { type Party } from '../domain/settlement.ts';
import { type SectionCase, caseDocument } from './case-document.ts';
import { type MeanSource, type PeriodMean, periodMeans, waterEvaluationOf } from './period-means.ts';
import { type Span, civilPeriod } from './period.ts';
import { marking, remarksOf, reviewedMarking } from './preview-remarks.ts';
import {
  type KnownCircumstance,
  type SectionCircumstances,
  circumstancesOf,
  heldReason,
  stateOf,
} from './circumstances.ts';
import type { SettlementFacts } from './facts.ts';
import { unconditionalLines } from './unconditional.ts';

/** One line of a preview, in whole fen. */
export type PreviewLine = {
  section: string;
  from: Party;
  to: Party;
  amountWan: string;
  amountFen: string;
  basis: string | null;
  step: string;
  /** Where in the rule it arises: the same in every period, whichever side pays. */
  place: string;
  /** Parameters of the section without which this line would be another or none. */
  dependsOn: string[];
};

export type PreviewClass = {
  class: number | null;
  decidingItems: string[];
  items: string[];
  reason: string | null;
};

/** One section: what it was judged on, the case as the scheme read it, and every step. */
export type PreviewSection = {
  section: string;
  name: Text;
  targetClass: number;
  status: OutcomeStatus;
  reason: Reason | null;
  means: PeriodMean[];
  periodClass: PreviewClass;
  document: Record<string, unknown>;
  figures: Outcome['figures'];
  why: Outcome['why'];
  remarks: Text[];
  /** Special circumstances that reach into the period, and the figures without them; absent where there is none. */
  circumstances?: SectionCircumstances & { asMeasured: MeasuredSection };
};

/** A section without its special circumstances. */
export type MeasuredSection = Pick<
  PreviewSection,
  'status' | 'reason' | 'means' | 'periodClass' | 'figures'
> & { lines: PreviewLine[] };

/** A trial computation: never a statement, never paid on. */
export type Preview = {
  marking: Text;
  agreement: string;
  agreementName: Text;
  scenario: boolean;
  scheme: string;
  schemeName: Text;
  readiness: string;
  period: { id: string; beginS: number; endS: number; over: boolean };
  computedAtS: number;
  asOfSeq: number | null;
  configHash: string;
  standard: string;
  evaluation: string | null;
  dataSource: Agreement['dataSource'];
  status: OutcomeStatus;
  reason: Reason | null;
  lines: PreviewLine[];
  /** Net of all lines, from the one who pays; null when nothing is due or a section has no result. */
  net: { from: Party; to: Party; amountFen: string } | null;
  /** What it would come to without special circumstances; absent where none reaches into the period. */
  asMeasured?: Pick<Preview, 'status' | 'reason' | 'lines' | 'net'>;
  sections: PreviewSection[];
  remarks: Text[];
};

export interface PreviewRequest {
  agreement: Agreement;
  /** `YYYY-MM`, in the region's civil months. */
  period: string;
  readings: Pick<ReadingStore, 'series'>;
  config: SettlementFacts;
  nowS: number;
  /** Only what was known up to this journal position. */
  asOfSeq?: number;
  /** Trials only: times whose readings do not count and are not expected. */
  exempt?: readonly Span[];
  /** As they stand at `asOfSeq`, or now; the figures without them are computed as well. */
  circumstances?: readonly KnownCircumstance[];
}

interface Basis {
  source: MeanSource;
  scheme: Scheme;
  standard: WaterStandard;
  classItems: string[];
  evaluation: string | null;
}

function basisOf(request: PreviewRequest): Basis {
  const { agreement, config } = request;
  const scheme = config.schemes.find((one) => one.id === agreement.scheme);
  if (scheme === undefined)
    throw new MonitorError('E_CONFIG', `agreement ${agreement.id}: no scheme "${agreement.scheme}"`);
  const period = civilPeriod(request.period, config.region.timeZone);
  if (period.kind !== scheme.period && scheme.period !== 'any') {
    const message = `scheme ${scheme.id} is computed by ${scheme.period}, not by ${period.kind}: "${request.period}"`;
    throw new MonitorError('E_BAD_REQUEST', message);
  }
  if (
    civilDate(period.beginS, config.region.timeZone) > agreement.term.to ||
    civilDate(period.endS - 1, config.region.timeZone) < agreement.term.from
  ) {
    throw new MonitorError(
      'E_BAD_REQUEST',
      `${request.period} is outside the term of ${agreement.id}: ${agreement.term.from} to ${agreement.term.to}`,
    );
  }
  const editions = config.waterStandards.filter((one) => config.region.standards.water.includes(one.id));
  const standard = editionInForce(editions, civilDate(period.beginS, config.region.timeZone));
  if (standard === null)
    throw new MonitorError('E_CONFIG', `no water standard in force for ${request.period}`);
  const evaluation = waterEvaluationOf(config, period);
  const source: MeanSource = {
    agreement,
    period,
    config,
    readings: request.readings,
    nowS: request.nowS,
    ...(request.asOfSeq === undefined ? {} : { asOfSeq: request.asOfSeq }),
    ...(request.exempt === undefined ? {} : { exempt: request.exempt }),
    ...(request.circumstances === undefined ? {} : { circumstances: request.circumstances }),
  };
  const classItems = evaluation?.automaticItems.items ?? scheme.parameters.map((one) => one.parameter);
  return { source, scheme, standard, classItems, evaluation: evaluation?.id ?? null };
}

function parametersOf(basis: Basis): Parameter[] {
  const ids = new Set([...basis.scheme.parameters.map((one) => one.parameter), ...basis.classItems]);
  return [...ids].map((id) => {
    const parameter = basis.source.config.parameters.find((one) => one.id === id);
    if (parameter === undefined) throw new MonitorError('E_CONFIG', `no parameter "${id}"`);
    return parameter;
  });
}

/** Class of the period's means; null while any of the items that decide it has too few readings. */
function periodClassOf(
  basis: Basis,
  means: readonly PeriodMean[],
  bodyType: SectionCase['bodyType'],
): PreviewClass {
  const items = means.filter((mean) => mean.excluded !== true && basis.classItems.includes(mean.parameter));
  const short = items.filter((mean) => mean.mean === null).map((mean) => mean.parameter);
  const names = items.map((mean) => mean.parameter);
  if (short.length > 0)
    return { class: null, decidingItems: [], items: names, reason: `too-few-readings: ${short.join(', ')}` };
  const values = Object.fromEntries(items.map((mean) => [mean.parameter, mean.mean]));
  const verdict = classifyReading({ values, bodyType }, basis.standard);
  return { class: verdict.class, decidingItems: verdict.decidingItems, items: names, reason: verdict.reason };
}

function partyOf(party: TransferParty, basis: Basis): Party {
  const side = basis.scheme.parties.find((one) => one.role === party.role)?.side;
  if (side === undefined) return { code: null, name: party.name };
  const code = basis.source.agreement.parties[side];
  const jurisdiction = basis.source.config.jurisdictions.find((one) => one.code === code);
  return { code, name: jurisdiction?.name ?? party.name };
}

/** Coverage as the cause: there are valid readings, but fewer than agreed. Null where that is not what is missing. */
function coverageReason(basis: Basis, means: readonly PeriodMean[]): Reason | null {
  const short = means.filter((mean) => !mean.enough && mean.valid > 0 && mean.excluded !== true);
  if (short.length === 0) return null;
  const nameOf = ({ parameter }: PeriodMean): string =>
    basis.scheme.parameters.find((one) => one.parameter === parameter)?.vocabulary ?? parameter;
  const zh = short.map((mean) => `${nameOf(mean)} 覆盖率 ${mean.coverage} 低于约定 ${mean.minimumCoverage}`);
  const en = short.map(
    (mean) => `${nameOf(mean)}: coverage ${mean.coverage} is below the agreed ${mean.minimumCoverage}`,
  );
  return { code: 'coverage-below-agreed', text: { zh: zh.join('；'), en: en.join('; ') } };
}

const documentOf = (basis: Basis, given: SectionCase, section: string): Record<string, unknown> =>
  caseDocument(basis.scheme, given, {
    standard: basis.standard,
    agreement: basis.source.agreement,
    period: basis.source.period.id,
    section,
  });

/** By place of a line, the parameters whose loss would change it: the rule is run once more without each. */
function dependenceOf(
  basis: Basis,
  section: string,
  given: SectionCase,
  document: Record<string, unknown>,
): Map<string, string[]> {
  const { scheme } = basis;
  const amounts = (of: Record<string, unknown>): Map<string, string> | null => {
    const lines = ruleLines(scheme, of, basis.source.config);
    if (lines === null) return null;
    const byPlace = new Map<string, string>();
    for (const { place, amount } of lines)
      byPlace.set(place, `${byPlace.get(place) ?? ''} ${amount ?? 'missing'}`);
    return byPlace;
  };
  const whole = amounts(document) ?? new Map<string, string>();
  const dependence = new Map<string, string[]>();
  for (const parameter of given.means.keys()) {
    const without = amounts(
      documentOf(
        basis,
        {
          ...given,
          means: new Map([...given.means, [parameter, null]]),
          periodClass: basis.classItems.includes(parameter) ? null : given.periodClass,
        },
        section,
      ),
    );
    for (const [place, amount] of whole) {
      if (without?.get(place) === amount) continue;
      dependence.set(place, [...(dependence.get(place) ?? []), parameter]);
    }
  }
  return dependence;
}

type SectionResult = { section: PreviewSection; lines: PreviewLine[] };

/** A section with its special circumstances, and beside it without; while one is on hold there is no result. */
async function previewSection(basis: Basis, entry: Agreement['sections'][number]): Promise<SectionResult> {
  const { circumstances: all = [], config } = basis.source;
  const own = all.filter((one) => one.section === entry.section);
  const decided = await computeSection(basis, entry);
  if (own.length === 0) return decided;
  const measured = await computeSection({ ...basis, source: { ...basis.source, circumstances: [] } }, entry);
  const took = decided.section.means.map((mean) => [mean.parameter, mean.circumstances ?? []] as const);
  const said = circumstancesOf(entry.section, own, new Map(took), config.region.timeZone);
  const { status, reason, means, periodClass, figures } = measured.section;
  const asMeasured = { status, reason, means, periodClass, figures, lines: measured.lines };
  const section = { ...decided.section, circumstances: { ...said, asMeasured } };
  if (said.held.length === 0) return { section, lines: decided.lines };
  return { section: { ...section, status: 'on-hold', reason: heldReason(said.held) }, lines: [] };
}

async function computeSection(basis: Basis, entry: Agreement['sections'][number]): Promise<SectionResult> {
  const declared = basis.source.config.sections.find((one) => one.id === entry.section);
  if (declared === undefined)
    throw new MonitorError(
      'E_CONFIG',
      `agreement ${basis.source.agreement.id}: no section "${entry.section}"`,
    );
  const means = await periodMeans(basis.source, entry.section, parametersOf(basis));
  const bodyType = declared.bodyType?.value ?? null;
  const periodClass = periodClassOf(basis, means, bodyType);
  const own = (basis.source.circumstances ?? []).filter((one) => one.section === entry.section);
  const given: SectionCase = {
    targetClass: entry.target,
    bodyType,
    means: new Map(means.map((mean) => [mean.parameter, mean.mean])),
    periodClass: periodClass.class,
    excluded: new Set(means.filter((mean) => mean.excluded).map((mean) => mean.parameter)),
    state: stateOf(own, basis.source.period),
  };
  const document = documentOf(basis, given, entry.section);
  const outcome = evaluateScheme(basis.scheme, document, basis.source.config);
  const dependence =
    outcome.transfers.length === 0
      ? new Map<string, string[]>()
      : dependenceOf(basis, entry.section, given, document);
  const lines = outcome.transfers.map((line) => ({
    section: entry.section,
    from: partyOf(line.from, basis),
    to: partyOf(line.to, basis),
    amountWan: line.amountWan,
    amountFen: line.amountFen,
    basis: line.basis,
    step: line.step,
    place: line.place,
    dependsOn: dependence.get(line.place) ?? [],
  }));
  const { status, figures, why, remarks } = outcome;
  const reason =
    outcome.reason?.code === 'input-missing'
      ? (coverageReason(basis, means) ?? outcome.reason)
      : outcome.reason;
  const head = { section: entry.section, name: declared.name, targetClass: entry.target };
  return { section: { ...head, status, reason, means, periodClass, document, figures, why, remarks }, lines };
}

const noResult = new Set<OutcomeStatus>(['not-assessable', 'on-hold']);

/** One payment that settles all lines between two governments; null when they even out or there are more than two. */
function netOf(lines: readonly PreviewLine[]): Preview['net'] {
  const [first] = lines;
  if (first === undefined) return null;
  const key = (party: Party): string => party.code ?? party.name.zh;
  let fen = 0n;
  for (const line of lines) {
    if (key(line.from) === key(first.from) && key(line.to) === key(first.to)) fen += BigInt(line.amountFen);
    else if (key(line.from) === key(first.to) && key(line.to) === key(first.from))
      fen -= BigInt(line.amountFen);
    else return null;
  }
  if (fen === 0n) return null;
  const [from, to] = fen > 0n ? [first.from, first.to] : [first.to, first.from];
  return { from, to, amountFen: (fen > 0n ? fen : -fen).toString() };
}

/**
 * What an agreement would come to in one period, on unreviewed readings. Missing readings give `not-assessable` with a reason,
 * never zero. Throws E_BAD_REQUEST for a period that the scheme or the term does not have, E_CONFIG for a faulty agreement.
 */
export async function previewAgreement(request: PreviewRequest): Promise<Preview> {
  const basis = basisOf(request);
  const { agreement, config } = request;
  const { period } = basis.source;
  const results = [];
  for (const entry of agreement.sections) results.push(await previewSection(basis, entry));
  const sections = results.map((one) => one.section);
  const over = request.nowS >= period.endS;
  const raw = sections.some(({ means }) =>
    means.some(({ leastStage, excluded }) => excluded !== true && (leastStage ?? 0) === 0),
  );
  const unconditional = unconditionalLines(agreement, period.id, config);
  const touched = sections.some((section) => section.circumstances !== undefined);
  const asMeasured = totalOf(results.map(measuredResult), unconditional);
  return {
    marking: raw ? marking : reviewedMarking,
    agreement: agreement.id,
    agreementName: agreement.name,
    scenario: agreement.scenario,
    scheme: basis.scheme.id,
    schemeName: basis.scheme.name,
    readiness: basis.scheme.readiness,
    period: { id: period.id, beginS: period.beginS, endS: period.endS, over },
    computedAtS: request.nowS,
    asOfSeq: request.asOfSeq ?? null,
    configHash: config.hash,
    standard: basis.standard.id,
    evaluation: basis.evaluation,
    dataSource: agreement.dataSource,
    ...totalOf(
      results.map(({ section, lines }) => ({ ...section, lines })),
      unconditional,
    ),
    ...(touched ? { asMeasured } : {}),
    sections,
    remarks: [
      ...remarksOf({ agreement, scheme: basis.scheme, classItems: basis.classItems }, period, over),
      ...sections.flatMap(({ circumstances }) => (circumstances?.applied ?? []).map(({ text }) => text)),
    ],
  };
}

type Total = Pick<Preview, 'status' | 'reason' | 'lines' | 'net'>;
type Part = Pick<MeasuredSection, 'status' | 'reason' | 'lines'>;

const measuredResult = ({ section, lines }: SectionResult): Part =>
  section.circumstances?.asMeasured ?? { ...section, lines };

/** All sections together: without a result as soon as one has none. */
function totalOf(parts: readonly Part[], unconditional: readonly PreviewLine[]): Total {
  const open = parts.find((part) => noResult.has(part.status));
  const lines = parts.flatMap((part) => part.lines);
  const first = lines.length > 0 ? null : (parts[0] ?? null);
  return {
    status: open?.status ?? (lines.length > 0 ? 'assessed' : (first?.status ?? 'not-assessed')),
    reason: open?.reason ?? first?.reason ?? null,
    lines: [...lines, ...unconditional],
    net: open === undefined ? netOf(lines) : null,
  };
}
