import type { ReactElement } from 'react';
import { useFund } from '../api/queries.ts';
import type { ListedAgreement } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { yuanOfFen } from '../format/money.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Nothing } from '../parts/states.tsx';
import { Confidence } from '../parts/verdict-words.tsx';
import { Markings } from './parties.tsx';

function Shown({
  agreement,
  declared,
}: {
  agreement: string;
  declared: NonNullable<ListedAgreement['fund']>;
}): ReactElement {
  const { t, pick } = useWords();
  const { place } = useFacts();
  const fund = useFund(agreement);
  return (
    <Answer of={fund}>
      {({ result }) => (
        <>
          <Markings of={result.markings} />
          <div className="outcome">
            <div>
              <small>{pick(declared.name)}</small>
              <p className="verdict-big" data-testid="fund-balance">
                {t('compensation.yuan', { amount: yuanOfFen(result.balanceFen) })}
              </p>
            </div>
          </div>
          <h2>{t('fund.members')}</h2>
          <Grid
            label={t('fund.members')}
            heads={[
              { text: t('fund.member') },
              { text: t('fund.revenue') },
              { text: t('fund.share'), number: true },
              { text: t('fund.owed'), number: true },
            ]}
          >
            {declared.members.map(({ party, share, revenue, provenance }) => (
              <tr key={party}>
                <th scope="row">{place(party)}</th>
                <td>
                  {pick(revenue)} <Confidence of={provenance} />
                </td>
                <td className="number">{share}</td>
                <td className="number">{yuanOfFen(result.owedFen[party] ?? '0')}</td>
              </tr>
            ))}
          </Grid>
          <h2>{t('fund.uses')}</h2>
          <Grid
            label={t('fund.uses')}
            heads={[{ text: t('fund.use') }, { text: t('fund.used'), number: true }]}
          >
            {declared.uses.map(({ id, name, provenance }) => (
              <tr key={id}>
                <th scope="row">
                  {pick(name)} <Confidence of={provenance} />
                </th>
                <td className="number">{yuanOfFen(result.usedFen[id] ?? '0')}</td>
              </tr>
            ))}
          </Grid>
        </>
      )}
    </Answer>
  );
}

/** The cooperation fund of an agreement: what is in it, what members owe it, what it was used for. */
export function FundOf({ agreement }: { agreement: ListedAgreement }): ReactElement {
  const { t } = useWords();
  const { fund } = agreement;
  return fund === undefined ? (
    <Nothing text={t('fund.none')} />
  ) : (
    <Shown agreement={agreement.id} declared={fund} />
  );
}
