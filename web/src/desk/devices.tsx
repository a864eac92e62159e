import { Button, DatePicker, Input, Modal, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState, type ReactElement } from 'react';
import { useChange } from '../api/changes.ts';
import type { HeldDevice } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Field } from '../parts/sign-in.tsx';
import { Fault, Nothing } from '../parts/states.tsx';
import type { Places } from './places.tsx';

/** The entry that a file would hold, to be filled in; what each setting means stands in docs/hj212.md. */
const sample = `{
  "edition": "2017",
  "stampMeans": "begin",
  "pw": { "env": "" },
  "factors": ""
}`;

function settingsOf(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function Approval({
  of,
  places,
  onClose,
}: {
  of: HeldDevice;
  places: Places;
  onClose: () => void;
}): ReactElement {
  const { t } = useWords();
  const [station, setStation] = useState<string | null>(null);
  const [from, setFrom] = useState<Dayjs | null>(null);
  const [text, setText] = useState(sample);
  const [reason, setReason] = useState('');
  const approve = useChange<unknown>(onClose);
  const settings = settingsOf(text);
  const ready = station !== null && from !== null && settings !== null && reason.trim() !== '';
  const send = () => {
    if (!ready) return;
    const { source, device } = of;
    const day = from.format('YYYY-MM-DD');
    const body = { source, device, station, from: day, settings, reason: reason.trim() };
    approve.mutate({ method: 'POST', path: '/devices/approvals', body });
  };
  return (
    <Modal
      open
      title={t('work.devices.approve', { device: of.device })}
      okText={t('work.devices.letIn')}
      okButtonProps={{ disabled: !ready, loading: approve.isPending }}
      onOk={send}
      onCancel={onClose}
    >
      {approve.error === null ? null : <Fault error={approve.error} />}
      <Field label={t('work.devices.station')}>
        <Select
          className="block"
          showSearch
          optionFilterProp="label"
          aria-label={t('work.devices.station')}
          value={station}
          onChange={setStation}
          options={[...places.values()].map(({ id, name }) => ({ value: id, label: name }))}
        />
      </Field>
      <Field label={t('work.from')}>
        <DatePicker aria-label={t('work.from')} value={from} onChange={setFrom} />
      </Field>
      <Field label={t('work.devices.settings')}>
        <Input.TextArea
          rows={7}
          status={settings === null ? 'error' : ''}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      {settings === null ? <p className="over">{t('work.devices.notJson')}</p> : null}
      <Field label={t('work.devices.reason')}>
        <Input maxLength={300} value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </Modal>
  );
}

/** Devices that send and that nobody has let in; each may be let in, with its settings. */
export function Devices({ held, places }: { held: readonly HeldDevice[]; places: Places }): ReactElement {
  const { t } = useWords();
  const { full } = useFacts();
  const [open, setOpen] = useState<HeldDevice | null>(null);
  if (held.length === 0) return <Nothing text={t('work.devices.none')} />;
  const heads = [
    { text: t('work.devices.device') },
    { text: t('uploads.source') },
    { text: t('work.devices.first') },
    { text: t('work.devices.last') },
    { text: t('sources.entries'), number: true },
    { text: '' },
  ];
  return (
    <>
      <Grid label={t('work.devices')} heads={heads}>
        {held.map((one) => (
          <tr key={`${one.source} ${one.device}`}>
            <td>
              <code>{one.device}</code>
            </td>
            <td>{one.source}</td>
            <td className="time">{full(one.first)}</td>
            <td className="time">{full(one.last)}</td>
            <td className="number">{one.entries}</td>
            <td>
              <Button size="small" onClick={() => setOpen(one)}>
                {t('work.devices.letIn')}
              </Button>
            </td>
          </tr>
        ))}
      </Grid>
      {open === null ? null : <Approval of={open} places={places} onClose={() => setOpen(null)} />}
    </>
  );
}
