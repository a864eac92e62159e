import { useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal } from 'antd';
import { useState, type ReactElement } from 'react';
import { ApiError, storedToken, storeToken } from '../api/client.ts';
import { useMe } from '../api/queries.ts';
import { useWords } from '../i18n/language.ts';

/** Who one is here, and the place to paste a token. */
export function AccessButton(): ReactElement {
  const { t, word } = useWords();
  const queries = useQueryClient();
  const me = useMe();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const id = me.data?.result.id ?? null;
  const who = id === null ? '' : t('access.as', { id, role: word('person', me.data?.result.role ?? '') });
  const rejected = me.error instanceof ApiError && me.error.status === 401;
  const use = (token: string | null) => {
    storeToken(token);
    setText('');
    setOpen(false);
    void queries.invalidateQueries();
  };
  return (
    <>
      <Button size="small" danger={rejected} onClick={() => setOpen(true)}>
        {rejected ? t('access.rejected') : who === '' ? t('access.button') : who}
      </Button>
      <Modal
        open={open}
        title={t('access.title')}
        okText={t('access.use')}
        okButtonProps={{ disabled: text.trim() === '' }}
        cancelText={t('access.clear')}
        cancelButtonProps={{ disabled: storedToken() === null, onClick: () => use(null) }}
        onOk={() => use(text.trim())}
        onCancel={() => setOpen(false)}
        destroyOnHidden
      >
        <p>{t('access.hint')}</p>
        <Input.Password
          aria-label={t('access.title')}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Modal>
    </>
  );
}
