import { assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assessBoth } from '../../../src/analysis/assessment/circumstances.ts';
import { guardAgainstLoss } from '../../../src/analysis/assessment/data-loss.ts';
import { periodOf } from '../../../src/analysis/assessment/period.ts';
import { circumstanceFaults, type Circumstance } from '../../../src/domain/circumstance.ts';
import { at, everyFourHours, facts, months, section, series, source } from './section-months.ts';

const flood: Circumstance = {
  id: 'flood-1',
  kind: 'extreme-weather-or-flood',
  section: section.id,
  items: [],
  fromS: at('2021-04-01T00:00'),
  toS: at('2021-04-11T00:00'),
  applicant: '330300',
  evidence: [{ name: 'gauge record', sha256: 'a'.repeat(64) }],
  decidedBy: '省生态环境厅',
  documentNumber: '〔2021〕1号',
  effect: 'exclude-interval',
};
/** Ten days of 2.0, twenty of 0.3: mean 0.87 with the flood, 0.30 without. */
const readings = everyFourHours('2021-04', 0.3).map((one, slot) => (slot < 60 ? { ...one, value: 2 } : one));
const sources = [source('automatic', [series('nh3n', readings)])];
const both = (...circumstances: Circumstance[]) =>
  assessBoth(section, sources, circumstances, { period: periodOf('2021-04'), facts });

describe('special circumstances', () => {
  test('leave both figures: as measured and as decided', () => {
    const found = both(flood);
    expect([found.asMeasured.class, found.asDecided.class]).toEqual([3, 2]);
    expect(found.asMeasured.items[0]?.value).toBe('0.87');
    expect(found.asDecided.items[0]?.value).toBe('0.30');
    expect(found.applied).toEqual([
      {
        id: 'flood-1',
        kind: 'extreme-weather-or-flood',
        effect: 'exclude-interval',
        documentNumber: '〔2021〕1号',
        items: ['nh3n'],
        readings: 60,
      },
    ]);
  });

  test('have no effect by themselves: without a decision nothing changes and the reason is said', () => {
    const undecided = { ...flood, decidedBy: null };
    expect(circumstanceFaults(undecided)[0]).toContain('decidedBy');
    const found = both(undecided);
    expect(found.asDecided).toBe(found.asMeasured);
    expect(found.ignored).toMatchObject([{ id: 'flood-1' }]);
    expect(both({ ...flood, section: 'other' }).ignored).toEqual([
      { id: 'flood-1', reason: 'other-section' },
    ]);
    expect(both({ ...flood, effect: 'none' }).ignored).toEqual([{ id: 'flood-1', reason: 'no-effect' }]);
  });

  test('on hold change no figure and keep the period open', () => {
    const found = both({ ...flood, effect: 'hold', decidedBy: null, documentNumber: null });
    expect(found.held).toEqual(['flood-1']);
    expect(found.asDecided).toBe(found.asMeasured);
  });

  test('take an item out, or put a make-up sample in its place', () => {
    expect(both({ ...flood, effect: 'exclude-item', items: ['tp'] }).asDecided.class).toBe(3);
    expect(both({ ...flood, effect: 'exclude-item', items: ['nh3n'] }).asDecided.class).toBe(2);
    const madeUp = both({
      ...flood,
      effect: 'replace-by-make-up-sample',
      makeUp: { sampledS: at('2021-04-12T09:00'), values: { nh3n: '0.6' } },
    });
    // (60 · 0.6 + 120 · 0.3) / 180
    expect(madeUp.asDecided.items[0]).toMatchObject({ value: '0.40', valid: 180 });
    const unmeasured = both({
      ...flood,
      effect: 'replace-by-make-up-sample',
      makeUp: { sampledS: at('2021-04-05T09:00'), values: { cod: '35' } },
    });
    expect(unmeasured.asDecided).toMatchObject({ class: 5, decidingItems: ['cod'] });
  });

  test('name every fault that their shape cannot', () => {
    expect(
      circumstanceFaults({ ...flood, toS: flood.fromS, evidence: [], effect: 'exclude-item' }),
    ).toHaveLength(3);
    expect(circumstanceFaults({ ...flood, effect: 'replace-by-make-up-sample' })).toHaveLength(1);
    expect(circumstanceFaults({ ...flood, makeUp: { sampledS: 0, values: {} } })).toHaveLength(2);
  });
});

describe('a loss of data at a station of a party', () => {
  const period = periodOf('2021-04');
  const means = (list: typeof readings) =>
    months(source('automatic', [series('nh3n', list), series('do', everyFourHours('2021-04', 9))])).of(
      '2021-04',
    );
  const before = months(
    source('automatic', [
      series('nh3n', everyFourHours('2021-03', 0.6)),
      series('do', everyFourHours('2021-03', 9)),
    ]),
  ).of('2021-03');
  const guard = (list: typeof readings, operatedByParty = true) =>
    guardAgainstLoss(section, period, { means: means(list), before, operatedByParty }, facts);

  test('takes the worse of what is left and of the month before', () => {
    const lost = guard(readings.slice(120));
    expect(lost.asMeasured).toMatchObject({ class: 1, decidingItems: ['do'] });
    expect(lost.guarded).toMatchObject({ class: 3, decidingItems: ['nh3n'] });
    expect(lost.lost).toMatchObject([{ parameter: 'nh3n', standIn: '0.6', valid: 60 }]);
    expect(guard(readings.slice(0, 60)).guarded.class).toBe(5);
    expect(guard(readings.slice(120), false).guarded.class).toBe(1);
  });

  test('never gives a better class than the measured one, and no target met on nothing', () => {
    assert(
      property(integer({ min: 0, max: 180 }), (kept) => {
        const found = guard(readings.slice(0, kept));
        expect(found.guarded.class ?? 7).toBeGreaterThanOrEqual(found.asMeasured.class ?? 0);
      }),
      { seed: 4, numRuns: 25 },
    );
    const nothing = guardAgainstLoss(
      section,
      period,
      { means: means([]), before: [], operatedByParty: true },
      facts,
    );
    expect(nothing.asMeasured.targets.map(({ met }) => met)).toEqual([true, true, true]);
    expect(nothing.guarded.targets.map(({ met }) => met)).toEqual([null, null, null]);
  });
});
