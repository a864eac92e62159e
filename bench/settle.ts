/**
 * A year settled by months: 300 sections × 5 parameters × 8,760 hours (13.1 million readings) through a class-and-multiple scheme, with the
 * bytes held at the end of each month; then one reading changed, its month computed again, and which lines that touches.
 * Readings come from memory, so that what is measured is settling. Run: npm run bench settle [sections]
 */
import path from 'node:path';
import { loadConfig } from '../src/config/index.ts';
import type { SeriesColumns, SeriesQuery } from '../src/domain/ports.ts';
import type { StatementLine } from '../src/domain/settlement.ts';
import { differenceOf } from '../src/settle/difference.ts';
import { civilPeriod } from '../src/settle/period.ts';
import { type Preview, previewAgreement } from '../src/settle/preview.ts';
import { hour, timed } from './measure.ts';

const count = Number(process.argv[2] ?? 300);
const shipped = await loadConfig(path.resolve(import.meta.dirname, '../config'));
const first = shipped.agreements.find((one) => one.scheme === 'hefei-2021')!;
const model = shipped.sections.find((one) => one.id === first.sections[0]!.section)!;
const sections = Array.from({ length: count }, (_, at) => ({ ...model, id: `bench-${at}` }));
const config = {
  ...shipped,
  sections,
  sources: shipped.sources.map((one) => ({ ...one, cadenceSeconds: hour })),
};
const agreement = {
  ...first,
  sections: sections.map(({ id }) => ({ section: id, target: 2 })),
  term: { from: '2025-01-01', to: '2025-12-31' },
};
const clean: Record<string, number> = { ph: 7.2, do: 8.1, codmn: 1.4, nh3n: 0.05, tp: 0.015 };

/** What a correction alters: one hour of one parameter at one section. */
const changed = { on: false, station: sections[Math.floor(count / 2)]!.id, parameter: 'tp', timeS: 0 };
let readingsRead = 0;

const readings = {
  series: (query: SeriesQuery): Promise<SeriesColumns[]> =>
    Promise.resolve(
      query.parameters.map((parameter) => {
        const length = (query.toS - query.fromS) / hour;
        readingsRead += length;
        const station = query.stations[0]!;
        const base = clean[parameter] ?? 1;
        const timeS = Float64Array.from({ length }, (_, at) => query.fromS + at * hour);
        const value = Float64Array.from(
          { length },
          (_, at) => Math.round(base * (1 + (at % 7) / 100) * 10_000) / 10_000,
        );
        if (changed.on && station === changed.station && parameter === changed.parameter) {
          const at = timeS.indexOf(changed.timeS);
          if (at >= 0) value[at] = 500;
        }
        const { averaging, provider } = query;
        return {
          key: { station, parameter, averaging, provider },
          timeS,
          value,
          flags: new Uint16Array(length),
        };
      }),
    ),
};

const linesOf = (preview: Preview): StatementLine[] =>
  preview.lines.map((line) => ({ ...line, id: `${line.section}:${line.place}` }));
const settle = (period: string): Promise<Preview> =>
  previewAgreement({ agreement, period, config, readings, nowS: civilPeriod('2026', 'Asia/Shanghai').endS });

const months = Array.from({ length: 12 }, (_, at) => `2025-${String(at + 1).padStart(2, '0')}`);
const before = new Map<string, StatementLine[]>();
let assessed = 0;
let mostMiB = 0;
const yearMs = await timed(async () => {
  for (const month of months) {
    const preview = await settle(month);
    assessed += preview.sections.filter((one) => one.status.startsWith('assessed')).length;
    before.set(month, linesOf(preview));
    mostMiB = Math.max(mostMiB, process.memoryUsage().rss / 2 ** 20);
  }
});
if (assessed !== count * 12) throw new Error(`${assessed} of ${count * 12} section months have a result`);
console.log(
  `${count} sections, 12 months: ${(readingsRead / 1e6).toFixed(1)} million readings in ${(yearMs / 1000).toFixed(1)} s ` +
    `(${Math.round(readingsRead / yearMs)} a ms), at most ${mostMiB.toFixed(0)} MiB resident`,
);

changed.on = true;
changed.timeS = civilPeriod('2025-06', 'Asia/Shanghai').beginS + 100 * hour;
let touched: string[] = [];
const againMs = await timed(async () => {
  touched = differenceOf(before.get('2025-06')!, linesOf(await settle('2025-06'))).map((one) => one.line);
});
if (touched.length === 0 || touched.some((line) => !line.startsWith(`${changed.station}:`)))
  throw new Error(`one changed reading touched ${touched.join(', ') || 'no line'}`);
console.log(
  `one reading changed: its month again in ${(againMs / 1000).toFixed(1)} s, ${touched.length} of ` +
    `${before.get('2025-06')!.length} lines touched, all of its section`,
);
