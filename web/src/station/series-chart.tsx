import { useEffect, useRef, type ReactElement } from 'react';
import { chartOption, echarts, type ChartInput } from './chart.ts';

/** Draws into its box, and again when data or size change. */
export function SeriesChart({ input }: { input: ChartInput }): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof echarts.init> | null>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const made = echarts.init(element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.current = null;
      made.dispose();
    };
  }, []);
  useEffect(() => chart.current?.setOption(chartOption(input), { notMerge: true }), [input]);
  return (
    <div
      className="chart"
      ref={box}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a canvas is drawn into this box
      role="img"
      aria-label={input.label}
      data-testid="chart"
      data-points={input.points.length}
    />
  );
}
