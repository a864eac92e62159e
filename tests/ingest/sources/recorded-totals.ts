import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { rowKinds, type ParseResult, type SourceAdapter } from '../../../src/domain/ports.ts';
import { fixtureConfig } from './fixture-config.ts';

const config = fixtureConfig();
/** 2026-11-01: long after every recording, so that years come from the recordings. */
const RECEIVED_S = 1_793_462_400;

export interface Totals {
  entries: number;
  cells: { read: number; absent: number; missing: number; rejected: number };
  measured: number;
  stations: Set<string>;
  years: Set<number>;
  issues: Record<string, number>;
  cellsPerSecond: number;
}

/** What a recorded file holds, read by the adapter; its cells add up. `each` sees every entry's result. */
export function readFile(
  adapter: SourceAdapter,
  file: string,
  each: (result: ParseResult) => void = () => undefined,
): Totals {
  const totals: Totals = {
    entries: 0,
    cells: { read: 0, absent: 0, missing: 0, rejected: 0 },
    measured: 0,
    stations: new Set(),
    years: new Set(),
    issues: {},
    cellsPerSecond: 0,
  };
  // Processor time: the machine that runs this may be busy with other things.
  const begun = process.cpuUsage();
  for (const payload of adapter.split({ name: file, bytes: readFileSync(file) })) {
    const context = { receivedS: RECEIVED_S, meta: payload.meta, config, sourceId: adapter.id };
    const result = adapter.parse(payload.body, context);
    totals.entries += 1;
    each(result);
    for (const key of ['read', 'absent', 'missing', 'rejected'] as const)
      totals.cells[key] += result.cells[key];
    for (const kind of result.rowKind) if (kind === rowKinds.measured) totals.measured += 1;
    for (const series of result.batch.series) totals.stations.add(series.station);
    for (const issue of result.issues) totals.issues[issue.code] = (totals.issues[issue.code] ?? 0) + 1;
    const [first] = result.batch.timeS;
    if (first !== undefined) totals.years.add(new Date(first * 1000).getUTCFullYear());
  }
  const used = process.cpuUsage(begun);
  totals.cellsPerSecond = totals.cells.read / ((used.user + used.system) / 1e6);
  console.info(
    `${file.split('/').at(-1)}: ${totals.cells.read} cells, ${Math.round(totals.cellsPerSecond)} cells/s`,
  );
  expect(totals.measured + totals.cells.absent + totals.cells.missing + totals.cells.rejected).toBe(
    totals.cells.read,
  );
  return totals;
}
