import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JudgedRow } from '../../src/api/deps.ts';
import { judges } from '../../src/api/verdicts/judges.ts';
import type { Config } from '../../src/domain/config/config.ts';
import { standardKinds, type StandardKind } from '../../src/domain/config/standard.ts';
import { instantOfCivil, type AveragingId } from '../../src/domain/time.ts';
import { fixtureConfig } from './region-fixture.ts';

/** The standards that ship, with the small region of the other tests. */
function withStandards(): Config {
  const folder = path.resolve(import.meta.dirname, '../../config/standards');
  const config: Config = structuredClone(fixtureConfig);
  for (const file of readdirSync(folder)) {
    const standard = parse(readFileSync(path.join(folder, file), 'utf8')) as { kind: StandardKind };
    (config[standardKinds[standard.kind].into] as unknown[]).push(standard);
  }
  return config;
}
const config = withStandards();

const at = (text: string) => instantOfCivil(text, 'Asia/Shanghai');
function row(
  end: string,
  values: Record<string, number | null>,
  averaging: AveragingId = 'instant',
  stage = 0,
): JudgedRow {
  const readings = Object.entries(values).map(([parameter, value]) => ({ parameter, averaging, value }));
  return { endS: at(end), readings, stage };
}
const [section] = fixtureConfig.sections;
const [roof] = fixtureConfig.airStations;

describe('water rows', () => {
  // GB 3838-2002 table 1: ammonia nitrogen class II up to 0.5, class III up to 1.0; total phosphorus of rivers class II up to 0.1.
  it('get the worst class of their items, and a target that is not met comes with the wording for a single raw value', () => {
    const verdict = judges.water(section!, row('2026-03-02T08:00', { nh3n: 0.75, tp: 0.1 }), config);
    expect(verdict).toMatchObject({
      class: 3,
      decidingItems: ['nh3n'],
      targets: [{ kind: 'hand-over', targetClass: 2, met: false }],
    });
    expect(verdict.overLimits).toMatchObject([
      { parameter: 'nh3n', value: '0.75', limit: '0.5', multiple: '0.50', standing: 'single-unreviewed' },
    ]);
    expect(verdict.overLimits[0]?.text.zh).toContain('未经审核');
    expect(verdict.overLimits[0]?.text.zh).not.toContain('超标');
  });

  it('at the limit itself meet the target', () => {
    const verdict = judges.water(section!, row('2026-03-02T08:00', { nh3n: 0.5, tp: 0.1 }), config);
    expect(verdict).toMatchObject({ class: 2, targets: [{ met: true }], overLimits: [] });
  });

  it('without a value cannot be judged, and that is not good news', () => {
    const verdict = judges.water(section!, row('2026-03-02T08:00', { nh3n: null }), config);
    expect(verdict).toMatchObject({
      class: null,
      className: null,
      status: 'cannot-judge',
      reason: 'no-evaluated-item',
      targets: [{ met: null }],
    });
  });

  it('stay open where the kind of water body is not known and decides', () => {
    const verdict = judges.water(
      { ...section!, bodyType: null },
      row('2026-03-02T08:00', { tp: 0.08 }),
      config,
    );
    expect(verdict).toMatchObject({ class: null, reason: 'type-unknown', targets: [{ met: null }] });
  });

  it('are held only against targets of their date', () => {
    const dated = {
      ...section!,
      targets: section!.targets.map((target) => ({ ...target, from: '2026-03-03' })),
    };
    expect(judges.water(dated, row('2026-03-02T23:00', { nh3n: 5 }), config).targets).toEqual([]);
    expect(judges.water(dated, row('2026-03-03T00:00', { nh3n: 5 }), config).targets).toHaveLength(1);
  });

  it('before the first edition say so', () => {
    expect(judges.water(section!, row('1990-01-01T00:00', { nh3n: 5 }), config)).toMatchObject({
      class: null,
      reason: 'no-edition-in-force',
    });
  });
});

describe('air rows', () => {
  const clean = { pm25: 20, pm10: 40, so2: 5, no2: 20, o3: 60, co: 0.5 };

  it('are judged by the edition of their hour', () => {
    const before = judges.air(roof!, row('2026-02-28T12:00', clean, 'PT1H'), config);
    const after = judges.air(roof!, row('2026-03-02T12:00', clean, 'PT1H'), config);
    expect(before.status).toBe('ok');
    expect(after.status).toBe('ok');
    expect(before.edition).not.toBe(after.edition);
    expect(after.aqi).toBeGreaterThan(0);
  });

  it('do not take a running mean for an hour', () => {
    const hour = row('2026-03-02T12:00', clean, 'PT1H');
    const running = [{ parameter: 'o3', averaging: 'PT8H-sliding' as const, value: 900 }];
    const alone = judges.air(roof!, hour, config);
    expect(judges.air(roof!, { ...hour, readings: [...hour.readings, ...running] }, config).iaqi.o3).toBe(
      alone.iaqi.o3,
    );
  });

  it('without a value cannot be judged', () => {
    expect(judges.air(roof!, row('2026-03-02T12:00', {}, 'PT1H'), config)).toMatchObject({
      aqi: null,
      status: 'cannot-judge',
      reason: 'no-value',
    });
  });

  it('that have no column of a pollutant leave it out of the index and say what is assumed; a null is missing', () => {
    const { so2: _so2, ...fewer } = clean;
    const without = judges.air(roof!, row('2026-03-02T12:00', fewer, 'PT1H'), config);
    expect(without).toMatchObject({ status: 'ok', reason: 'not-in-plan-history-assumed-clean' });
    expect(without.aqi).toBe(judges.air(roof!, row('2026-03-02T12:00', clean, 'PT1H'), config).aqi);
    expect(without.assumptions).toMatchObject([
      { name: 'history-clean', concerns: ['so2'], confidence: 'project-default' },
    ]);
    expect(judges.air(roof!, row('2026-03-02T12:00', { ...fewer, so2: null }, 'PT1H'), config)).toMatchObject(
      { aqi: null, reason: 'pollutant-missing' },
    );
  });

  // GB 3095-2026 table 1: NO2 1 h 200 in both grades; O3 1 h 160 in grade 1, 200 in grade 2; PM2.5 has no hourly limit.
  it('name hourly values above the limits of their zone, never as an exceedance', () => {
    const hour = row('2026-03-02T12:00', { ...clean, no2: 201, o3: 200, pm25: 900 }, 'PT1H');
    const second = judges.air(roof!, hour, config).overLimits;
    expect(second).toMatchObject([
      {
        parameter: 'no2',
        value: '201',
        limit: '200',
        against: 'ambient-air-zone',
        grade: 2,
        multiple: '0.00',
        standing: 'single-unreviewed',
        text: { zh: '单次值高于二级限值(未经审核)', en: 'Single value above the grade 2 limit (unreviewed)' },
      },
    ]);
    const first = { ...roof!, zoneClass: { ...roof!.zoneClass, value: 1 as const } };
    expect(judges.air(first, hour, config).overLimits.map(({ parameter }) => parameter)).toEqual([
      'no2',
      'o3',
    ]);
  });

  it('take the limits of the civil day in which the hour lies', () => {
    const grade1 = { ...roof!, zoneClass: { ...roof!.zoneClass, value: 1 as const } };
    const over = (end: string) =>
      judges.air(grade1, row(end, { ...clean, so2: 151 }, 'PT1H'), config).overLimits;
    expect(over('2026-03-01T00:00')).toMatchObject([{ parameter: 'so2', limit: '150' }]);
    expect(over('2026-03-01T01:00')).toMatchObject([{ parameter: 'so2', limit: '150' }]);
  });
});
