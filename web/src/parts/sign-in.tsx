import { Button, Input } from 'antd';
import { useState, type ReactElement, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { ApiError, storeToken } from '../api/client.ts';
import { useChange } from '../api/changes.ts';
import type { One, Session } from '../api/types.ts';
import { useWords } from '../i18n/language.ts';
import { Fault } from './states.tsx';

export function Field({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    // The control stands inside its label.
    // oxlint-disable-next-line jsx-a11y/label-has-associated-control
    <label className="form-field">
      <span>{label}</span>
      {children}
    </label>
  );
}

/** Name and password, and the code where the account has a second factor; the bureau's own provider where there is one. */
export function SignIn({ openId, done }: { openId: boolean; done: () => void }): ReactElement {
  const { t } = useWords();
  const [, go] = useLocation();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const signIn = useChange<One<Session>>(({ result }) => {
    done();
    if (result.mustEnrol) go('/account');
  });
  const { error } = signIn;
  const asked = error instanceof ApiError && error.reason === 'CODE_NEEDED';
  const body = { user: user.trim(), password, ...(code === '' ? {} : { code }) };
  return (
    <form
      data-testid="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        // A token would win over the session.
        storeToken(null);
        signIn.mutate({ method: 'POST', path: '/session', body });
      }}
    >
      {error === null ? null : <Fault error={error} stale={asked} />}
      <Field label={t('access.user')}>
        <Input autoComplete="username" required value={user} onChange={(e) => setUser(e.target.value)} />
      </Field>
      <Field label={t('access.password')}>
        <Input.Password
          autoComplete="current-password"
          required
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
      </Field>
      <Field label={t('access.code')}>
        <Input
          autoComplete="one-time-code"
          inputMode="numeric"
          pattern="\d{6}"
          maxLength={6}
          value={code}
          onChange={(e) => setCode(e.target.value.trim())}
        />
      </Field>
      <div className="actions">
        <Button type="primary" htmlType="submit" loading={signIn.isPending}>
          {t('access.signIn')}
        </Button>
        {openId ? <a href="/auth/openid">{t('access.openId')}</a> : null}
      </div>
    </form>
  );
}
