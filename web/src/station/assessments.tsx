import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useState, type ReactElement } from 'react';
import { ApiError } from '../api/client.ts';
import { useReport } from '../api/queries.ts';
import type { Assessment, Figures, SectionReport, TookEffect } from '../api/types.ts';
import { useFacts, useNow } from '../facts.ts';
import { civilText } from '../format/time.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Loading, Nothing } from '../parts/states.tsx';

const periods = ['month', 'lastMonth', 'sameMonthLastYear', 'cumulative', 'cumulativeLastYear'] as const;
const changes = ['onMonth', 'onYear', 'cumulativeOnYear'] as const;
type Shown = 'measured' | 'decided' | 'guarded';

const measured = ({ items, ...one }: Assessment): Figures => ({
  ...one,
  values: Object.fromEntries(items.map(({ parameter, value }) => [parameter, value])),
});
const differs = (one: Assessment) => one.decided !== null || one.guarded !== null;
const figuresOf = (one: Assessment, which: Shown): Figures | null =>
  which === 'measured' ? measured(one) : one[which];

/** Class, the items that decide it, and each target; or why there is no class. */
function Figure({ of }: { of: Figures }): ReactElement {
  const { t, pick, word } = useWords();
  const { parameterName, gradeName } = useFacts();
  return (
    <>
      <b>{pick(of.className) || t('met.null')}</b>{' '}
      {of.class === null && of.reason !== null ? <small>{word('reason', of.reason)}</small> : null}
      {of.decidingItems.length === 0 ? null : (
        <small>
          {t('station.verdict.deciding')}: {of.decidingItems.map(parameterName).join(' · ')}
        </small>
      )}
      {of.targets.map(({ kind, targetClass, met, over }) => (
        <small key={kind} className="block">
          {word('target', kind)} {gradeName('water', targetClass)}{' '}
          <span className={`met is-${String(met)}`}>{word('met', String(met))}</span>
          {over.map(({ item, text, limit, multiple }) => (
            <span key={item} className="block">
              {parameterName(item)}: {pick(text)} · {t('attention.limit', { limit })}
              {multiple === null ? '' : ` · ${t('attention.multiple', { multiple })}`}
            </span>
          ))}
        </small>
      ))}
    </>
  );
}

function Periods({ report, shown }: { report: SectionReport; shown: readonly Shown[] }): ReactElement {
  const { t, word } = useWords();
  const heads = [{ text: t('results.period') }, ...shown.map((which) => ({ text: t(`results.${which}`) }))];
  return (
    <Grid label={t('results.title')} heads={heads} id="periods">
      {periods.map((name) => {
        const one = report[name];
        return (
          <tr key={name} data-counts={one.counts}>
            <th scope="row">
              {one.period.id} {name === 'month' ? null : <small>{t(`results.${name}`)}</small>}
              <small className="block">{word('standing', one.standing)}</small>
            </th>
            {shown.map((which) => {
              const of = figuresOf(one, which);
              return (
                <td key={which}>
                  {of === null ? <span className="muted">{t('results.same')}</span> : <Figure of={of} />}
                  {differs(one) && one.counts === which ? (
                    <small className="block">✓ {t('results.counts')}</small>
                  ) : null}
                </td>
              );
            })}
          </tr>
        );
      })}
    </Grid>
  );
}

/** Values of every item, each figure beside the others. */
function Items({ of, shown }: { of: Assessment; shown: readonly Shown[] }): ReactElement | null {
  const { t } = useWords();
  const { parameterName, unitOf } = useFacts();
  const figures = shown.flatMap((which) => {
    const found = figuresOf(of, which);
    return found === null ? [] : [{ which, values: found.values }];
  });
  const items = [
    ...new Set(figures.flatMap(({ values }) => Object.keys(values).filter((item) => values[item] !== null))),
  ];
  if (items.length === 0) return null;
  const heads = [
    { text: t('latest.parameter') },
    ...figures.map(({ which }) => ({ text: t(`results.${which}`), number: true })),
  ];
  const label = t('results.items', { period: of.period.id });
  return (
    <>
      <h4>{label}</h4>
      <Grid label={label} heads={heads}>
        {items.map((item) => (
          <tr key={item}>
            <th scope="row">{parameterName(item)}</th>
            {figures.map(({ which, values }) => (
              <td key={which} className="number">
                {values[item] ?? '–'} {unitOf(item)}
              </td>
            ))}
          </tr>
        ))}
      </Grid>
    </>
  );
}

function Circumstances({ of }: { of: readonly TookEffect[] }): ReactElement {
  const { t, pick, word } = useWords();
  const { parameterName } = useFacts();
  return (
    <ul className="plain" data-testid="circumstances">
      {of.map((one) => (
        <li key={one.id}>
          <b>{pick(one.name)}</b> {one.id} ·{' '}
          {one.decidedBy === null
            ? t('circumstances.undecided')
            : t('circumstances.by', { body: one.decidedBy, number: one.documentNumber ?? '' })}{' '}
          · {word('effect', one.effect)} · {word('took', one.took)}
          {one.why === null ? '' : ` (${word('tookWhy', one.why)})`}
          {one.items.length === 0 ? null : (
            <small className="block">
              {t('circumstances.readings', {
                count: one.readings,
                items: one.items.map(parameterName).join(' · '),
              })}
            </small>
          )}
        </li>
      ))}
    </ul>
  );
}

function Report({ report }: { report: SectionReport }): ReactElement {
  const { t, pick } = useWords();
  const all = periods.map((name) => report[name]);
  const warning = pick(report.earlyWarning?.name);
  const shown: Shown[] = [
    'measured',
    ...(['decided', 'guarded'] as const).filter((which) => all.some((one) => one[which] !== null)),
  ];
  const concerned = [
    ...new Map(all.flatMap((one) => one.circumstances).map((one) => [one.id, one])).values(),
  ];
  const losses = new Set(all.flatMap(({ dataLoss }) => (dataLoss === null ? [] : [pick(dataLoss.text)])));
  return (
    <>
      <Periods report={report} shown={shown} />
      {warning === '' ? null : (
        <p>
          <b>{warning}</b>
        </p>
      )}
      <dl className="facts">
        {changes.map((name) => (
          <div key={name}>
            <dt>{t(`results.${name}`)}</dt>
            <dd>{pick(report.changes[name].verdict) || pick(report.changes[name].text)}</dd>
          </div>
        ))}
      </dl>
      <p>
        <small>{pick(report.month.coverage.text)}</small>
      </p>
      {concerned.length === 0 ? null : (
        <>
          <h4>{t('circumstances.title')}</h4>
          <Circumstances of={concerned} />
        </>
      )}
      {[...losses].map((text) => (
        <p key={text}>{text}</p>
      ))}
      {all.map((one) =>
        one.decided === null && one.guarded === null ? null : <Items key={one.id} of={one} shown={shown} />,
      )}
    </>
  );
}

/** Nothing to say to this reader, or about this month; no fault of anybody. */
const quiet: Record<number, 'station.verdict.withheld' | 'results.none'> = {
  401: 'station.verdict.withheld',
  403: 'station.verdict.withheld',
  404: 'results.none',
};

function Months({ section, nowMs }: { section: string; nowMs: number }): ReactElement {
  const { t } = useWords();
  const { zone } = useFacts();
  const newest = civilText(nowMs, zone).slice(0, 7);
  const [month, setMonth] = useState(newest);
  const report = useReport(section, month);
  const told = report.error instanceof ApiError ? quiet[report.error.status] : undefined;
  return (
    <>
      <label className="field">
        {t('results.month')}{' '}
        <DatePicker
          picker="month"
          aria-label={t('results.month')}
          allowClear={false}
          value={dayjs(`${month}-01`)}
          maxDate={dayjs(`${newest}-01`)}
          onChange={(chosen) => setMonth(chosen === null ? newest : chosen.format('YYYY-MM'))}
        />
      </label>
      {told !== undefined ? (
        <Nothing text={t(told)} />
      ) : (
        <Answer of={report}>{({ result }) => <Report report={result} />}</Answer>
      )}
    </>
  );
}

/** One month of a section beside the four that it is compared with: as measured, and as special circumstances leave it. */
export function Assessments({ section }: { section: string }): ReactElement {
  const nowMs = useNow();
  return (
    <div data-testid="assessments">
      {nowMs === null ? <Loading /> : <Months section={section} nowMs={nowMs} />}
    </div>
  );
}
