import { Button, Segmented } from 'antd';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { useAlerts, useIncidents } from '../api/queries.ts';
import type { ListedAlert, ShownIncident } from '../api/alert-types.ts';
import { usePlaces, type Places } from '../desk/places.tsx';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Answer, Nothing, Older } from '../parts/states.tsx';
import { EndIncident, ReportIncident } from './incident.tsx';
import { useLiveAlerts } from './live.ts';

const states = ['active', 'resolved', 'closed', 'withdrawn'] as const;
type Listed = (typeof states)[number];

/** Severity in words and in shape; the colour only repeats it. */
export function Severity({ of }: { of: string }): ReactElement {
  const { word } = useWords();
  return <b className={`severity severity-${of}`}>{word('severity', of)}</b>;
}

function Item({ alert, places }: { alert: ListedAlert; places: Places }): ReactElement {
  const { t, pick, word } = useWords();
  const { full, place } = useFacts();
  const where = alert.station === null ? null : (places.get(alert.station)?.name ?? alert.station);
  return (
    <li className="alert-item">
      <Link href={`/alerts/${encodeURIComponent(alert.id)}`}>
        <Severity of={alert.severity} /> {where === null ? '' : `${where} · `}
        {pick(alert.title)}
        {alert.drill ? ` · ${t('alerts.drill')}` : ''}
      </Link>
      <p>{pick(alert.summary)}</p>
      <p className="quiet">
        {word('alertState', alert.state)} · <span className="time">{full(alert.start)}</span> –{' '}
        <span className="time">{alert.end === null ? t('alerts.goesOn') : full(alert.end)}</span>
        {alert.jurisdictions.map((code) => ` · ${place(code)}`).join('')}
        {alert.assignee === null ? '' : ` · ${t('alerts.assignee')}: ${alert.assignee}`}
        {alert.held === null ? '' : ` · ${word('alertReason', alert.held.split(':', 1)[0] ?? '')}`}
      </p>
    </li>
  );
}

function Incidents({ results, places }: { results: readonly ShownIncident[]; places: Places }): ReactElement {
  const { t, pick } = useWords();
  const { full, place } = useFacts();
  const [ending, setEnding] = useState<ShownIncident | null>(null);
  const open = results.filter(({ to }) => to === null);
  if (open.length === 0) return <Nothing text={t('incidents.none')} />;
  return (
    <>
      <ul className="alert-list">
        {open.map((one) => (
          <li key={one.id} className="alert-item">
            <Severity of={one.severity} /> {pick(one.kindName)} ·{' '}
            {one.jurisdiction === null
              ? one.stations.map((id) => places.get(id)?.name ?? id).join(' · ')
              : place(one.jurisdiction)}
            <p>{one.text}</p>
            <p className="quiet">
              <span className="time">{full(one.from)}</span> · {one.actor}{' '}
              <Button size="small" onClick={() => setEnding(one)}>
                {t('incidents.end')}
              </Button>
            </p>
          </li>
        ))}
      </ul>
      {ending === null ? null : <EndIncident of={ending} onClose={() => setEnding(null)} />}
    </>
  );
}

/** Alerts by state, and what was reported; kept live. */
export default function AlertsPage(): ReactElement {
  const { t } = useWords();
  const [state, setState] = useState<Listed>('active');
  const [reporting, setReporting] = useState(false);
  const places = usePlaces();
  const alerts = useAlerts(state);
  const incidents = useIncidents();
  useLiveAlerts();
  return (
    <div className="page" data-testid="alerts">
      <h1>{t('alerts.title')}</h1>
      <section className="panel work" aria-label={t('alerts.title')}>
        <div className="panel-head">
          <Segmented
            size="small"
            name="alert-state"
            aria-label={t('uploads.state')}
            options={states.map((value) => ({ value, label: t(`alerts.${value}`) }))}
            value={state}
            onChange={setState}
          />
        </div>
        <div className="work-body">
          <Answer of={alerts}>
            {({ results }) =>
              results.length === 0 ? (
                <Nothing text={t('alerts.none')} />
              ) : (
                <ul className="alert-list">
                  {results.map((alert) => (
                    <Item key={alert.id} alert={alert} places={places} />
                  ))}
                </ul>
              )
            }
          </Answer>
          <Older of={alerts} />
        </div>
      </section>
      <section className="panel work" aria-label={t('incidents.title')}>
        <div className="panel-head">
          <h2>{t('incidents.title')}</h2>
          <Button size="small" onClick={() => setReporting(true)}>
            {t('incidents.report')}
          </Button>
        </div>
        <div className="work-body">
          <Answer of={incidents}>{({ results }) => <Incidents results={results} places={places} />}</Answer>
        </div>
      </section>
      {reporting ? <ReportIncident places={places} onClose={() => setReporting(false)} /> : null}
    </div>
  );
}
