import { Button } from 'antd';
import { useState, type ReactElement } from 'react';
import { download } from '../api/client.ts';
import type { ListedStatement } from '../api/statement-types.ts';
import { useWords } from '../i18n/language.ts';
import { Fault } from '../parts/states.tsx';

const forms = ['html', 'xlsx'] as const;

/** The bundle, the statement as a page and a workbook, and how the other side computes it again without this server. */
export function Files({ of }: { of: ListedStatement }): ReactElement {
  const { t, language } = useWords();
  const [error, setError] = useState<Error | null>(null);
  const path = `/statements/${encodeURIComponent(of.id)}`;
  const take = (from: string, name: string) => {
    setError(null);
    download(`${path}${from}`, name).catch(setError);
  };
  const bundle = `${of.id}.jiehe`;
  const signed = of.awaited.length === 0 && of.state !== 'withdrawn' ? ' --signed' : '';
  return (
    <>
      <div className="actions">
        <Button type="primary" onClick={() => take('/bundle', bundle)}>
          {t('files.bundle')}
        </Button>
        {forms.map((format) => (
          <Button
            key={format}
            onClick={() => take(`/document?format=${format}&language=${language}`, `${of.id}.${format}`)}
          >
            {t(`files.${format}`)}
          </Button>
        ))}
      </div>
      {error === null ? null : <Fault error={error} />}
      <p>{t('files.verify')}</p>
      <pre className="command" data-testid="verify">
        {`jiehe settle verify ${bundle} --keys ${t('files.keys')}${signed}`}
      </pre>
      <p className="quiet">{t('files.keysHint')}</p>
    </>
  );
}
