import { Alert, Button, Empty, Spin } from 'antd';
import type { ReactElement, ReactNode } from 'react';
import { Link } from 'wouter';
import { ApiError } from '../api/client.ts';
import type { Paged } from '../api/queries.ts';
import { useWords, type Words } from '../i18n/language.ts';

export function Loading(): ReactElement {
  const { t } = useWords();
  return (
    <output className="state">
      <Spin size="small" /> {t('state.loading')}
    </output>
  );
}

export function Nothing({ text }: { text?: string }): ReactElement {
  const { t } = useWords();
  return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text ?? t('state.empty')} />;
}

export function NotFound(): ReactElement {
  const { t } = useWords();
  return (
    <div className="state">
      <p>{t('state.notFound')}</p>
      <Link href="/">{t('state.back')}</Link>
    </div>
  );
}

function plainReason(error: Error, stale: boolean, { t, word, language }: Words): string {
  if (!(error instanceof ApiError)) return error.message;
  if (error.status === 0) return t(stale ? 'state.noAnswer' : 'state.noAnswerBare');
  if (error.reason !== null) {
    const named = word('refusal', error.reason);
    if (named !== error.reason) return named;
  }
  if (error.status === 401) return t('state.unauthorized');
  if (error.status === 403) return t('state.forbidden');
  if (error.status === 404) return t('state.notFound');
  const colon = language === 'zh' ? '：' : ': ';
  return `${t('state.failed')}${colon}${error.message}`;
}

/** No answer at all: said once for the whole page, above what was last read. */
export function unanswered(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 0;
}

/** A fault in words, with the code and request that an administrator will ask for. */
export function Fault({
  error,
  retry,
  stale = false,
}: {
  error: Error;
  retry?: () => void;
  stale?: boolean;
}): ReactElement {
  const words = useWords();
  const code = error instanceof ApiError ? error.code : error.name;
  const request = error instanceof ApiError ? error.requestId : null;
  const trace = request === null ? code : `${code} · ${words.t('state.request')} ${request}`;
  const title = plainReason(error, stale, words);
  const told = unanswered(error) || title.includes(error.message) ? '' : `${error.message} · `;
  return (
    <Alert
      type={stale ? 'warning' : 'error'}
      showIcon
      className="fault"
      title={title}
      description={
        <small>
          {told}
          {trace}
        </small>
      }
      action={
        retry === undefined ? null : (
          <Button size="small" onClick={retry}>
            {words.t('state.retry')}
          </Button>
        )
      }
    />
  );
}

interface Asked<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

/** Content once there is any; loading and faults before, a fault above it after. */
export function Answer<T>({
  of,
  children,
}: {
  of: Asked<T>;
  children: (data: T) => ReactNode;
}): ReactElement {
  const { data, error, refetch } = of;
  const retry = () => void refetch();
  if (data === undefined) return error === null ? <Loading /> : <Fault error={error} retry={retry} />;
  return (
    <>
      {error === null || unanswered(error) ? null : <Fault error={error} retry={retry} stale />}
      {children(data)}
    </>
  );
}

/** Goes on where a list was cut; nothing where all of it is shown. */
export function Older({ of }: { of: Pick<Paged<unknown>, 'older' | 'isAsking'> }): ReactElement | null {
  const { t } = useWords();
  if (of.older === null) return null;
  return (
    <p className="actions">
      <Button size="small" loading={of.isAsking} onClick={of.older}>
        {t('state.older')}
      </Button>
    </p>
  );
}
