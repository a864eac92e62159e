import type { ReactElement } from 'react';
import type { ListedStatement, Statement } from '../api/statement-types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';

const algorithmNames: Readonly<Record<string, string>> = { ed25519: 'Ed25519', 'sm2-sm3': 'SM2 / SM3' };

/** Each signature that the agreement asks for: who gave it, when, with which key; or who is still to give it. */
export function Signatures({ of, document }: { of: ListedStatement; document: Statement }): ReactElement {
  const { t, pick, word } = useWords();
  const { full } = useFacts();
  const { parties, procedure } = document;
  const heads = [
    { text: t('statements.party') },
    { text: t('statements.purpose') },
    { text: t('statements.signer') },
    { text: t('statements.signedAt') },
    { text: t('statements.algorithm') },
    { text: t('statements.key') },
  ];
  const asked = [parties.protecting, parties.benefiting].flatMap((party) =>
    procedure.signatures.map((purpose) => ({ party, purpose })),
  );
  return (
    <Grid label={t('statements.signatures')} heads={heads} className="stacked" id="signatures">
      {asked.map(({ party, purpose }) => {
        const given = of.signatures.find((one) => one.party === party.code && one.purpose === purpose);
        return (
          <tr key={`${party.code} ${purpose}`}>
            <th scope="row" data-label={t('statements.party')}>
              {pick(party.name)}
            </th>
            <td data-label={t('statements.purpose')}>{word('purpose', purpose)}</td>
            <td data-label={t('statements.signer')}>
              {given?.signer ?? (
                <span className={of.state === 'withdrawn' ? 'muted' : 'warned'}>
                  {t('statements.unsigned')}
                </span>
              )}
            </td>
            <td data-label={t('statements.signedAt')} className="time">
              {given === undefined ? '–' : full(given.signedS * 1000)}
            </td>
            <td data-label={t('statements.algorithm')}>
              {given === undefined ? '–' : (algorithmNames[given.algorithm] ?? given.algorithm)}
            </td>
            <td data-label={t('statements.key')}>
              {given === undefined ? '–' : <code className="hash">{given.keyId}</code>}
            </td>
          </tr>
        );
      })}
    </Grid>
  );
}
