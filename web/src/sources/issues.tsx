import { Modal } from 'antd';
import type { ReactElement } from 'react';
import { useIssues } from '../api/queries.ts';
import type { Source } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Nothing, Older } from '../parts/states.tsx';

/** Faults in the data of one source, newest first, each with the journal entry it came from. */
export function Issues({ source, onClose }: { source: Source; onClose: () => void }): ReactElement {
  const { t, pick } = useWords();
  const { full } = useFacts();
  const issues = useIssues(source.id);
  const heads = [
    { text: t('sources.issue.at') },
    { text: t('sources.issue.code') },
    { text: t('sources.issue.path') },
    { text: t('sources.issue.message') },
    { text: t('sources.issue.seq') },
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
            <Grid label={t('sources.issues')} heads={heads} className="issues">
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
            </Grid>
          )
        }
      </Answer>
      <Older of={issues} />
    </Modal>
  );
}
