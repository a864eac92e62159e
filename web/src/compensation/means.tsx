import type { ReactElement } from 'react';
import type { PreviewSection } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';

/** Means of the period with what they rest on; too few readings give no mean, never zero. */
export function Means({ section }: { section: PreviewSection }): ReactElement {
  const { t, word } = useWords();
  const { parameterName, unitOf, gradeName } = useFacts();
  const { periodClass, means, targetClass } = section;
  const reasonText = (reason: string) => {
    const [code = '', items] = reason.split(': ');
    const named = items === undefined ? '' : ` ${items.split(', ').map(parameterName).join(' · ')}`;
    return `${word('reason', code)}${named}`;
  };
  const minimum = means[0]?.minimumCoverage ?? '';
  const heads = [
    { text: t('latest.parameter') },
    { text: t('compensation.mean'), number: true },
    { text: t('compensation.unrounded'), number: true },
    { text: t('compensation.coverage'), number: true },
    { text: t('compensation.share', { minimum }), number: true },
  ];
  return (
    <>
      <p>
        {t('compensation.target')} <b>{gradeName('water', targetClass)}</b> · {t('compensation.class')}{' '}
        <b>{periodClass.class === null ? t('met.null') : gradeName('water', periodClass.class)}</b>{' '}
        {periodClass.reason === null ? null : <small>{reasonText(periodClass.reason)}</small>}
        {periodClass.decidingItems.length === 0 ? null : (
          <small>
            {t('station.verdict.deciding')}: {periodClass.decidingItems.map(parameterName).join(' · ')}
          </small>
        )}
      </p>
      <Grid label={t('compensation.means')} heads={heads}>
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
      </Grid>
    </>
  );
}
