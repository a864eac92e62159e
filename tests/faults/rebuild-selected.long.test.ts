import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { qualifiers } from '../../src/domain/flags.ts';
import { openSystem, type System } from '../../src/main.ts';
import { qualityDeskOf } from '../../src/serving/quality.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { storedReadings, type StoredReadings } from '../cli/stored-readings.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../servers/influxd.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-selected-'));
const table = capturedTable({ seed: 31, captures: 24, sections: trySections });
const at = (name: string): string => path.join(folder, name);
const firstS = 1_600_000_000;

/** Each look at the clock is a second later, so that every entry has a time of receipt of its own. */
function ticking(): { nowS: () => number } {
  let nowS = firstS;
  return { nowS: () => (nowS += 1) };
}

const right = writeTryRegion(at('right'), { enabled: false });
/** The lower section under a name that nobody sends: its readings are kept as unregistered. */
const wrong = writeTryRegion(at('wrong'), { enabled: false });
/** The rules of screening, in force already when these made-up values were measured, which they mark at every turn. */
const rules = readFileSync(path.resolve(import.meta.dirname, '../../config/standards/hj915.yaml'), 'utf8');
for (const directory of [right, wrong]) {
  mkdirSync(path.join(directory, 'standards'));
  const text = rules.replace(/from: '?\d{4}-\d\d-\d\d'?/, "from: '2020-01-01'");
  writeFileSync(path.join(directory, 'standards/screening.yaml'), text);
}
const sections = path.join(wrong, 'regions/try/sections.yaml');
writeFileSync(sections, readFileSync(sections, 'utf8').replace('key: 浙江省/下断面', 'key: 浙江省/旧名'));

async function withSystem<T>(
  name: string,
  configDir: string,
  work: (system: System) => Promise<T>,
): Promise<T> {
  const system = await openSystem({ dataDir: at(name), configDir, synthetic: null, clock: ticking() });
  try {
    return await work(system);
  } finally {
    await system.close();
  }
}

const stored = (system: System): Promise<StoredReadings> =>
  storedReadings(system.readings, {
    stations: ['section-1', 'section-2', 'unregistered:浙江省/下断面'],
    parameters: ['ph', 'nh3n', 'tn', 'pub_class'],
    averaging: 'instant',
    everyVersion: true,
  });
/** What each entry changed; how many rows it repeated is known only of entries that are parsed anew. */
const changes = async (system: System): Promise<string[]> => {
  const { entries } = await system.readings.changesSince(null, 1e6);
  return entries.flatMap(({ seq, series }) =>
    series.map(({ key, ...what }) => JSON.stringify([seq, key.station, key.parameter, what])).sort(),
  );
};
/** Put under review between two files: what the second one shows of it is held on arrival. */
const hold = {
  station: 'section-1',
  provider: 'cnemc',
  parameters: ['nh3n'],
  fromS: Date.UTC(2021, 2, 28) / 1000,
  toS: Date.UTC(2021, 3, 2) / 1000,
  rule: 'stuck',
  figures: {},
  reason: 'looks stuck',
};
const office = { id: 'hold', actor: 'office', role: 'joint-office' } as const;
const later = Buffer.from(capturedTable({ seed: 31, captures: 30, sections: trySections }).text);
/** How many readings the rules of screening made suspect. */
const marks = ({ series }: StoredReadings): number =>
  series.flatMap(({ flags }) => flags).filter((bits) => (bits & qualifiers.screened) !== 0).length;
const quiet = (): void => undefined;

let influxd: Influxd | null = null;
beforeAll(async () => {
  if (influxdProgram !== null) influxd = await startInfluxd();
});
afterAll(async () => {
  await influxd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['duckdb', 'influx'])('a rebuild of selected entries on %s', (engine) => {
  test.runIf(engine === 'duckdb' || influxdProgram !== null)(
    'changes nothing where nothing changed, ends as a whole one for what it selects, and leaves the rest as it stood',
    async () => {
      if (engine === 'influx') process.env.JIEHE_INFLUX_URL = influxd?.url;
      try {
        await withSystem(engine, wrong, async (system) => {
          const bytes = Buffer.from(table.text);
          await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
          await qualityDeskOf(system).hold(office, hold);
          await system.pipeline.file('water', { name: 'later.csv', bytes: later }, { trigger: 'file' });
          const [before, told] = [await stored(system), await changes(system)];
          expect(before.counts.past).toBeGreaterThan(20);
          expect(marks(before)).toBeGreaterThan(0);
          const done: number[] = [];
          await system.rebuild((entries, total) => done.push(entries / total), { source: 'water' });
          expect(done.at(-1)).toBe(1);
          expect(await stored(system)).toEqual(before);
          await system.rebuild(quiet, { source: 'air' });
          await system.rebuild(quiet, { toS: firstS + 40 });
          expect(await stored(system)).toEqual(before);
          expect(await changes(system)).toEqual(told);
        });
        await withSystem(engine, right, async (system) => {
          const before = await stored(system);
          await system.rebuild(quiet, { source: 'air' });
          expect(await stored(system)).toEqual(before);
          const raw: number[] = [];
          for await (const entry of system.journal.read(0))
            if (entry.kind === 'raw') raw.push(entry.receivedS);
          const half = { fromS: raw[0]!, toS: raw[8]! };
          await system.rebuild(quiet, half);
          const some = await stored(system);
          const times = (of: StoredReadings, station: string): number =>
            of.series
              .filter((one) => one.station === station)
              .reduce((sum, one) => sum + one.timeS.length, 0);
          expect(times(some, 'section-2')).toBeGreaterThan(0);
          expect(times(some, 'section-1')).toBe(times(before, 'section-1'));
          await system.rebuild(quiet, { source: 'water' });
          const selected = [await stored(system), await changes(system)];
          expect(times(selected[0] as StoredReadings, 'section-2')).toBeGreaterThan(times(some, 'section-2'));
          expect(marks(selected[0] as StoredReadings)).toBeGreaterThan(marks(before));
          await system.rebuild(quiet);
          expect([await stored(system), await changes(system)]).toEqual(selected);
        });
      } finally {
        delete process.env.JIEHE_INFLUX_URL;
      }
    },
    120_000,
  );
});
