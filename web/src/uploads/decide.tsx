import { Button, Input } from 'antd';
import { useState, type ReactElement } from 'react';
import { useChange } from '../api/changes.ts';
import type { One, Upload, UploadDecision } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Fault } from '../parts/states.tsx';

interface Taken {
  status: string;
  cells: Record<string, number>;
}

export function Decisions({ decisions }: { decisions: readonly UploadDecision[] }): ReactElement | null {
  const { t, word, language } = useWords();
  const { full } = useFacts();
  if (decisions.length === 0) return null;
  return (
    <ul className="remarks" data-testid="decisions">
      {decisions.map((one) => (
        <li key={one.seq}>
          {full(one.at)} · {one.actor} · <b>{word('upload', one.decision)}</b>
          {one.decision === 'refused'
            ? ''
            : ` · ${one.rows === 'all' ? t('uploads.wholly') : one.rows.join(language === 'zh' ? '、' : ', ')}`}
          {one.reason === null ? '' : ` · ${one.reason}`} · #{one.seq}
        </li>
      ))}
    </ul>
  );
}

function Outcome({ taken }: { taken: Taken }): ReactElement {
  const { word } = useWords();
  const counted = Object.entries(taken.cells).filter(([, count]) => count > 0);
  return (
    <output className="block">
      {word('run', taken.status)} ·{' '}
      {counted
        .filter(([part]) => part !== 'read')
        .map(([part, count]) => `${word('cell', part)} ${count}`)
        .join(' · ')}
    </output>
  );
}

/** Accept all or the chosen rows, or refuse with a reason; each names the content that was looked at by its hash. */
export function Decide({
  upload,
  rows,
  onDone,
}: {
  upload: Upload;
  rows: string[];
  onDone: () => void;
}): ReactElement {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const [taken, setTaken] = useState<Taken | null>(null);
  const accept = useChange<One<Taken>>(({ result }) => {
    setTaken(result);
    setReason('');
    onDone();
  });
  const refuse = useChange<unknown>(onDone);
  const busy = accept.isPending || refuse.isPending;
  const path = `/uploads/${encodeURIComponent(upload.id)}`;
  const { sha256 } = upload;
  const given = reason.trim();
  const take = (which: 'all' | string[]) =>
    accept.mutate({
      method: 'POST',
      path: `${path}/acceptances`,
      body: { sha256, rows: which, ...(given === '' ? {} : { reason: given }) },
    });
  const error = accept.error ?? refuse.error;
  return (
    <div className="decide">
      {error === null ? null : <Fault error={error} />}
      {taken === null ? null : <Outcome taken={taken} />}
      <label className="form-field">
        <span>{t('uploads.reason')}</span>
        <Input maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <div className="actions">
        <Button type="primary" disabled={busy || upload.decisions.length > 0} onClick={() => take('all')}>
          {t('uploads.acceptAll')}
        </Button>
        <Button disabled={busy || rows.length === 0} onClick={() => take(rows)}>
          {t('uploads.acceptRows', { count: rows.length })}
        </Button>
        <Button
          danger
          disabled={busy || given === '' || upload.decisions.length > 0}
          onClick={() =>
            refuse.mutate({ method: 'POST', path: `${path}/refusal`, body: { sha256, reason: given } })
          }
        >
          {t('uploads.refuse')}
        </Button>
      </div>
    </div>
  );
}
