import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useChangedStatements, useStanding, useStatement, useStatementWhy } from '../api/queries.ts';
import type { Standing, Statement } from '../api/statement-types.ts';
import { Lines, paysNothing, Result, SectionResult, useSectionNames } from '../compensation/outcome.tsx';
import { useFacts } from '../facts.ts';
import { yuanOfFen } from '../format/money.ts';
import { useWords } from '../i18n/language.ts';
import { Block, Fact } from '../parts/block.tsx';
import { Grid } from '../parts/grid.tsx';
import { Answer } from '../parts/states.tsx';
import { Books } from './books.tsx';
import { Objections } from './disputes.tsx';
import { Files } from './files.tsx';
import { ChangedInputs, statementPath, StateTag } from './list.tsx';
import { Markings, partiesIn } from './parties.tsx';
import { Signatures } from './signatures.tsx';
import { Way } from './way.tsx';

/** Between which governments, by which rule, and what its hashes are. */
function Identity({ standing, document }: { standing: Standing; document: Statement }): ReactElement {
  const { t, pick } = useWords();
  const { full, standard } = useFacts();
  const { statement } = standing;
  const { parties, interval } = document;
  const time = (atS: number) => full(atS * 1000);
  return (
    <dl className="facts">
      <Fact name={t('statements.protecting')}>{pick(parties.protecting.name)}</Fact>
      <Fact name={t('statements.benefiting')}>{pick(parties.benefiting.name)}</Fact>
      <Fact name={t('compensation.period')}>
        {document.period} · {time(interval.beginS)} – {time(interval.endS)}
      </Fact>
      <Fact name={t('compensation.scheme')}>{pick(document.scheme.name)}</Fact>
      <Fact name={t('compensation.standard')}>
        {[document.standard, document.evaluation]
          .filter((id) => id !== null)
          .map(standard)
          .join(' · ')}
      </Fact>
      <Fact name={t('statements.issuedAt')}>{time(statement.issuedS)}</Fact>
      {statement.reviewByS === null ? null : (
        <Fact name={t('statements.reviewBy')}>{time(statement.reviewByS)}</Fact>
      )}
      <Fact name={t('statements.objectUntil')}>{time(statement.objectUntilS)}</Fact>
      <Fact name={t('statements.dueDay')}>
        {statement.dueS === null
          ? t('statements.dueDays', { days: document.procedure.dueDays })
          : time(statement.dueS).slice(0, 10)}
      </Fact>
      <Fact name={t('statements.hash')}>
        <code className="hash">{statement.sha256}</code>
      </Fact>
      <Fact name={t('statements.inputsHash')}>
        <code className="hash">{document.inputsSha256}</code>
      </Fact>
      <Fact name={t('statements.journal')}>{document.asOfSeq}</Fact>
    </dl>
  );
}

/** What a correction adds to the books beyond the statement that it corrects. */
function Difference({ document }: { document: Statement }): ReactElement | null {
  const { t, pick } = useWords();
  const nameOf = useSectionNames(document.sections);
  const { corrects, difference } = document;
  if (corrects === null) return null;
  const title = t('statements.difference');
  const heads = [
    { text: t('table.name') },
    { text: t('compensation.from') },
    { text: t('compensation.to') },
    { text: t('compensation.amountYuan'), number: true },
  ];
  return (
    <Block title={title} id="difference">
      <p>
        <Link href={statementPath(corrects.id)}>{t('statements.corrects', { id: corrects.id })}</Link>
        {corrects.decidedLines.length === 0 ? '' : ` · ${t('statements.decidedLines')}`}
      </p>
      {difference.length === 0 ? (
        <p className="quiet">{t('statements.noDifference')}</p>
      ) : (
        <Grid label={title} heads={heads}>
          {difference.map((one) => (
            <tr key={`${one.line} ${one.from.name.zh} ${one.to.name.zh}`}>
              <td>{nameOf(one.section)}</td>
              <td>{pick(one.from.name)}</td>
              <td>{pick(one.to.name)}</td>
              <td className="number">
                <b>{yuanOfFen(one.amountFen)}</b>
              </td>
            </tr>
          ))}
        </Grid>
      )}
    </Block>
  );
}

/** Results and lines, as decided and where circumstances were decided as measured too. */
function Amounts({ standing, document }: { standing: Standing; document: Statement }): ReactElement {
  const { t } = useWords();
  const { asMeasured, sections } = document;
  const held = new Set(standing.statement.held);
  return (
    <>
      {asMeasured === undefined ? (
        <Result total={document} money="yuan" />
      ) : (
        <>
          <Result total={document} of={t('compensation.decided')} money="yuan" />
          <Result total={asMeasured} of={t('compensation.measured')} money="yuan" />
        </>
      )}
      <h3>{t('compensation.lines')}</h3>
      <Lines sections={sections} total={document} money="yuan" held={held} />
      {asMeasured === undefined ? null : (
        <>
          <h3>
            {t('compensation.lines')} · {t('compensation.measured')}
          </h3>
          <Lines sections={sections} total={asMeasured} money="yuan" />
        </>
      )}
    </>
  );
}

function Shown({ standing, document }: { standing: Standing; document: Statement }): ReactElement {
  const { t, pick } = useWords();
  const { statement } = standing;
  const why = useStatementWhy(statement.id);
  const changed = useChangedStatements(statement.agreement).data?.results.find(
    ({ id }) => id === statement.id,
  );
  return (
    <>
      <h1>
        {pick(document.agreementName)} · {document.period} ·{' '}
        {t('statements.number', { number: document.number })} <StateTag of={statement} />
      </h1>
      <Markings of={document.markings} />
      {changed === undefined ? null : (
        <p className="notice">
          <ChangedInputs of={changed} />
        </p>
      )}
      {statement.correctedBy === null ? null : (
        <p className="notice">
          <Link href={statementPath(statement.correctedBy)}>{t('statements.correctedBy')}</Link>
        </p>
      )}
      <Way of={statement} document={document} />
      <Block title={t('statements.amounts')}>
        <Amounts standing={standing} document={document} />
      </Block>
      <Difference document={document} />
      <Block title={t('statements.signatures')}>
        <Signatures of={statement} document={document} />
      </Block>
      <Block title={t('books.title')}>
        <Books
          standing={standing}
          parties={[...Object.values(document.parties), ...partiesIn(document.lines)]}
        />
      </Block>
      <Block title={t('statements.disputes')}>
        <Objections of={standing.disputes} document={document} />
      </Block>
      <Block title={t('files.title')}>
        <Files of={statement} />
      </Block>
      <Block title={t('statements.identity')}>
        <Identity standing={standing} document={document} />
      </Block>
      <Block title={t('statements.basis')}>
        {document.sections.map((section) => (
          <section key={section.section}>
            <SectionResult
              section={section}
              explained={why.data?.result.sections.find((one) => one.section === section.section)}
              figures={paysNothing(document)}
            />
          </section>
        ))}
        <h2>{t('compensation.remarks')}</h2>
        <ul className="remarks">
          {document.remarks.map((remark) => (
            <li key={remark.zh}>{pick(remark)}</li>
          ))}
        </ul>
      </Block>
    </>
  );
}

/** One issued statement: what it says and why, who signed it, and what became of it. */
export default function StatementPage({ id }: { id: string }): ReactElement {
  const { t } = useWords();
  const issued = useStatement(id);
  const standing = useStanding(id);
  const agreement = issued.data?.result.summary.agreement;
  const back = agreement === undefined ? '' : `?agreement=${encodeURIComponent(agreement)}`;
  return (
    <div className="page" data-testid="statement">
      <p>
        <Link href={`/statements${back}`}>{t('statements.back')}</Link>
      </p>
      <Answer of={issued}>
        {({ result: { document } }) => (
          <Answer of={standing}>{({ result }) => <Shown standing={result} document={document} />}</Answer>
        )}
      </Answer>
    </div>
  );
}
