import { Button, DatePicker, Segmented, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useMemo, useState, type ReactElement } from 'react';
import { download } from '../api/client.ts';
import { seriesPath, useLimits, useSeries, type SeriesAsk } from '../api/queries.ts';
import type { DenseAnswer, Latest, StationLimits } from '../api/types.ts';
import { useFacts, useNow, type Facts } from '../facts.ts';
import { exactText } from '../format/number.ts';
import { civilText, offsetMs } from '../format/time.ts';
import { grouped } from '../grouping.ts';
import { useWords, type Words } from '../i18n/language.ts';
import { Grid } from '../parts/grid.tsx';
import { Answer, Fault, Loading, Nothing } from '../parts/states.tsx';
import { flagWords } from '../parts/verdict-words.tsx';
import type { ChartInput, ChartLine, ChartPoint } from './chart.ts';
import { SeriesChart } from './series-chart.tsx';

const hourMs = 3_600_000;
const spans = { '24h': 24, '7d': 168, '30d': 720, '90d': 2160 } as const;
type Span = keyof typeof spans | 'custom';

interface Range {
  span: Span;
  dates: [Dayjs, Dayjs] | null;
}

/** Parameters that are not drawn from zero. */
const notFromZero = new Set(['ph', 'wt', 'do', 'ec']);

function windowOf({ span, dates }: Range, zone: string, nowMs: number): { from: string; to: string } {
  if (span === 'custom' && dates !== null) {
    const [first, last] = dates;
    return { from: first.format('YYYY-MM-DD'), to: last.add(1, 'day').format('YYYY-MM-DD') };
  }
  const toMs = (Math.floor(nowMs / hourMs) + 1) * hourMs;
  const hours = span === 'custom' ? spans['7d'] : spans[span];
  return { from: civilText(toMs - hours * hourMs, zone), to: civilText(toMs, zone) };
}

function pointsOf(answer: DenseAnswer, words: Words): ChartPoint[] {
  const [series] = answer.results;
  if (series === undefined) return [];
  const first = series.endS[0] ?? 0;
  return series.values.map((value, at) => {
    const endS = series.stepS === null ? (series.endS[at] ?? 0) : first + at * series.stepS;
    const flags = answer.flagMeanings[String(series.flags[at] ?? 0)];
    const plain =
      flags === undefined ||
      (flags.validity === 'valid' &&
        flags.qualifiers.every((name) => name === 'sliding' || name === 'synthetic'));
    return { endMs: endS * 1000, value, flags: plain ? '' : flagWords(flags, words).join(' · ') };
  });
}

function linesOf(limits: StationLimits | undefined, ask: SeriesAsk, words: Words): ChartLine[] {
  const { t, pick } = words;
  const mine = (one: { parameter: string; averaging: string | null }) =>
    one.parameter === ask.parameter && one.averaging === ask.averaging;
  const targets = (limits?.limits ?? []).filter(mine).flatMap((one) =>
    [one.limit, one.min, one.max]
      .filter((limit) => limit !== null)
      .map((limit) => ({
        value: Number(limit),
        label: t('series.target', { grade: pick(one.gradeName), limit }),
        target: true,
      })),
  );
  const drawn = new Set(targets.map((line) => line.value));
  const steps = (limits?.scales ?? []).filter(mine).flatMap((scale) =>
    scale.steps.map(({ gradeName, limit }) => ({
      value: Number(limit),
      label: pick(gradeName),
      target: false,
    })),
  );
  const byValue = grouped(
    steps.filter((line) => !drawn.has(line.value)),
    (line) => line.value,
  );
  const grades = [...byValue].map(([value, same]) => ({
    value,
    label: same.map((line) => line.label).join(' / '),
    target: false,
  }));
  return [...targets, ...grades];
}

function NewestValues({ points, input }: { points: readonly ChartPoint[]; input: ChartInput }): ReactElement {
  const { t } = useWords();
  return (
    <details className="values">
      <summary>{t('series.table')}</summary>
      <Grid
        label={t('series.table')}
        heads={[
          { text: t('series.end') },
          { text: `${t('latest.value')} ${input.unit}`, number: true },
          { text: t('latest.flags') },
        ]}
      >
        {points
          .slice(-48)
          .toReversed()
          .map((point) => (
            <tr key={point.endMs}>
              <td className="time">{input.time(point.endMs)}</td>
              <td className="number">
                {point.value === null ? t('latest.missing') : exactText(point.value)}
              </td>
              <td>{point.flags}</td>
            </tr>
          ))}
      </Grid>
    </details>
  );
}

function Drawn({
  answer,
  ask,
  limits,
  name,
}: {
  answer: DenseAnswer;
  ask: SeriesAsk;
  limits: StationLimits | undefined;
  name: string;
}): ReactElement {
  const words = useWords();
  const facts: Facts = useFacts();
  const input = useMemo((): ChartInput => {
    const { parameterName, zone, full, unitOf, shown } = facts;
    const points = pointsOf(answer, words);
    const label = words.t('series.label', {
      name,
      parameter: parameterName(ask.parameter),
      from: ask.from,
      to: ask.to,
    });
    return {
      points,
      lines: linesOf(limits, ask, words),
      unit: unitOf(ask.parameter),
      offsetMs: offsetMs(points[0]?.endMs ?? 0, zone),
      fromZero: !notFromZero.has(ask.parameter),
      label,
      shown: (value) => shown(ask.parameter, value),
      time: full,
    };
  }, [answer, ask, limits, name, words, facts]);
  if (input.points.length === 0) return <Nothing text={words.t('series.none')} />;
  return (
    <>
      <SeriesChart input={input} />
      <p className="chart-note">
        {words.t('series.count', { count: input.points.length, provider: ask.provider })} ·{' '}
        {words.t('series.zone', { zone: facts.zone })}
        {input.points.some((point) => point.flags !== '') ? ` · ◇ ${words.t('series.flagged')}` : ''}
      </p>
      <NewestValues points={input.points} input={input} />
    </>
  );
}

function RangeChoice({
  range,
  setRange,
  nowMs,
  name,
}: {
  range: Range;
  setRange: (range: Range) => void;
  nowMs: number;
  name: string;
}): ReactElement {
  const { t } = useWords();
  const { zone } = useFacts();
  const today = dayjs(civilText(nowMs, zone));
  const options: { label: string; value: Span }[] = [
    { label: t('series.24h'), value: '24h' },
    { label: t('series.7d'), value: '7d' },
    { label: t('series.30d'), value: '30d' },
    { label: t('series.90d'), value: '90d' },
    { label: t('series.custom'), value: 'custom' },
  ];
  return (
    <>
      <Segmented
        size="small"
        name={name}
        aria-label={t('series.range')}
        options={options}
        value={range.span}
        onChange={(span) => setRange({ ...range, span })}
      />
      {range.span === 'custom' ? (
        <DatePicker.RangePicker
          size="small"
          value={range.dates}
          placeholder={[t('series.from'), t('series.to')]}
          defaultPickerValue={[today, today]}
          onChange={(dates) =>
            setRange({ span: 'custom', dates: dates?.[0] && dates[1] ? [dates[0], dates[1]] : null })
          }
        />
      ) : null}
    </>
  );
}

function CsvButton({
  ask,
  onFault,
}: {
  ask: SeriesAsk;
  onFault: (fault: Error | null) => void;
}): ReactElement {
  const { t } = useWords();
  const save = async () => {
    const name = [ask.station, ask.parameter, ask.from.slice(0, 10), ask.to.slice(0, 10)].join('-');
    try {
      await download(seriesPath(ask, 'csv'), `${name}.csv`);
      onFault(null);
    } catch (fault) {
      onFault(fault instanceof Error ? fault : new Error(String(fault)));
    }
  };
  return (
    <Button size="small" onClick={() => void save()}>
      {t('series.csv')}
    </Button>
  );
}

interface Props {
  entry: Latest;
  name: string;
  /** Parameter to start with. */
  prefer: string | undefined;
}

/** What can be charted of an entry, and what to start with. */
function useChoices({ entry, prefer }: Props) {
  const { word } = useWords();
  const { parameterName } = useFacts();
  const options = entry.readings.map(({ parameter, averaging }) => ({
    value: `${parameter}/${averaging}`,
    label: `${parameterName(parameter)}${averaging === 'instant' ? '' : ` · ${word('averaging', averaging)}`}`,
  }));
  const startsWith = (id: string) => options.find((one) => one.value.startsWith(`${id}/`));
  return { options, first: startsWith(prefer ?? 'tp') ?? startsWith('pm25') ?? options[0] };
}

function Panel(props: Props & { nowMs: number }): ReactElement {
  const { entry, name, nowMs } = props;
  const { t } = useWords();
  const { zone } = useFacts();
  const { options, first } = useChoices(props);
  const [chosen, setChosen] = useState(first?.value ?? '');
  const [range, setRange] = useState<Range>({ span: '7d', dates: null });
  const [fault, setFault] = useState<Error | null>(null);
  const [parameter = '', averaging = ''] = chosen.split('/');
  const { from, to } = windowOf(range, zone, nowMs);
  const { station } = entry;
  const provider = entry.provider ?? '';
  const ask = useMemo(
    () => ({ station, parameter, averaging, provider, from, to }),
    [station, parameter, averaging, provider, from, to],
  );
  const series = useSeries(ask);
  const limits = useLimits(station).data?.result;
  return (
    <div className="series">
      <div className="series-tools">
        <Select
          size="small"
          aria-label={t('series.parameter')}
          options={options}
          value={chosen}
          onChange={setChosen}
          popupMatchSelectWidth={false}
        />
        <RangeChoice range={range} setRange={setRange} nowMs={nowMs} name={`span-${provider}`} />
        <CsvButton ask={ask} onFault={setFault} />
      </div>
      {fault === null ? null : <Fault error={fault} />}
      <div className="chart-box">
        <Answer of={series}>
          {(answer) => <Drawn answer={answer} ask={ask} limits={limits} name={name} />}
        </Answer>
      </div>
    </div>
  );
}

/** Item, range, chart, CSV of one station by one provider. */
export default function SeriesPanel(props: Props): ReactElement {
  const nowMs = useNow();
  if (props.entry.readings.length === 0) return <Nothing />;
  return nowMs === null ? <Loading /> : <Panel {...props} nowMs={nowMs} />;
}
