import type { ReactElement } from 'react';
import { useCircumstances, useMe, useQuarantine, useSilent } from '../api/queries.ts';
import type { Circumstance, Silence } from '../api/types.ts';
import { useFacts } from '../facts.ts';
import { grouped } from '../grouping.ts';
import { useWords } from '../i18n/language.ts';
import { Block } from '../parts/block.tsx';
import { Grid } from '../parts/grid.tsx';
import { Answer, Loading, Nothing } from '../parts/states.tsx';
import { Devices } from './devices.tsx';
import { Due } from './due.tsx';
import { StationLink, usePlaces, type Places } from './places.tsx';

function SilentRows({ results, places }: { results: readonly Silence[]; places: Places }): ReactElement {
  const { t, word } = useWords();
  const { full, parameterName } = useFacts();
  if (results.length === 0) return <Nothing text={t('work.silence.none')} />;
  const heads = [
    { text: t('table.name') },
    { text: t('uploads.source') },
    { text: t('latest.parameter') },
    { text: t('work.silence.last') },
    { text: t('work.due') },
    { text: t('work.silence.patience') },
  ];
  const rows = grouped(results, ({ station, source, lastEnd }) => `${station} ${source} ${lastEnd}`);
  return (
    <Grid label={t('work.silence')} heads={heads} className="issues">
      {[...rows].map(([key, series]) => {
        const [first] = series;
        const items = series.flatMap(({ parameter }) =>
          parameter === null ? [] : [parameterName(parameter)],
        );
        return first === undefined ? null : (
          <tr key={key}>
            <td>
              <StationLink id={first.station} places={places} />
            </td>
            <td>{first.source}</td>
            <td>{[...new Set(items)].join(' · ') || t('work.silence.all')}</td>
            <td className="time">{first.lastEnd === null ? t('attention.never') : full(first.lastEnd)}</td>
            <td className="time">{first.due === null ? '–' : full(first.due)}</td>
            <td>{word('patience', first.patienceFrom)}</td>
          </tr>
        );
      })}
    </Grid>
  );
}

const undecided = ({ state, effect }: Circumstance): boolean =>
  state === 'applied' || (state === 'decided' && effect === 'hold');

function Undecided({ results, places }: { results: readonly Circumstance[]; places: Places }): ReactElement {
  const { t, pick, word } = useWords();
  const { full, place, parameterName } = useFacts();
  const open = results.filter(undecided);
  if (open.length === 0) return <Nothing text={t('work.circumstances.none')} />;
  const heads = [
    { text: t('work.circumstances.kind') },
    { text: t('uploads.section') },
    { text: t('latest.parameter') },
    { text: t('work.from') },
    { text: t('work.to') },
    { text: t('work.circumstances.applicant') },
    { text: t('uploads.state') },
  ];
  return (
    <Grid label={t('work.circumstances')} heads={heads}>
      {open.map((one) => (
        <tr key={one.id}>
          <td>
            {pick(one.name)} <small>{one.id}</small>
          </td>
          <td>
            <StationLink id={one.section} places={places} />
          </td>
          <td>{one.items.map(parameterName).join(' · ') || t('work.silence.all')}</td>
          <td className="time">{full(one.from)}</td>
          <td className="time">{full(one.to)}</td>
          <td>{place(one.applicant)}</td>
          <td>{word('circumstance', one.state)}</td>
        </tr>
      ))}
    </Grid>
  );
}

/** Each block asks by itself, so that one that is refused does not take the others away. */
function Blocks(): ReactElement {
  const { t } = useWords();
  const places = usePlaces();
  const silent = useSilent();
  const quarantine = useQuarantine();
  const circumstances = useCircumstances();
  return (
    <>
      <Block title={t('work.reviews')}>
        <Due places={places} />
      </Block>
      <Block title={t('work.silence')}>
        <Answer of={silent}>{({ results }) => <SilentRows results={results} places={places} />}</Answer>
      </Block>
      <Block title={t('work.devices')}>
        <Answer of={quarantine}>{({ results }) => <Devices held={results} places={places} />}</Answer>
      </Block>
      <Block title={t('work.circumstances')}>
        <Answer of={circumstances}>{({ results }) => <Undecided results={results} places={places} />}</Answer>
      </Block>
    </>
  );
}

/** What waits for somebody of a bureau. */
export default function WorkPage(): ReactElement {
  const { t } = useWords();
  const me = useMe();
  return (
    <div className="page" data-testid="work">
      <h1>{t('work.title')}</h1>
      {me.data === undefined ? (
        <Loading />
      ) : me.data.result.id === null ? (
        <Nothing text={t('refusal.NOT_SIGNED_IN')} />
      ) : (
        <Blocks />
      )}
    </div>
  );
}
