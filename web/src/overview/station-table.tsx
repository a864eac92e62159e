import { Input, Switch, Table, type TableColumnsType } from 'antd';
import { useMemo, useState, type ReactElement } from 'react';
import type { StationKind } from '../api/queries.ts';
import type { AirVerdict, Section, WaterVerdict } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { SymbolImage } from '../map/legend.tsx';
import type { Mark } from '../map/marks.ts';
import { Loading } from '../parts/states.tsx';
import { FreshnessTag } from '../parts/verdict-words.tsx';
import type { Selected } from './page.tsx';

interface Row {
  mark: Mark;
  section: Section | undefined;
  name: string;
  river: string;
  place: string;
}

/** Over a limit first, then late ones, then heard ones by grade, those without a source last. */
function rank({ mark: { latest, symbol } }: Row): number {
  if (latest === undefined || latest.provider === null) return 100;
  if (symbol.over) return 0;
  if (latest.freshness.state !== 'fresh') return 1;
  return 50 - (symbol.grade ?? 0);
}

function useRows(marks: readonly Mark[], sections: readonly Section[]): Row[] {
  const { pick } = useWords();
  const { place } = useFacts();
  return useMemo(() => {
    const sectionOf = new Map(sections.map((section) => [section.id, section]));
    const rows = marks.map((mark): Row => {
      const section = mark.kind === 'water' ? sectionOf.get(mark.id) : undefined;
      const located = mark.latest?.locatedIn ?? section?.locatedIn ?? null;
      return { mark, section, name: pick(mark.name), river: pick(section?.river), place: place(located) };
    });
    return rows.toSorted((a, b) => rank(a) - rank(b));
  }, [marks, sections, pick, place]);
}

const verdictOf = (row: Row): WaterVerdict | AirVerdict | null => row.mark.latest?.verdict ?? null;

function publishedOf({ mark }: Row, pick: (text: { zh: string; en: string }) => string): string {
  const code = mark.kind === 'water' ? 'pub_class' : 'pub_aqi';
  const found = mark.latest?.published.find((one) => one.parameter === code);
  if (found === undefined || found.value === null) return '';
  return found.text === null ? String(found.value) : found.text.map(pick).join(' · ');
}

type Column = TableColumnsType<Row>[number];

function NameCell({ row, onSelect }: { row: Row; onSelect: (selected: Selected) => void }): ReactElement {
  return (
    <span className="station-name">
      <SymbolImage symbol={row.mark.symbol} size={18} />
      <button type="button" className="link" onClick={() => onSelect(row.mark)}>
        {row.name}
      </button>
    </span>
  );
}

function TimeCell({ latest }: { latest: Mark['latest'] }): ReactElement {
  const { t } = useWords();
  const { short, full } = useFacts();
  if (latest === undefined || latest.provider === null)
    return <span className="muted">{t('table.noSource')}</span>;
  const { lastEnd, state } = latest.freshness;
  return (
    <span className="time" title={lastEnd === null ? '' : full(lastEnd)}>
      {lastEnd === null ? '–' : short(lastEnd)} {state === 'fresh' ? null : <FreshnessTag state={state} />}
    </span>
  );
}

function TargetCell({ verdict }: { verdict: WaterVerdict | null }): ReactElement {
  const { word } = useWords();
  const targets = verdict?.targets ?? [];
  if (targets.length === 0) return <>–</>;
  return (
    <>
      {targets.map(({ kind, met }) => (
        <span key={kind} className={`met is-${String(met)}`} title={word('target', kind)}>
          {word('met', String(met))}
        </span>
      ))}
    </>
  );
}

/** A grade in words; `–` where there is none, and in words when it is held back. */
function GradeCell({ row, name }: { row: Row; name: string }): ReactElement {
  const { t } = useWords();
  if (name === '' && row.mark.latest?.withheld === true)
    return <span className="muted">{t('table.withheld')}</span>;
  return <b className={row.mark.symbol.over ? 'over' : ''}>{name || '–'}</b>;
}

const compare = (read: (row: Row) => string) => (a: Row, b: Row) => read(a).localeCompare(read(b), 'zh-CN');
const byGrade = (a: Row, b: Row) => (a.mark.symbol.grade ?? 0) - (b.mark.symbol.grade ?? 0);
const ageOf = ({ mark }: Row) => mark.latest?.freshness.ageMinutes ?? Infinity;

function useSharedColumns(onSelect: (selected: Selected) => void) {
  const { t, pick } = useWords();
  return {
    name: {
      title: t('table.name'),
      key: 'name',
      sorter: compare((row) => row.name),
      render: (_, row) => <NameCell row={row} onSelect={onSelect} />,
    },
    place: {
      title: t('table.place'),
      key: 'place',
      sorter: compare((row) => row.place),
      render: (_, row) => row.place,
    },
    published: {
      title: t('table.published'),
      key: 'published',
      responsive: ['md'],
      render: (_, row) => publishedOf(row, pick) || '–',
    },
    time: {
      title: t('table.time'),
      key: 'time',
      sorter: (a, b) => ageOf(a) - ageOf(b),
      render: (_, row) => <TimeCell latest={row.mark.latest} />,
    },
  } satisfies Record<string, Column>;
}

function useAirColumns(onSelect: (selected: Selected) => void): Column[] {
  const { t, pick } = useWords();
  const { parameterName } = useFacts();
  const { name, place, published, time } = useSharedColumns(onSelect);
  const air = (row: Row): AirVerdict | null => {
    const verdict = verdictOf(row);
    return verdict?.kind === 'air' ? verdict : null;
  };
  return [
    name,
    place,
    {
      title: t('table.aqi'),
      key: 'aqi',
      align: 'right',
      sorter: (a, b) => (air(a)?.aqi ?? 0) - (air(b)?.aqi ?? 0),
      render: (_, row) => <b>{air(row)?.aqi ?? '–'}</b>,
    },
    {
      title: t('table.level'),
      key: 'level',
      sorter: byGrade,
      render: (_, row) => <GradeCell row={row} name={pick(air(row)?.levelName)} />,
    },
    {
      title: t('table.primary'),
      key: 'primary',
      render: (_, row) => air(row)?.primary.map(parameterName).join(' · ') || '–',
    },
    { ...published, align: 'right' },
    time,
  ];
}

function useWaterColumns(onSelect: (selected: Selected) => void): Column[] {
  const { t, pick } = useWords();
  const { name, place, published, time } = useSharedColumns(onSelect);
  const water = (row: Row): WaterVerdict | null => {
    const verdict = verdictOf(row);
    return verdict?.kind === 'water' ? verdict : null;
  };
  return [
    name,
    {
      title: t('table.river'),
      key: 'river',
      responsive: ['md'],
      sorter: compare((row) => row.river),
      render: (_, row) => row.river || '–',
    },
    place,
    {
      title: t('table.class'),
      key: 'class',
      sorter: byGrade,
      render: (_, row) => <GradeCell row={row} name={pick(water(row)?.className)} />,
    },
    published,
    {
      title: t('table.target'),
      key: 'target',
      render: (_, row) => <TargetCell verdict={water(row)} />,
    },
    time,
  ];
}

/** The same stations as on the map, for keyboards, screen readers and quick reading. */
export function StationTable({
  kind,
  marks,
  sections,
  onSelect,
}: {
  kind: StationKind;
  marks: Mark[] | undefined;
  sections: readonly Section[];
  onSelect: (selected: Selected) => void;
}): ReactElement {
  const { t } = useWords();
  const [text, setText] = useState('');
  const [connected, setConnected] = useState(false);
  const rows = useRows(marks ?? [], sections);
  const waterColumns = useWaterColumns(onSelect);
  const airColumns = useAirColumns(onSelect);
  const wanted = text.trim().toLowerCase();
  const shown = rows.filter(
    (row) =>
      (!connected || (row.mark.latest?.provider ?? null) !== null) &&
      [row.name, row.river, row.place, row.mark.id].some((part) => part.toLowerCase().includes(wanted)),
  );
  return (
    <section className="panel table-panel" aria-labelledby="table-title">
      <div className="panel-head">
        <h2 id="table-title">
          {t('table.title')}{' '}
          <span className="count">{t('table.count', { shown: shown.length, total: rows.length })}</span>
        </h2>
        <span className="panel-tools">
          <Input
            size="small"
            allowClear
            aria-label={t('table.filter')}
            placeholder={t('table.filter.hint')}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <label className="switch">
            <Switch
              size="small"
              checked={connected}
              onChange={setConnected}
              aria-label={t('table.connected')}
            />{' '}
            {t('table.connected')}
          </label>
        </span>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a part that scrolls must be reachable by keyboard */}
      <section className="scroll" tabIndex={0} aria-labelledby="table-title">
        {marks === undefined ? <Loading /> : null}
        <Table<Row>
          size="small"
          columns={kind === 'water' ? waterColumns : airColumns}
          dataSource={shown}
          rowKey={(row) => row.mark.id}
          pagination={false}
          showSorterTooltip={false}
          rowClassName={(row) => (row.mark.symbol.over ? 'row-over' : '')}
        />
      </section>
    </section>
  );
}
