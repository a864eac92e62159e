import type { ReactElement } from 'react';
import { useMe, useNotices, useReminders } from '../api/queries.ts';
import type { ShownNotice } from '../api/statement-types.ts';
import type { ListedAgreement } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { yuanOfFen } from '../format/money.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Nothing, Older } from '../parts/states.tsx';
import { usePartyName } from './parties.tsx';

/** Whom the office itself reminded of what is late. */
function Reminded({ agreement }: { agreement: string }): ReactElement {
  const { t } = useWords();
  const { full } = useFacts();
  const nameOf = usePartyName();
  const reminders = useReminders(agreement);
  const heads = [
    { text: t('books.at') },
    { text: t('compensation.from') },
    { text: t('compensation.to') },
    { text: t('compensation.amountYuan'), number: true },
    { text: t('books.daysLate'), number: true },
  ];
  return (
    <Answer of={reminders}>
      {({ results }) =>
        results.length === 0 ? (
          <p className="quiet">{t('told.noReminders')}</p>
        ) : (
          <Grid label={t('told.reminders')} heads={heads}>
            {results.map((one) => (
              <tr key={`${one.atS} ${one.from} ${one.to}`}>
                <td className="time">{full(one.atS * 1000)}</td>
                <td>{nameOf(one.from)}</td>
                <td>{nameOf(one.to)}</td>
                <td className="number">{yuanOfFen(one.amountFen)}</td>
                <td className="number">{one.daysLate}</td>
              </tr>
            ))}
          </Grid>
        )
      }
    </Answer>
  );
}

function Notice({ of }: { of: ShownNotice }): ReactElement {
  const { t, pick, word } = useWords();
  const { full } = useFacts();
  const nameOf = usePartyName();
  const to = of.party === 'joint-office' ? t('told.office') : nameOf(of.party);
  return (
    <li className="alert-item">
      <b>{of.title === null ? word('notice', of.kind) : pick(of.title)}</b>
      {of.summary === null ? null : <p>{pick(of.summary)}</p>}
      <p className="quiet">
        <span className="time">{full(of.atS * 1000)}</span> · {to}
        {of.messages.map(({ contact, contactName, channel, channelName, state }) => (
          <span key={`${contact} ${channel}`}>
            {' '}
            · {pick(contactName) || contact} · {pick(channelName) || channel} · {word('delivery', state)}
          </span>
        ))}
      </p>
    </li>
  );
}

/** What desks were sent; of one's own side, the office reads all. */
function Notices({ agreement }: { agreement: string }): ReactElement {
  const { t } = useWords();
  const notices = useNotices(agreement);
  return (
    <>
      <Answer of={notices}>
        {({ results }) =>
          results.length === 0 ? (
            <p className="quiet">{t('told.noNotices')}</p>
          ) : (
            <ul className="alert-list">
              {results.map((one) => (
                <Notice key={one.id} of={one} />
              ))}
            </ul>
          )
        }
      </Answer>
      <Older of={notices} />
    </>
  );
}

/** Reminders of an agreement, and the messages that went to the desks. */
export function Told({ agreement }: { agreement: ListedAgreement }): ReactElement {
  const { t } = useWords();
  const me = useMe().data?.result;
  return (
    <>
      <h2>{t('told.reminders')}</h2>
      <Reminded agreement={agreement.id} />
      <h2>{t('told.notices')}</h2>
      {me !== undefined && me.id === null ? (
        <Nothing text={t('refusal.NOT_SIGNED_IN')} />
      ) : (
        <Notices agreement={agreement.id} />
      )}
    </>
  );
}
