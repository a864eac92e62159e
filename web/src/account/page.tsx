import { Button, Input, QRCode } from 'antd';
import { useState, type ReactElement } from 'react';
import { useChange } from '../api/changes.ts';
import { useMe } from '../api/queries.ts';
import type { One, Session } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Field } from '../parts/sign-in.tsx';
import { Answer, Fault, Nothing } from '../parts/states.tsx';

interface Enrolment {
  secret: string;
  uri: string;
}

/** The secret is shown once; it counts when a code of it was shown. */
function Confirm({ enrolment, done }: { enrolment: Enrolment; done: () => void }): ReactElement {
  const { t } = useWords();
  const [code, setCode] = useState('');
  const confirm = useChange<One<Session>>(done);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate({ method: 'POST', path: '/session/totp/confirm', body: { code } });
      }}
    >
      <p>{t('account.scan')}</p>
      <div className="enrolment">
        <div aria-hidden="true">
          <QRCode value={enrolment.uri} size={168} type="svg" color="#000000" bgColor="#ffffff" />
        </div>
        <dl className="facts">
          <div>
            <dt>{t('account.secret')}</dt>
            <dd>
              <code data-testid="totp-secret">{enrolment.secret}</code>
            </dd>
          </div>
          <div>
            <dt>{t('account.uri')}</dt>
            <dd>
              <code>{enrolment.uri}</code>
            </dd>
          </div>
        </dl>
      </div>
      {confirm.error === null ? null : <Fault error={confirm.error} />}
      <Field label={t('access.code')}>
        <Input
          autoComplete="one-time-code"
          inputMode="numeric"
          pattern="\d{6}"
          maxLength={6}
          required
          value={code}
          onChange={(event) => setCode(event.target.value.trim())}
        />
      </Field>
      <Button type="primary" htmlType="submit" loading={confirm.isPending}>
        {t('account.confirm')}
      </Button>
    </form>
  );
}

function SecondFactor({ session }: { session: Session }): ReactElement {
  const { t } = useWords();
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const enrol = useChange<One<Enrolment>>(({ result }) => setEnrolment(result));
  if (enrolment !== null) return <Confirm enrolment={enrolment} done={() => setEnrolment(null)} />;
  return (
    <>
      <p>{t(session.secondFactor ? 'account.has' : session.mustEnrol ? 'account.must' : 'account.may')}</p>
      {enrol.error === null ? null : <Fault error={enrol.error} />}
      <Button
        type={session.secondFactor ? 'default' : 'primary'}
        loading={enrol.isPending}
        onClick={() => enrol.mutate({ method: 'POST', path: '/session/totp' })}
      >
        {t(session.secondFactor ? 'account.renew' : 'account.enrol')}
      </Button>
    </>
  );
}

/** One's own account: who one is here, and the second factor. */
export default function AccountPage(): ReactElement {
  const { t, word } = useWords();
  const { full, place } = useFacts();
  const me = useMe();
  return (
    <div className="page panel" data-testid="account">
      <h1>{t('account.title')}</h1>
      <Answer of={me}>
        {({ result: { session } }) =>
          session === null ? (
            <Nothing text={t('account.nobody')} />
          ) : (
            <>
              <dl className="facts">
                <div>
                  <dt>{t('access.user')}</dt>
                  <dd>
                    {session.name} · {session.user}
                  </dd>
                </div>
                <div>
                  <dt>{t('account.role')}</dt>
                  <dd>
                    {word('person', session.role)}
                    {session.jurisdiction === null ? '' : ` · ${place(session.jurisdiction)}`}
                  </dd>
                </div>
                <div>
                  <dt>{t('account.expires')}</dt>
                  <dd>{full(session.expires)}</dd>
                </div>
              </dl>
              <h2>{t('account.factor')}</h2>
              <SecondFactor session={session} />
            </>
          )
        }
      </Answer>
    </div>
  );
}
