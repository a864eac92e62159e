/**
 * A year settled by months: 300 sections × 5 parameters × 8,760 hours (13.1 million readings) through a class-and-multiple scheme, then with
 * hourly flow beside it (15.8 million) through a scheme by tonnes, each with the bytes held at the end of a month; then one reading changed
 * (a concentration, a flow), its month computed again, and which lines that touches.
 * Readings come from memory, so that what is measured is settling. At the end a month of hourly readings from a journal and a store on disk is
 * frozen, each reading with its entry. Run: npm run bench settle [sections]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../src/config/index.ts';
import { BatchBuilder } from '../src/domain/batch.ts';
import type { Agreement } from '../src/domain/config/region.ts';
import type { SeriesColumns, SeriesQuery } from '../src/domain/ports.ts';
import type { StatementLine } from '../src/domain/settlement.ts';
import { openFileJournal } from '../src/ingest/journal/index.ts';
import { differenceOf } from '../src/settle/difference.ts';
import { hashOf } from '../src/settle/document.ts';
import { freeze } from '../src/settle/freeze.ts';
import { civilPeriod } from '../src/settle/period.ts';
import { type Preview, previewAgreement } from '../src/settle/preview.ts';
import { openDuckdbReadings } from '../src/store/readings/duckdb/index.ts';
import { hour, timed } from './measure.ts';

const count = Number(process.argv[2] ?? 300);
const shipped = await loadConfig(path.resolve(import.meta.dirname, '../config'));
const first = shipped.agreements.find((one) => one.scheme === 'hefei-2021')!;
const model = shipped.sections.find((one) => one.id === first.sections[0]!.section)!;
const provenance = { source: 'bench', confidence: 'assumed' as const };
const transfer = { method: 'same-place' as const, relativeStandardError: '0.05', provenance };
const sections = Array.from({ length: count }, (_, at) => ({
  ...model,
  id: `bench-${at}`,
  flowStation: { id: `gauge-${at}`, transfer, provenance },
}));
const flowStations = sections.map(({ flowStation }) => ({
  ...shipped.flowStations[0]!,
  id: flowStation.id,
  aliases: [{ provider: 'gauges', key: flowStation.id }],
}));
/** The scheme by tonnes with two more factors, so that all five count. */
const byTonnes = shipped.schemes.find((one) => one.id === 'guizhou-chishui-2014')!;
const five = {
  ...byTonnes,
  id: 'bench-tonnes',
  parameters: ['codmn', 'nh3n', 'tp', 'cod', 'bod5'].map((parameter) => ({
    vocabulary: parameter,
    parameter,
  })),
  figures: byTonnes.figures.map((one) => {
    const value = { codmn: '1', nh3n: '1', tp: '1', cod: '1', bod5: '1' };
    return typeof one.value === 'string' ? one : { ...one, value };
  }),
};
const config = {
  ...shipped,
  sections,
  flowStations,
  schemes: [...shipped.schemes, five],
  sources: shipped.sources.map((one) => ({ ...one, cadenceSeconds: hour })),
};
const classes = {
  ...first,
  sections: sections.map(({ id }) => ({ section: id, target: 2 })),
  term: { from: '2025-01-01', to: '2025-12-31' },
};
const minimum = { flowDays: '0.9', sampledDays: '0.75', highFlowDays: '0.8', leastSamples: 4 };
const tonnes = { ...classes, scheme: five.id, flow: { minimum, provenance } };
const usual: Record<string, number> = { ph: 7.2, do: 8.1, codmn: 1.4, nh3n: 0.05, tp: 0.015, discharge: 20 };

/** What a correction alters: one hour of one parameter at one section. */
const middle = Math.floor(count / 2);
let changed: { station: string; parameter: string; timeS: number } | null = null;
let readingsRead = 0;

const readings = {
  series: (query: SeriesQuery): Promise<SeriesColumns[]> =>
    Promise.resolve(
      query.parameters.map((parameter) => {
        const length = (query.toS - query.fromS) / hour;
        readingsRead += length;
        const station = query.stations[0]!;
        const base = usual[parameter] ?? 1;
        const timeS = Float64Array.from({ length }, (_, at) => query.fromS + at * hour);
        const value = Float64Array.from(
          { length },
          (_, at) => Math.round(base * (1 + (at % 7) / 100) * 10_000) / 10_000,
        );
        if (station === changed?.station && parameter === changed.parameter) {
          const at = timeS.indexOf(changed.timeS);
          if (at >= 0) value[at] = 500;
        }
        const { averaging, provider } = query;
        const key = { station, parameter, averaging, provider };
        return { key, timeS, value, flags: new Uint16Array(length) };
      }),
    ),
};

const linesOf = (preview: Preview): StatementLine[] =>
  preview.lines.map((line) => ({ ...line, id: `${line.section}:${line.place}` }));
const months = Array.from({ length: 12 }, (_, at) => `2025-${String(at + 1).padStart(2, '0')}`);
const nowS = civilPeriod('2026', 'Asia/Shanghai').endS;

async function year(agreement: Agreement, station: string, parameter: string): Promise<void> {
  const settle = (period: string): Promise<Preview> =>
    previewAgreement({ agreement, period, config, readings, nowS });
  const before = new Map<string, StatementLine[]>();
  let [assessed, mostMiB] = [0, 0];
  [changed, readingsRead] = [null, 0];
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
    `${agreement.scheme}: ${count} sections, 12 months, ${(readingsRead / 1e6).toFixed(1)} million readings in ` +
      `${(yearMs / 1000).toFixed(1)} s (${Math.round(readingsRead / yearMs)} a ms), at most ${mostMiB.toFixed(0)} MiB resident`,
  );
  changed = { station, parameter, timeS: civilPeriod('2025-06', 'Asia/Shanghai').beginS + 100 * hour };
  let touched: string[] = [];
  const againMs = await timed(async () => {
    touched = differenceOf(before.get('2025-06')!, linesOf(await settle('2025-06'))).map((one) => one.line);
  });
  if (touched.length === 0 || touched.some((line) => !line.startsWith(`bench-${middle}:`)))
    throw new Error(`one changed reading touched ${touched.join(', ') || 'no line'}`);
  console.log(
    `one reading of ${parameter} changed: its month again in ${(againMs / 1000).toFixed(1)} s, ${touched.length} of ` +
      `${before.get('2025-06')!.length} lines touched, all of its section`,
  );
}

await year(classes, `bench-${middle}`, 'tp');
await year(tonnes, `gauge-${middle}`, 'discharge');

/** A month of every section and of five parameters, an entry an hour, and what it takes to freeze it. */
async function frozenMonth(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-bench-freeze-'));
  const journal = await openFileJournal({ dir: path.join(folder, 'journal'), clock: { nowS: () => nowS } });
  const store = await openDuckdbReadings({ path: path.join(folder, 'readings'), memoryLimitMiB: 256 });
  const { beginS, endS } = civilPeriod('2025-06', 'Asia/Shanghai');
  const items = ['ph', 'do', 'codmn', 'nh3n', 'tp'];
  for (let timeS = beginS; timeS < endS; timeS += hour) {
    const builder = new BatchBuilder('bench');
    for (const { id } of sections)
      for (const item of items)
        builder.add({
          series: builder.seriesOf(id, item, 'PT1H'),
          timeS,
          value: usual[item]! + ((timeS / hour) % 7) / 100,
          flags: 0,
        });
    const body = new TextEncoder().encode(String(timeS));
    const entry = await journal.append({ kind: 'raw', receivedS: timeS, meta: { source: 'bench' }, body });
    await store.apply({ seq: entry.seq, receivedS: timeS }, builder.build());
  }
  const seen: SeriesColumns[] = [];
  const window = {
    parameters: items,
    averaging: 'PT1H' as const,
    provider: 'bench',
    fromS: beginS,
    toS: endS,
  };
  for (const { id } of sections) seen.push(...(await store.series({ ...window, stations: [id] })));
  const readingCount = seen.reduce((sum, one) => sum + one.timeS.length, 0);
  let sha256 = '';
  const from = { readings: store, journal, asOfSeq: await store.position() };
  const ms = await timed(async () => {
    sha256 = hashOf(await freeze(seen, [], from));
  });
  console.log(
    `frozen: ${readingCount} readings of ${count} sections with their entries in ${(ms / 1000).toFixed(1)} s, SHA-256 ${sha256}`,
  );
  await store.close();
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
}

await frozenMonth();
