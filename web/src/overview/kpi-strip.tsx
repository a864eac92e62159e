import type { ReactElement, ReactNode } from 'react';
import { useSummary } from '../api/queries.ts';
import type { Scales, Summary } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { neutral } from '../map/symbols.ts';
import { Answer } from '../parts/states.tsx';

function Cell({
  title,
  big,
  unit,
  lines,
  tone,
}: {
  title: string;
  big: ReactNode;
  unit?: string;
  lines: string[];
  tone?: string;
}): ReactElement {
  return (
    <div className={`kpi ${tone ?? ''}`}>
      <dt>{title}</dt>
      <dd>
        <span className="kpi-big">
          {big} {unit === undefined ? null : <small>{unit}</small>}
        </span>
        {lines.map((line) => (
          <span className="kpi-line" key={line}>
            {line}
          </span>
        ))}
      </dd>
    </div>
  );
}

/** Counts as a bar; the numbers stand below it in words. */
function Distribution({
  title,
  counts,
  grades,
  note,
}: {
  title: string;
  counts: Summary['water']['grades'];
  grades: { grade: number; colour: string }[];
  note: string;
}): ReactElement {
  const { pick } = useWords();
  const colourOf = new Map(grades.map((one) => [one.grade, one.colour]));
  const shown = counts.filter((one) => one.count > 0);
  return (
    <div className="kpi kpi-wide">
      <dt>
        {title} <small>{note}</small>
      </dt>
      <dd>
        <span className="bar" aria-hidden="true">
          {shown.map(({ grade, count }) => (
            <i key={grade} style={{ flexGrow: count, background: colourOf.get(grade) ?? neutral }} />
          ))}
        </span>
        <span className="kpi-counts">
          {shown.map(({ grade, name, count }) => (
            <span key={grade}>
              <i className="dot" style={{ background: colourOf.get(grade) ?? neutral }} />
              {pick(name)} <b>{count}</b>
            </span>
          ))}
        </span>
      </dd>
    </div>
  );
}

function Cells({ summary, scales }: { summary: Summary; scales: Scales | undefined }): ReactElement {
  const { t } = useWords();
  const { water, air, sources } = summary;
  const { targets } = water;
  const without = water.registered - water.withSource;
  return (
    <dl className="kpis" aria-label={t('kpi.label')} data-testid="kpis">
      <Cell
        title={t('kpi.heard')}
        big={water.fresh + water.late}
        unit={`/ ${water.withSource}`}
        lines={[
          t('kpi.late', { fresh: water.fresh, late: water.late, silent: water.silent }),
          t('kpi.heard.of', { registered: water.registered, without }),
        ]}
      />
      <Cell
        title={t('kpi.targets')}
        big={targets.metPercent === null ? '–' : `${targets.metPercent}%`}
        lines={[
          t('kpi.targets.of', {
            met: targets.met,
            notMet: targets.notMet,
            undetermined: targets.undetermined,
          }),
          t('kpi.targets.note'),
        ]}
      />
      <Cell
        title={t('kpi.over')}
        big={water.overLimitStations}
        unit={t('kpi.over.unit')}
        lines={[t('kpi.over.of', { count: water.overLimitValues }), t('kpi.targets.note')]}
        tone={water.overLimitStations > 0 ? 'is-over' : ''}
      />
      <Distribution
        title={t('kpi.classes')}
        counts={water.grades}
        grades={scales?.water.grades ?? []}
        note={t('kpi.targets.note')}
      />
      <Distribution
        title={t('kpi.air')}
        counts={air.grades}
        grades={scales?.air.grades ?? []}
        note={t('kpi.air.of', { heard: air.fresh + air.late, registered: air.registered })}
      />
      <Cell
        title={t('kpi.sources')}
        big={sources.enabled}
        unit={t('kpi.sources.unit')}
        lines={[t('kpi.sources.of', { failing: sources.failing, issues: sources.withIssues })]}
        tone={sources.failing > 0 ? 'is-over' : ''}
      />
    </dl>
  );
}

/** Counts of the newest state, as the API counts them. */
export function KpiStrip(): ReactElement {
  const summary = useSummary();
  const { scales } = useFacts();
  return <Answer of={summary}>{({ result }) => <Cells summary={result} scales={scales} />}</Answer>;
}
