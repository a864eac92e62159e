import { Button } from 'antd';
import { useState, type ReactElement } from 'react';
import { useRuns, useSources } from '../api/queries.ts';
import type { Run, Source } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Fault, Nothing, Older } from '../parts/states.tsx';
import { Issues } from './issues.tsx';

/** Where a cell that was read can end up; together they are all cells. `superseded` is part of `unchanged`. */
const parts = ['accepted', 'unchanged', 'revised', 'absent', 'missing', 'rejected'] as const;

function Cells({ cells }: { cells: Run['cells'] }): ReactElement {
  const { t, word } = useWords();
  const total = parts.reduce((sum, part) => sum + (cells[part] ?? 0), 0);
  const adds = total === (cells.read ?? 0);
  return (
    <span className="cells">
      {parts.map((part) => (
        <span key={part} className={(cells[part] ?? 0) === 0 ? 'muted' : ''}>
          {word('cell', part)} {cells[part] ?? 0}
        </span>
      ))}
      {(cells.superseded ?? 0) === 0 ? null : (
        <span>
          {word('cell', 'superseded')} {cells.superseded}
        </span>
      )}
      <b className={adds ? 'adds' : 'over'}>
        {adds ? `✓ ${t('sources.adds')}` : `✗ ${t('sources.differs')}`}
      </b>
    </span>
  );
}

function RunRow({ run }: { run: Run }): ReactElement {
  const { t, word } = useWords();
  const { full } = useFacts();
  return (
    <tr>
      <td className="time" data-label={t('sources.started')}>
        {full(run.started)}
      </td>
      <td data-label={t('sources.trigger')}>{word('trigger', run.trigger)}</td>
      <td data-label={t('sources.status')}>
        <span className={`run is-${run.status}`}>{word('run', run.status)}</span>
        {run.message === null ? null : <small> {run.message}</small>}
      </td>
      <td className="number" data-label={t('sources.entries')}>
        {run.entries}
      </td>
      <td className="number" data-label={t('sources.read')}>
        {run.cells.read ?? 0}
      </td>
      <td data-label={t('sources.parts')}>
        <Cells cells={run.cells} />
      </td>
      <td data-label={t('sources.issues')}>
        {Object.entries(run.issues)
          .map(([code, count]) => `${code} × ${count}`)
          .join(', ') || '–'}
      </td>
    </tr>
  );
}

/** Runs that a source of the list brings with it. */
const cameWithSource = 5;

function Runs({ source }: { source: Source }): ReactElement {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const listed = useRuns(source.id, all);
  if (source.lastRuns.length === 0) return <p className="quiet">{t('sources.runs.none')}</p>;
  const heads = [
    { text: t('sources.started') },
    { text: t('sources.trigger') },
    { text: t('sources.status') },
    { text: t('sources.entries'), number: true },
    { text: t('sources.read'), number: true },
    { text: t('sources.parts') },
    { text: t('sources.issues') },
  ];
  const runs = listed.data?.results ?? source.lastRuns;
  const older = source.lastRuns.length < cameWithSource ? null : () => setAll(true);
  const first = { older, isAsking: all && listed.error === null };
  return (
    <>
      <Grid label={`${t('sources.runs')} ${source.id}`} heads={heads} className="stacked">
        {runs.map((run) => (
          <RunRow key={run.runId} run={run} />
        ))}
      </Grid>
      {listed.error === null ? null : <Fault error={listed.error} retry={() => void listed.refetch()} />}
      <Older of={listed.data === undefined ? first : listed} />
    </>
  );
}

const hourS = 3600;
const dayS = 86_400;

/** In the largest unit that it is a whole number of. */
function cadenceText(seconds: number, t: ReturnType<typeof useWords>['t']): string {
  if (seconds % dayS === 0) return t('sources.cadence.days', { days: seconds / dayS });
  if (seconds % hourS === 0) return t('sources.cadence.hours', { hours: seconds / hourS });
  return t('sources.cadence.minutes', { minutes: seconds / 60 });
}

function Card({ source, onIssues }: { source: Source; onIssues: () => void }): ReactElement {
  const { t, pick, word } = useWords();
  const { full } = useFacts();
  const handedIn = source.enabled && source.takesFiles;
  const notDue = t(handedIn ? 'sources.handedIn' : 'sources.disabled');
  const rows = [
    [t('sources.next'), source.nextDue === null ? notDue : full(source.nextDue)],
    [t('sources.schedule'), handedIn ? '–' : `${source.cron} (${source.timeZone})`],
    [t('sources.cadence'), cadenceText(source.cadenceSeconds, t)],
    [t('sources.stamp'), `${word('stamp', source.stampMeans)} (${source.timeZone})`],
    [t('sources.provider'), `${source.provider} · ${t('sources.adapter')} ${source.adapter}`],
    [t('sources.attribution'), pick(source.attribution)],
    [t('sources.licence'), source.licence],
  ] as const;
  return (
    <section className="panel source" aria-label={pick(source.name)}>
      <div className="panel-head">
        <h2>
          {pick(source.name)} <small>{source.id}</small>
        </h2>
        <Button size="small" onClick={onIssues}>
          {t('sources.issues.show')}
        </Button>
      </div>
      <dl className="facts two">
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>{t('sources.runs')}</h3>
      <Runs source={source} />
    </section>
  );
}

/** Each source: what it promises, what its runs did, when it is due. */
export default function SourcesPage(): ReactElement {
  const { t } = useWords();
  const sources = useSources();
  const [shown, setShown] = useState<Source | null>(null);
  return (
    <div className="page" data-testid="sources">
      <h1>{t('sources.title')}</h1>
      <Answer of={sources}>
        {({ results }) =>
          results.length === 0 ? (
            <Nothing />
          ) : (
            results.map((source) => (
              <Card key={source.id} source={source} onIssues={() => setShown(source)} />
            ))
          )
        }
      </Answer>
      {shown === null ? null : <Issues source={shown} onClose={() => setShown(null)} />}
    </div>
  );
}
