/**
 * A year settled by months from a store on disk: 300 sections × 5 parameters × 8,760 hours with hourly flow (15.8 million readings), through a
 * class-and-multiple scheme and through a scheme by tonnes; the yardstick is the engine's plain scan of the same rows, month by month in order.
 * Then a month is frozen, each reading with its entry, and one reading is corrected: what is read and computed anew, and which lines differ.
 * Each result has its SHA-256, so that a change of speed shows that it changed nothing else. Run: npm run bench settle [sections]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../src/config/index.ts';
import { BatchBuilder } from '../src/domain/batch.ts';
import type { Agreement } from '../src/domain/config/region.ts';
import { packFlags } from '../src/domain/flags.ts';
import type { ReadingStore, SeriesColumns } from '../src/domain/ports.ts';
import type { Statement } from '../src/domain/statement.ts';
import { openFileJournal } from '../src/ingest/journal/index.ts';
import { canonicalText, hashOf, sha256Of } from '../src/settle/document.ts';
import { factsOf } from '../src/settle/facts.ts';
import { type FrozenInputs, freeze } from '../src/settle/freeze.ts';
import { type SecondLook, lookAgain } from '../src/settle/look-again.ts';
import { civilPeriod } from '../src/domain/civil-period.ts';
import { previewAgreement } from '../src/settle/preview.ts';
import { composeStatement, statementText } from '../src/settle/statement.ts';
import { openDuckdbReadings } from '../src/store/readings/duckdb/index.ts';
import { hour, peakMemoryMiB, timed } from './measure.ts';

const count = Number(process.argv[2] ?? 300);
/** Usual value and decimals of each. */
const usual: Record<string, [value: number, decimals: number]> = {
  ph: [7.2, 2],
  do: [8.1, 2],
  codmn: [1.4, 2],
  nh3n: [0.05, 3],
  tp: [0.015, 4],
  cod: [6, 1],
  bod5: [1.1, 1],
  discharge: [20, 1],
};
const items = Object.keys(usual).slice(0, -1);
const shipped = await loadConfig(path.resolve(import.meta.dirname, '../config'));
const first = shipped.agreements.find((one) => one.scheme === 'hefei-2021')!;
const { provider } = first.dataSource;
const averaging = 'instant' as const;
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
const classes: Agreement = {
  ...first,
  sections: sections.map(({ id }) => ({ section: id, target: 2 })),
  term: { from: '2025-01-01', to: '2025-12-31' },
};
const minimum = { flowDays: '0.9', sampledDays: '0.75', highFlowDays: '0.8', leastSamples: 4 };
const tonnes: Agreement = { ...classes, scheme: five.id, flow: { minimum, provenance } };
const months = Array.from({ length: 12 }, (_, at) => `2025-${String(at + 1).padStart(2, '0')}`);
const { timeZone } = shipped.region;
const nowS = civilPeriod('2026', timeZone).endS;
const millions = (readings: number): string => `${(readings / 1e6).toFixed(1)} million readings`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** A day of hours of every section: the same values at every run, as many distinct ones as loggers give. */
function dayOf(from: string, stations: readonly string[], parameters: readonly string[], beginS: number) {
  const builder = new BatchBuilder(from);
  for (const [nth, station] of stations.entries())
    for (const [item, parameter] of parameters.entries()) {
      const [value, decimals] = usual[parameter]!;
      const series = builder.seriesOf(station, parameter, from === provider ? averaging : 'instant');
      for (let timeS = beginS; timeS < beginS + 24 * hour; timeS += hour) {
        const noise = (Math.imul((timeS / hour) | 0, 2654435761) ^ Math.imul(nth * 8 + item, 40503)) >>> 16;
        const swung = value * (1 + (noise % 1000) / 4000);
        const rounded = Math.round(swung * 10 ** decimals) / 10 ** decimals;
        builder.add({ series, timeS, value: rounded, flags: packFlags({ stage: 1 }) });
      }
    }
  return builder.build();
}

/** Passes reads on and counts their rows. */
function counting(store: ReadingStore) {
  const read = { readings: 0, queries: 0, changed: 0 };
  const series: ReadingStore['series'] = async (query) => {
    const columns = await store.series(query);
    read.queries += 1;
    read.readings += columns.reduce((sum, one) => sum + one.timeS.length, 0);
    return columns;
  };
  const entries: ReadingStore['entries'] = async (query) => {
    const found = await store.entries(query);
    read.changed += found.reduce((sum, one) => sum + one.timeS.length, 0);
    return found;
  };
  return { read, readings: { series, entries } };
}

async function year(store: ReadingStore, agreement: Agreement, parameters: readonly string[]): Promise<void> {
  const { read, readings } = counting(store);
  const digests: string[] = [];
  let assessed = 0;
  const ms = await timed(async () => {
    for (const period of months) {
      const preview = await previewAgreement({ agreement, period, config, readings, nowS });
      assessed += preview.sections.filter((one) => one.status.startsWith('assessed')).length;
      digests.push(hashOf(preview));
    }
  });
  if (assessed !== count * 12) throw new Error(`${assessed} of ${count * 12} section months have a result`);
  let scanned = 0;
  const plainMs = await timed(async () => {
    for (const period of months) {
      const { beginS: fromS, endS: toS } = civilPeriod(period, timeZone);
      const plain = { averaging, provider, parameters, fromS, toS, stations: sections.map(({ id }) => id) };
      const flow = { ...plain, averaging: 'instant' as const, provider: 'gauges', parameters: ['discharge'] };
      const gauges = { ...flow, stations: flowStations.map(({ id }) => id) };
      const found = await store.series(plain);
      if (agreement.flow !== undefined) found.push(...(await store.series(gauges)));
      for (const one of found) scanned += one.timeS.length;
    }
  });
  console.log(
    `${agreement.scheme}: ${count} sections, 12 months, ${millions(read.readings)} (${read.queries} queries) in ${seconds(ms)}; ` +
      `plain scan of ${millions(scanned)} ${seconds(plainMs)}: ${(ms / plainMs).toFixed(1)} ×; most resident so far ` +
      `${peakMemoryMiB()} MiB; SHA-256 ${hashOf(digests).slice(0, 16)}`,
  );
}

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-bench-settle-'));
const journal = await openFileJournal({ dir: path.join(folder, 'journal'), clock: { nowS: () => nowS } });
const file = path.join(folder, 'readings.duckdb');
const store = await openDuckdbReadings({ path: file, memoryLimitMiB: 512 });
async function put(batch: ReturnType<typeof dayOf>, receivedS: number): Promise<void> {
  const body = new TextEncoder().encode(`${batch.provider} ${receivedS}`);
  const entry = await journal.append({ kind: 'raw', receivedS, meta: { source: batch.provider }, body });
  await store.apply({ seq: entry.seq, receivedS }, batch);
}
const { beginS, endS } = civilPeriod('2025', timeZone);
const loadMs = await timed(async () => {
  for (let timeS = beginS; timeS < endS; timeS += 24 * hour) {
    await put(
      dayOf(
        provider,
        sections.map(({ id }) => id),
        items,
        timeS,
      ),
      timeS,
    );
    await put(
      dayOf(
        'gauges',
        flowStations.map(({ id }) => id),
        ['discharge'],
        timeS,
      ),
      timeS,
    );
  }
});
console.log(
  `stored: ${millions((await store.counts()).readings)} in ${seconds(loadMs)}, ${Math.round(statSync(file).size / 2 ** 20)} MiB`,
);
await year(store, classes, ['ph', 'do', 'codmn', 'nh3n', 'tp']);
await year(store, tonnes, items);

/** One month frozen, each reading with its entry, and what a correction of a single reading then reads and computes. */
async function frozenMonth(store: ReadingStore): Promise<void> {
  const agreement = tonnes;
  const facts = factsOf({ ...config, agreements: [agreement] }, agreement);
  const period = '2025-06';
  const asOfSeq = await store.position();
  const issue = { period, number: 1, computedAtS: nowS, asOfSeq, journal: journal.head(), synthetic: true };
  const seen: SeriesColumns[] = [];
  const previewMs = await timed(() =>
    previewAgreement({ agreement, period, config: facts, readings: store, nowS, asOfSeq, seen }),
  );
  let [inputs, statement]: [FrozenInputs | null, Statement | null] = [null, null];
  const freezeMs = await timed(async () => {
    inputs = await freeze(seen, [], { readings: store, journal, asOfSeq });
  });
  const composeMs = await timed(async () => {
    statement = await composeStatement({ agreement, facts, inputs: inputs!, issue, corrected: null });
  });
  const [document, frozen] = [statementText(statement!), canonicalText(inputs)];
  console.log(
    `issue of ${period}: computed in ${seconds(previewMs)}, ${millions(seen.reduce((sum, one) => sum + one.timeS.length, 0))} frozen with ` +
      `their entries in ${seconds(freezeMs)}, composed from what is frozen in ${seconds(composeMs)}; statement SHA-256 ${sha256Of(document)}`,
  );
  const { beginS: juneS } = civilPeriod(period, timeZone);
  const middle = Math.floor(count / 2);
  for (const [from, station, parameter] of [
    [provider, `bench-${middle}`, 'tp'],
    ['gauges', `gauge-${middle}`, 'discharge'],
  ] as const) {
    const builder = new BatchBuilder(from);
    const series = builder.seriesOf(station, parameter, averaging);
    builder.add({ series, timeS: juneS + 100 * hour, value: 500, flags: packFlags({ stage: 1 }) });
    await put(builder.build(), nowS);
    const { read, readings } = counting(store);
    const now = { agreement, facts, circumstances: [], readings, asOfSeq: await store.position(), nowS };
    let found: SecondLook | null = null;
    const ms = await timed(async () => {
      found = await lookAgain({ document, facts: canonicalText(facts), inputs: frozen }, [], now);
    });
    const { recomputed, difference } = found!;
    const foreign = difference.filter(({ section }) => !recomputed.sections.includes(section));
    if (difference.length === 0 || foreign.length > 0) throw new Error('lines of other sections differ');
    console.log(
      `corrected ${station} ${parameter}: ${seconds(ms)}; ${recomputed.sections.length} of ${recomputed.of} sections computed anew ` +
        `(${recomputed.sections.join(', ')}), ${read.readings} readings read of ${seen.length * 720}, ${read.changed} found changed, ` +
        `${difference.length} of ${statement!.lines.length} lines differ`,
    );
  }
}

await frozenMonth(store);
await store.close();
await journal.close();
rmSync(folder, { recursive: true, force: true });
