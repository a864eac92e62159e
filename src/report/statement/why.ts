import { type Language, languages, phrasesOf } from '../../analysis/liability/phrases.ts';
import type { Text } from '../../domain/config/facts.ts';
import type { Explained } from '../../domain/explained.ts';
import { noSection } from '../../domain/settlement.ts';
import { type PrintedBundle, basisText, parameterText, partyText, sectionText } from './content.ts';
import { explain } from './explain.ts';
import { nameOfRead } from './readings.ts';
import { averagingOf, statusOf, unitOf } from './terms.ts';

/** A reading behind a mean: key time, value, and the journal entry that holds it. */
export interface WhyReading {
  timeS: number;
  value: number | null;
  seq: number;
}

/** One series that was read at a section, and the entries it came from; `readings` only where asked for. */
export interface WhySeries {
  parameter: string;
  name: Text;
  averaging: Text;
  provider: Text;
  count: number;
  fromS: number;
  toS: number;
  entries: { first: number; last: number; count: number };
  readings?: WhyReading[];
}

/** A section of a statement, from its lines down to what was read: the rule step by step with source and clause. */
export type WhySection = Explained & {
  section: string;
  name: Text;
  status: Text;
  reason: Text | null;
  lines: { id: string; from: Text; to: Text; amountFen: string; basis: Text; dependsOn: Text[] }[];
  means: {
    parameter: string;
    name: Text;
    mean: string | null;
    unit: Text | null;
    valid: number;
    expected: number;
  }[];
  series: WhySeries[];
};

export interface Why {
  statement: string;
  sha256: string;
  markings: Text[];
  scheme: { id: string; name: Text; readiness: Text };
  sections: WhySection[];
  remarks: Text[];
  /** Journal entries of the readings, with the hash of their bytes; only where readings are asked for. */
  entries?: { seq: number; sha256: string; receivedS: number }[];
}

/** `section`: that one alone. `readings`: each of them. */
export interface WhyAsked {
  section?: string | undefined;
  readings?: boolean | undefined;
}

const inBoth = (said: (language: Language) => string): Text => {
  const [zh, en] = languages.map(said) as [string, string];
  return { zh, en };
};

type Series = PrintedBundle['readings']['series'][number];

function seriesOf(one: Series, bundle: PrintedBundle, all: boolean): WhySeries {
  const entries = [...new Set(one.seq)].toSorted((a, b) => a - b);
  return {
    parameter: one.parameter,
    name: inBoth((language) => nameOfRead(bundle.readings, one.parameter, language)),
    averaging: inBoth((language) => averagingOf(one.averaging, language)),
    provider: inBoth((language) => nameOfRead(bundle.readings, one.provider, language)),
    count: one.timeS.length,
    fromS: one.timeS.reduce((a, b) => Math.min(a, b)),
    toS: one.timeS.reduce((a, b) => Math.max(a, b)),
    entries: { first: entries[0]!, last: entries.at(-1)!, count: entries.length },
    ...(all
      ? { readings: one.timeS.map((timeS, at) => ({ timeS, value: one.value[at]!, seq: one.seq[at]! })) }
      : {}),
  };
}

function linesOf(bundle: PrintedBundle, section: string): WhySection['lines'] {
  return bundle.statement.lines
    .filter((line) => line.section === section)
    .map((line) => ({
      id: line.id,
      from: inBoth((language) => partyText(line.from, language)),
      to: inBoth((language) => partyText(line.to, language)),
      amountFen: line.amountFen,
      basis: inBoth((language) => basisText(bundle, line, language)),
      dependsOn: line.dependsOn.map((id) => inBoth((language) => parameterText(bundle, id, language))),
    }));
}

type Section = PrintedBundle['statement']['sections'][number];

function sectionOf(section: Section, bundle: PrintedBundle, all: boolean): WhySection {
  const { reason } = section;
  const stations = new Set([section.section, section.flow?.station]);
  return {
    section: section.section,
    name: section.name,
    status: inBoth((language) => statusOf(section.status, language)),
    reason: reason === null ? null : reason.text,
    lines: linesOf(bundle, section.section),
    means: section.means.map(({ parameter, mean, unit, valid, expected }) => ({
      parameter,
      name: inBoth((language) => parameterText(bundle, parameter, language)),
      mean,
      unit: unit === null ? null : inBoth((language) => unitOf(unit, language)),
      valid,
      expected,
    })),
    series: bundle.readings.series
      .filter((one) => stations.has(one.station) && one.timeS.length > 0)
      .map((one) => seriesOf(one, bundle, all)),
    ...explain(section, bundle.facts),
  };
}

/** Money of a superior government comes from no section: it has lines and nothing behind them but the agreement. */
function superiorOf(bundle: PrintedBundle): WhySection[] {
  const lines = linesOf(bundle, noSection);
  if (lines.length === 0) return [];
  const name = inBoth((language) => sectionText(bundle.statement, noSection, language));
  const status = inBoth((language) => statusOf('assessed', language));
  const nothing = { means: [], series: [], figures: [], steps: [] };
  return [{ section: noSection, name, status, reason: null, lines, ...nothing }];
}

/** Why a statement says what it says, in both languages. A section that it does not have gives none. */
export function whyOf(bundle: PrintedBundle, { section, readings = false }: WhyAsked): Why {
  const { statement, sha256, facts } = bundle;
  const shown = [
    ...statement.sections.map((one) => sectionOf(one, bundle, readings)),
    ...superiorOf(bundle),
  ].filter((one) => section === undefined || one.section === section);
  const used = new Set(
    shown.flatMap((one) => one.series.flatMap((series) => (series.readings ?? []).map(({ seq }) => seq))),
  );
  const { id, name, readiness } = statement.scheme;
  return {
    statement: statement.id,
    sha256,
    markings: statement.markings,
    scheme: { id, name, readiness: inBoth((language) => phrasesOf(facts, language).name(readiness)) },
    sections: shown,
    remarks: statement.remarks,
    ...(readings ? { entries: bundle.readings.entries.filter(({ seq }) => used.has(seq)) } : {}),
  };
}
