import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useChangedStatements, useStatements } from '../api/queries.ts';
import type { ChangedStatement, ListedStatement } from '../api/statement-types.ts';
import { useFacts } from '../facts.ts';
import { usePlaces } from '../desk/places.tsx';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Nothing, Older } from '../parts/states.tsx';
import { Markings, Payments } from './parties.tsx';

export const statementPath = (id: string): string => `/statements/${encodeURIComponent(id)}`;

/** What has become of the inputs of a statement in force; nothing where they are as they were. */
export function ChangedInputs({ of }: { of: ChangedStatement | undefined }): ReactElement | null {
  const { t, word } = useWords();
  const places = usePlaces();
  if (of === undefined) return null;
  const where = of.sections.map((id) => places.get(id)?.name ?? id).join(' · ');
  return (
    <span className="warned">
      {of.reason === null ? t('statements.changed', { where }) : word('changedReason', of.reason)}
    </span>
  );
}

export function StateTag({ of }: { of: Pick<ListedStatement, 'state'> }): ReactElement {
  const { word } = useWords();
  return <b className={`standing is-${of.state}`}>{word('statementState', of.state)}</b>;
}

/** Who has not signed for what. */
function Awaited({ of }: { of: ListedStatement }): ReactElement {
  const { t, pick, word } = useWords();
  if (of.state === 'withdrawn') return <>–</>;
  if (of.awaited.length === 0) return <>{t('statements.allSigned')}</>;
  const { protecting, benefiting } = of.parties;
  return (
    <>
      {[protecting, benefiting].map(({ code, name }) => {
        const missing = of.awaited.filter(({ party }) => party === code);
        return missing.length === 0 ? null : (
          <span key={code} className="block">
            {t('statements.waitsFor', {
              party: pick(name),
              purposes: missing.map(({ purpose }) => word('purpose', purpose)).join(' · '),
            })}
          </span>
        );
      })}
    </>
  );
}

function Row({ of, changed }: { of: ListedStatement; changed: ChangedStatement | undefined }): ReactElement {
  const { t, pick, word } = useWords();
  const { full } = useFacts();
  const day = (atS: number) => full(atS * 1000).slice(0, 10);
  return (
    <tr data-testid="statement-row">
      <th scope="row" data-label={t('statements.statement')}>
        <Link href={statementPath(of.id)}>
          {of.period} · {t('statements.number', { number: of.number })}
        </Link>
        {of.corrects === null ? null : <small className="block">{t('statements.isCorrection')}</small>}
        {of.markings.map((text) => (
          <small key={text.zh} className="block marked">
            {pick(text).split(/[：:]/, 1)[0]}
          </small>
        ))}
      </th>
      <td data-label={t('uploads.state')}>
        <StateTag of={of} />
        {of.dueS === null ? null : (
          <small className="block">{t('statements.dueOn', { day: day(of.dueS) })}</small>
        )}
        <small className="block">{t('statements.issuedOn', { day: day(of.issuedS) })}</small>
      </td>
      <td data-label={t('statements.pays')}>
        {of.outcome === 'assessed' || of.payments.length > 0 ? (
          <Payments of={of.payments} />
        ) : (
          word('outcome', of.outcome)
        )}
        {of.corrects === null ? null : (
          <small className="block">
            {t('statements.posts')} <Payments of={of.posts} />
          </small>
        )}
      </td>
      <td data-label={t('statements.signatures')}>
        <Awaited of={of} />
      </td>
      <td data-label={t('statements.disputes')}>
        {of.openDisputes === 0 ? (
          <span className="muted">{t('statements.noDisputes')}</span>
        ) : (
          <b className="over">{t('statements.held', { disputes: of.openDisputes, lines: of.held.length })}</b>
        )}
        <small className="block">
          {of.correctedBy === null ? null : (
            <Link href={statementPath(of.correctedBy)}>{t('statements.correctedBy')}</Link>
          )}
        </small>
      </td>
      <td data-label={t('statements.inputs')}>
        {changed === undefined ? <span className="muted">–</span> : <ChangedInputs of={changed} />}
      </td>
      <td data-label={t('statements.hash')}>
        <code title={of.sha256}>{of.sha256.slice(0, 12)}</code>
      </td>
    </tr>
  );
}

/** What several statements are marked with is said once above them. */
function distinctMarkings(statements: readonly ListedStatement[]): ListedStatement['markings'] {
  const all = statements.flatMap(({ markings }) => markings);
  return [...new Map(all.map((text) => [text.zh, text])).values()];
}

/** The statements of an agreement, newest first. */
export function StatementList({ agreement }: { agreement: string }): ReactElement {
  const { t } = useWords();
  const statements = useStatements(agreement);
  const changed = useChangedStatements(agreement).data?.results ?? [];
  const heads = [
    { text: t('statements.statement') },
    { text: t('uploads.state') },
    { text: t('statements.pays') },
    { text: t('statements.signatures') },
    { text: t('statements.disputes') },
    { text: t('statements.inputs') },
    { text: t('statements.hash') },
  ];
  return (
    <>
      <Answer of={statements}>
        {({ results }) =>
          results.length === 0 ? (
            <Nothing text={t('statements.none')} />
          ) : (
            <>
              <Markings of={distinctMarkings(results)} />
              <Grid label={t('statements.list')} heads={heads} className="stacked" id="statement-list">
                {results.map((one) => (
                  <Row key={one.id} of={one} changed={changed.find(({ id }) => id === one.id)} />
                ))}
              </Grid>
            </>
          )
        }
      </Answer>
      <Older of={statements} />
    </>
  );
}
