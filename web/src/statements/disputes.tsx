import type { ReactElement } from 'react';
import type { Standing, Statement } from '../api/statement-types.ts';
import { useSectionNames } from '../compensation/outcome.tsx';
import { useFacts } from '../facts.ts';
import { yuanOfFen } from '../format/money.ts';
import { useWords } from '../i18n/language.ts';
import { partiesIn, usePartyName } from './parties.tsx';

type Shown = Standing['disputes'][number];

function Objection({ of, document }: { of: Shown; document: Statement }): ReactElement {
  const { t, pick, word } = useWords();
  const { full, parameterName } = useFacts();
  const sectionName = useSectionNames(document.sections);
  const nameOf = usePartyName([...Object.values(document.parties), ...partiesIn(document.lines)]);
  const lineText = (id: string): string => {
    const line = document.lines.find((one) => one.id === id);
    if (line === undefined) return id;
    const pays = `${pick(line.from.name)} → ${pick(line.to.name)}`;
    return `${sectionName(line.section)} ${pays} ${yuanOfFen(line.amountFen)}`;
  };
  const readings =
    of.fromS === null || of.toS === null ? '' : ` ${full(of.fromS * 1000)} – ${full(of.toS * 1000)}`;
  return (
    <li className="alert-item">
      <b>{word('dispute', of.state)}</b> · {nameOf(of.party)} · {word('about', of.about)} ·{' '}
      {sectionName(of.section)}
      {of.parameter === null ? '' : ` ${parameterName(of.parameter)}`}
      {readings}
      <p>{of.grounds}</p>
      <p className="quiet">
        {t('disputes.raised', { time: full(of.raisedS * 1000) })}
        {of.deadlineS === null ? null : (
          <b> · {t('disputes.deadline', { time: full(of.deadlineS * 1000) })}</b>
        )}
      </p>
      <ul className="plain">
        {of.lines.map((line) => (
          <li key={line}>
            {of.state === 'closed' ? t('disputes.heldLine') : t('disputes.holds')} {lineText(line)}
          </li>
        ))}
        {of.evidence.map((file) => (
          <li key={file.sha256}>
            {t('disputes.evidence')} {file.name} <code className="hash">{file.sha256}</code>
          </li>
        ))}
      </ul>
      <ol className="timeline">
        {of.history.map((step) => (
          <li key={`${step.atS} ${step.step}`}>
            <span className="time">{full(step.atS * 1000)}</span> <b>{word('disputeStep', step.step)}</b>{' '}
            <span className="quiet">
              {step.actor}
              {step.documentNumber === null ? '' : ` · ${step.documentNumber}`}
            </span>
            {step.note === '' ? null : <p>{step.note}</p>}
            {step.outcome.map(({ line, amountFen }) => (
              <p key={line}>
                {t('disputes.outcome', { line: lineText(line), amount: yuanOfFen(amountFen) })}
              </p>
            ))}
          </li>
        ))}
      </ol>
    </li>
  );
}

/** Objections to a statement: to what, on what grounds, in which state until when, and what they hold. */
export function Objections({ of, document }: { of: readonly Shown[]; document: Statement }): ReactElement {
  const { t } = useWords();
  if (of.length === 0) return <p className="quiet">{t('statements.noDisputes')}</p>;
  return (
    <ul className="alert-list" data-testid="disputes">
      {of.map((one) => (
        <Objection key={one.id} of={one} document={document} />
      ))}
    </ul>
  );
}
