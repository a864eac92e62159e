import type { ReactElement } from 'react';
import type { ListedStatement, Statement } from '../api/statement-types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';

interface Step {
  name: string;
  when: string | null;
  state: 'done' | 'open' | 'late';
}

/** The way of a statement from its trial to the money, and how far it has come. */
export function Way({ of, document }: { of: ListedStatement; document: Statement }): ReactElement {
  const { t, word } = useWords();
  const { full } = useFacts();
  const time = (atS: number) => full(atS * 1000);
  const by = (atS: number | null) =>
    atS === null ? null : t('statements.by', { day: time(atS).slice(0, 10) });
  const signed = document.procedure.signatures.map((purpose): Step => {
    const lasts = of.awaited.some((one) => one.purpose === purpose);
    const last = Math.max(
      ...of.signatures.filter((one) => one.purpose === purpose).map((one) => one.signedS),
    );
    return lasts || of.state === 'withdrawn'
      ? { name: word('purpose', purpose), when: by(of.reviewByS), state: 'open' }
      : { name: word('purpose', purpose), when: time(last), state: 'done' };
  });
  const paid = of.state === 'settled';
  const steps: Step[] = [
    { name: t('statements.way.frozen'), when: time(of.issuedS), state: 'done' },
    ...signed,
    of.effectiveS === null
      ? { name: t('statements.way.inForce'), when: null, state: 'open' }
      : { name: t('statements.way.inForce'), when: time(of.effectiveS), state: 'done' },
    {
      name: paid ? t('statements.way.paid') : t('statements.way.due'),
      when: by(of.dueS),
      state: paid ? 'done' : of.state === 'late' ? 'late' : 'open',
    },
  ];
  return (
    <ol className="way" data-testid="way">
      {steps.map(({ name, when, state }) => (
        <li key={name} className={`is-${state}`}>
          <b>{name}</b>
          <small className="block">{when ?? word('wayState', state)}</small>
        </li>
      ))}
    </ol>
  );
}
