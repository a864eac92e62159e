import type { ReactElement } from 'react';
import { useWords } from '../i18n/language.ts';
import type { Mark } from '../map/marks.ts';
import type { Selected } from './page.tsx';

/** Sections that no fact can place are named, never drawn somewhere. */
export function Unplaced({
  marks,
  onSelect,
}: {
  marks: readonly Mark[];
  onSelect: (mark: Selected) => void;
}): ReactElement | null {
  const { t, pick } = useWords();
  const unplaced = marks.filter((mark) => mark.place === null);
  if (unplaced.length === 0) return null;
  return (
    <details className="unplaced">
      <summary>{t('map.unplaced', { count: unplaced.length })}</summary>
      <p>{t('map.unplaced.note')}</p>
      <ul>
        {unplaced.map((mark) => (
          <li key={mark.id}>
            <button type="button" className="link" onClick={() => onSelect(mark)}>
              {pick(mark.name)}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
