import type { ReactElement, ReactNode } from 'react';
import { useMapPlaces, useRivers, useStations } from '../api/queries.ts';
import type { Section, Text } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { useWords } from '../i18n/language.ts';
import { Confidence } from '../parts/verdict-words.tsx';

function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }): ReactElement {
  return (
    <dl className="facts">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Position({ position }: { position: Section['position'] }): ReactElement {
  const { t } = useWords();
  if (position === null) return <>{t('station.unknown')}</>;
  const { lon, lat, uncertaintyKm, provenance } = position;
  return (
    <>
      {lon}° E, {lat}° N {t('station.uncertainty', { km: uncertaintyKm })} <Confidence of={provenance} />
    </>
  );
}

function Border({ border }: { border: NonNullable<Section['border']> }): ReactElement {
  const { t, word } = useWords();
  const { place } = useFacts();
  const sides = { protecting: place(border.protecting), benefiting: place(border.benefiting) };
  return (
    <>
      {word('role', border.role)} · {t('station.border.sides', sides)} <Confidence of={border.provenance} />
    </>
  );
}

function Targets({ section }: { section: Section }): ReactElement {
  const { t, word } = useWords();
  const { gradeName } = useFacts();
  if (section.targets.length === 0) return <>{t('station.targets.none')}</>;
  return (
    <ul className="plain">
      {section.targets.map((target) => (
        <li key={`${target.kind}/${target.from ?? ''}`}>
          {word('target', target.kind)} <b>{gradeName('water', target.class)}</b>{' '}
          {target.from === undefined && target.to === undefined
            ? ''
            : `${target.from ?? '…'} – ${target.to ?? '…'} `}
          <Confidence of={target.provenance} />
        </li>
      ))}
    </ul>
  );
}

/** What `/rivers` says of one reach. */
interface ReachNames {
  riverName: Text;
  name: Text;
}

function Reach({ section }: { section: Section }): ReactElement {
  const { t, pick, word } = useWords();
  const rivers = useRivers().data?.features;
  const basis = useMapPlaces().data?.results.find((one) => one.section === section.id)?.basis ?? 'none';
  if (section.reach === undefined) return <>{t('station.unknown')}</>;
  const { id, km, bank, provenance } = section.reach;
  const found = rivers?.find((feature) => feature.id === id)?.properties as ReachNames | undefined;
  return (
    <>
      <span title={id}>{found === undefined ? id : `${pick(found.riverName)} · ${pick(found.name)}`}</span>
      {km === undefined ? '' : ` · km ${km}`}
      {bank === undefined ? '' : ` · ${word('bank', bank)}`} <Confidence of={provenance} />{' '}
      <small>{word('place', basis)}</small>
    </>
  );
}

function Body({ section }: { section: Section }): ReactElement {
  const { t, word } = useWords();
  if (section.bodyType === null) return <>{t('station.unknown')}</>;
  const { value, origin, provenance } = section.bodyType;
  return (
    <>
      {word('body', value)} · {word('origin', origin)} <Confidence of={provenance} />
    </>
  );
}

/** Where it lies, who is assessed and who protects are three facts, each with its own source. */
export function SectionIdentity({ section }: { section: Section }): ReactElement {
  const { t, pick, word } = useWords();
  const { place } = useFacts();
  const or = (text: string | null) => text ?? t('station.unknown');
  const hydraulics =
    section.hydraulics === null ? t('station.unknown') : word('hydraulics', section.hydraulics);
  const rows: [string, ReactNode][] = [
    [t('station.locatedIn'), place(section.locatedIn)],
    [t('station.assessed'), place(section.assessed)],
    [
      t('station.border'),
      section.border === undefined ? '–' : <Border key="border" border={section.border} />,
    ],
    [t('station.targets'), <Targets key="targets" section={section} />],
    [t('station.river'), or(pick(section.river) || null)],
    [t('station.reach'), <Reach key="reach" section={section} />],
    [t('station.body'), <Body key="body" section={section} />],
    [
      t('station.hydraulics'),
      <>
        {hydraulics}{' '}
        {section.hydraulicsProvenance === undefined ? null : <Confidence of={section.hydraulicsProvenance} />}
      </>,
    ],
    [t('station.level'), section.level === null ? t('station.unknown') : word('sectionLevel', section.level)],
    [
      t('station.network'),
      `${section.network === null ? t('station.unknown') : word('network', section.network)} · ${t('station.operator')} ${or(section.operator)}`,
    ],
    [
      t('station.codes'),
      section.codes.map((one) => `${one.code} (${one.issuer} ${one.asOf})`).join(', ') || '–',
    ],
    [t('station.position'), <Position key="position" position={section.position} />],
    [
      'ID',
      <>
        {section.id} <Confidence of={section.provenance} />
      </>,
    ],
  ];
  return <Facts rows={rows} />;
}

export function AirIdentity({ id }: { id: string }): ReactElement | null {
  const { t } = useWords();
  const { place } = useFacts();
  const station = useStations('air').data?.results.find((one) => one.id === id);
  if (station === undefined) return null;
  return (
    <Facts
      rows={[
        [t('station.locatedIn'), place(station.locatedIn)],
        [t('station.position'), <Position key="position" position={station.position} />],
        ['ID', station.id],
      ]}
    />
  );
}
