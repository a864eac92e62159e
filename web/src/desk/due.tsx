import { Segmented, Switch } from 'antd';
import dayjs from 'dayjs';
import { useState, type ReactElement } from 'react';
import { useDueReviews, useLatest, useSources, type StationKind } from '../api/queries.ts';
import type { DueReview } from '../api/types.ts';
import { useFacts, useNow } from '../facts.ts';
import { grouped } from '../grouping.ts';
import { civilText } from '../format/time.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Loading, Nothing } from '../parts/states.tsx';
import { StationLink, type Places } from './places.tsx';

const lookBackDays = 14;
const mostShown = 300;
const averagingOf: Record<StationKind, string> = { water: 'instant', air: 'PT1H' };

function Rows({ due, places }: { due: readonly DueReview[]; places: Places }): ReactElement {
  const { t, pick } = useWords();
  const { full } = useFacts();
  if (due.length === 0) return <Nothing text={t('work.reviews.none')} />;
  const heads = [
    { text: t('table.name') },
    { text: t('work.reviews.day') },
    { text: t('work.reviews.level') },
    { text: t('work.reviews.readings'), number: true },
    { text: t('work.due') },
    { text: t('uploads.state') },
  ];
  return (
    <>
      <p className="quiet">
        {t('table.count', { shown: Math.min(due.length, mostShown), total: due.length })}
      </p>
      <Grid label={t('work.reviews')} heads={heads} className="issues">
        {due.slice(0, mostShown).map((one) => (
          <tr key={`${one.station} ${one.level} ${one.day}`} className={one.overdue ? 'row-over' : ''}>
            <td>
              <StationLink id={one.station} places={places} />
            </td>
            <td className="time">{one.day.slice(0, 10)}</td>
            <td>
              {pick(one.levelName)} <small>{pick(one.networkName)}</small>
            </td>
            <td className="number">{one.readings}</td>
            <td className="time">{full(one.due)}</td>
            <td>{one.overdue ? <b className="over">{t('work.overdue')}</b> : t('work.open')}</td>
          </tr>
        ))}
      </Grid>
    </>
  );
}

function OfProvider({
  provider,
  stations,
  kind,
  overdue,
  nowMs,
  places,
}: {
  nowMs: number;
  provider: string;
  stations: string[];
  kind: StationKind;
  overdue: boolean;
  places: Places;
}): ReactElement {
  const { zone } = useFacts();
  const today = civilText(nowMs, zone).slice(0, 10);
  const from = dayjs(today).subtract(lookBackDays, 'day').format('YYYY-MM-DD');
  const to = dayjs(today).add(1, 'day').format('YYYY-MM-DD');
  const ask = { provider, averaging: averagingOf[kind], from: `${from}T00:00`, to: `${to}T00:00`, overdue };
  const due = useDueReviews(stations, ask);
  const { pick } = useWords();
  const source = useSources().data?.results.find((one) => one.provider === provider);
  return (
    <>
      <h3>{source === undefined ? provider : pick(source.attribution)}</h3>
      <Answer of={due}>{(results) => <Rows due={results} places={places} />}</Answer>
    </>
  );
}

/** Days of the last two weeks with readings that a level has not reviewed, of every provider. */
export function Due({ places }: { places: Places }): ReactElement {
  const { t } = useWords();
  const [kind, setKind] = useState<StationKind>('water');
  const [overdue, setOverdue] = useState(false);
  const latest = useLatest(kind);
  const nowMs = useNow();
  const media: { label: string; value: StationKind }[] = [
    { label: t('map.water'), value: 'water' },
    { label: t('map.air'), value: 'air' },
  ];
  return (
    <>
      <div className="actions">
        <Segmented
          size="small"
          name="review-medium"
          aria-label={t('map.medium')}
          options={media}
          value={kind}
          onChange={setKind}
        />
        <label className="switch">
          <Switch size="small" checked={overdue} onChange={setOverdue} aria-label={t('work.overdueOnly')} />{' '}
          {t('work.overdueOnly')}
        </label>
      </div>
      <Answer of={latest}>
        {({ results }) => {
          const heard = results.filter(({ freshness }) => freshness.lastEnd !== null);
          const byProvider = [...grouped(heard, ({ provider }) => provider ?? '')];
          if (nowMs === null) return <Loading />;
          if (byProvider.length === 0) return <Nothing />;
          return byProvider.map(([provider, entries]) => (
            <OfProvider
              key={`${kind} ${provider}`}
              provider={provider}
              stations={entries.map(({ station }) => station)}
              kind={kind}
              overdue={overdue}
              nowMs={nowMs}
              places={places}
            />
          ));
        }}
      </Answer>
    </>
  );
}
