import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useState, type ReactElement } from 'react';
import { useAgreements, usePreview } from '../api/queries.ts';
import type { Agreement, ListedAgreement, PreviewAnswer } from '../api/types.ts';
import { useFacts, useNow } from '../facts.ts';
import { civilText } from '../format/time.ts';
import { useWords } from '../i18n/language.ts';
import { AgreementChoice } from '../parts/agreement-choice.tsx';
import { Answer, Loading, Nothing } from '../parts/states.tsx';
import { Confidence } from '../parts/verdict-words.tsx';
import { Lines, paysNothing, Result, SectionResult } from './outcome.tsx';

function Basis({
  agreement,
  preview,
}: {
  agreement: Agreement;
  preview: PreviewAnswer['result'];
}): ReactElement {
  const { t, pick, word } = useWords();
  const { place, standard, full } = useFacts();
  const rows = [
    [t('compensation.scheme'), pick(preview.schemeName)],
    [
      t('compensation.agreement'),
      t('compensation.parties', {
        protecting: place(agreement.parties.protecting),
        benefiting: place(agreement.parties.benefiting),
      }),
    ],
    [t('compensation.term'), `${agreement.term.from} – ${agreement.term.to}`],
    [
      t('compensation.source'),
      `${preview.dataSource.provider} · ${word('averaging', preview.dataSource.averaging)} · ${t('compensation.asOf', { time: full(preview.computedAtS * 1000) })}`,
    ],
    [
      t('compensation.standard'),
      [preview.standard, preview.evaluation]
        .filter((id) => id !== null)
        .map(standard)
        .join(' · '),
    ],
  ] as const;
  return (
    <dl className="facts">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div>
        <dt>{t('compensation.step.source')}</dt>
        <dd>
          {agreement.provenance.source} <Confidence of={agreement.provenance} />
        </dd>
      </div>
    </dl>
  );
}

function Content({
  agreement,
  preview,
}: {
  agreement: Agreement;
  preview: PreviewAnswer['result'];
}): ReactElement {
  const { t, pick } = useWords();
  const { asMeasured } = preview;
  return (
    <>
      <div className="trial" role="note" data-testid="trial">
        {pick(preview.marking)}
      </div>
      {asMeasured === undefined ? (
        <Result total={preview} />
      ) : (
        <>
          <Result total={preview} of={t('compensation.decided')} />
          <Result total={asMeasured} of={t('compensation.measured')} />
        </>
      )}
      <h2>{t('compensation.lines')}</h2>
      <Lines sections={preview.sections} total={preview} />
      {asMeasured === undefined ? null : (
        <>
          <h2>
            {t('compensation.lines')} · {t('compensation.measured')}
          </h2>
          <Lines sections={preview.sections} total={asMeasured} />
        </>
      )}
      {preview.sections.map((section) => (
        <section key={section.section}>
          <SectionResult section={section} explained={section.explained} figures={paysNothing(preview)} />
        </section>
      ))}
      <h2>{t('compensation.remarks')}</h2>
      <ul className="remarks">
        {[...preview.remarks, ...preview.sections.flatMap((section) => section.remarks)].map((remark) => (
          <li key={remark.zh}>{pick(remark)}</li>
        ))}
      </ul>
      <Basis agreement={agreement} preview={preview} />
    </>
  );
}

/** A civil date as the API names the period that it lies in: `2026-11`, `2026-Q4` or `2026`. */
function periodOf(date: string, period: ListedAgreement['period']): string {
  if (period === 'year') return date.slice(0, 4);
  return period === 'month'
    ? date.slice(0, 7)
    : `${date.slice(0, 4)}-Q${Math.floor(dayjs(date).month() / 3) + 1}`;
}

function Chosen({ agreement, nowMs }: { agreement: ListedAgreement; nowMs: number }): ReactElement {
  const { t } = useWords();
  const { zone } = useFacts();
  const today = civilText(nowMs, zone).slice(0, 10);
  const newest = today > agreement.term.to ? agreement.term.to : today;
  const [date, setDate] = useState(newest);
  const period = periodOf(date, agreement.period);
  const preview = usePreview(agreement.id, period);
  return (
    <>
      <label className="field">
        {t('compensation.period')}{' '}
        <DatePicker
          picker={agreement.period}
          aria-label={t('compensation.period')}
          allowClear={false}
          value={dayjs(date)}
          minDate={dayjs(agreement.term.from)}
          maxDate={dayjs(newest)}
          onChange={(chosen) => setDate(chosen === null ? newest : chosen.format('YYYY-MM-DD'))}
        />
      </label>
      <Answer of={preview}>{({ result }) => <Content agreement={agreement} preview={result} />}</Answer>
    </>
  );
}

/** What an agreement would come to, and why; never a statement. */
export default function CompensationPage(): ReactElement {
  const { t, pick } = useWords();
  const agreements = useAgreements();
  const nowMs = useNow();
  const [id, setId] = useState<string | null>(null);
  return (
    <div className="page panel" data-testid="compensation">
      <h1>{t('compensation.title')}</h1>
      <Answer of={agreements}>
        {({ results }) => {
          const agreement =
            results.find((one) => one.id === id) ??
            results.find((one) => one.reporting && one.period === 'month') ??
            results[0];
          if (agreement === undefined) return <Nothing text={t('compensation.none')} />;
          return (
            <>
              <AgreementChoice
                agreements={results}
                chosen={agreement}
                onChange={setId}
                labelOf={({ name, scenario }) =>
                  scenario ? `${pick(name)} · ${t('compensation.scenario')}` : pick(name)
                }
              />
              {nowMs === null ? (
                <Loading />
              ) : (
                <Chosen key={agreement.id} agreement={agreement} nowMs={nowMs} />
              )}
            </>
          );
        }}
      </Answer>
    </div>
  );
}
