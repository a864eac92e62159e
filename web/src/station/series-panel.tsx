import { Button, DatePicker, Segmented, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useMemo, useState, type ReactElement } from 'react';
import { download } from '../api/client.ts';
import { seriesPath, useLimits, useSeries, type SeriesAsk, type StationKind } from '../api/queries.ts';
import type { DenseAnswer, Latest, StationLimits } from '../api/types.ts';
import { useFacts, type Facts } from '../facts.ts';
import { exactText } from '../format/number.ts';
import { civilText, offsetMs } from '../format/time.ts';
import { grouped } from '../grouping.ts';
import { useWords, type Words } from '../i18n/language.ts';
import { Answer, Nothing } from '../parts/states.tsx';
import { flagWords } from '../parts/verdict-words.tsx';
import type { ChartInput, ChartLine, ChartPoint } from './chart.ts';
import { SeriesChart } from './series-chart.tsx';

const hourMs = 3_600_000;
const spans = { '24h': 24, '7d': 168, '30d': 720, '90d': 2160 } as const;
type Span = keyof typeof spans | 'custom';

/** Parameters that are not drawn from zero. */
const notFromZero = new Set(['ph', 'wt', 'do', 'ec']);

function windowOf(span: Span, dates: [Dayjs, Dayjs] | null, zone: string): { from: string; to: string } {
  if (span === 'custom' && dates !== null) {
    const [first, last] = dates;
    return { from: first.format('YYYY-MM-DD'), to: last.add(1, 'day').format('YYYY-MM-DD') };
  }
  const toMs = Math.ceil((Date.now() + 1) / hourMs) * hourMs;
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
      <div className="wide">
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{t('series.end')}</th>
              <th scope="col">
                {t('latest.value')} {input.unit}
              </th>
              <th scope="col">{t('latest.flags')}</th>
            </tr>
          </thead>
          <tbody>
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
          </tbody>
        </table>
      </div>
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
      offsetMs: offsetMs(points[0]?.endMs ?? Date.now(), zone),
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

/** Item, range, chart, CSV of one station by one provider. */
export default function SeriesPanel({
  entry,
  name,
  prefer,
}: {
  entry: Latest;
  kind: StationKind;
  name: string;
  prefer: string | undefined;
}): ReactElement {
  const words = useWords();
  const { t, word } = words;
  const { parameterName, zone } = useFacts();
  const options = entry.readings.map(({ parameter, averaging }) => ({
    value: `${parameter}/${averaging}`,
    label: `${parameterName(parameter)}${averaging === 'instant' ? '' : ` · ${word('averaging', averaging)}`}`,
  }));
  const first =
    options.find((one) => one.value.startsWith(`${prefer ?? 'tp'}/`)) ??
    options.find((one) => one.value.startsWith('pm25/')) ??
    options[0];
  const [chosen, setChosen] = useState(first?.value ?? '');
  const [span, setSpan] = useState<Span>('7d');
  const [dates, setDates] = useState<[Dayjs, Dayjs] | null>(null);
  const [parameter = '', averaging = ''] = chosen.split('/');
  const { from, to } = windowOf(span, dates, zone);
  const { station } = entry;
  const provider = entry.provider ?? '';
  const ask = useMemo(
    () => ({ station, parameter, averaging, provider, from, to }),
    [station, parameter, averaging, provider, from, to],
  );
  const series = useSeries(ask);
  const limits = useLimits(station).data?.result;
  const spanOptions: { label: string; value: Span }[] = [
    { label: t('series.24h'), value: '24h' },
    { label: t('series.7d'), value: '7d' },
    { label: t('series.30d'), value: '30d' },
    { label: t('series.90d'), value: '90d' },
    { label: t('series.custom'), value: 'custom' },
  ];
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
        <Segmented
          size="small"
          name={`span-${provider}`}
          aria-label={t('series.range')}
          options={spanOptions}
          value={span}
          onChange={setSpan}
        />
        {span === 'custom' ? (
          <DatePicker.RangePicker
            size="small"
            value={dates}
            placeholder={[t('series.from'), t('series.to')]}
            defaultPickerValue={[dayjs(civilText(Date.now(), zone)), dayjs(civilText(Date.now(), zone))]}
            onChange={(range) => setDates(range?.[0] && range[1] ? [range[0], range[1]] : null)}
          />
        ) : null}
        <Button
          size="small"
          onClick={() =>
            void download(
              seriesPath(ask, 'csv'),
              `${station}-${parameter}-${from.slice(0, 10)}-${to.slice(0, 10)}.csv`,
            )
          }
        >
          {t('series.csv')}
        </Button>
      </div>
      <div className="chart-box">
        <Answer of={series}>
          {(answer) => <Drawn answer={answer} ask={ask} limits={limits} name={name} />}
        </Answer>
      </div>
    </div>
  );
}
