import { beforeAll, describe, expect, it } from 'vitest';
import { summaryOf, scalesAt } from '../../src/api/region/overview.ts';
import { limitsOf } from '../../src/api/verdicts/station-limits.ts';
import type { JudgedStation } from '../../src/api/readings/latest-view.ts';
import { loadConfig } from '../../src/config/index.ts';
import { configOptions, DEFAULT_CONFIG_DIR } from '../../src/main.ts';
import type { Config } from '../../src/domain/config/config.ts';

const nowS = Date.UTC(2026, 4, 1) / 1000;
const hourS = 3600;
const standing = 'single-unreviewed';

let config: Config;
beforeAll(async () => {
  config = await loadConfig(DEFAULT_CONFIG_DIR, configOptions({ region: null }));
});

/** A judged section as `latest-view` makes it; `met` of each of its targets. */
function section(
  station: string,
  grade: number | null,
  met: (boolean | null)[],
  more: { ageHours?: number; provider?: string | null; over?: number } = {},
): JudgedStation {
  const { ageHours = 1, provider = 'cnemc', over = 0 } = more;
  const name = { zh: station, en: station };
  const targets = met.map((one) => ({ kind: 'hand-over', targetClass: 2, met: one }));
  const limit = {
    parameter: 'tp',
    value: '0.2',
    limit: '0.1',
    against: 'hand-over',
    grade: 2,
    multiple: '1.00',
  };
  const overLimits = Array.from({ length: over }, () => ({ ...limit, standing, text: name }));
  return {
    station,
    name,
    kind: 'water',
    locatedIn: '330300',
    provider,
    readings: [],
    published: [],
    withheld: false,
    endS: provider === null ? null : nowS - ageHours * hourS,
    cadenceSeconds: 4 * hourS,
    verdict:
      provider === null
        ? null
        : {
            kind: 'water',
            class: grade,
            className: null,
            decidingItems: [],
            targets,
            status: 'ok',
            reason: null,
            edition: null,
            standing,
            overLimits,
          },
  };
}

const at = { nowS, journalSeq: 12, appliedSeq: 10 };

describe('the summary', () => {
  it('counts a station once, by its worst provider, and nothing that is silent', () => {
    const water = [
      section('a', 2, [true]),
      section('a', 4, [false], { provider: 'neighbour', over: 2 }),
      section('b', 3, [true], { ageHours: 10 }),
      section('c', 6, [false], { ageHours: 400, over: 1 }),
      section('d', null, [null]),
      section('e', null, [], { provider: null }),
    ];
    const { water: counted, lagEntries } = summaryOf(
      config,
      { water, air: [] },
      [{ status: 'failed' }, null],
      at,
    );
    expect(lagEntries).toBe(2);
    expect(counted).toMatchObject({ registered: 5, withSource: 4, fresh: 2, late: 1, silent: 1, judged: 2 });
    expect(counted.grades.filter(({ count }) => count > 0).map(({ grade, count }) => [grade, count])).toEqual(
      [
        [3, 1],
        [4, 1],
      ],
    );
    expect(counted.targets).toEqual({ met: 1, notMet: 1, undetermined: 1, metPercent: '50.0' });
    expect(counted).toMatchObject({ overLimitStations: 1, overLimitValues: 2 });
  });

  it('has no share where nothing was judged, and one decimal, half to even, where something was', () => {
    const none = summaryOf(config, { water: [section('a', 2, [null])], air: [] }, [], at);
    expect(none.water.targets.metPercent).toBeNull();
    const water = Array.from({ length: 16 }, (_none, index) => section(`s${index}`, 2, [index < 1]));
    expect(summaryOf(config, { water, air: [] }, [], at).water.targets.metPercent).toBe('6.2');
  });
});

describe('scales and limits', () => {
  it('name classes and levels of the editions in force, levels joined without a gap', () => {
    const { water, air } = scalesAt(config, nowS);
    expect(water.grades.map(({ grade }) => grade)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(air.grades.slice(1).every((one, index) => one.above === air.grades[index]?.upTo)).toBe(true);
    expect(air.grades.filter(({ polluted }) => polluted).map(({ grade }) => grade)).toEqual([3, 4, 5, 6]);
  });

  it('give a section its target limits and the grades of each item, by its kind of water body', () => {
    const found = config.sections.find((one) => one.targets.length > 0 && one.bodyType?.value === 'river');
    expect(found).toBeDefined();
    if (found === undefined) return;
    const { limits, scales } = limitsOf(found, config, '2026-05-01');
    const standard = config.waterStandards.find((one) => one.id === limits[0]?.edition);
    const item = standard?.items.find((one) => one.parameter === 'tp');
    const target = found.targets[0]?.class ?? 0;
    expect(limits.find((one) => one.parameter === 'tp')?.limit).toBe(item?.river?.[target - 1]);
    expect(scales.find((one) => one.parameter === 'tp')?.steps.map((step) => step.limit)).toEqual(
      item?.river,
    );
    expect(limits.find((one) => one.parameter === 'ph')).toMatchObject({ limit: null, rule: 'within' });
  });

  it('give no phosphorus limit where river or lake is not known, and none before any edition', () => {
    const found = config.sections.find((one) => one.targets.length > 0);
    if (found === undefined) throw new Error('no section with a target');
    const unknown = limitsOf({ ...found, bodyType: null }, config, '2026-05-01');
    expect(unknown.limits.some((one) => one.parameter === 'tp')).toBe(false);
    expect(unknown.limits.some((one) => one.parameter === 'nh3n')).toBe(true);
    expect(limitsOf(found, config, '1990-01-01')).toMatchObject({ limits: [], scales: [] });
  });

  it('take the limits of an air station from the edition of the date', () => {
    const [station] = config.airStations;
    if (station === undefined) throw new Error('no air station');
    const editions = ['2026-02-28', '2026-03-01'].map(
      (date) => limitsOf(station, config, date).limits[0]?.edition,
    );
    expect(new Set(editions).size).toBe(2);
    expect(limitsOf(station, config, '2026-05-01').scales.map((one) => one.parameter)).toContain('pm25');
  });
});
