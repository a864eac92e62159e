import type { ReactElement } from 'react';
import type { Explained, Preview, PreviewSection } from '../api/types.ts';
import type { StatementLine } from '../api/statement-types.ts';
import { wanOfFen, yuanOfFen } from '../format/money.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Circumstances } from './circumstances.tsx';
import { Means } from './means.tsx';
import { Figures, Why } from './why.tsx';

type ShownLine = Pick<StatementLine, 'section' | 'from' | 'to' | 'amountFen' | 'basis' | 'step'> & {
  id?: string;
};

/** What a period came to: of a trial or of a statement, as decided or as measured. */
export type Total = Pick<Preview, 'status' | 'reason' | 'net'> & { lines: readonly ShownLine[] };

/** A trial is read in 万元, a statement in yuan, as it is paid. */
export type MoneyUnit = 'wan' | 'yuan';
const textIn: Record<MoneyUnit, (fen: string) => string> = { wan: wanOfFen, yuan: yuanOfFen };

/** A rule of grades and figures: judged, and nothing is due either way. */
export const paysNothing = ({ status, lines }: Pick<Total, 'status' | 'lines'>): boolean =>
  status === 'assessed' && lines.length === 0;

export function Result({
  total,
  of,
  money = 'wan',
}: {
  total: Total;
  of?: string;
  money?: MoneyUnit;
}): ReactElement {
  const { t, pick, word } = useWords();
  const { net, status, reason } = total;
  return (
    <div className={`outcome is-${status}`} data-testid="outcome">
      <div>
        <small>{of ?? t('compensation.result')}</small>
        <p className="verdict-big">
          {paysNothing(total) ? t('compensation.judged') : word('outcome', status)}
        </p>
        {reason === null ? null : <p>{pick(reason.text)}</p>}
      </div>
      {net === null ? null : (
        <div>
          <small>{t('compensation.net')}</small>
          <p className="verdict-big">
            {t(`compensation.${money}`, { amount: textIn[money](net.amountFen) })}
          </p>
          <p>{t('compensation.pays', { from: pick(net.from.name), to: pick(net.to.name) })}</p>
        </div>
      )}
    </div>
  );
}

/** Only these mean that nothing is due; any other outcome without lines is "not known". */
const zeroOutcomes = new Set(['assessed-zero', 'not-assessed']);

/** Lines that come from no section: what a superior government adds. */
const noSection = '*';

/** Names a section of a result; one that the agreement names no more keeps its id. */
export function useSectionNames(
  sections: readonly Pick<PreviewSection, 'section' | 'name'>[],
): (id: string) => string {
  const { t, pick } = useWords();
  return (id) =>
    id === noSection
      ? t('compensation.superior')
      : pick(sections.find((one) => one.section === id)?.name) || id;
}

export function Lines({
  sections,
  total,
  money = 'wan',
  held,
}: {
  sections: readonly PreviewSection[];
  total: Total;
  money?: MoneyUnit;
  held?: ReadonlySet<string>;
}): ReactElement {
  const { t, pick } = useWords();
  const nameOf = useSectionNames(sections);
  if (total.lines.length === 0) {
    const said = zeroOutcomes.has(total.status) ? 'none' : paysNothing(total) ? 'noMoney' : 'unknown';
    return <p className="quiet">{t(`compensation.lines.${said}`)}</p>;
  }
  const basisOf = (line: ShownLine): string => {
    if (line.section === noSection) return t('compensation.unconditional');
    const { why = [] } = sections.find((one) => one.section === line.section) ?? {};
    const step = why.find((one) => one.step === line.step);
    return step === undefined ? (line.basis ?? line.step) : pick(step.rule);
  };
  return (
    <Grid
      label={t('compensation.lines')}
      heads={[
        { text: t('table.name') },
        { text: t('compensation.from') },
        { text: t('compensation.to') },
        { text: t('compensation.basis') },
        { text: t(money === 'wan' ? 'compensation.amount' : 'compensation.amountYuan'), number: true },
      ]}
    >
      {total.lines.map((line, at) => (
        // Lines of one result have no id of their own everywhere and never change places.
        // oxlint-disable-next-line react/no-array-index-key
        <tr key={at}>
          <td>
            {nameOf(line.section)}{' '}
            {line.id !== undefined && held?.has(line.id) === true ? (
              <b className="over">{t('compensation.held')}</b>
            ) : null}
          </td>
          <td>{pick(line.from.name)}</td>
          <td>{pick(line.to.name)}</td>
          <td>{basisOf(line)}</td>
          <td className="number">
            <b>{textIn[money](line.amountFen)}</b>
          </td>
        </tr>
      ))}
    </Grid>
  );
}

/** One section of a result: its means, what circumstances did, and every step of the rule. */
export function SectionResult({
  section,
  explained,
  figures,
}: {
  section: PreviewSection;
  /** Absent until it is there. */
  explained: Explained | undefined;
  figures: boolean;
}): ReactElement {
  const { t, pick } = useWords();
  return (
    <>
      <h2>
        {pick(section.name)} · {t('compensation.means')}
      </h2>
      <Means section={section} />
      {figures ? <Figures of={explained?.figures ?? []} /> : null}
      <Circumstances section={section} />
      <h2>
        {pick(section.name)} · {t('compensation.why')}
      </h2>
      <Why steps={explained?.steps ?? []} />
    </>
  );
}
