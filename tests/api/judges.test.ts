import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JudgedRow } from '../../src/api/deps.ts';
import { judges } from '../../src/api/judges.ts';
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
});
