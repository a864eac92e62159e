import type { Agreement } from '../domain/config/region.ts';
import type { ReadingStore, SeriesColumns } from '../domain/ports.ts';
import type { MeasuredSection, OutcomeStatus, Preview, PreviewLine } from '../domain/preview.ts';
import type { Span } from '../domain/civil-period.ts';
import type { KnownCircumstance } from './circumstances.ts';
import type { SettlementFacts } from './facts.ts';
import { statementPhrases } from './statement-phrases.ts';
import { pairBalances, paymentOf } from './difference.ts';
import { recording } from './freeze.ts';
import { readAhead } from './read-ahead.ts';
import { leftOutRemarks } from './section-flow.ts';
import { type SectionResult, basisOf, previewSection } from './preview-section.ts';
import { unconditionalLines } from './unconditional.ts';
import { marking, remarksOf, reviewedMarking } from './preview-remarks.ts';

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
  /** Takes every series that is read, in the order in which the sections ask. */
  seen?: SeriesColumns[];
}

const noResult = new Set<OutcomeStatus>(['not-assessable', 'on-hold']);

/** One payment that settles all lines between two governments; null when they even out or there are more than two. */
function netOf(lines: readonly PreviewLine[]): Preview['net'] {
  const [pair, another] = pairBalances(lines);
  return pair === undefined || another !== undefined || pair.fen === 0n ? null : paymentOf(pair);
}

/**
 * What an agreement would come to in one period, on unreviewed readings. Missing readings give `not-assessable` with a reason,
 * never zero. Throws E_BAD_REQUEST for a period that the scheme or the term does not have, E_CONFIG for a faulty agreement.
 */
export async function previewAgreement(request: PreviewRequest): Promise<Preview> {
  const { agreement, config } = request;
  const basis = basisOf({ ...request, readings: readingsOf(request) });
  const { scheme, classItems } = basis;
  const phrases = statementPhrases(config, scheme.id);
  const { period } = basis.source;
  const results = [];
  for (const entry of agreement.sections) results.push(await previewSection(basis, entry));
  const sections = results.map((one) => one.section);
  const over = request.nowS >= period.endS;
  const raw = sections.some(
    ({ means, flow }) =>
      means.some(({ leastStage, excluded }) => excluded !== true && (leastStage ?? 0) === 0) ||
      (flow !== undefined && (flow.leastStage ?? 0) === 0),
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
      ...remarksOf(
        { agreement, scheme, classItems, phrases },
        { period, over, timeZone: config.region.timeZone },
      ),
      ...sections.flatMap(({ circumstances: { applied = [], notAdmitted = [] } = {} }) =>
        [...applied, ...notAdmitted].map(({ text }) => text),
      ),
      ...sections.flatMap(({ name, flow }) => leftOutRemarks(name, flow, phrases)),
    ],
  };
}

/** Sections in their order and their gauging stations, each list some at a time. */
function readingsOf({ readings, agreement, config, seen }: PreviewRequest): PreviewRequest['readings'] {
  const sections = agreement.sections.map(({ section }) => section);
  const gauges = sections.flatMap(
    (section) => config.sections.find(({ id }) => id === section)?.flowStation?.id ?? [],
  );
  const ahead = readAhead(readings, [[...new Set(sections)], [...new Set(gauges)]]);
  return seen === undefined ? ahead : recording(ahead, seen);
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
