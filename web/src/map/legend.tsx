import type { ReactElement } from 'react';
import type { StationKind } from '../api/queries.ts';
import type { Scales } from '../api/types.ts';
import { useWords } from '../i18n/language.ts';
import { neutral, symbolAddress, type Symbol } from './symbols.ts';

const plain: Symbol = {
  kind: 'water',
  grade: null,
  colour: neutral,
  text: '–',
  over: false,
  faded: false,
  approximate: false,
};

export function SymbolImage({ symbol, size = 20 }: { symbol: Symbol; size?: number }): ReactElement {
  return <img className="symbol" src={symbolAddress(symbol)} alt="" height={size} />;
}

function rows(kind: StationKind, scales: Scales, pick: (text: { zh: string; en: string }) => string) {
  if (kind === 'water') {
    return scales.water.grades.map(({ grade, name, colour, roman }) => ({
      label: pick(name),
      symbol: { ...plain, grade, colour, text: grade === 6 ? '劣' : roman },
    }));
  }
  return scales.air.grades.map(({ grade, name, colour, above, upTo }) => {
    const from = above === null ? 0 : above + 1;
    const range = upTo === null ? `> ${above ?? 0}` : `${from}–${upTo}`;
    return {
      label: `${pick(name)} ${range}`,
      symbol: {
        ...plain,
        kind: 'air' as const,
        grade,
        colour,
        text: upTo === null ? `>${above ?? ''}` : String(upTo),
      },
    };
  });
}

/** What shapes, colours and rings mean; names and colours from the edition in force. */
export function Legend({ kind, scales }: { kind: StationKind; scales: Scales | undefined }): ReactElement {
  const { t, pick } = useWords();
  const grades = scales === undefined ? [] : rows(kind, scales, pick);
  const third = scales?.water.grades.find((one) => one.grade === 3)?.colour ?? neutral;
  const base: Symbol =
    kind === 'water' ? { ...plain, grade: 3, colour: third, text: 'III' } : { ...plain, kind: 'air' };
  const others = [
    { label: t('map.legend.none'), symbol: { ...plain, kind } },
    { label: t('map.legend.late'), symbol: { ...base, faded: true } },
    ...(kind === 'air'
      ? []
      : [
          { label: t('map.legend.over'), symbol: { ...base, over: true } },
          { label: t('map.legend.approximate'), symbol: { ...base, approximate: true } },
        ]),
  ];
  return (
    <ul className="legend" aria-label={t('map.legend')}>
      {[...grades, ...others].map(({ label, symbol }) => (
        <li key={label}>
          <SymbolImage symbol={symbol} />
          {label}
        </li>
      ))}
    </ul>
  );
}
