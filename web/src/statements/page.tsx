import { Segmented } from 'antd';
import type { ReactElement } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useAgreements } from '../api/queries.ts';
import type { ListedAgreement } from '../api/types.ts';
import { useWords } from '../i18n/language.ts';
import { AgreementChoice } from '../parts/agreement-choice.tsx';
import { Answer, Nothing } from '../parts/states.tsx';
import { AccountOf } from './account.tsx';
import { FundOf } from './fund.tsx';
import { StatementList } from './list.tsx';
import { Told } from './told.tsx';

const views = ['list', 'account', 'fund', 'told'] as const;
type View = (typeof views)[number];
const isView = (text: string | null): text is View => views.some((view) => view === text);

function Shown({ view, agreement }: { view: View; agreement: ListedAgreement }): ReactElement {
  if (view === 'account') return <AccountOf agreement={agreement} />;
  if (view === 'fund') return <FundOf agreement={agreement} />;
  if (view === 'told') return <Told agreement={agreement} />;
  return <StatementList agreement={agreement.id} />;
}

/** What was issued under an agreement, and the money that follows it. Agreement and view stand in the address. */
export default function StatementsPage(): ReactElement {
  const { t, pick } = useWords();
  const agreements = useAgreements();
  const [search, setSearch] = useSearchParams();
  const put = (name: string, value: string) =>
    setSearch((before) => {
      before.set(name, value);
      return before;
    });
  const asked = search.get('view');
  const view = isView(asked) ? asked : 'list';
  return (
    <div className="page panel" data-testid="statements">
      <h1>{t('statements.title')}</h1>
      <Answer of={agreements}>
        {({ results }) => {
          const agreement = results.find((one) => one.id === search.get('agreement')) ?? results[0];
          if (agreement === undefined) return <Nothing text={t('compensation.none')} />;
          return (
            <>
              <AgreementChoice
                agreements={results}
                chosen={agreement}
                onChange={(id) => put('agreement', id)}
                labelOf={(one) => pick(one.name)}
              />
              <div className="actions">
                <Segmented
                  size="small"
                  name="statements-view"
                  aria-label={t('statements.view')}
                  options={views.map((value) => ({ value, label: t(`statements.view.${value}`) }))}
                  value={view}
                  onChange={(next) => put('view', next)}
                />
                <Link href="/compensation">{t('statements.toTrial')}</Link>
              </div>
              <Shown key={agreement.id} view={view} agreement={agreement} />
            </>
          );
        }}
      </Answer>
    </div>
  );
}
