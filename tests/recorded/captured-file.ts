import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunReport } from '../../src/domain/ports.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { openSystem, type System } from '../../src/main.ts';
import { sharedFile } from '../shared-data.ts';

const recorded = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');
const ZONE = 'Asia/Shanghai';
const MEASURED = ['wt', 'ph', 'do', 'ec', 'turbidity', 'codmn', 'nh3n', 'tp', 'tn', 'chla', 'algae'];
const FIRST_MEASURED_COLUMN = 8;
const CLASSES = ['Ⅰ', 'Ⅱ', 'Ⅲ', 'Ⅳ', 'Ⅴ', '劣Ⅴ'];
const WHOLE = { cells: 1_232_968, rows: 112_088 };

interface Version {
  value: number | null;
  publishedS: number;
}

/** The file read with nothing of the project's parser: lines, commas, and the order in which values were first seen. */
interface Expected {
  text: string;
  rows: number;
  captures: number;
  /** Key: province/section, parameter, stamp in epoch seconds. */
  versions: Map<string, Version[]>;
  stations: Set<string>;
}

function read(captures: number | null): Expected {
  const lines = gunzipSync(readFileSync(recorded!)).toString('utf8').split('\n');
  const header = lines[0]!;
  const rows = lines.slice(1).filter((line) => line !== '');
  const shown = [...new Set(rows.map((line) => line.slice(0, 19)))].sort().slice(0, captures ?? undefined);
  const kept = new Set(shown);
  const within = rows.filter((line) => kept.has(line.slice(0, 19)));
  const ordered = within.toSorted((a, b) =>
    a.slice(0, 19) < b.slice(0, 19) ? -1 : a.slice(0, 19) > b.slice(0, 19) ? 1 : 0,
  );
  const versions = new Map<string, Version[]>();
  const stations = new Set<string>();
  const epochs = new Map<string, number>();
  const epochOf = (text: string): number => {
    const known = epochs.get(text) ?? instantOfCivil(text, ZONE);
    epochs.set(text, known);
    return known;
  };
  const inCapture = new Set<string>();
  for (const line of ordered) {
    const cells = line.split(',');
    const publishedS = epochOf(cells[0]!.replace(' ', 'T'));
    const [province, , section, stamp, grade] = cells.slice(3) as [string, string, string, string, string];
    if (!/^\d\d-\d\d \d\d:\d\d$/.test(stamp)) continue;
    const rowKey = `${cells[0]} ${province}/${section} ${stamp}`;
    if (inCapture.has(rowKey)) continue;
    inCapture.add(rowKey);
    const key = `${province}/${section}`;
    stations.add(key);
    const timeS = epochOf(`2021-${stamp.replace(' ', 'T')}`);
    const note = (parameter: string, value: number | null): void => {
      const at = `${key}\t${parameter}\t${timeS}`;
      const list = versions.get(at) ?? [];
      if (list.length === 0 || list.at(-1)!.value !== value) list.push({ value, publishedS });
      versions.set(at, list);
    };
    const index = CLASSES.indexOf(grade);
    note('pub_class', index < 0 ? null : index + 1);
    for (const [column, parameter] of MEASURED.entries()) {
      const text = cells[FIRST_MEASURED_COLUMN + column]!;
      if (text !== '*') note(parameter, text === '--' || text === '' ? null : Number(text));
    }
  }
  return {
    text: `${[header, ...within].join('\n')}\n`,
    rows: within.length,
    captures: shown.length,
    versions,
    stations,
  };
}

const counts = (report: RunReport) => {
  const { read: cells, absent, missing, rejected, accepted, unchanged, superseded, revised } = report.cells;
  return { cells, told: absent + missing + rejected + accepted + unchanged + superseded + revised };
};

/** All checks on one ingest. `captures`: the first so many of the file, null for the whole of it. */
export function defineWholeFile(of: { captures: number | null }): void {
  const name =
    of.captures === null ? 'the whole captured file of 2021' : `the first ${of.captures} captures of 2021`;
  describe.skipIf(recorded === null)(`${name}, through the whole line`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-captured-'));
    let system: System;
    let expected: Expected;
    let first: RunReport;
    let idOf: (naturalKey: string) => string;
    const ingest = () => {
      const file = { name: 'captured.csv', bytes: Buffer.from(expected.text) };
      return system.pipeline.file('cnemc-water', file, { trigger: 'file' });
    };

    beforeAll(async () => {
      expected = read(of.captures);
      system = await openSystem({ dataDir: folder, synthetic: null });
      first = await ingest();
      const registered = system
        .config()
        .sections.flatMap((section) =>
          section.aliases
            .filter((alias) => alias.provider === 'cnemc')
            .map((alias): [string, string] => [alias.key, section.id]),
        );
      const unknown = await system.state.issues.unknownStations();
      const ids = new Map([
        ...unknown.map((station): [string, string] => [station.naturalKey, station.id]),
        ...registered,
      ]);
      idOf = (key) => ids.get(key) ?? `no id of ${key}`;
    }, 600_000);

    afterAll(async () => {
      await system.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('every cell is accounted for, one journal entry a capture', () => {
      expect(counts(first)).toEqual({
        cells: expected.rows * MEASURED.length,
        told: expected.rows * MEASURED.length,
      });
      expect(first.entries).toBe(expected.captures);
      if (of.captures === null) expect([expected.rows, first.cells.read]).toEqual([WHOLE.rows, WHOLE.cells]);
    });

    test('each station that no registry knows is one issue in all', async () => {
      const unknown = await system.state.issues.unknownStations();
      const registered = new Set(
        system.config().sections.flatMap((section) => section.aliases.map((alias) => alias.key)),
      );
      const strangers = [...expected.stations].filter((key) => !registered.has(key)).sort();
      expect(unknown.map((station) => station.naturalKey).sort()).toEqual(strangers);
      expect(first.issues.STATION_UNREGISTERED).toBe(strangers.length);
      const issues = await system.state.issues.list({ code: 'STATION_UNREGISTERED', limit: 2000 });
      expect(issues).toHaveLength(strangers.length);
    });

    test('the current value of every point is the last one shown', async () => {
      const byStation = new Map<string, Map<string, number | null>>();
      for (const [key, list] of expected.versions) {
        const [station, parameter, timeS] = key.split('\t') as [string, string, string];
        // Two published names can be one registered section, whose points then stand together.
        const points = byStation.get(idOf(station)) ?? new Map<string, number | null>();
        points.set(`${parameter} ${timeS}`, list.at(-1)!.value);
        byStation.set(idOf(station), points);
      }
      const wrong: string[] = [];
      for (const [station, points] of byStation) {
        const columns = await system.readings.series({
          stations: [station],
          parameters: [...MEASURED, 'pub_class'],
          averaging: 'instant',
          provider: 'cnemc',
          fromS: 0,
          toS: 4e9,
        });
        const stored = new Map<string, number | null>();
        for (const { key, timeS, value } of columns)
          for (const [at, time] of timeS.entries())
            stored.set(`${key.parameter} ${time}`, Number.isNaN(value[at]) ? null : value[at]!);
        if (stored.size !== points.size)
          wrong.push(`${station}: ${stored.size} points, expected ${points.size}`);
        for (const [point, value] of points)
          if (stored.get(point) !== value)
            wrong.push(`${station} ${point}: ${stored.get(point)}, expected ${value}`);
      }
      expect(wrong.slice(0, 20)).toEqual([]);
      expect(byStation.size).toBeGreaterThan(200);
    });

    test('every revision in the file is in the past, in its order, with the time it was shown', async () => {
      const revised = [...expected.versions].filter(([, list]) => list.length > 1);
      const stored = await system.readings.counts();
      const replaced = revised.reduce((sum, [, list]) => sum + list.length - 1, 0);
      expect(stored.past).toBeGreaterThanOrEqual(replaced);
      const step = Math.max(1, Math.floor(revised.length / (of.captures === null ? 2500 : 900)));
      const sample = revised.filter((_, at) => at % step === 0);
      const wrong: string[] = [];
      for (const [key, list] of sample) {
        const [station, parameter, timeS] = key.split('\t') as [string, string, string];
        const past = await system.readings.past({
          station: idOf(station),
          parameter,
          averaging: 'instant',
          provider: 'cnemc',
          timeS: Number(timeS),
        });
        const told = past
          .toSorted((a, b) => a.seq - b.seq)
          .map(({ value, publishedS }) => ({ value, publishedS }));
        if (JSON.stringify(told) !== JSON.stringify(list))
          wrong.push(`${key}: ${JSON.stringify(told)}, expected ${JSON.stringify(list)}`);
      }
      expect(wrong.slice(0, 10)).toEqual([]);
      expect(sample.length).toBeGreaterThan(of.captures === null ? 2000 : 400);
      console.log(
        `${name}: ${revised.length} points revised, ${replaced} versions replaced by another value, ${stored.past} in the past table, ${sample.length} points compared`,
      );
    });

    test('a second ingest of the same file changes nothing', async () => {
      const before = await system.readings.counts();
      const second = await ingest();
      expect(second.cells).toMatchObject({ accepted: 0, revised: 0, read: first.cells.read });
      expect(counts(second).told).toBe(counts(second).cells);
      expect(await system.readings.counts()).toEqual(before);
      expect(second.issues.STATION_UNREGISTERED).toBeUndefined();
    }, 600_000);
  });
}
