import { Modal } from 'antd';
import type { ReactElement } from 'react';
import { usePast } from '../api/queries.ts';
import { useFacts } from '../facts.ts';
import { exactText } from '../format/number.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Nothing } from '../parts/states.tsx';
import { FlagTags } from '../parts/verdict-words.tsx';

export interface Point {
  station: string;
  parameter: string;
  averaging: string;
  provider: string;
  /** End of the reading, with offset. */
  time: string;
}

/** Every value that one reading once had, and the journal entries that brought and replaced it. */
export function Versions({ point, onClose }: { point: Point; onClose: () => void }): ReactElement {
  const { t } = useWords();
  const { parameterName, full, unitOf } = useFacts();
  const past = usePast(point);
  const heads = [
    { text: t('latest.value'), number: true },
    { text: t('latest.flags') },
    { text: t('versions.seq') },
    { text: t('versions.until') },
    { text: t('versions.published') },
  ];
  return (
    <Modal
      open
      onCancel={onClose}
      footer={null}
      width={640}
      title={t('versions.title', { parameter: parameterName(point.parameter), time: full(point.time) })}
    >
      <Answer of={past}>
        {({ results }) =>
          results.length === 0 ? (
            <Nothing />
          ) : (
            <Grid label={t('latest.versions')} heads={heads} id="versions">
              {results.map((version) => (
                <tr key={version.seq}>
                  <td className="number">
                    {version.value === null
                      ? t('latest.missing')
                      : `${exactText(version.value)} ${unitOf(point.parameter)}`}
                  </td>
                  <td>
                    <FlagTags flags={version.flags} />
                  </td>
                  <td>#{version.seq}</td>
                  <td>{version.seqEnd === null ? t('versions.current') : `#${version.seqEnd}`}</td>
                  <td>{version.published === null ? '–' : full(version.published)}</td>
                </tr>
              ))}
            </Grid>
          )
        }
      </Answer>
      <p>
        <small>{t('versions.note')}</small>
      </p>
    </Modal>
  );
}
