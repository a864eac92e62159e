import type { ReactElement } from 'react';
import type { PreviewSection } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';

/** Means of the period with what they rest on; too few readings give no mean, never zero. */
export function Means({ section }: { section: PreviewSection }): ReactElement {
  const { t, word } = useWords();
  const { parameterName, unitOf, gradeName } = useFacts();
  const { periodClass, means, targetClass } = section;
  const minimum = means[0]?.minimumCoverage ?? '';
  const heads = [
    t('latest.parameter'),
    t('compensation.mean'),
    t('compensation.unrounded'),
    t('compensation.coverage'),
    t('compensation.share', { minimum }),
  ];
  return (
    <>
      <p>
        {t('compensation.target')} <b>{gradeName('water', targetClass)}</b> · {t('compensation.class')}{' '}
        <b>{periodClass.class === null ? t('met.null') : gradeName('water', periodClass.class)}</b>{' '}
        {periodClass.reason === null ? null : <small>{periodClass.reason}</small>}
        {periodClass.decidingItems.length === 0 ? null : (
          <small>
            {t('station.verdict.deciding')}: {periodClass.decidingItems.map(parameterName).join(' · ')}
          </small>
        )}
      </p>
      <div className="wide">
        <table className="grid">
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {means.map((mean) => (
              <tr key={mean.parameter} className={mean.enough ? '' : 'row-short'}>
                <th scope="row">
                  {parameterName(mean.parameter)}{' '}
                  {mean.method === 'arithmetic' ? null : <small>{word('method', mean.method)}</small>}
                </th>
                <td className="number">
                  {mean.mean === null ? (
                    <span className="muted">{t('latest.missing')}</span>
                  ) : (
                    <>
                      <b>{mean.mean}</b> {unitOf(mean.parameter)}
                    </>
                  )}
                </td>
                <td className="number">{mean.unrounded ?? '–'}</td>
                <td className="number">
                  {mean.valid} / {mean.expected}
                </td>
                <td className="number">{mean.coverage}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
