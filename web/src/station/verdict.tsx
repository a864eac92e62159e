import type { ReactElement, ReactNode } from 'react';
import type { AirVerdict, Latest, Limit, WaterVerdict } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';

function Row({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Reason({ verdict }: { verdict: WaterVerdict | AirVerdict }): ReactElement | null {
  const { t, word } = useWords();
  if (verdict.reason === null) return null;
  return <Row label={t('station.verdict.reason')}>{word('reason', verdict.reason)}</Row>;
}

function OverValues({ verdict }: { verdict: WaterVerdict | AirVerdict }): ReactElement | null {
  const { t, pick } = useWords();
  const { parameterName, unitOf } = useFacts();
  if (verdict.overLimits.length === 0) return null;
  return (
    <ul className="over-values">
      {verdict.overLimits.map((over) => (
        <li key={`${over.against}/${over.parameter}`}>
          <b>
            {parameterName(over.parameter)} {over.value} {unitOf(over.parameter)}
          </b>{' '}
          <span className="wording">{pick(over.text)}</span>{' '}
          <small>
            {t('attention.limit', { limit: over.limit })}
            {over.multiple === null ? '' : ` · ${t('attention.multiple', { multiple: over.multiple })}`}
          </small>
        </li>
      ))}
    </ul>
  );
}

/** The items that decide the class, with the value and the limits it was held against. */
function Deciding({
  verdict,
  entry,
  limits,
}: {
  verdict: WaterVerdict;
  entry: Latest;
  limits: readonly Limit[];
}): ReactElement {
  const { parameterName, unitOf, shown } = useFacts();
  return (
    <ul className="plain">
      {verdict.decidingItems.map((item) => {
        const value = entry.readings.find((one) => one.parameter === item)?.value ?? null;
        const held = limits.filter((one) => one.parameter === item);
        return (
          <li key={item}>
            {parameterName(item)} {value === null ? '' : shown(item, value)} {unitOf(item)}{' '}
            <small>{held.map((one) => limitText(one)).join(' · ')}</small>
          </li>
        );
      })}
    </ul>
  );
}

const signs: Record<string, string> = { 'at-most': '≤', 'at-least': '≥' };

/** `≤ 0.1` or `6–9`, as the standard writes it. */
export function limitText({ rule, limit, min, max }: Limit): string {
  return limit === null ? `${min ?? ''}–${max ?? ''}` : `${signs[rule] ?? ''} ${limit}`;
}

function WaterOurs({
  verdict,
  entry,
  limits,
}: {
  verdict: WaterVerdict;
  entry: Latest;
  limits: readonly Limit[];
}): ReactElement {
  const { t, pick, word } = useWords();
  const { gradeName } = useFacts();
  return (
    <>
      <p className="verdict-big">{pick(verdict.className) || word('verdictStatus', verdict.status)}</p>
      <dl className="facts">
        {verdict.decidingItems.length === 0 ? null : (
          <Row label={t('station.verdict.deciding')}>
            <Deciding verdict={verdict} entry={entry} limits={limits} />
          </Row>
        )}
        {verdict.targets.length === 0 ? null : (
          <Row label={t('station.targets')}>
            <ul className="plain">
              {verdict.targets.map(({ kind, targetClass, met }) => (
                <li key={kind}>
                  {word('target', kind)} {gradeName('water', targetClass)}{' '}
                  <span className={`met is-${String(met)}`}>{word('met', String(met))}</span>
                </li>
              ))}
            </ul>
          </Row>
        )}
        <Reason verdict={verdict} />
      </dl>
    </>
  );
}

function AirOurs({ verdict }: { verdict: AirVerdict }): ReactElement {
  const { t, pick, word } = useWords();
  const { parameterName } = useFacts();
  return (
    <>
      <p className="verdict-big">
        {verdict.aqi === null
          ? word('verdictStatus', verdict.status)
          : `AQI ${verdict.aqi} ${pick(verdict.levelName)}`}
      </p>
      <dl className="facts">
        <Row label={t('station.verdict.primary')}>
          {verdict.primary.map(parameterName).join(' · ') || '–'}
        </Row>
        <Row label={t('station.verdict.iaqi')}>
          {Object.entries(verdict.iaqi)
            .map(([id, index]) => `${parameterName(id)} ${index ?? '–'}`)
            .join(' · ')}
        </Row>
        <Reason verdict={verdict} />
      </dl>
    </>
  );
}

function PublishedSide({ entry }: { entry: Latest }): ReactElement {
  const { t, pick } = useWords();
  const { parameterName, full } = useFacts();
  if (entry.published.length === 0) return <p>{t('station.verdict.none')}</p>;
  return (
    <dl className="facts">
      {entry.published.map((one) => (
        <Row key={`${one.parameter}/${one.averaging}`} label={parameterName(one.parameter)}>
          <b>{one.text === null ? (one.value ?? '–') : one.text.map(pick).join(' · ') || '–'}</b>{' '}
          <small>{full(one.end)}</small>
        </Row>
      ))}
    </dl>
  );
}

/** Ours beside the source's own, each with what it rests on. */
export function Verdict({ entry, limits }: { entry: Latest; limits: readonly Limit[] }): ReactElement {
  const { t, word } = useWords();
  const { standard } = useFacts();
  const { verdict } = entry;
  return (
    <div className="verdicts">
      <section>
        <h4>{t('station.verdict.ours')}</h4>
        {verdict === null ? (
          <p>{t(entry.withheld ? 'station.verdict.withheld' : 'station.verdict.none.ours')}</p>
        ) : (
          <>
            {verdict.kind === 'water' ? (
              <WaterOurs verdict={verdict} entry={entry} limits={limits} />
            ) : (
              <AirOurs verdict={verdict} />
            )}
            <OverValues verdict={verdict} />
            <small className="block">
              {word('standing', verdict.standing)} · {standard(verdict.edition)}
            </small>
          </>
        )}
      </section>
      <section>
        <h4>
          {t('station.verdict.published')} <small>{entry.provider}</small>
        </h4>
        <PublishedSide entry={entry} />
      </section>
    </div>
  );
}
