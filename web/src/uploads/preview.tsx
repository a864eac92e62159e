import { Button } from 'antd';
import { useState, type ReactElement } from 'react';
import { useUpload } from '../api/queries.ts';
import type { PreviewRow, SheetIssue, SheetPreview, ShownUpload } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer } from '../parts/states.tsx';
import { Decide, Decisions } from './decide.tsx';

function Issues({ issues }: { issues: readonly SheetIssue[] }): ReactElement | null {
  if (issues.length === 0) return null;
  return (
    <ul className="plain sheet-issues">
      {issues.map(({ code, path, message }) => (
        <li key={`${path}/${code}/${message}`}>
          <b>{path}</b> <code>{code}</code> {message}
        </li>
      ))}
    </ul>
  );
}

const signs: Record<string, string> = { good: '✓', 'with-issues': '!', refused: '✗' };

function Row({
  row,
  chosen,
  onChoose,
}: {
  row: PreviewRow;
  chosen: boolean;
  onChoose: ((chosen: boolean) => void) | null;
}): ReactElement {
  const { t, word } = useWords();
  const { parameterName } = useFacts();
  return (
    <tr className={`sheet-row is-${row.status}`}>
      <td>
        <label className="choose">
          {onChoose === null || row.status === 'refused' ? null : (
            <input
              type="checkbox"
              checked={chosen}
              aria-label={t('uploads.choose', { row: row.row })}
              onChange={(event) => onChoose(event.target.checked)}
            />
          )}
          {row.row}
        </label>
      </td>
      <td>
        <span className="row-state">
          {signs[row.status]} {word('sheetRow', row.status)}
        </span>
      </td>
      <td>
        {row.section}
        {row.station === null ? <small> {t('uploads.unknownStation')}</small> : null}
      </td>
      <td className="time">{row.time ?? '–'}</td>
      <td>
        <span className="sheet-cells">
          {row.cells.map((cell) => (
            <span key={cell.address} className={`sheet-cell is-${cell.mark}`} title={cell.address}>
              {parameterName(cell.parameter)} <b>{cell.text === '' ? '–' : cell.text}</b>
              {cell.mark === 'value' ? null : <small> {word('cellMark', cell.mark)}</small>}
            </span>
          ))}
        </span>
        <Issues issues={row.issues} />
      </td>
    </tr>
  );
}

function Rows({
  preview,
  chosen,
  setChosen,
  open,
}: {
  preview: SheetPreview;
  chosen: ReadonlySet<string>;
  setChosen: (rows: ReadonlySet<string>) => void;
  open: boolean;
}): ReactElement {
  const { t } = useWords();
  const heads = [
    { text: t('uploads.row') },
    { text: t('uploads.state') },
    { text: t('uploads.section') },
    { text: t('uploads.time') },
    { text: t('uploads.cells') },
  ];
  const choose = (row: string, wanted: boolean) => {
    const next = new Set(chosen);
    if (wanted) next.add(row);
    else next.delete(row);
    setChosen(next);
  };
  return (
    <Grid label={t('uploads.preview')} heads={heads} className="issues">
      {preview.rows.map((row) => (
        <Row
          key={row.row}
          row={row}
          chosen={chosen.has(row.row)}
          onChoose={open ? (wanted) => choose(row.row, wanted) : null}
        />
      ))}
    </Grid>
  );
}

function Shown({ shown, onClose }: { shown: ShownUpload; onClose: () => void }): ReactElement {
  const { t } = useWords();
  const { upload, preview } = shown;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const open = !upload.decisions.some(({ decision, rows }) => decision === 'refused' || rows === 'all');
  return (
    <section className="panel sheet" data-testid="preview" aria-label={t('uploads.preview')}>
      <div className="panel-head">
        <h2>
          {upload.name} <small>{upload.id}</small>
        </h2>
        <Button size="small" onClick={onClose}>
          {t('station.close')}
        </Button>
      </div>
      <p className="quiet">
        {t('uploads.journal', { seq: upload.entry })} · SHA-256 <code>{upload.sha256.slice(0, 16)}…</code>
      </p>
      <Issues issues={preview.issues} />
      <Rows preview={preview} chosen={chosen} setChosen={setChosen} open={open} />
      <Decisions decisions={upload.decisions} />
      {open ? <Decide upload={upload} rows={[...chosen]} onDone={() => setChosen(new Set())} /> : null}
    </section>
  );
}

/** What was understood of a file, cell by cell, and what may be decided about it. */
export function Preview({ id, onClose }: { id: string; onClose: () => void }): ReactElement {
  const shown = useUpload(id);
  return <Answer of={shown}>{({ result }) => <Shown shown={result} onClose={onClose} />}</Answer>;
}
