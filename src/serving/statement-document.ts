import type { StatementDocument, StatementForm } from '../domain/settlement.ts';
import { statementPage } from '../report/statement/page.ts';
import { statementWorkbook } from '../report/statement/workbook.ts';
import type { Bundle } from '../settle/bundle.ts';
import { hashOf } from '../settle/document.ts';

/** The document of a bundle, given as its canonical text. */
export async function documentOf(
  text: string,
  { format, language }: StatementForm,
): Promise<StatementDocument> {
  const { statement, signatures, facts }: Bundle = JSON.parse(text);
  const { parameters } = facts;
  const bundle = { statement, signatures, parameters, sha256: hashOf(statement) };
  const { timeZone } = facts.region;
  if (format === 'html') {
    const bytes = new TextEncoder().encode(statementPage(bundle, language, timeZone));
    return { bytes, mediaType: 'text/html; charset=utf-8' };
  }
  const bytes = await statementWorkbook(bundle, language, timeZone);
  return { bytes, mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' };
}
