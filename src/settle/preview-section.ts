import { evaluateScheme, ruleLines } from '../analysis/liability/evaluate.ts';
import type { TransferParty } from '../analysis/liability/outcome.ts';
import { classifyReading } from '../analysis/water/index.ts';
import { editionInForce } from '../domain/config/config.ts';
import type { Parameter } from '../domain/config/parameter.ts';
import type { Agreement } from '../domain/config/region.ts';
import { type Scheme, isFlowInput } from '../domain/config/scheme.ts';
import type { WaterStandard } from '../domain/config/standard.ts';
import { MonitorError } from '../domain/errors.ts';
import type { ReadingStore } from '../domain/ports.ts';
import { civilDate } from '../domain/time.ts';
import type { Party } from '../domain/settlement.ts';
import type {
  PeriodMean,
  PreviewClass,
  PreviewLine,
  PreviewSection,
  Reason,
  SectionFlow,
} from '../domain/preview.ts';
import { admitted } from './admission.ts';
import { type SectionCase, caseDocument } from '../analysis/liability/case-document.ts';
import { discharge } from './gauged-flow.ts';
import { type MeanSource, periodMeans, waterEvaluationOf } from './period-means.ts';
import { civilPeriod } from '../domain/civil-period.ts';
import { termReason } from './period.ts';
import { circumstancesOf, heldReason, stateOf } from './circumstances.ts';
import type { SettlementFacts } from './facts.ts';
import { type FlowBasis, flowBasisOf, flowReason, sectionFlow } from './section-flow.ts';
import type { PreviewRequest } from './preview.ts';
import { statementPhrases } from './statement-phrases.ts';

/** What all sections of a preview share. */
export interface Basis {
  source: MeanSource;
  scheme: Scheme;
  standard: WaterStandard;
  classItems: string[];
  evaluation: string | null;
  flow: FlowBasis | null;
  /** Why no section has a result, whatever its data; null where nothing stands in the way. */
  refused: Reason | null;
  notAdmitted: ReturnType<typeof admitted>['notAdmitted'];
}

/** Throws E_BAD_REQUEST for a period that the scheme or the term does not have, E_CONFIG for a faulty agreement. */
export function basisOf(request: PreviewRequest): Basis {
  const { agreement, config } = request;
  const scheme = config.schemes.find((one) => one.id === agreement.scheme);
  if (scheme === undefined)
    throw new MonitorError('E_CONFIG', `agreement ${agreement.id}: no scheme "${agreement.scheme}"`);
  const period = civilPeriod(request.period, config.region.timeZone);
  if (period.kind !== scheme.period && scheme.period !== 'any') {
    const message = `scheme ${scheme.id} is computed by ${scheme.period}, not by ${period.kind}: "${request.period}"`;
    throw new MonitorError('E_BAD_REQUEST', message);
  }
  const refused = termReason(agreement, period, config.region.timeZone);
  const editions = config.waterStandards.filter((one) => config.region.standards.water.includes(one.id));
  const standard = editionInForce(editions, civilDate(period.beginS, config.region.timeZone));
  if (standard === null)
    throw new MonitorError('E_CONFIG', `no water standard in force for ${request.period}`);
  const evaluation = waterEvaluationOf(config, period);
  const parted = admitted(agreement, request.circumstances ?? [], {
    period,
    timeZone: config.region.timeZone,
  });
  const source: MeanSource = {
    agreement,
    period,
    config,
    readings: request.readings,
    nowS: request.nowS,
    ...(request.asOfSeq === undefined ? {} : { asOfSeq: request.asOfSeq }),
    ...(request.exempt === undefined ? {} : { exempt: request.exempt }),
    circumstances: parted.admitted,
  };
  const classItems = evaluation?.automaticItems.items ?? scheme.parameters.map((one) => one.parameter);
  const flow = flowBasisOf(source, scheme);
  const { notAdmitted } = parted;
  const edition = evaluation?.id ?? null;
  return { source, scheme, standard, classItems, evaluation: edition, flow, refused, notAdmitted };
}

/** What is read of a section, in this order. */
export function parametersOf(basis: Basis): Parameter[] {
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
  const phrases = statementPhrases(basis.source.config, basis.scheme.id);
  const nameOf = ({ parameter }: PeriodMean, language: 'zh' | 'en'): string =>
    phrases?.[language].name(parameter) ??
    basis.scheme.parameters.find((one) => one.parameter === parameter)?.vocabulary ??
    parameter;
  const zh = short.map(
    (mean) => `${nameOf(mean, 'zh')} 覆盖率 ${mean.coverage} 低于约定 ${mean.minimumCoverage}`,
  );
  const en = short.map(
    (mean) => `${nameOf(mean, 'en')}: coverage ${mean.coverage} is below the agreed ${mean.minimumCoverage}`,
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

/** The case as it would be if nobody had measured one parameter; discharge takes the volume and every load with it. */
function caseWithout(basis: Basis, given: SectionCase, parameter: string): SectionCase {
  const none = [...given.means.keys()].map((one) => [one, null] as const);
  if (parameter === discharge) return { ...given, flow: { volumeM3: null, tonnes: new Map(none) } };
  const { flow } = given;
  return {
    ...given,
    means: new Map([...given.means, [parameter, null]]),
    periodClass: basis.classItems.includes(parameter) ? null : given.periodClass,
    ...(flow === undefined
      ? {}
      : { flow: { ...flow, tonnes: new Map([...flow.tonnes, [parameter, null]]) } }),
  };
}

/** What the rule gives at each place of a line; empty for a case that ends before any. Two runs show which lines rest on what differs. */
export function amountsByPlace(
  scheme: Scheme,
  document: Record<string, unknown>,
  facts: SettlementFacts,
): Map<string, string> {
  const byPlace = new Map<string, string>();
  for (const { place, amount } of ruleLines(scheme, document, facts) ?? [])
    byPlace.set(place, `${byPlace.get(place) ?? ''} ${amount ?? 'missing'}`);
  return byPlace;
}

/** By place of a line, the parameters whose loss would change it: the rule is run once more without each. */
function dependenceOf(
  basis: Basis,
  section: string,
  given: SectionCase,
  document: Record<string, unknown>,
): Map<string, string[]> {
  const amounts = (of: Record<string, unknown>): Map<string, string> =>
    amountsByPlace(basis.scheme, of, basis.source.config);
  const whole = amounts(document);
  const dependence = new Map<string, string[]>();
  const inputs = [...given.means.keys(), ...(given.flow === undefined ? [] : [discharge])];
  for (const parameter of inputs) {
    const without = amounts(documentOf(basis, caseWithout(basis, given, parameter), section));
    for (const [place, amount] of whole) {
      if (without.get(place) === amount) continue;
      dependence.set(place, [...(dependence.get(place) ?? []), parameter]);
    }
  }
  return dependence;
}

export type SectionResult = { section: PreviewSection; lines: PreviewLine[] };

/** A section with its special circumstances, and beside it without; while one is on hold there is no result. */
export async function previewSection(
  basis: Basis,
  entry: Agreement['sections'][number],
): Promise<SectionResult> {
  const { circumstances: all = [], config } = basis.source;
  const own = all.filter((one) => one.section === entry.section);
  const notAdmitted = basis.notAdmitted.flatMap(({ section, ...one }) =>
    section === entry.section ? [one] : [],
  );
  const decided = await computeSection(basis, entry);
  if (own.length === 0 && notAdmitted.length === 0) return decided;
  const without = { ...basis, source: { ...basis.source, circumstances: [] } };
  const measured = own.length === 0 ? decided : await computeSection(without, entry);
  const took = decided.section.means.map((mean) => [mean.parameter, mean.circumstances ?? []] as const);
  const said = circumstancesOf(entry.section, own, new Map(took), {
    timeZone: config.region.timeZone,
    phrases: statementPhrases(config, basis.scheme.id),
  });
  const { status, reason, means, periodClass, figures } = measured.section;
  const asMeasured = { status, reason, means, periodClass, figures, lines: measured.lines };
  const kept = notAdmitted.length === 0 ? {} : { notAdmitted };
  const section = { ...decided.section, circumstances: { ...said, ...kept, asMeasured } };
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
  const source = { ...basis.source, readings: readOnce(basis.source.readings) };
  const read = parametersOf(basis);
  const means = await periodMeans(source, entry.section, read);
  const counted = new Set(basis.scheme.parameters.map((one) => one.parameter));
  for (const { parameter, excluded } of means) if (excluded === true) counted.delete(parameter);
  const flow =
    basis.flow === null
      ? null
      : await sectionFlow(source, basis.flow, {
          section: declared,
          parameters: read.filter(({ id }) => counted.has(id)),
          read,
          means,
        });
  const bodyType = declared.bodyType?.value ?? null;
  const periodClass = periodClassOf(basis, means, bodyType);
  const own = (basis.source.circumstances ?? []).filter((one) => one.section === entry.section);
  const given: SectionCase = {
    targetClass: entry.target,
    bodyType,
    means: new Map(means.map((mean) => [mean.parameter, coveredMean(mean, flow)])),
    periodClass: periodClass.class,
    excluded: new Set(means.filter((mean) => mean.excluded).map((mean) => mean.parameter)),
    state: stateOf(own, basis.source.period),
    ...(flow === null
      ? {}
      : {
          flow: {
            volumeM3: flow.volumeM3,
            tonnes: new Map(flow.loads.map((one) => [one.parameter, one.tonnes])),
          },
        }),
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
  const { figures, why, remarks } = outcome;
  const { refused } = basis;
  const reason =
    refused ??
    (outcome.reason?.code === 'input-missing'
      ? (missingFlow(basis, flow) ?? coverageReason(basis, means) ?? outcome.reason)
      : outcome.reason);
  const head = { section: entry.section, name: declared.name, targetClass: entry.target };
  const status = refused === null ? outcome.status : 'not-assessable';
  const judged = { status, reason, means, periodClass, document, figures, why, remarks };
  const section = { ...head, ...judged, ...(flow === null ? {} : { flow }) };
  return { section, lines: refused === null ? lines : [] };
}

/** A mean counts in a load scheme only where its days are covered as agreed. */
function coveredMean(mean: PeriodMean, flow: SectionFlow | null): string | null {
  const load = flow?.loads.find((one) => one.parameter === mean.parameter);
  return load === undefined || load.reasons.length === 0 ? mean.mean : null;
}

/** Flow as the cause of a missing input; null where it is not. */
function missingFlow(basis: Basis, flow: SectionFlow | null): Reason | null {
  const phrases = statementPhrases(basis.source.config, basis.scheme.id);
  if (flow !== null) return flowReason(flow, phrases);
  if (basis.source.agreement.flow !== undefined) return null;
  const bound = basis.scheme.inputs.filter(isFlowInput);
  const stated = basis.source.agreement.given ?? [];
  return bound.some(({ name }) => !stated.some((one) => one.input === name))
    ? flowReason(null, phrases)
    : null;
}

/** Reads each series once, however many figures are taken from it. */
function readOnce(readings: PreviewRequest['readings']): PreviewRequest['readings'] {
  const known = new Map<string, ReturnType<ReadingStore['series']>>();
  return {
    series(query) {
      const key = JSON.stringify(query);
      const found = known.get(key) ?? readings.series(query);
      known.set(key, found);
      return found;
    },
  };
}
