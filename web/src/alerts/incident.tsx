import { Checkbox, Input, Modal, Select } from 'antd';
import { useState, type ReactElement } from 'react';
import { useChange } from '../api/changes.ts';
import { useIncidentKinds } from '../api/queries.ts';
import type { ShownIncident } from '../api/alert-types.ts';
import type { Places } from '../desk/places.tsx';
import { useWords } from '../i18n/language.ts';
import { Field } from '../parts/sign-in.tsx';
import { Fault } from '../parts/states.tsx';

const severities = ['info', 'minor', 'major', 'critical'] as const;

/** What somebody saw: told at once to both sides, and holding back the exceedances that it explains. */
export function ReportIncident({ places, onClose }: { places: Places; onClose: () => void }): ReactElement {
  const { t, pick, word } = useWords();
  const kinds = useIncidentKinds().data?.results ?? [];
  const [kind, setKind] = useState<string | null>(null);
  const [severity, setSeverity] = useState<(typeof severities)[number]>('major');
  const [stations, setStations] = useState<string[]>([]);
  const [text, setText] = useState('');
  const report = useChange<unknown>(onClose);
  const ready = kind !== null && stations.length > 0 && text.trim() !== '';
  const send = () =>
    report.mutate({
      method: 'POST',
      path: '/incidents',
      body: { kind, severity, stations, text: text.trim() },
    });
  return (
    <Modal
      open
      title={t('incidents.report')}
      okText={t('incidents.send')}
      okButtonProps={{ disabled: !ready, loading: report.isPending }}
      onOk={send}
      onCancel={onClose}
    >
      {report.error === null ? null : <Fault error={report.error} />}
      <Field label={t('incidents.kind')}>
        <Select
          className="block"
          aria-label={t('incidents.kind')}
          value={kind}
          onChange={setKind}
          options={kinds.map(({ id, name }) => ({ value: id, label: pick(name) }))}
        />
      </Field>
      <Field label={t('alerts.severity')}>
        <Select
          className="block"
          aria-label={t('alerts.severity')}
          value={severity}
          onChange={setSeverity}
          options={severities.map((value) => ({ value, label: word('severity', value) }))}
        />
      </Field>
      <Field label={t('incidents.stations')}>
        <Select
          className="block"
          mode="multiple"
          showSearch
          optionFilterProp="label"
          aria-label={t('incidents.stations')}
          value={stations}
          onChange={setStations}
          options={[...places.values()].map(({ id, name }) => ({ value: id, label: name }))}
        />
      </Field>
      <Field label={t('incidents.text')}>
        <Input.TextArea
          aria-label={t('incidents.text')}
          rows={3}
          maxLength={2000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
    </Modal>
  );
}

export function EndIncident({ of, onClose }: { of: ShownIncident; onClose: () => void }): ReactElement {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const [withdrawn, setWithdrawn] = useState(false);
  const end = useChange<unknown>(onClose);
  const send = () => {
    const path = `/incidents/${encodeURIComponent(of.id)}/ending`;
    end.mutate({ method: 'POST', path, body: { reason: reason.trim(), withdrawn } });
  };
  return (
    <Modal
      open
      title={t('incidents.end')}
      okText={t('incidents.end')}
      okButtonProps={{ disabled: reason.trim() === '', loading: end.isPending }}
      onOk={send}
      onCancel={onClose}
    >
      {end.error === null ? null : <Fault error={end.error} />}
      <p>{of.text}</p>
      <Field label={t('alerts.reason')}>
        <Input
          aria-label={t('alerts.reason')}
          value={reason}
          maxLength={2000}
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
      <Checkbox checked={withdrawn} onChange={(event) => setWithdrawn(event.target.checked)}>
        {t('incidents.withdrawn')}
      </Checkbox>
    </Modal>
  );
}
