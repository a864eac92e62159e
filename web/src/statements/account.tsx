import { DatePicker, Segmented } from 'antd';
import dayjs from 'dayjs';
import { useState, type ReactElement } from 'react';
import { useAccountOf, useArrears, useStatements } from '../api/queries.ts';
import type { Account, Debt } from '../api/statement-types.ts';
import type { ListedAgreement } from '../api/types.ts';
import { useFacts, useNow } from '../facts.ts';
import { yuanOfFen } from '../format/money.ts';
import { civilText } from '../format/time.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Loading, Nothing } from '../parts/states.tsx';
import { Markings, partiesIn, usePartyName } from './parties.tsx';

type NameOf = ReturnType<typeof usePartyName>;

/** Who owes whom what now, and how late. */
function Arrears({ debts, nameOf }: { debts: readonly Debt[]; nameOf: NameOf }): ReactElement {
  const { t } = useWords();
  if (debts.length === 0) return <p className="quiet">{t('books.noDebts')}</p>;
  const heads = [
    { text: t('compensation.from') },
    { text: t('compensation.to') },
    { text: t('books.open'), number: true },
    { text: t('books.late'), number: true },
    { text: t('books.daysLate'), number: true },
    { text: t('books.interest'), number: true },
  ];
  return (
    <Grid label={t('books.arrears')} heads={heads} id="arrears">
      {debts.map((debt) => (
        <tr key={`${debt.from} ${debt.to}`} className={debt.daysLate > 0 ? 'row-over' : ''}>
          <td>{nameOf(debt.from)}</td>
          <td>{nameOf(debt.to)}</td>
          <td className="number">
            <b>{yuanOfFen(debt.openFen)}</b>
          </td>
          <td className="number">{yuanOfFen(debt.lateFen)}</td>
          <td className="number">{debt.daysLate}</td>
          <td className="number">{debt.interestFen === null ? '–' : yuanOfFen(debt.interestFen)}</td>
        </tr>
      ))}
    </Grid>
  );
}

const columns = ['due', 'held', 'paid'] as const;
/** What did not move stays empty, so that what did is seen. */
const moved = (fen: string): string => (fen === '0' ? '' : yuanOfFen(fen));

/** Entries with one other government between two balances. */
function Pair({
  account,
  counterparty,
  nameOf,
}: {
  account: Account;
  counterparty: string;
  nameOf: NameOf;
}): ReactElement {
  const { t, word } = useWords();
  const { full } = useFacts();
  const sums = account.counterparties.find((one) => one.counterparty === counterparty);
  const entries = account.entries.filter((one) => one.counterparty === counterparty);
  const title = t('books.pair', { one: nameOf(account.party), other: nameOf(counterparty) });
  const heads = [
    { text: t('books.at') },
    { text: t('books.entry') },
    { text: t('books.reference') },
    ...columns.map((column) => ({ text: word('account', column), number: true })),
    { text: t('books.balance'), number: true },
  ];
  const balance = (label: string, of: Account['counterparties'][number]['opening'] | undefined) => (
    <tr className="row-short">
      <th scope="row" colSpan={3}>
        {label}
      </th>
      {columns.map((column) => (
        <td key={column} className="number">
          {yuanOfFen(of?.[column] ?? '0')}
        </td>
      ))}
      <td className="number">
        <b>{yuanOfFen(of?.due ?? '0')}</b>
      </td>
    </tr>
  );
  return (
    <>
      <h2>{title}</h2>
      <Grid label={title} heads={heads}>
        {balance(t('books.opening'), sums?.opening)}
        {entries.map((one) => (
          <tr key={one.id}>
            <td className="time">{full(one.atS * 1000)}</td>
            <td>{word('entry', one.kind)}</td>
            <td>{one.reference ?? ''}</td>
            {columns.map((column) => (
              <td key={column} className="number">
                {moved(one.change[column])}
              </td>
            ))}
            <td className="number">{yuanOfFen(one.dueFen)}</td>
          </tr>
        ))}
        {balance(t('books.closing'), sums?.closing)}
      </Grid>
    </>
  );
}

function Chosen({
  agreement,
  year,
  party,
  nameOf,
}: {
  agreement: string;
  year: string;
  party: string;
  nameOf: NameOf;
}): ReactElement {
  const { t } = useWords();
  const span = { from: `${year}-01-01`, to: `${Number(year) + 1}-01-01` };
  const account = useAccountOf(agreement, { party, ...span });
  return (
    <Answer of={account}>
      {({ result }) =>
        result.counterparties.length === 0 ? (
          <Nothing text={t('books.empty')} />
        ) : (
          result.counterparties.map(({ counterparty }) => (
            <Pair key={counterparty} account={result} counterparty={counterparty} nameOf={nameOf} />
          ))
        )
      }
    </Answer>
  );
}

/** The statement of account between governments (对账单): what is owed now, and a year's entries of each pair. */
export function AccountOf({ agreement }: { agreement: ListedAgreement }): ReactElement {
  const { t } = useWords();
  const { zone, place } = useFacts();
  const now = useNow();
  const arrears = useArrears(agreement.id);
  // A government that is none of the region has its English name in statements only.
  const statements = useStatements(agreement.id).data?.results ?? [];
  const nameOf = usePartyName(partiesIn(statements.flatMap(({ payments }) => payments)));
  const { protecting, benefiting } = agreement.parties;
  const [party, setParty] = useState(protecting);
  const [chosen, setChosen] = useState<string | null>(null);
  if (now === null) return <Loading />;
  const year = chosen ?? civilText(now, zone).slice(0, 4);
  return (
    <>
      <h2>{t('books.arrears')}</h2>
      <Answer of={arrears}>
        {({ results }) => (
          <>
            <Markings of={results[0]?.markings ?? []} />
            <Arrears debts={results} nameOf={nameOf} />
          </>
        )}
      </Answer>
      <h2>{t('books.account')}</h2>
      <div className="actions">
        <Segmented
          size="small"
          name="account-of"
          aria-label={t('books.of')}
          options={[protecting, benefiting].map((code) => ({ value: code, label: place(code) }))}
          value={party}
          onChange={setParty}
        />
        <DatePicker
          picker="year"
          size="small"
          aria-label={t('books.year')}
          allowClear={false}
          value={dayjs(`${year}-01-01`)}
          onChange={(next) => setChosen(next === null ? null : next.format('YYYY'))}
        />
      </div>
      <p className="quiet">{t('books.sign')}</p>
      <Chosen agreement={agreement.id} year={year} party={party} nameOf={nameOf} />
    </>
  );
}
