import { Button, DatePicker, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useRef, useState, type ReactElement } from 'react';
import { useChange } from '../api/changes.ts';
import { download } from '../api/client.ts';
import { useSources, useUploads } from '../api/queries.ts';
import type { One, ShownUpload, Source, Upload } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Fault, Nothing, Older } from '../parts/states.tsx';
import { Preview } from './preview.tsx';

function Template({ source }: { source: string }): ReactElement {
  const { t, language } = useWords();
  const [error, setError] = useState<Error | null>(null);
  const save = (format: 'xlsx' | 'csv') => {
    setError(null);
    const path = `/sources/${encodeURIComponent(source)}/template?f=${format}&language=${language}`;
    download(path, `${source}.${language}.${format}`).catch((cause: unknown) => {
      setError(cause instanceof Error ? cause : new Error(String(cause)));
    });
  };
  return (
    <>
      <span className="actions">
        {t('uploads.template')}
        <Button onClick={() => save('xlsx')}>XLSX</Button>
        <Button onClick={() => save('csv')}>CSV</Button>
      </span>
      {error === null ? null : <Fault error={error} />}
    </>
  );
}

/** One file of one source; the month is of rows that state none. */
function HandIn({
  sources,
  onReceived,
}: {
  sources: readonly Source[];
  onReceived: (id: string) => void;
}): ReactElement {
  const { t, pick } = useWords();
  const [chosen, setChosen] = useState<string | null>(null);
  const [month, setMonth] = useState<Dayjs | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const handIn = useChange<One<ShownUpload>>(({ result }) => {
    onReceived(result.upload.id);
    setFile(null);
    if (input.current !== null) input.current.value = '';
  });
  const source = chosen ?? sources[0]?.id;
  if (source === undefined) return <Nothing text={t('uploads.noSource')} />;
  const send = () => {
    if (file === null) return;
    const query = new URLSearchParams({ name: file.name });
    if (month !== null) query.set('month', month.format('YYYY-MM'));
    const path = `/sources/${encodeURIComponent(source)}/uploads?${query.toString()}`;
    handIn.mutate({ method: 'POST', path, body: file });
  };
  return (
    <section aria-label={t('uploads.handIn')}>
      <label className="field">
        {t('uploads.source')}{' '}
        <Select
          aria-label={t('uploads.source')}
          value={source}
          onChange={setChosen}
          popupMatchSelectWidth={false}
          options={sources.map((one) => ({ value: one.id, label: pick(one.name) }))}
        />
      </label>
      <label className="field">
        {t('uploads.month')}{' '}
        <DatePicker picker="month" aria-label={t('uploads.month')} value={month} onChange={setMonth} />
      </label>
      <Template source={source} />
      <div className="actions">
        <input
          ref={input}
          type="file"
          accept=".csv,.xlsx,.txt"
          aria-label={t('uploads.file')}
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        />
        <Button type="primary" disabled={file === null} loading={handIn.isPending} onClick={send}>
          {t('uploads.send')}
        </Button>
      </div>
      <p className="quiet">{t('uploads.hint')}</p>
      {handIn.error === null ? null : <Fault error={handIn.error} />}
    </section>
  );
}

function stateOf({ decisions }: Upload): 'waiting' | 'accepted' | 'refused' {
  return decisions.at(-1)?.decision ?? 'waiting';
}

function Listed({
  uploads,
  nameOf,
  onOpen,
}: {
  uploads: readonly Upload[];
  nameOf: (source: string) => string;
  onOpen: (id: string) => void;
}): ReactElement {
  const { t, word } = useWords();
  const { full } = useFacts();
  if (uploads.length === 0) return <Nothing text={t('uploads.none')} />;
  const heads = [
    { text: t('uploads.at') },
    { text: t('uploads.name') },
    { text: t('uploads.source') },
    { text: t('uploads.ofMonth') },
    { text: t('uploads.by') },
    { text: t('uploads.state') },
  ];
  return (
    <Grid label={t('uploads.list')} heads={heads}>
      {uploads.map((upload) => (
        <tr key={upload.id}>
          <td className="time">{full(upload.at)}</td>
          <td>
            <button type="button" className="link" onClick={() => onOpen(upload.id)}>
              {upload.name}
            </button>{' '}
            <small>{upload.id}</small>
          </td>
          <td>{nameOf(upload.source)}</td>
          <td>{upload.month ?? '–'}</td>
          <td>{upload.actor}</td>
          <td>{word('upload', stateOf(upload))}</td>
        </tr>
      ))}
    </Grid>
  );
}

/** Files that people hand in: what was understood of each, and what was decided. */
export default function UploadsPage(): ReactElement {
  const { t, pick } = useWords();
  const sources = useSources();
  const uploads = useUploads();
  const [open, setOpen] = useState<string | null>(null);
  const all = sources.data?.results ?? [];
  const nameOf = (id: string) => pick(all.find((one) => one.id === id)?.name) || id;
  return (
    <div className="page panel" data-testid="uploads">
      <h1>{t('uploads.title')}</h1>
      <Answer of={sources}>
        {({ results }) => <HandIn sources={results.filter((one) => one.takesFiles)} onReceived={setOpen} />}
      </Answer>
      {open === null ? null : <Preview key={open} id={open} onClose={() => setOpen(null)} />}
      <h2>{t('uploads.list')}</h2>
      <Answer of={uploads}>
        {({ results }) => <Listed uploads={results} nameOf={nameOf} onOpen={setOpen} />}
      </Answer>
      <Older of={uploads} />
    </div>
  );
}
