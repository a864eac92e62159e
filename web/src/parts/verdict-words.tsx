import { Tag, Tooltip } from 'antd';
import type { ReactElement } from 'react';
import type { Flags } from '../api/types.ts';
import { useWords } from '../i18n/language.ts';

/** How sure a fact is; the source stands behind it. */
export function Confidence({
  of,
}: {
  of: { source: string; confidence: string; note?: string };
}): ReactElement {
  const { word } = useWords();
  const text = of.note === undefined ? of.source : `${of.source} — ${of.note}`;
  return (
    <Tooltip title={text}>
      <span className={`confidence is-${of.confidence}`} title={text}>
        {word('confidence', of.confidence)}
      </span>
    </Tooltip>
  );
}

export function FreshnessTag({ state }: { state: string }): ReactElement {
  const { word } = useWords();
  return <span className={`fresh is-${state}`}>{word('freshness', state)}</span>;
}

/** Every axis that is not the ordinary one. */
export function flagWords(flags: Flags, words: Pick<ReturnType<typeof useWords>, 't' | 'word'>): string[] {
  const { t, word } = words;
  const stage =
    flags.stage === 0 || flags.stage === 7
      ? word('stage', String(flags.stage))
      : t('stage.reviewed', { level: flags.stage });
  return [
    ...(flags.validity === 'valid' ? [] : [word('validity', flags.validity)]),
    ...flags.qualifiers.map((name) => word('qualifier', name)),
    stage,
  ];
}

export function FlagTags({ flags }: { flags: Flags }): ReactElement {
  const words = useWords();
  return (
    <>
      {flagWords(flags, words).map((text) => (
        <Tag key={text} className="flag">
          {text}
        </Tag>
      ))}
    </>
  );
}
