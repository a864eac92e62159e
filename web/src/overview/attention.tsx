import type { ReactElement, ReactNode } from 'react';
import { Link } from 'wouter';
import { useExceedances, useLatest, useSources } from '../api/queries.ts';
import type { Exceedance, Latest } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { grouped } from '../grouping.ts';
import { useWords } from '../i18n/language.ts';
import { Fault, Loading, unanswered } from '../parts/states.tsx';
import { FreshnessTag } from '../parts/verdict-words.tsx';
import type { Selected } from './page.tsx';

type Select = (selected: Selected) => void;

function Item({
  id,
  kind,
  name,
  place,
  onSelect,
  children,
}: Selected & { name: string; place: string; onSelect: Select; children: ReactNode }): ReactElement {
  return (
    <li>
      <button type="button" className="link" onClick={() => onSelect({ id, kind })}>
        {name}
      </button>{' '}
      <small>{place}</small>
      {children}
    </li>
  );
}

/** The API's wording, word for word: only it knows what may be said of a value. */
function OverItem({
  values,
  onSelect,
}: {
  values: readonly Exceedance[];
  onSelect: Select;
}): ReactElement | null {
  const { t, pick, word } = useWords();
  const { parameterName, unitOf, place, short, gradeName } = useFacts();
  const [first] = values;
  if (first === undefined) return null;
  const kind = first.kind === 'air' ? 'air' : 'water';
  return (
    <Item
      id={first.station}
      kind={kind}
      name={pick(first.name)}
      place={`${place(first.locatedIn)} · ${short(first.end)}`}
      onSelect={onSelect}
    >
      <ul className="over-values">
        {values.map((over) => (
          <li key={`${over.provider}/${over.against}/${over.parameter}`}>
            <b>
              {parameterName(over.parameter)} {over.value} {unitOf(over.parameter)}
            </b>{' '}
            <span className="wording">{pick(over.text)}</span>{' '}
            <small>
              {t('attention.limit', { limit: over.limit })}
              {over.multiple === null
                ? ''
                : ` · ${t('attention.multiple', { multiple: over.multiple })}`} ·{' '}
              {t('attention.against', {
                grade: gradeName(kind, over.grade),
                kind: word('target', over.against),
              })}
            </small>
          </li>
        ))}
      </ul>
    </Item>
  );
}

function QuietItem({ entry, onSelect }: { entry: Latest; onSelect: Select }): ReactElement {
  const { t, pick } = useWords();
  const { place, short, age } = useFacts();
  const { lastEnd, ageMinutes, state } = entry.freshness;
  return (
    <Item
      id={entry.station}
      kind={entry.kind === 'air' ? 'air' : 'water'}
      name={pick(entry.name)}
      place={place(entry.locatedIn)}
      onSelect={onSelect}
    >
      {' '}
      <FreshnessTag state={state} />{' '}
      <small>
        {lastEnd === null ? t('attention.never') : t('attention.last', { time: short(lastEnd) })}
        {ageMinutes === null ? '' : ` · ${age(ageMinutes)}`}
      </small>
    </Item>
  );
}

function AirItem({ entry, onSelect }: { entry: Latest; onSelect: Select }): ReactElement | null {
  const { pick, word } = useWords();
  const { place, parameterName } = useFacts();
  const { verdict } = entry;
  if (verdict?.kind !== 'air') return null;
  return (
    <Item
      id={entry.station}
      kind="air"
      name={pick(entry.name)}
      place={place(entry.locatedIn)}
      onSelect={onSelect}
    >
      {' '}
      <b>
        AQI {verdict.aqi} {pick(verdict.levelName)}
      </b>{' '}
      <small>
        {verdict.primary.map(parameterName).join(' · ')} · {word('standing', verdict.standing)}
      </small>
    </Item>
  );
}

function Group({
  title,
  count,
  children,
}: {
  title: string;
  count: number;
  children: ReactNode;
}): ReactElement | null {
  if (count === 0) return null;
  return (
    <section>
      <h3>
        {title} <span className="count">{count}</span>
      </h3>
      <ul className="attention-items">{children}</ul>
    </section>
  );
}

function useSourceItems(): { count: number; items: ReactNode } {
  const { t, pick, word } = useWords();
  const sources = useSources().data?.results ?? [];
  const faulty = sources.filter(
    (one) =>
      one.enabled &&
      one.lastRuns[0] !== undefined &&
      ['failed', 'with-issues'].includes(one.lastRuns[0].status),
  );
  const items = faulty.map((one) => (
    <li key={one.id}>
      <Link href="/sources">{pick(one.name)}</Link>{' '}
      <small>
        {t('attention.run', { status: word('run', one.lastRuns[0]?.status ?? '') })} ·{' '}
        {t('attention.issues', { count: one.issuesOfLastRun })}
      </small>
    </li>
  ));
  return { count: faulty.length, items };
}

/** What someone should look at, worst first. */
export function Attention({ onSelect }: { onSelect: Select }): ReactElement {
  const { t } = useWords();
  const { scales } = useFacts();
  const over = useExceedances();
  const water = useLatest('water').data?.results;
  const air = useLatest('air').data?.results;
  const sources = useSourceItems();
  const all = [...(water ?? []), ...(air ?? [])];
  const quiet = all.filter((entry) => entry.provider !== null && entry.freshness.state !== 'fresh');
  const dirty = new Set(scales?.air.grades.filter((one) => one.polluted).map((one) => one.grade));
  const polluted = (air ?? []).filter(
    ({ verdict, freshness }) =>
      verdict?.kind === 'air' && dirty.has(verdict.level ?? -1) && freshness.state !== 'silent',
  );
  const current = (over.data?.results ?? []).filter((one) => one.freshness !== 'silent');
  const byStation = [...grouped(current, (one) => one.station).values()];
  const count = byStation.length + polluted.length + quiet.length + sources.count;
  return (
    <section className="panel attention" aria-labelledby="attention-title" data-testid="attention">
      <div className="panel-head">
        <h2 id="attention-title">
          {t('attention.title')} <span className="count">{count}</span>
        </h2>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a part that scrolls must be reachable by keyboard */}
      <section className="scroll" tabIndex={0} aria-labelledby="attention-title">
        {over.error === null || unanswered(over.error) ? null : (
          <Fault error={over.error} stale={over.data !== undefined} />
        )}
        {over.data === undefined && over.error === null ? <Loading /> : null}
        {count === 0 && over.data !== undefined ? <p className="quiet">{t('attention.none')}</p> : null}
        <Group title={t('attention.over')} count={byStation.length}>
          {byStation.map((values) => (
            <OverItem key={values[0]?.station} values={values} onSelect={onSelect} />
          ))}
        </Group>
        <Group title={t('attention.air')} count={polluted.length}>
          {polluted.map((entry) => (
            <AirItem key={`${entry.station}/${entry.provider}`} entry={entry} onSelect={onSelect} />
          ))}
        </Group>
        <Group title={t('attention.silent')} count={quiet.length}>
          {quiet.map((entry) => (
            <QuietItem key={`${entry.station}/${entry.provider}`} entry={entry} onSelect={onSelect} />
          ))}
        </Group>
        <Group title={t('attention.sources')} count={sources.count}>
          {sources.items}
        </Group>
      </section>
    </section>
  );
}
