import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standards } from './analysis/standards.ts';
import type { Circumstance } from '../src/domain/circumstance.ts';
import { BatchBuilder } from '../src/domain/batch.ts';
import type { Config } from '../src/domain/config/config.ts';
import { packFlags } from '../src/domain/flags.ts';
import type { LatestVerdict } from '../src/domain/latest-verdicts.ts';
import { instantOfCivil } from '../src/domain/time.ts';
import { circumstanceActs } from '../src/serving/judging.ts';
import { Rejudging } from '../src/serving/rejudging.ts';
import { fixtureConfig } from './api/region-fixture.ts';
import { nowS, openStores, testApp, type Stores, type TestApp } from './api/test-app.ts';

const base: Config = { ...structuredClone(fixtureConfig), ...structuredClone(standards) };
let config = base;
let stores: Stores;
let api: TestApp;
let rejudging: Rejudging;

async function append(batch: BatchBuilder): Promise<number> {
  const body = new Uint8Array([1]);
  const entry = await stores.journal.append({ kind: 'raw', receivedS: nowS, meta: { source: 'test' }, body });
  await stores.readings.apply({ seq: entry.seq, receivedS: nowS }, batch.build());
  api.progress.appliedSeq = entry.seq;
  return entry.seq;
}

const at = (text: string) => instantOfCivil(text, 'Asia/Shanghai');

function ammonia(station: string, month: string, value: number): BatchBuilder {
  const batch = new BatchBuilder('bureau');
  const series = batch.seriesOf(station, 'nh3n', 'instant');
  const days = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
  for (let slot = 0; slot < days * 6; slot++)
    batch.add({ series, timeS: at(`${month}-01T00:00`) + slot * 14_400, value });
  return batch;
}

const table = () => stores.state.latestVerdicts.list({ limit: 10_000 });
const keyOf = ({ station, period }: LatestVerdict) => `${station} ${period}`;
/** Rows that became others between two looks at the table. */
const moved = (before: LatestVerdict[], after: LatestVerdict[]) => {
  const old = new Map(before.map((row) => [keyOf(row), row.id]));
  return after.filter((row) => old.get(keyOf(row)) !== row.id).map(keyOf);
};

beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores, { config: () => config });
  for (const month of ['2025-11', '2026-01', '2026-02']) {
    await append(ammonia('up', month, 0.4));
    await append(ammonia('down', month, 0.3));
  }
  const clock = { nowS: () => nowS };
  const { readings, state } = stores;
  rejudging = new Rejudging({ readings, state, clock, config: () => config });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

describe('re-judging', () => {
  it('fills the table with the verdicts that anyone gets who asks for them', async () => {
    const report = await rejudging.run();
    const rows = await table();
    expect(report).toMatchObject({ stations: 3, changed: rows.length, touched: rows.length });
    for (const row of rows.filter(({ kind }) => kind !== 'day')) {
      const asked = `period=${row.period.replace('/', '_')}&asOf=${report.asOfSeq}`;
      const url =
        row.medium === 'water'
          ? `/verdicts?section=${row.station}&`
          : `/verdicts/air?station=${row.station}&`;
      const answer = (await api.app.inject(`/api/v1${url}${asked}`)).json();
      expect(answer.result.id).toBe(row.id);
    }
    expect(await rejudging.run()).toMatchObject({ touched: 0, changed: 0 });
  });

  it('of a correction computes exactly the verdicts it touches, and the difference is explained', async () => {
    const before = await table();
    const correction = new BatchBuilder('bureau');
    const series = correction.seriesOf('up', 'nh3n', 'instant');
    correction.add({ series, timeS: at('2026-02-10T08:00'), value: 90 });
    const seq = await append(correction);
    const report = await rejudging.run();
    const touched = [
      'up 2026',
      'up 2026-01/2026-02',
      'up 2026-01/2026-03',
      'up 2026-02',
      'up 2026-02-10',
      'up 2026-Q1',
    ];
    expect(report).toMatchObject({ stations: 1, touched: touched.length, changed: touched.length });
    expect(moved(before, await table()).toSorted()).toEqual(touched);
    const listed = (await api.app.inject(`/api/v1/verdicts/latest?kind=month&changedAfter=${seq - 1}`)).json()
      .results;
    expect(listed).toMatchObject([
      { station: 'up', period: '2026-02', class: 3, met: false, changedSeq: seq },
    ]);
    const difference = (await api.app.inject(listed[0].difference)).json().result;
    expect(difference).toMatchObject({
      same: false,
      readings: {
        revised: 1,
        added: 0,
        shown: [{ parameter: 'nh3n', before: 0.4, after: 90, journal: `/api/v1/journal/${seq}` }],
      },
      rules: { changed: false },
      text: { zh: 'Ⅱ类 → Ⅲ类 (nh3n 0.40 → 0.93)：修订读数1个' },
    });
  });

  it('of readings that come again, or in another order, computes nothing and changes nothing', async () => {
    const before = await table();
    await append(ammonia('down', '2026-01', 0.3));
    await append(ammonia('down', '2025-11', 0.3));
    expect(await rejudging.run()).toMatchObject({ touched: 0, changed: 0 });
    expect(await table()).toEqual(before);
  });

  it('of a review touches what rests on the reviewed readings', async () => {
    const before = await table();
    const review = new BatchBuilder('bureau');
    const series = review.seriesOf('up', 'nh3n', 'instant');
    const flags = packFlags({ validity: 'invalid', stage: 2 });
    review.add({ series, timeS: at('2026-02-10T08:00'), value: 90, flags });
    await append(review);
    await rejudging.run();
    const after = await table();
    expect(moved(before, after)).toContain('up 2026-02');
    expect(moved(before, after).every((key) => key.startsWith('up 2026'))).toBe(true);
    expect(after.find((row) => keyOf(row) === 'up 2026-02')?.outcome).toMatchObject({ class: 2, met: true });
  });

  it('of a decided circumstance touches its section and interval', async () => {
    const before = await table();
    const acts = circumstanceActs(stores.state.acts);
    const act = { actor: 'office', atS: nowS };
    const { id, ...given }: Omit<Circumstance, 'decidedBy' | 'documentNumber' | 'effect'> = {
      id: 'works-1',
      kind: 'works',
      section: 'down',
      items: ['nh3n'],
      fromS: at('2026-01-05T00:00'),
      toS: at('2026-01-06T00:00'),
      applicant: '331100',
      evidence: [{ name: 'permit', sha256: 'b'.repeat(64) }],
    };
    await acts.apply({ ...act, id: 'a1', payload: { id, ...given } });
    const decision = { circumstance: id, decidedBy: '厅', documentNumber: '1号' };
    const seq = await acts.decide({
      ...act,
      id: 'a2',
      payload: { ...decision, effect: 'exclude-interval' },
    });
    await stores.readings.apply({ seq, receivedS: nowS }, null);
    const report = await rejudging.run();
    const after = await table();
    expect(report.stations).toBe(1);
    expect(moved(before, after).toSorted()).toEqual([
      'down 2026',
      'down 2026-01',
      'down 2026-01-05',
      'down 2026-01/2026-01',
      'down 2026-01/2026-02',
      'down 2026-01/2026-03',
      'down 2026-Q1',
    ]);
    expect(after.find((row) => keyOf(row) === 'down 2026-01')?.outcome.counts).toBe('decided');
  });

  it('of a changed standard or section touches what rests on it, by date and place', async () => {
    let before = await table();
    const sections = structuredClone(base.sections);
    sections[0]!.targets[0]!.class = 1;
    config = { ...base, sections, hash: '1'.repeat(64) };
    await rejudging.run();
    let changed = moved(before, await table());
    expect(changed.length).toBeGreaterThan(5);
    expect(changed.every((key) => key.startsWith('up '))).toBe(true);

    before = await table();
    // Another name for a level of the index before 2026-03-01 touches what air it judges; water is left alone.
    const aqiStandards = structuredClone(base.aqiStandards);
    aqiStandards[0]!.levels[0]!.name = { zh: '优秀', en: 'Excellent' };
    config = { ...config, aqiStandards, hash: '2'.repeat(64) };
    await rejudging.run();
    changed = moved(before, await table());
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.every((key) => key.startsWith('roof '))).toBe(true);

    before = await table();
    config = { ...config, hash: '3'.repeat(64) };
    expect(await rejudging.run()).toMatchObject({ touched: 0 });
  });

  it('keeps a table that can be built again from nothing, events included', async () => {
    const plain = (rows: LatestVerdict[]) =>
      rows.map(({ station, period, rules, outcome, id }) => [
        station,
        period,
        rules,
        outcome,
        id.split('~').at(-1),
      ]);
    const kept = plain(await table());
    const events = await stores.state.latestVerdicts.events({ limit: 1000 });
    expect(events.length).toBeGreaterThan(0);
    const report = await rejudging.run({ all: true });
    expect(report.touched).toBe(kept.length);
    expect(plain(await table())).toEqual(kept);
    expect(await stores.state.latestVerdicts.events({ limit: 1000 })).toEqual(events);
    const listed = (await api.app.inject('/api/v1/events/latest?station=up&limit=1')).json().results;
    expect(listed).toMatchObject([{ station: 'up', parameter: 'nh3n', limit: '0.15' }]);
  });

  it('is paged by station and period', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const url: string = `/api/v1/verdicts/latest?kind=month&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`;
      const page: { meta: { next: string | null }; results: LatestVerdict[] } = (
        await api.app.inject(url)
      ).json();
      seen.push(...page.results.map(keyOf));
      cursor = page.meta.next;
    } while (cursor !== null);
    const months = (await table()).filter(({ kind }) => kind === 'month').map(keyOf);
    expect(seen).toEqual(months);
  });
});
