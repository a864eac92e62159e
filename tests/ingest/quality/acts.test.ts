import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { QualityDesk, type By } from '../../../src/api/quality/quality-desk.ts';
import { unpackFlags } from '../../../src/domain/flags.ts';
import { openSystem, type System } from '../../../src/main.ts';
import { qualityDeskOf } from '../../../src/serving/quality.ts';
import { capturedTable } from '../../cli/captured-table.ts';
import { trySections, writeTryRegion } from '../../cli/try-region.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-quality-'));
const configDir = writeTryRegion(path.join(folder, 'config'), { enabled: false });
cpSync(path.resolve(import.meta.dirname, '../../../config/standards'), path.join(configDir, 'standards'), {
  recursive: true,
});
const table = capturedTable({ seed: 9, captures: 24, sections: [...trySections, '上断面(新)'] });
let system: System;
let desk: QualityDesk;
let timeS: number[];
const ingest = (text: string) =>
  system.pipeline.file('water', { name: 'captured.csv', bytes: Buffer.from(text) }, { trigger: 'file' });

beforeAll(async () => {
  system = await openSystem({ dataDir: path.join(folder, 'data'), configDir, synthetic: null });
  desk = qualityDeskOf(system);
  await ingest(table.text);
  timeS = [...(await tp()).timeS];
});
afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true, force: true });
});

const query = { averaging: 'instant', provider: 'cnemc', fromS: 0, toS: 4e9 } as const;

async function tp() {
  const [columns] = await system.readings.series({ ...query, stations: ['section-1'], parameters: ['tp'] });
  if (columns === undefined) throw new Error('no readings');
  return columns;
}

/** What the flags of the station's phosphorus say, one text a reading: validity, stage, held. */
async function told(): Promise<string[]> {
  return [...(await tp()).flags].map((bits) => {
    const { validity, stage, qualifiers } = unpackFlags(bits);
    return [validity, stage, ...qualifiers.filter((name) => name === 'held' || name === 'maintenance')].join(
      ' ',
    );
  });
}

let acts = 0;
const by = (role: By['role'] = 'joint-office'): By => ({ id: `q${(acts += 1)}`, actor: 'chen', role });
const check = async (atS: number, measured: string) => {
  const done = await desk.recordCheck(by(), {
    station: 'section-1',
    provider: 'cnemc',
    parameters: ['tp'],
    check: 'span-check',
    atS,
    expected: '2.0',
    measured,
    detectionLimit: null,
    note: '',
  });
  await system.projector.applied(done.seq);
  return done.check;
};

describe('checks of an instrument', () => {
  test('a failed one puts what came since the last passed one under review, and what comes until one passes', async () => {
    expect(await check(timeS[4]! + 60, '2.1')).toMatchObject({ passed: true, holdsFromS: null });
    expect(await check(timeS[8]! + 60, '2.5')).toMatchObject({
      passed: false,
      figures: { relativePercent: '10', errorPercent: '25.0' },
      holdsFromS: timeS[4]! + 60,
    });
    const after = await told();
    expect(after.slice(0, 5).some((text) => text.includes('held'))).toBe(false);
    expect(after.slice(5).every((text) => text === 'suspect 0 held')).toBe(true);
    const [hold] = await system.state.quality.holds();
    expect(hold).toMatchObject({ rule: 'span-check', toS: null, released: null, parameters: ['tp'] });
  });

  test('the hold stands when the source shows the same values again', async () => {
    const before = await told();
    expect((await ingest(table.text)).cells).toMatchObject({ accepted: 0, revised: 0 });
    expect(await told()).toEqual(before);
  });

  test('what comes while the instrument is out of control is held on arrival, and no longer after it passed', async () => {
    const last = timeS.at(-1)!;
    const more = capturedTable({ seed: 9, captures: 30, sections: [...trySections, '上断面(新)'] });
    await ingest(more.text);
    const times = (await tp()).timeS;
    const added = times.findIndex((time) => time > last);
    expect(added).toBeGreaterThan(0);
    expect((await told()).slice(added).every((text) => text === 'suspect 0 held')).toBe(true);
    expect(await check(times.at(-1)! + 60, '2.0')).toMatchObject({ passed: true });
    const [hold] = await system.state.quality.holds();
    expect(hold!.released).toMatchObject({ toS: times.at(-1)! + 60 });
    await ingest(capturedTable({ seed: 9, captures: 36, sections: [...trySections] }).text);
    const later = (await tp()).timeS.length - times.length;
    expect(later).toBeGreaterThan(0);
    expect((await told()).slice(-later).some((text) => text.includes('held'))).toBe(false);
  });

  test('maintenance holds its interval with the qualifier', async () => {
    const { seq } = await desk.recordCheck(by(), {
      station: 'section-1',
      provider: 'cnemc',
      parameters: [],
      check: 'maintenance',
      note: 'probe cleaned',
      fromS: timeS[1]!,
      atS: timeS[3]!,
      expected: null,
      measured: null,
      detectionLimit: null,
    });
    await system.projector.applied(seq);
    expect((await told()).slice(0, 4)).toEqual([
      'valid 0',
      'suspect 0 maintenance held',
      'suspect 0 maintenance held',
      'valid 0',
    ]);
  });
});

describe('reviews by level', () => {
  const review = async (level: string, role: By['role'], change: object = {}) => {
    const seq = await desk.review(by(role), {
      station: 'section-1',
      provider: 'cnemc',
      averaging: 'instant',
      parameters: ['tp'],
      fromS: timeS[5]!,
      toS: timeS[7]!,
      validity: 'valid',
      seenSeq: system.journal.head().seq,
      level,
      reviewer: '陈',
      reason: 'standard solution was old',
      reopens: false,
      ...change,
    });
    await system.projector.applied(seq);
    return seq;
  };

  test('release what was held; the stage is the level’s, and each is in the record with its deadline', async () => {
    await review('station', 'duty-officer');
    expect((await told()).slice(5, 8)).toEqual(['valid 1', 'valid 1', 'suspect 0 held']);
    await review('centre', 'signatory');
    await review('final', 'joint-office');
    expect((await told()).slice(5, 7)).toEqual(['valid 7', 'valid 7']);
    const [last] = await system.state.readingActs.reviews({ station: 'section-1', limit: 1 });
    expect(last).toMatchObject({
      level: 'final',
      network: 'default',
      reviewer: '陈',
      stage: 7,
      actor: 'chen',
    });
    expect(last!.dueS).toBeGreaterThan(timeS[5]!);
  });

  test('a final reading stays unless it is reopened', async () => {
    await review('final', 'joint-office', { validity: 'invalid' });
    expect((await told())[5]).toBe('valid 7');
    await review('final', 'joint-office', { validity: 'invalid', reopens: true });
    expect((await told())[5]).toBe('invalid 7');
  });

  test('are refused to a role that the level does not name, and for a level that is none', async () => {
    await expect(review('final', 'signatory')).rejects.toMatchObject({ code: 'E_FORBIDDEN' });
    await expect(review('fourth', 'joint-office')).rejects.toMatchObject({ code: 'E_BAD_REQUEST' });
  });

  test('what a provider delivered as final is only objected to', async () => {
    const config = system.config();
    const delivered = {
      ...desk.network('section-1', 'cnemc'),
      id: 'delivered',
      finalBy: 'provider' as const,
    };
    const strict = new QualityDesk({
      config: () => ({ ...config, networks: [delivered] }),
      readings: system.readings,
      state: system.state,
      journal: system.journal,
      clock: system.clock,
      refresh: () => system.refreshConfig(),
    });
    const request = {
      station: 'section-1',
      provider: 'cnemc',
      averaging: 'instant' as const,
      parameters: ['tp'],
      fromS: timeS[5]!,
      toS: timeS[7]!,
      seenSeq: system.journal.head().seq,
    };
    const change = {
      level: 'final',
      reviewer: '陈',
      validity: 'invalid' as const,
      reason: 'no',
      reopens: false,
    };
    await expect(strict.review(by(), { ...request, ...change })).rejects.toMatchObject({
      code: 'E_CONFLICT',
    });
    const objected = by();
    await strict.object(objected, { ...request, claim: 'the sample was taken elsewhere', evidence: [] });
    const id = `objection-${objected.id}`;
    await strict.answer(by(), { objection: id, outcome: 'rejected', text: 'the log says otherwise' });
    const [objection] = await system.state.quality.objections({ limit: 1 });
    expect(objection).toMatchObject({ id, answer: { outcome: 'rejected' } });
    const again = strict.answer(by(), { objection: id, outcome: 'upheld', text: 'yes' });
    await expect(again).rejects.toMatchObject({ code: 'E_CONFLICT' });
  });

  test('days that a level has not reviewed are due, and late after its days', async () => {
    const window = {
      ...query,
      stations: ['section-1'],
      fromS: timeS[0]! - 86_400,
      toS: timeS[0]! + 40 * 86_400,
    };
    const due = await desk.due({ ...window, overdueOnly: true });
    const levels = new Set(due.map(({ level }) => level));
    expect([...levels].sort()).toEqual(['centre', 'final', 'station']);
    const count = (level: string) =>
      due.filter((one) => one.level === level).reduce((sum, { readings }) => sum + readings, 0);
    expect(count('final')).toBe(count('station'));
    expect(due.every(({ dueS, dayS }) => dueS > dayS)).toBe(true);
  });
});

describe('an identity', () => {
  test('is suggested, and approved by an act: the readings under the name are the station’s', async () => {
    const [suggestion] = await desk.suggestions();
    expect(suggestion).toMatchObject({ naturalKey: '浙江省/上断面(新)' });
    expect(suggestion!.matches[0]).toMatchObject({ station: 'section-1', relation: 'replaced' });
    const grounds = {
      relation: 'replaced',
      of: null,
      position: { lon: 120.5, lat: 28.1, uncertaintyKm: 0.1 },
      score: suggestion!.matches[0]!.score,
      reasons: suggestion!.matches[0]!.reasons,
      note: '',
    };
    const [stranger] = await system.state.issues.unknownStations();
    const payload = {
      provider: 'cnemc',
      naturalKey: stranger!.naturalKey,
      station: 'section-2',
      from: '2021-01-01',
      to: null,
      grounds,
    };
    const act = { id: 'approve-1', actor: 'chen', atS: 1_900_000_000, payload };
    const seq = await system.state.acts.perform({ ...act, kind: 'register-station', version: 2 });
    const { issues } = await system.projector.applied(seq);
    // The station has readings of its own at these times: they stand, and it is said how many were passed over.
    expect(issues).toMatchObject([{ code: 'DUPLICATE_ROW' }]);
    expect(await desk.suggestions()).toEqual([]);
    expect(system.config().sections[1]!.position).toMatchObject({ lon: 120.5, lat: 28.1 });
  });
});

test('a rebuild of readings and of state ends equal', async () => {
  const series = () =>
    system.readings.series({
      ...query,
      stations: ['section-1', 'section-2'],
      parameters: system.config().parameters.map(({ id }) => id),
    });
  const before = await series();
  await system.rebuild(() => undefined);
  expect(await series()).toEqual(before);
  const { tables } = await system.state.rebuild();
  expect(tables.filter(({ equal }) => !equal)).toEqual([]);
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['quality_check', 'reading_hold', 'reading_objection']),
  );
});
