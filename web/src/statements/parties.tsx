import type { ReactElement } from 'react';
import type { Party, PartyPayment } from '../api/statement-types.ts';
import type { Text } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { yuanOfFen } from '../format/money.ts';
import { useWords } from '../i18n/language.ts';

/** How the books name a cooperation fund. */
const fund = 'fund';

/** Names what the books call by a code, by a Chinese name or as the fund; `parties` give names in both languages. */
export function usePartyName(parties: readonly Party[] = []): (key: string) => string {
  const { t, pick } = useWords();
  const { place } = useFacts();
  return (key) => {
    if (key === fund) return t('books.fund');
    const named = parties.find(({ code, name }) => code === key || (code === null && name.zh === key));
    return named === undefined ? place(key) : pick(named.name);
  };
}

/** Every party that a statement names. */
export function partiesIn(lines: readonly Pick<PartyPayment, 'from' | 'to'>[]): Party[] {
  return lines.flatMap(({ from, to }) => [from, to]);
}

export function Payments({ of }: { of: readonly PartyPayment[] }): ReactElement {
  const { t, pick } = useWords();
  if (of.length === 0) return <span className="muted">{t('statements.nothingDue')}</span>;
  return (
    <>
      {of.map(({ from, to, amountFen }) => (
        <span key={`${from.name.zh} ${to.name.zh}`} className="payment">
          {pick(from.name)} → {pick(to.name)} <b>{yuanOfFen(amountFen)}</b>
        </span>
      ))}
    </>
  );
}

/** What a reader must know before any amount. */
export function Markings({ of }: { of: readonly Text[] }): ReactElement {
  const { pick } = useWords();
  return (
    <>
      {of.map((text) => (
        <div key={text.zh} className="trial" role="note" data-testid="marking">
          {pick(text)}
        </div>
      ))}
    </>
  );
}
