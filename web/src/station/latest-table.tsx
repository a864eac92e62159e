import { Button } from 'antd';
import type { ReactElement } from 'react';
import type { Latest, Limit, Reading } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { exactText } from '../format/number.ts';
import { useWords } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { FlagTags } from '../parts/verdict-words.tsx';
import { limitText } from './verdict.tsx';
import type { Point } from './versions.tsx';

function Value({ reading }: { reading: Reading }): ReactElement {
  const { t } = useWords();
  const { shown, unitOf } = useFacts();
  if (reading.value === null) return <span className="muted">{t('latest.missing')}</span>;
  return (
    <span title={exactText(reading.value)}>
      <b>{shown(reading.parameter, reading.value)}</b> {unitOf(reading.parameter)}
    </span>
  );
}

function Row({
  entry,
  reading,
  limits,
  onVersions,
}: {
  entry: Latest;
  reading: Reading;
  limits: readonly Limit[];
  onVersions: (point: Point) => void;
}): ReactElement {
  const { t, word } = useWords();
  const { parameterName, full, gradeName } = useFacts();
  const { verdict } = entry;
  const item =
    verdict?.kind === 'water' ? verdict.items?.find((one) => one.parameter === reading.parameter) : undefined;
  const over = verdict?.overLimits.some((one) => one.parameter === reading.parameter) === true;
  const held = limits.filter(
    (one) => one.parameter === reading.parameter && one.averaging === reading.averaging,
  );
  const { station } = entry;
  const { parameter, averaging, end } = reading;
  const name = `${parameterName(parameter)}${averaging === 'instant' ? '' : ` · ${word('averaging', averaging)}`}`;
  return (
    <tr className={over ? 'row-over' : ''}>
      <th scope="row">{name}</th>
      <td className="number">
        <Value reading={reading} />
      </td>
      {verdict?.kind === 'water' ? (
        <td>
          {item === undefined || item.class === null ? '–' : gradeName('water', item.class)}
          {item?.evaluated === false ? <small> {t('latest.reference')}</small> : null}
        </td>
      ) : null}
      <td>{held.map(limitText).join(' · ') || '–'}</td>
      <td>
        <FlagTags flags={reading.flags} />
      </td>
      <td className="time">{full(end)}</td>
      <td>
        <Button
          size="small"
          type="text"
          aria-label={`#${reading.seq} ${t('latest.versions')}: ${name}`}
          onClick={() =>
            onVersions({ station, parameter, averaging, provider: entry.provider ?? '', time: end })
          }
        >
          #{reading.seq}
        </Button>
      </td>
    </tr>
  );
}

/** Newest values with unit, flags and age; each leads to its versions and journal entries. */
export function LatestTable({
  entry,
  limits,
  onVersions,
}: {
  entry: Latest;
  limits: readonly Limit[];
  onVersions: (point: Point) => void;
}): ReactElement {
  const { t } = useWords();
  const heads = [
    { text: t('latest.parameter') },
    { text: t('latest.value'), number: true },
    ...(entry.verdict?.kind === 'water' ? [{ text: t('latest.class') }] : []),
    { text: t('latest.limit') },
    { text: t('latest.flags') },
    { text: t('latest.time') },
    { text: t('latest.versions') },
  ];
  return (
    <Grid label={t('station.latest')} heads={heads}>
      {entry.readings.map((reading) => (
        <Row
          key={`${reading.parameter}/${reading.averaging}`}
          entry={entry}
          reading={reading}
          limits={limits}
          onVersions={onVersions}
        />
      ))}
    </Grid>
  );
}
