import type { StatementDocument, StatementForm } from '../domain/settlement.ts';
import { MonitorError } from '../domain/errors.ts';
import type { PrintedBundle } from '../report/statement/content.ts';
import { type Why, type WhyAsked, whyOf } from '../report/statement/why.ts';
import { statementPage } from '../report/statement/page.ts';
import { statementWorkbook } from '../report/statement/workbook.ts';
import type { Scheme } from '../domain/config/scheme.ts';
import type { Text } from '../domain/config/facts.ts';
import type { Bundle } from '../settle/bundle.ts';
import { phraseFactsOf } from '../settle/statement-phrases.ts';
import { hashOf } from '../settle/document.ts';

type Named = { id: string; name: Text };

/** Governments, sections and gauging stations, items and sources by the ids under which readings are kept. */
const namesOf = ({ sections, flowStations = [], parameters, sources }: Bundle['facts']): Named[] => [
  ...sections,
  ...flowStations,
  ...parameters,
  ...sources.map(({ provider, name }) => ({ id: provider, name })),
];

/** A bundle, given as its canonical text, as documents and explanations read it. `known`: schemes whose words stand in where it has none. */
function printedOf(text: string, known: readonly Scheme[]): { bundle: PrintedBundle; timeZone: string } {
  const { statement, signatures, facts, inputs }: Bundle = JSON.parse(text);
  const entries = inputs.entries.map(({ seq, sha256, receivedS }) => ({ seq, sha256, receivedS }));
  const bundle = {
    statement,
    signatures,
    sha256: hashOf(statement),
    facts: phraseFactsOf(facts, statement.scheme.id, known),
    readings: { series: inputs.series, entries, names: namesOf(facts) },
  };
  return { bundle, timeZone: facts.region.timeZone };
}

/** The document of a bundle, given as its canonical text. */
export async function documentOf(
  text: string,
  { format, language }: StatementForm,
  known: readonly Scheme[],
): Promise<StatementDocument> {
  const { bundle, timeZone } = printedOf(text, known);
  if (format === 'html') {
    const bytes = new TextEncoder().encode(statementPage(bundle, language, timeZone));
    return { bytes, mediaType: 'text/html; charset=utf-8' };
  }
  const bytes = await statementWorkbook(bundle, language, timeZone);
  return { bytes, mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' };
}

/** Why the statement of a bundle says what it says. Throws E_NOT_FOUND for a section that it does not have. */
export function explanationOf(
  text: string,
  asked: WhyAsked,
  known: readonly Scheme[],
): { why: Why; timeZone: string } {
  const { bundle, timeZone } = printedOf(text, known);
  const why = whyOf(bundle, asked);
  if (why.sections.length > 0 || asked.section === undefined) return { why, timeZone };
  const sections = bundle.statement.sections.map((one) => one.section).join(', ');
  throw new MonitorError(
    'E_NOT_FOUND',
    `${why.statement} has no section "${asked.section}" (known: ${sections})`,
  );
}
