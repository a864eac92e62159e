import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useAlert, useMe } from '../api/queries.ts';
import type { AlertStep, ShownAlert } from '../api/alert-types.ts';
import { StationLink, usePlaces } from '../desk/places.tsx';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Block, Fact } from '../parts/block.tsx';
import { Answer, Nothing } from '../parts/states.tsx';
import { Answers } from './answers.tsx';
import { useLiveAlerts } from './live.ts';
import { Severity } from './page.tsx';

/** What a person said with a step; the rest of a step's detail is for the record. */
const saidIn = ({ detail }: AlertStep): string =>
  ['note', 'text', 'reason', 'to']
    .map((key) => detail[key])
    .filter((part) => typeof part === 'string')
    .join(' · ');

function Timeline({ steps }: { steps: readonly AlertStep[] }): ReactElement {
  const { t, word } = useWords();
  const { full } = useFacts();
  return (
    <ol className="timeline" data-testid="timeline">
      {steps.map((step) => (
        <li key={step.number}>
          <span className="time">{full(step.at)}</span> <b>{word('alertStep', step.kind)}</b>{' '}
          <span className="quiet">
            {step.actor ?? t('alerts.system')} · {word('alertReason', step.reason.split(':', 1)[0] ?? '')}
          </span>
          {saidIn(step) === '' ? null : <p>{saidIn(step)}</p>}
        </li>
      ))}
    </ol>
  );
}

function Facts({ alert }: { alert: ShownAlert }): ReactElement {
  const { t, word } = useWords();
  const { full, place, parameterName } = useFacts();
  const places = usePlaces();
  const unit = alert.unit ?? '';
  return (
    <dl className="facts">
      <Fact name={t('uploads.state')}>{word('alertState', alert.state)}</Fact>
      {alert.station === null ? null : (
        <Fact name={t('table.name')}>
          <StationLink id={alert.station} places={places} />
        </Fact>
      )}
      {alert.parameter === null ? null : (
        <Fact name={t('latest.parameter')}>{parameterName(alert.parameter)}</Fact>
      )}
      {alert.value === null ? null : (
        <Fact name={t('alerts.value')}>
          {alert.value} {unit}
        </Fact>
      )}
      {alert.limit === null ? null : (
        <Fact name={t('alerts.limit')}>
          {alert.limit} {unit}
        </Fact>
      )}
      {alert.multiple === null ? null : <Fact name={t('alerts.multiple')}>{alert.multiple}</Fact>}
      {alert.edition === null ? null : <Fact name={t('alerts.edition')}>{alert.edition}</Fact>}
      <Fact name={t('work.from')}>{full(alert.start)}</Fact>
      <Fact name={t('work.to')}>{alert.end === null ? t('alerts.goesOn') : full(alert.end)}</Fact>
      <Fact name={t('alerts.concerns')}>{alert.jurisdictions.map(place).join(' · ')}</Fact>
      {alert.assignee === null ? null : <Fact name={t('alerts.assignee')}>{alert.assignee}</Fact>}
      {alert.snoozedUntil === null ? null : (
        <Fact name={t('alerts.snoozed')}>{full(alert.snoozedUntil)}</Fact>
      )}
    </dl>
  );
}

function Shown({ alert }: { alert: ShownAlert }): ReactElement {
  const { t, pick, word } = useWords();
  const me = useMe().data?.result;
  return (
    <>
      <h1>
        <Severity of={alert.severity} /> {pick(alert.title)}
      </h1>
      <p>{pick(alert.summary)}</p>
      <section className="panel work">
        <div className="work-body">
          <Facts alert={alert} />
          {me === undefined || me.id === null ? (
            <p className="quiet">{t('alerts.signIn')}</p>
          ) : (
            <Answers alert={alert} />
          )}
        </div>
      </section>
      <Block title={t('alerts.history')}>
        <Timeline steps={alert.steps} />
      </Block>
      <Block title={t('alerts.told')}>
        {alert.told.length === 0 ? <Nothing text={t('alerts.nobody')} /> : null}
        <ul className="alert-list">
          {alert.told.map((one) => (
            <li key={one.notification}>
              {one.contactName === null ? one.contact : pick(one.contactName)} ·{' '}
              {one.channelName === null ? one.channel : pick(one.channelName)} · {word('alertStep', one.kind)}{' '}
              · {word('delivery', one.state ?? 'unknown')}
            </li>
          ))}
        </ul>
      </Block>
    </>
  );
}

/** One alert: what it is, what can be answered, and everything that happened to it. */
export default function AlertPage({ id }: { id: string }): ReactElement {
  const { t } = useWords();
  const alert = useAlert(id);
  useLiveAlerts();
  return (
    <div className="page" data-testid="alert">
      <p>
        <Link href="/alerts">{t('alerts.back')}</Link>
      </p>
      <Answer of={alert}>{({ result }) => <Shown alert={result} />}</Answer>
    </div>
  );
}
