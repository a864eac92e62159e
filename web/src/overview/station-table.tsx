import { Input, Switch, Table, type TableColumnsType } from 'antd';
import { useMemo, useState, type ReactElement } from 'react';
import type { StationKind } from '../api/queries.ts';
import type { AirVerdict, Section, WaterVerdict } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { SymbolImage } from '../map/legend.tsx';
import type { Mark } from '../map/marks.ts';
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
      return { mark, section, name: pick(mark.name), river: section?.riverName ?? '', place: place(located) };
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

function useColumns(kind: StationKind, onSelect: (selected: Selected) => void): TableColumnsType<Row> {
  const { t, pick, word } = useWords();
  const { short, parameterName, full } = useFacts();
  const compare = (read: (row: Row) => string) => (a: Row, b: Row) => read(a).localeCompare(read(b), 'zh-CN');
  const name = {
    title: t('table.name'),
    key: 'name',
    sorter: compare((row) => row.name),
    render: (_: unknown, row: Row) => (
      <span className="station-name">
        <SymbolImage symbol={row.mark.symbol} size={18} />
        <button type="button" className="link" onClick={() => onSelect(row.mark)}>
          {row.name}
        </button>
      </span>
    ),
  };
  const place = {
    title: t('table.place'),
    key: 'place',
    sorter: compare((row) => row.place),
    render: (_: unknown, row: Row) => row.place,
  };
  const time = {
    title: t('table.time'),
    key: 'time',
    sorter: (a: Row, b: Row) =>
      (a.mark.latest?.freshness.ageMinutes ?? Infinity) - (b.mark.latest?.freshness.ageMinutes ?? Infinity),
    render: (_: unknown, { mark: { latest } }: Row) => {
      if (latest === undefined || latest.provider === null)
        return <span className="muted">{t('table.noSource')}</span>;
      const { lastEnd, state } = latest.freshness;
      return (
        <span className="time" title={lastEnd === null ? '' : full(lastEnd)}>
          {lastEnd === null ? '–' : short(lastEnd)}{' '}
          {state === 'fresh' ? null : <FreshnessTag state={state} />}
        </span>
      );
    },
  };
  const published = {
    title: t('table.published'),
    key: 'published',
    render: (_: unknown, row: Row) => publishedOf(row, pick) || '–',
  };
  const grade = (a: Row, b: Row) => (a.mark.symbol.grade ?? 0) - (b.mark.symbol.grade ?? 0);
  if (kind === 'air') {
    const air = (row: Row) => {
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
        sorter: grade,
        render: (_, row) => pick(air(row)?.levelName) || '–',
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
  const water = (row: Row) => {
    const verdict = verdictOf(row);
    return verdict?.kind === 'water' ? verdict : null;
  };
  return [
    name,
    {
      title: t('table.river'),
      key: 'river',
      sorter: compare((row) => row.river),
      render: (_, row) => row.river || '–',
    },
    place,
    {
      title: t('table.class'),
      key: 'class',
      sorter: grade,
      render: (_, row) => (
        <b className={row.mark.symbol.over ? 'over' : ''}>{pick(water(row)?.className) || '–'}</b>
      ),
    },
    published,
    {
      title: t('table.target'),
      key: 'target',
      render: (_, row) => {
        const targets = water(row)?.targets ?? [];
        if (targets.length === 0) return '–';
        return targets.map(({ kind: target, met }) => (
          <span key={target} className={`met is-${String(met)}`} title={word('target', target)}>
            {word('met', String(met))}
          </span>
        ));
      },
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
  const columns = useColumns(kind, onSelect);
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
      <div className="scroll" tabIndex={0} role="region" aria-labelledby="table-title">
        <Table<Row>
          size="small"
          columns={columns}
          dataSource={shown}
          rowKey={(row) => row.mark.id}
          loading={marks === undefined}
          pagination={false}
          showSorterTooltip={false}
          rowClassName={(row) => (row.mark.symbol.over ? 'row-over' : '')}
        />
      </div>
    </section>
  );
}
