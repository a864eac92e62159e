import { lazy, Suspense, useState, type ReactElement } from 'react';
import { useLatest, useLimits, useSections, useStations, type StationKind } from '../api/queries.ts';
import type { Latest, Limit } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { SymbolImage } from '../map/legend.tsx';
import { symbolOf } from '../map/marks.ts';
import { Fault, Loading, NotFound, unanswered } from '../parts/states.tsx';
import { FreshnessTag } from '../parts/verdict-words.tsx';
import { Assessments } from './assessments.tsx';
import { AirIdentity, SectionIdentity } from './identity.tsx';
import { LatestTable } from './latest-table.tsx';
import { Verdict } from './verdict.tsx';
import { Versions, type Point } from './versions.tsx';

const SeriesPanel = lazy(() => import('./series-panel.tsx'));

function Provider({
  entry,
  limits,
  heading,
}: {
  entry: Latest;
  limits: Limit[];
  heading: boolean;
}): ReactElement {
  const { t, pick } = useWords();
  const [point, setPoint] = useState<Point | null>(null);
  const first = entry.verdict?.overLimits[0]?.parameter;
  return (
    <section aria-label={entry.provider ?? ''}>
      {heading ? <h2 className="provider">{entry.provider}</h2> : null}
      <h3>{t('station.verdict')}</h3>
      <Verdict entry={entry} limits={limits} />
      <h3>{t('station.series')}</h3>
      <Suspense fallback={<Loading />}>
        <SeriesPanel entry={entry} name={pick(entry.name)} prefer={first} />
      </Suspense>
      <h3>{t('station.latest')}</h3>
      <LatestTable entry={entry} limits={limits} onVersions={setPoint} />
      {point === null ? null : <Versions point={point} onClose={() => setPoint(null)} />}
    </section>
  );
}

function Heading({
  entry,
  kind,
  name,
}: {
  entry: Latest | undefined;
  kind: StationKind;
  name: string;
}): ReactElement {
  const { t } = useWords();
  const { scales, full, age } = useFacts();
  const heard = entry === undefined || entry.provider === null ? null : entry.freshness;
  return (
    <header className="station-head">
      <h1>
        <SymbolImage symbol={symbolOf(kind, entry, scales, false)} size={26} /> {name}
      </h1>
      {heard === null ? (
        <span className="muted">{t('table.noSource')}</span>
      ) : (
        <span>
          <FreshnessTag state={heard.state} />{' '}
          {heard.lastEnd === null ? t('attention.never') : full(heard.lastEnd)}
          {heard.ageMinutes === null ? '' : ` · ${age(heard.ageMinutes)}`}
        </span>
      )}
    </header>
  );
}

/** All that is known of one station: what it is, what was measured, what follows from it and why. */
export function StationDetail({ id, kind }: { id: string; kind: StationKind }): ReactElement {
  const { t, pick } = useWords();
  const stations = useStations(kind);
  const sections = useSections();
  const latest = useLatest(kind);
  const limits = useLimits(id);
  const station = stations.data?.results.find((one) => one.id === id);
  const section = kind === 'water' ? sections.data?.results.find((one) => one.id === id) : undefined;
  const entries = (latest.data?.results ?? []).filter((one) => one.station === id);
  if (stations.data === undefined || latest.data === undefined) {
    const error = stations.error ?? latest.error;
    return error === null ? <Loading /> : <Fault error={error} retry={() => void latest.refetch()} />;
  }
  if (station === undefined) return <NotFound />;
  const heard = entries.filter((entry) => entry.provider !== null);
  return (
    <article className="station" data-testid="station">
      <Heading entry={entries[0]} kind={kind} name={pick(station.name)} />
      {latest.error === null || unanswered(latest.error) ? null : <Fault error={latest.error} stale />}
      {heard.map((entry) => (
        <Provider
          key={entry.provider}
          entry={entry}
          limits={limits.data?.result.limits ?? []}
          heading={heard.length > 1}
        />
      ))}
      {kind === 'air' ? null : (
        <>
          <h3>{t('results.title')}</h3>
          {heard.some(({ withheld }) => withheld) ? (
            <p>{t('station.verdict.withheld')}</p>
          ) : (
            <Assessments section={id} />
          )}
        </>
      )}
      <h3>{t('station.identity')}</h3>
      {kind === 'air' ? (
        <AirIdentity id={id} />
      ) : section === undefined ? (
        <Loading />
      ) : (
        <SectionIdentity section={section} />
      )}
    </article>
  );
}
