import { Button, DatePicker, Input } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState, type ReactElement } from 'react';
import { useChange } from '../api/changes.ts';
import type { ShownAlert } from '../api/alert-types.ts';
import { useWords } from '../i18n/language.ts';
import { Field } from '../parts/sign-in.tsx';
import { Fault } from '../parts/states.tsx';

/** Which answers a state takes; the server decides, this only leaves out what it would refuse. */
const takes: Record<string, readonly string[]> = {
  open: ['acknowledgement', 'assignment', 'snooze'],
  notified: ['acknowledgement', 'assignment', 'snooze'],
  escalated: ['acknowledgement', 'assignment', 'snooze'],
  acknowledged: ['assignment', 'snooze', 'closing'],
  resolved: ['closing'],
};

type Send = (act: string, body: Record<string, unknown>) => void;

function Assign({ assigned, send }: { assigned: boolean; send: Send }): ReactElement {
  const { t } = useWords();
  const [assignee, setAssignee] = useState('');
  const to = assignee.trim();
  return (
    <div className="actions">
      <Input
        className="assignee"
        aria-label={t('alerts.assignee')}
        placeholder={t('alerts.assignee')}
        maxLength={200}
        value={assignee}
        onChange={(event) => setAssignee(event.target.value)}
      />
      <Button disabled={to === ''} onClick={() => send('assignment', { to })}>
        {t('alerts.assign')}
      </Button>
      {assigned ? (
        <Button onClick={() => send('assignment', { to: null })}>{t('alerts.giveBack')}</Button>
      ) : null}
    </div>
  );
}

function Snooze({ reason, send }: { reason: string; send: Send }): ReactElement {
  const { t } = useWords();
  const [until, setUntil] = useState<Dayjs | null>(null);
  return (
    <div className="actions">
      <DatePicker
        showTime={{ format: 'HH:mm' }}
        format="YYYY-MM-DD HH:mm"
        aria-label={t('alerts.until')}
        placeholder={t('alerts.until')}
        value={until}
        onChange={setUntil}
      />
      <Button
        disabled={until === null || reason === ''}
        onClick={() => send('snooze', { until: until?.format('YYYY-MM-DDTHH:mm'), reason })}
      >
        {t('alerts.snooze')}
      </Button>
    </div>
  );
}

/** Acknowledge, say something, give it to somebody, put off, close: each an act on record. */
export function Answers({ alert }: { alert: ShownAlert }): ReactElement {
  const { t } = useWords();
  const [text, setText] = useState('');
  const answer = useChange<unknown>(() => setText(''));
  const may = takes[alert.state] ?? [];
  const said = text.trim();
  const send: Send = (act, body) =>
    answer.mutate({ method: 'POST', path: `/alerts/${encodeURIComponent(alert.id)}/${act}`, body });
  return (
    <section aria-label={t('alerts.answer')} className="answers">
      {answer.error === null ? null : <Fault error={answer.error} />}
      <Field label={t('alerts.note')}>
        <Input.TextArea
          aria-label={t('alerts.note')}
          rows={2}
          maxLength={2000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <div className="actions">
        {may.includes('acknowledgement') ? (
          <Button
            type="primary"
            loading={answer.isPending}
            onClick={() => send('acknowledgement', said === '' ? {} : { note: said })}
          >
            {t('alerts.acknowledge')}
          </Button>
        ) : null}
        <Button disabled={said === ''} onClick={() => send('comments', { text: said })}>
          {t('alerts.comment')}
        </Button>
        {may.includes('closing') ? (
          <Button disabled={said === ''} onClick={() => send('closing', { reason: said })}>
            {t('alerts.close')}
          </Button>
        ) : null}
      </div>
      {may.includes('assignment') ? <Assign assigned={alert.assignee !== null} send={send} /> : null}
      {may.includes('snooze') ? <Snooze reason={said} send={send} /> : null}
      <p className="quiet">{t('alerts.noteHint')}</p>
    </section>
  );
}
