import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { StationKind } from '../api/queries.ts';
import { useWords } from '../i18n/language.ts';
import { StationDetail } from './detail.tsx';

/** One station on a page of its own. */
export default function StationPage({ id, kind }: { id: string; kind: StationKind }): ReactElement {
  const { t } = useWords();
  return (
    <div className="page">
      <Link href="/">← {t('state.back')}</Link>
      <StationDetail id={id} kind={kind} />
    </div>
  );
}
