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

/** Acknowledge, say something, give it to somebody, put off, close: each an act on record. */
export function Answers({ alert }: { alert: ShownAlert }): ReactElement {
  const { t } = useWords();
  const [text, setText] = useState('');
  const [assignee, setAssignee] = useState('');
  const [until, setUntil] = useState<Dayjs | null>(null);
  const clear = () => {
    setText('');
    setAssignee('');
    setUntil(null);
  };
  const answer = useChange<unknown>(clear);
  const may = takes[alert.state] ?? [];
  const said = text.trim();
  const send = (act: string, body: Record<string, unknown>) =>
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
      <p className="actions">
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
      </p>
      {may.includes('assignment') ? (
        <p className="actions">
          <Input
            className="assignee"
            aria-label={t('alerts.assignee')}
            placeholder={t('alerts.assignee')}
            maxLength={200}
            value={assignee}
            onChange={(event) => setAssignee(event.target.value)}
          />
          <Button
            disabled={assignee.trim() === ''}
            onClick={() => send('assignment', { to: assignee.trim() })}
          >
            {t('alerts.assign')}
          </Button>
          {alert.assignee === null ? null : (
            <Button onClick={() => send('assignment', { to: null })}>{t('alerts.giveBack')}</Button>
          )}
        </p>
      ) : null}
      {may.includes('snooze') ? (
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
            disabled={until === null || said === ''}
            onClick={() => send('snooze', { until: until?.format('YYYY-MM-DDTHH:mm'), reason: said })}
          >
            {t('alerts.snooze')}
          </Button>
        </div>
      ) : null}
      <p className="quiet">{t('alerts.noteHint')}</p>
    </section>
  );
}
