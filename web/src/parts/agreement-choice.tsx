import { Select } from 'antd';
import type { ReactElement } from 'react';
import type { ListedAgreement } from '../api/types.ts';
import { useWords } from '../i18n/language.ts';

/** Which agreement a page is about. */
export function AgreementChoice({
  agreements,
  chosen,
  onChange,
  labelOf,
}: {
  agreements: readonly ListedAgreement[];
  chosen: ListedAgreement;
  onChange: (id: string) => void;
  labelOf: (agreement: ListedAgreement) => string;
}): ReactElement {
  const { t } = useWords();
  return (
    <label className="field">
      {t('compensation.agreement')}{' '}
      <Select
        aria-label={t('compensation.agreement')}
        value={chosen.id}
        onChange={onChange}
        popupMatchSelectWidth={false}
        options={agreements.map((one) => ({ value: one.id, label: labelOf(one) }))}
      />
    </label>
  );
}
