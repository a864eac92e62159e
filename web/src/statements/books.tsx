import type { ReactElement } from 'react';
import type { Party, Standing } from '../api/statement-types.ts';
import { useFacts } from '../facts.ts';
import { yuanOfFen } from '../format/money.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { usePartyName } from './parties.tsx';

/** What is still due of a statement. */
function Open({ of, nameOf }: { of: Standing['open']; nameOf: (key: string) => string }): ReactElement {
  const { t } = useWords();
  const { full } = useFacts();
  if (of.length === 0) return <p className="quiet">{t('books.nothingOpen')}</p>;
  const heads = [
    { text: t('compensation.from') },
    { text: t('compensation.to') },
    { text: t('books.open'), number: true },
    { text: t('books.dueOn') },
    { text: t('books.daysLate'), number: true },
  ];
  return (
    <Grid label={t('books.open')} heads={heads} id="open">
      {of.map((one) => (
        <tr key={`${one.entry} ${one.from} ${one.to}`} className={one.daysLate > 0 ? 'row-over' : ''}>
          <td>{nameOf(one.from)}</td>
          <td>{nameOf(one.to)}</td>
          <td className="number">
            <b>{yuanOfFen(one.openFen)}</b>
          </td>
          <td className="time">{full(one.dueS * 1000).slice(0, 10)}</td>
          <td className="number">{one.daysLate}</td>
        </tr>
      ))}
    </Grid>
  );
}

function SettledBy({
  of,
  nameOf,
}: {
  of: Standing['settledBy'];
  nameOf: (key: string) => string;
}): ReactElement {
  const { t, word } = useWords();
  const { full } = useFacts();
  if (of.length === 0) return <p className="quiet">{t('books.noPayments')}</p>;
  const heads = [
    { text: t('books.at') },
    { text: t('books.entry') },
    { text: t('books.reference') },
    { text: t('compensation.from') },
    { text: t('compensation.to') },
    { text: t('books.settles'), number: true },
  ];
  return (
    <Grid label={t('books.payments')} heads={heads} id="payments">
      {of.map((one) => (
        <tr key={`${one.by} ${one.entry} ${one.from}`}>
          <td className="time">{full(one.atS * 1000)}</td>
          <td>{word('entry', one.kind)}</td>
          <td>{one.reference ?? ''}</td>
          <td>{nameOf(one.from)}</td>
          <td>{nameOf(one.to)}</td>
          <td className="number">{yuanOfFen(one.amountFen)}</td>
        </tr>
      ))}
    </Grid>
  );
}

const columns = ['due', 'held', 'paid'] as const;

function Entries({ of, nameOf }: { of: Standing['entries']; nameOf: (key: string) => string }): ReactElement {
  const { t, word } = useWords();
  const { full } = useFacts();
  if (of.length === 0) return <p className="quiet">{t('books.notYet')}</p>;
  const heads = [
    { text: t('books.at') },
    { text: t('books.entry') },
    { text: t('books.reference') },
    { text: t('books.between') },
    ...columns.map((column) => ({ text: word('account', column), number: true })),
  ];
  return (
    <Grid label={t('books.entries')} heads={heads} id="entries">
      {of.map((one) => (
        <tr key={`${one.entry} ${one.from} ${one.to}`}>
          <td className="time">{full(one.atS * 1000)}</td>
          <td>{word('entry', one.kind)}</td>
          <td>{one.reference ?? ''}</td>
          <td>
            {nameOf(one.from)} → {nameOf(one.to)}
          </td>
          {columns.map((column) => (
            <td key={column} className="number">
              {one.change[column] === '0' ? '' : yuanOfFen(one.change[column])}
            </td>
          ))}
        </tr>
      ))}
    </Grid>
  );
}

/** What a statement brought into the books, what settled it, and what is still due. */
export function Books({
  standing,
  parties,
}: {
  standing: Standing;
  parties: readonly Party[];
}): ReactElement {
  const { t } = useWords();
  const nameOf = usePartyName(parties);
  return (
    <>
      <h3>{t('books.open')}</h3>
      <Open of={standing.open} nameOf={nameOf} />
      <h3>{t('books.payments')}</h3>
      <SettledBy of={standing.settledBy} nameOf={nameOf} />
      <h3>{t('books.entries')}</h3>
      <Entries of={standing.entries} nameOf={nameOf} />
    </>
  );
}
