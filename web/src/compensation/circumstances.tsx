import type { ReactElement } from 'react';
import type { PreviewSection } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';

/** Which special circumstances reach into the period, what each did, and class and means as measured beside those as decided. */
export function Circumstances({ section }: { section: PreviewSection }): ReactElement | null {
  const { t, pick, word } = useWords();
  const { parameterName, unitOf, gradeName } = useFacts();
  const { circumstances, means, periodClass } = section;
  if (circumstances === undefined) return null;
  const { applied, ignored, held, notAdmitted = [], asMeasured } = circumstances;
  const told = [
    ...applied.map(({ id, text }) => ({ id, took: 'effect', text: pick(text) })),
    ...notAdmitted.map(({ id, text }) => ({ id, took: 'not-admitted', text: pick(text) })),
    ...held.map((id) => ({ id, took: 'hold', text: '' })),
    ...ignored.map(({ id, reason }) => ({ id, took: 'none', text: word('tookWhy', reason) })),
  ];
  const classText = (one: PreviewSection['periodClass']) =>
    one.class === null ? t('met.null') : gradeName('water', one.class);
  const measured = new Map(asMeasured.means.map((mean) => [mean.parameter, mean]));
  const heads = [
    { text: t('latest.parameter') },
    { text: t('compensation.measured'), number: true },
    { text: t('compensation.decided'), number: true },
  ];
  return (
    <div data-testid="both">
      <h2>
        {pick(section.name)} · {t('circumstances.title')}
      </h2>
      <ul className="plain">
        {told.map(({ id, took, text }) => (
          <li key={id}>
            {id} · <b>{word('took', took)}</b> {text}
          </li>
        ))}
      </ul>
      <Grid label={`${pick(section.name)} · ${t('circumstances.title')}`} heads={heads}>
        <tr>
          <th scope="row">{t('compensation.class')}</th>
          <td className="number">{classText(asMeasured.periodClass)}</td>
          <td className="number">
            <b>{classText(periodClass)}</b>
          </td>
        </tr>
        {means.map(({ parameter, mean }) => (
          <tr key={parameter}>
            <th scope="row">{parameterName(parameter)}</th>
            <td className="number">
              {measured.get(parameter)?.mean ?? '–'} {unitOf(parameter)}
            </td>
            <td className="number">
              <b>{mean ?? '–'}</b> {unitOf(parameter)}
            </td>
          </tr>
        ))}
      </Grid>
    </div>
  );
}
