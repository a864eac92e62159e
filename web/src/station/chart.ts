import { LineChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { EChartsCoreOption } from 'echarts/core';

echarts.use([
  LineChart,
  ScatterChart,
  GridComponent,
  TooltipComponent,
  MarkLineComponent,
  DataZoomComponent,
  AriaComponent,
  CanvasRenderer,
]);

export { echarts };

export interface ChartPoint {
  endMs: number;
  value: number | null;
  /** Words of the flags that are not ordinary; empty for a plain value. */
  flags: string;
}

export interface ChartLine {
  value: number;
  label: string;
  /** The station's own limit; else only a grade of the scale. */
  target: boolean;
}

export interface ChartInput {
  points: readonly ChartPoint[];
  lines: readonly ChartLine[];
  unit: string;
  /** Milliseconds that wall clocks of the region are ahead of UTC. */
  offsetMs: number;
  /** Values such as pH are not drawn from zero. */
  fromZero: boolean;
  label: string;
  shown: (value: number) => string;
  time: (atMs: number) => string;
}

/** A gap of more than two and a half steps is a gap on the chart as well. */
function withGaps(points: readonly ChartPoint[], offsetMs: number): [number, number | null][] {
  const steps = points.slice(1).map((point, at) => point.endMs - (points[at]?.endMs ?? 0));
  const usual = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? Infinity;
  return points.flatMap((point, at): [number, number | null][] => {
    const before = points[at - 1];
    const own: [number, number | null] = [point.endMs + offsetMs, point.value];
    if (before === undefined || point.endMs - before.endMs <= usual * 2.5) return [own];
    return [[before.endMs + offsetMs + 1, null], own];
  });
}

function extent({ points, lines, fromZero }: ChartInput): { min?: number; max?: number } {
  const values = points.map((point) => point.value).filter((value) => value !== null);
  if (values.length === 0) return {};
  const targets = lines.filter((line) => line.target).map((line) => line.value);
  const all = [...values, ...targets];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return { min: fromZero ? Math.min(0, low) : low - room, max: high + room };
}

const tidy = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Number(value.toPrecision(3));

function markLines(lines: readonly ChartLine[], max: number | undefined) {
  const drawn = lines.filter((line) => line.target || max === undefined || line.value <= max);
  return drawn.map(({ value, label, target }) => ({
    yAxis: value,
    lineStyle: {
      color: target ? '#b3121d' : '#9aa7b4',
      type: target ? 'solid' : 'dashed',
      width: target ? 1.4 : 0.8,
    },
    label: {
      formatter: label,
      position: target ? 'insideStartTop' : 'insideEndTop',
      color: target ? '#b3121d' : '#5b6878',
      fontSize: target ? 11 : 10,
      backgroundColor: '#ffffffcc',
      padding: [1, 2],
    },
  }));
}

const axisTimes = {
  year: '{yyyy}',
  month: '{yyyy}-{MM}',
  day: '{MM}-{dd}',
  hour: '{HH}:{mm}',
  minute: '{HH}:{mm}',
};

/** A chart is a function of its data; times run on the region's wall clock, whatever the browser's zone. */
export function chartOption(input: ChartInput): EChartsCoreOption {
  const { points, lines, unit, offsetMs, label, shown, time } = input;
  const { min, max } = extent(input);
  const byTime = new Map(points.map((point) => [point.endMs + offsetMs, point]));
  const flagged = points.filter((point) => point.flags !== '' && point.value !== null);
  return {
    useUTC: true,
    animation: false,
    aria: { enabled: true, label: { description: label } },
    grid: { left: 52, right: 14, top: 32, bottom: 52 },
    tooltip: {
      trigger: 'axis',
      formatter: (raw: unknown) => tooltip(raw, byTime, { unit, shown, time }),
    },
    xAxis: {
      type: 'time',
      axisLabel: { color: '#48566a', hideOverlap: true, formatter: axisTimes },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      name: unit,
      nameTextStyle: { color: '#48566a', align: 'left' },
      axisLabel: { color: '#48566a', showMaxLabel: false, showMinLabel: input.fromZero },
      min: tidy(min),
      max: tidy(max),
      splitLine: { lineStyle: { color: '#edf1f4' } },
    },
    dataZoom: [
      { type: 'inside', filterMode: 'none' },
      {
        type: 'slider',
        height: 16,
        bottom: 6,
        filterMode: 'none',
        showDataShadow: false,
        labelFormatter: () => '',
      },
    ],
    series: [
      {
        type: 'line',
        data: withGaps(points, offsetMs),
        showSymbol: points.length < 40,
        symbolSize: 4,
        sampling: 'minmax',
        connectNulls: false,
        lineStyle: { width: 1.6, color: '#0b5c8a' },
        itemStyle: { color: '#0b5c8a' },
        markLine: { silent: true, symbol: 'none', data: markLines(lines, max) },
      },
      {
        type: 'scatter',
        symbol: 'diamond',
        symbolSize: 9,
        itemStyle: { color: '#ffffff', borderColor: '#a8480a', borderWidth: 1.6 },
        data: flagged.map((point) => [point.endMs + offsetMs, point.value]),
      },
    ],
  };
}

function tooltip(
  raw: unknown,
  byTime: ReadonlyMap<number, ChartPoint>,
  { unit, shown, time }: Pick<ChartInput, 'unit' | 'shown' | 'time'>,
): string {
  const first = (Array.isArray(raw) ? raw[0] : raw) as { value?: [number, number | null] } | undefined;
  const point = byTime.get(first?.value?.[0] ?? Number.NaN);
  if (point === undefined) return '';
  const value = point.value === null ? '–' : `<b>${shown(point.value)}</b> ${unit}`;
  const flags = point.flags === '' ? '' : `<br/>${point.flags}`;
  return `${time(point.endMs)}<br/>${value}${flags}`;
}
