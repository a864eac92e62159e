import { Segmented } from 'antd';
import { lazy, Suspense, useMemo, useState, type ReactElement } from 'react';
import {
  useLatest,
  useMapPlaces,
  useOutlines,
  useRivers,
  useScales,
  useSections,
  useStations,
  type StationKind,
} from '../api/queries.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Legend } from '../map/legend.tsx';
import { marksOf, type Mark } from '../map/marks.ts';
import { Fault, Loading, unanswered } from '../parts/states.tsx';
import { Attention } from './attention.tsx';
import { KpiStrip } from './kpi-strip.tsx';
import { StationTable } from './station-table.tsx';
import { Unplaced } from './unplaced.tsx';

const RegionMap = lazy(async () => ({ default: (await import('../map/region-map.tsx')).RegionMap }));
const StationDrawer = lazy(() => import('../station/drawer.tsx'));

export interface Selected {
  id: string;
  kind: StationKind;
}

/** Marks of one medium; undefined until stations and newest values are there. */
function useMarks(kind: StationKind): Mark[] | undefined {
  const stations = useStations(kind).data?.results;
  const latest = useLatest(kind).data?.results;
  const places = useMapPlaces().data?.results;
  const scales = useScales().data?.result;
  return useMemo(() => {
    if (stations === undefined || latest === undefined || places === undefined) return undefined;
    return marksOf(kind, stations, latest, places, scales);
  }, [kind, stations, latest, places, scales]);
}

/** One line on a mark: what, how good, where the place comes from. */
function useDescribe(): (mark: Mark) => string {
  const { t, pick, word } = useWords();
  const { gradeName } = useFacts();
  return ({ name, symbol, kind, basis, latest }) => {
    const none = t(latest?.withheld === true ? 'table.withheld' : 'met.null');
    const grade = symbol.grade === null ? none : gradeName(kind, symbol.grade);
    const index = kind === 'air' && symbol.grade !== null ? ` AQI ${symbol.text}` : '';
    const heard =
      latest === undefined || latest.provider === null
        ? t('table.noSource')
        : word('freshness', latest.freshness.state);
    const place = basis === 'position' ? '' : ` · ${word('place', basis)}`;
    return `${pick(name)} · ${grade}${index} · ${heard}${place}`;
  };
}

function MapPanel({
  kind,
  setKind,
  marks,
  onSelect,
}: {
  kind: StationKind;
  setKind: (kind: StationKind) => void;
  marks: Mark[] | undefined;
  onSelect: (mark: Selected) => void;
}): ReactElement {
  const { t } = useWords();
  const outlines = useOutlines().data;
  const rivers = useRivers().data;
  const scales = useScales().data?.result;
  const describe = useDescribe();
  const media: { label: string; value: StationKind }[] = [
    { label: t('map.water'), value: 'water' },
    { label: t('map.air'), value: 'air' },
  ];
  return (
    <section className="panel map-panel" aria-labelledby="map-title">
      <div className="panel-head">
        <h2 id="map-title">{t('map.title')}</h2>
        <Segmented
          size="small"
          name="medium"
          aria-label={t('map.medium')}
          options={media}
          value={kind}
          onChange={setKind}
        />
      </div>
      <Suspense fallback={<Loading />}>
        <RegionMap
          outlines={outlines}
          rivers={rivers}
          marks={marks ?? []}
          onSelect={onSelect}
          describe={describe}
        />
      </Suspense>
      <Legend kind={kind} scales={scales} />
      {kind === 'water' ? <Unplaced marks={marks ?? []} onSelect={onSelect} /> : null}
    </section>
  );
}

/** The morning page: what is heard, what is over, where. */
export function OverviewPage(): ReactElement {
  const { t } = useWords();
  const [kind, setKind] = useState<StationKind>('water');
  const [selected, setSelected] = useState<Selected | null>(null);
  const marks = useMarks(kind);
  const sections = useSections().data?.results;
  const latest = useLatest(kind);
  const select = ({ id, kind: medium }: Selected) => setSelected({ id, kind: medium });
  return (
    <div className="overview">
      <h1 className="unseen">{t('nav.overview')}</h1>
      <KpiStrip />
      {latest.error === null || unanswered(latest.error) ? null : (
        <Fault error={latest.error} retry={() => void latest.refetch()} stale={latest.data !== undefined} />
      )}
      <div className="overview-grid">
        <MapPanel kind={kind} setKind={setKind} marks={marks} onSelect={select} />
        <div className="side">
          <Attention onSelect={select} />
          <StationTable kind={kind} marks={marks} sections={sections ?? []} onSelect={select} />
        </div>
      </div>
      <Suspense fallback={null}>
        {selected === null ? null : <StationDrawer selected={selected} onClose={() => setSelected(null)} />}
      </Suspense>
    </div>
  );
}
