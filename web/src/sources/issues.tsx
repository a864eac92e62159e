import { Modal } from 'antd';
import type { ReactElement } from 'react';
import { useIssues } from '../api/queries.ts';
import type { Source } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Answer, Nothing } from '../parts/states.tsx';

/** Faults in the data of one source, newest first, each with the journal entry it came from. */
export function Issues({ source, onClose }: { source: Source; onClose: () => void }): ReactElement {
  const { t, pick } = useWords();
  const { full } = useFacts();
  const issues = useIssues(source.id, true);
  const heads = [
    t('sources.issue.at'),
    t('sources.issue.code'),
    t('sources.issue.path'),
    t('sources.issue.message'),
    t('sources.issue.seq'),
  ];
  return (
    <Modal
      open
      onCancel={onClose}
      footer={null}
      width={900}
      title={t('sources.issues.title', { name: pick(source.name) })}
    >
      <Answer of={issues}>
        {({ results }) =>
          results.length === 0 ? (
            <Nothing />
          ) : (
            /* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a part that scrolls must be reachable by keyboard */
            <div className="wide issues" tabIndex={0} role="region" aria-label={t('sources.issues')}>
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
                  {results.map((issue) => (
                    <tr key={issue.id}>
                      <td className="time">{full(issue.at)}</td>
                      <td>
                        <code>{issue.code}</code>
                      </td>
                      <td>{issue.path}</td>
                      <td>{issue.message}</td>
                      <td>{issue.seq === null ? '–' : `#${issue.seq}`}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
    </Modal>
  );
}
