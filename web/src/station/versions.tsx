import { Modal } from 'antd';
import type { ReactElement } from 'react';
import { usePast } from '../api/queries.ts';
import { useFacts } from '../facts.ts';
import { exactText } from '../format/number.ts';
import { useWords } from '../i18n/language.ts';
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
    t('latest.value'),
    t('latest.flags'),
    t('versions.seq'),
    t('versions.until'),
    t('versions.published'),
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
            <div className="wide">
              <table className="grid" data-testid="versions">
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
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
      <p>
        <small>{t('versions.note')}</small>
      </p>
    </Modal>
  );
}
