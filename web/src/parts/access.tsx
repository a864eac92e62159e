import { useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal } from 'antd';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { ApiError, storedToken, storeToken } from '../api/client.ts';
import { useChange } from '../api/changes.ts';
import { useMe } from '../api/queries.ts';
import type { Me, Session } from '../api/types.ts';
import { useWords } from '../i18n/language.ts';
import { SignIn } from './sign-in.tsx';
import { Fault } from './states.tsx';

/** For machines' and administrators' tokens; people sign in. */
function TokenField({ done }: { done: () => void }): ReactElement {
  const { t } = useWords();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const use = (token: string | null) => {
    storeToken(token);
    done();
    void queries.invalidateQueries();
  };
  return (
    <details className="token">
      <summary>{t('access.token')}</summary>
      <p>{t('access.hint')}</p>
      <Input.Password
        aria-label={t('access.token')}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="actions">
        <Button disabled={text.trim() === ''} onClick={() => use(text.trim())}>
          {t('access.use')}
        </Button>
        <Button disabled={storedToken() === null} onClick={() => use(null)}>
          {t('access.clear')}
        </Button>
      </div>
    </details>
  );
}

function SignedIn({ session, done }: { session: Session; done: () => void }): ReactElement {
  const { t, word } = useWords();
  const signOut = useChange(done);
  return (
    <>
      <p>
        <b>{session.name}</b> · {session.user} · {word('person', session.role)}
      </p>
      {signOut.error === null ? null : <Fault error={signOut.error} />}
      <div className="actions">
        <Link href="/account" onClick={done}>
          {t('account.title')}
        </Link>
        <Button
          danger
          loading={signOut.isPending}
          onClick={() => signOut.mutate({ method: 'DELETE', path: '/session' })}
        >
          {t('access.signOut')}
        </Button>
      </div>
    </>
  );
}

function buttonText(me: Me | undefined, words: Pick<ReturnType<typeof useWords>, 't' | 'word'>): string {
  const { t, word } = words;
  if (me === undefined || me.id === null) return t('access.button');
  return t('access.as', { id: me.session?.name ?? me.id, role: word('person', me.role ?? '') });
}

/** Who one is here; the place to sign in and out. */
export function AccessButton(): ReactElement {
  const words = useWords();
  const { t } = words;
  const me = useMe();
  const [open, setOpen] = useState(false);
  const rejected = me.error instanceof ApiError && me.error.status === 401;
  const who = me.data?.result;
  const close = () => setOpen(false);
  return (
    <>
      <Button
        size="small"
        className="who"
        danger={rejected}
        data-testid="access"
        onClick={() => setOpen(true)}
      >
        {rejected ? t('access.rejected') : buttonText(who, words)}
      </Button>
      <Modal
        open={open}
        title={t(who?.session ? 'access.signedIn' : 'access.title')}
        footer={null}
        onCancel={close}
        destroyOnHidden
        width={400}
      >
        {who?.session ? (
          <SignedIn session={who.session} done={close} />
        ) : (
          <SignIn openId={who?.openId === true} done={close} />
        )}
        <TokenField done={close} />
      </Modal>
    </>
  );
}
