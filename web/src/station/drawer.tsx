import { Drawer } from 'antd';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { StationKind } from '../api/queries.ts';
import { useWords } from '../i18n/language.ts';
import { StationDetail } from './detail.tsx';

/** One station beside the map. */
export default function StationDrawer({
  selected,
  onClose,
}: {
  selected: { id: string; kind: StationKind };
  onClose: () => void;
}): ReactElement {
  const { t } = useWords();
  const path = selected.kind === 'water' ? 'sections' : 'air';
  return (
    <Drawer
      open
      onClose={onClose}
      size={Math.min(760, window.innerWidth)}
      title={<Link href={`/${path}/${selected.id}`}>{t('station.open')} →</Link>}
      closable={{ 'aria-label': t('station.close') }}
      aria-label={selected.id}
    >
      <StationDetail key={`${selected.kind}/${selected.id}`} id={selected.id} kind={selected.kind} />
    </Drawer>
  );
}
