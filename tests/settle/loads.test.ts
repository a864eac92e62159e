import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standards } from '../analysis/standards.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import type { Config } from '../../src/domain/config/config.ts';
import type { ReadingStore } from '../../src/domain/ports.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { sectionAttribution } from '../../src/settle/attributions.ts';
import { sectionLoad } from '../../src/settle/loads.ts';
import { openDuckdbReadings } from '../../src/store/readings/duckdb/index.ts';
import { fixtureConfig } from '../api/region-fixture.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
const days = 30;
const dayS = 86_400;
const beginS = instantOfCivil('2026-01-01T00:00', 'Asia/Shanghai');
const period = { from: '2026-01-01', to: '2026-01-30' };

/** Two sections 30 km apart, the upper one at the border, each with a gauge: 10 m³/s above and 20 m³/s below. */
function basin(): Config {
  const config = structuredClone(fixtureConfig);
  const [up, down] = config.sections;
  const gauge = (id: string) => ({
    ...config.flowStations[0]!,
    id,
    aliases: [{ provider: 'mwr', key: id }],
  });
  config.flowStations = [gauge('gauge-up'), gauge('gauge-down')];
  const transfer = { method: 'same-place' as const, relativeStandardError: '0.02', provenance };
  up!.flowStation = { id: 'gauge-up', transfer, provenance };
  down!.flowStation = { id: 'gauge-down', transfer, provenance };
  const [first] = config.rivers[0]!.reaches;
  first!.lengthKm = { value: 100, provenance };
  up!.reach = { id: 'oujiang-1', km: 100, provenance };
  config.parameters = [
    ...config.parameters,
    { ...config.parameters[0]!, id: 'discharge', medium: 'flow', unit: 'm³/s' },
  ];
  return { ...config, ...structuredClone(standards) };
}

function readingsOf(): BatchBuilder[] {
  const water = new BatchBuilder('bureau');
  const flow = new BatchBuilder('mwr');
  for (const [section, gauge, gM3, m3s] of [
    ['up', 'gauge-up', 0.1, 10],
    ['down', 'gauge-down', 0.2, 20],
  ] as const) {
    const tp = water.seriesOf(section, 'tp', 'instant');
    const q = flow.seriesOf(gauge, 'discharge', 'instant');
    for (let day = 0; day < days; day++) {
      const timeS = beginS + day * dayS + 8 * 3600;
      water.add({ series: tp, timeS, value: gM3 + (day % 2) * 0.002 });
      flow.add({ series: q, timeS, value: m3s + (day % 3) });
    }
  }
  return [water, flow];
}

describe('loads from stored readings', () => {
  let folder = '';
  let readings: ReadingStore;
  const config = basin();
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'jiehe-loads-'));
    readings = await openDuckdbReadings({
      path: path.join(folder, 'readings.duckdb'),
      memoryLimitMiB: 256,
    });
    for (const [at, builder] of readingsOf().entries())
      await readings.apply({ seq: at + 1, receivedS: beginS + days * dayS }, builder.build());
  });
  afterAll(async () => {
    await readings.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has the load with its interval, coverage and the station it rests on', async () => {
    const load = await sectionLoad({ config, readings }, { section: 'up', parameter: 'tp', ...period });
    // mean flow 11 m³/s, flow-weighted 0.101 g/m³, 30 days: 0.101 × 11 × 2.592
    expect(Number(load.tonnes)).toBeCloseTo(0.101 * 11 * 2.592, 2);
    expect(load).toMatchObject({ status: 'computed', method: 'flow-weighted', reasons: [] });
    expect(load.coverage).toMatchObject({ days: 30, flowShare: '1.0000', highFlowUnsampled: [] });
    expect(load.why.flow).toMatchObject({ station: 'gauge-up', provider: 'mwr', method: 'same-place' });
    expect(Number(load.interval90Tonnes![0])).toBeLessThan(Number(load.tonnes));
  });

  it('knows only what was known: before the flow arrived there is no load', async () => {
    const query = { section: 'up', parameter: 'tp', ...period, asOfSeq: 1 };
    const load = await sectionLoad({ config, readings }, query);
    expect(load.tonnes).toBeNull();
    expect(load.reasons.map(({ code }) => code)).toContain('no-flow');
  });

  it('refuses a tidal section, one without a declared transfer, and a parameter without a load', async () => {
    const changed = basin();
    changed.sections[0]!.hydraulics = 'tidal';
    delete changed.sections[1]!.flowStation!.transfer;
    const codes = async (section: string) =>
      (await sectionLoad({ config: changed, readings }, { section, parameter: 'tp', ...period })).reasons.map(
        ({ code }) => code,
      );
    expect(await codes('up')).toEqual(['not-one-way']);
    expect(await codes('down')).toContain('no-transfer');
    const query = { section: 'up', parameter: 'published_class', ...period };
    await expect(sectionLoad({ config, readings }, query)).rejects.toThrow(/published_class has no load/);
  });

  it('tells entering from local, exactly, with decay over the stated kilometres', async () => {
    const found = await sectionAttribution(
      { config, readings },
      { section: 'down', parameter: 'tp', ...period },
    );
    expect(found).toMatchObject({ status: 'computed', greater: 'local', negativeRemainder: false });
    expect(found.parts.map(({ kind, id }) => [kind, id])).toEqual([
      ['entering', 'up'],
      ['local', '330300'],
    ]);
    expect(found.parts.map((part) => part.name.zh)).toEqual(['来水贡献', '本地新增贡献']);
    expect(found.why.travel).toEqual([
      { section: 'up', km: 30, days: '0.6944', shiftDays: 1, confidence: expect.any(String) },
    ]);
    // What leaves in the period entered a day earlier.
    expect(found.entering[0]).toMatchObject({ from: '2025-12-31', to: '2026-01-29' });
    expect(found.why.decay).toMatchObject({ perDay: '0.065', temperatureC: '20', temperatureAt: [] });
    const [entering] = found.parts;
    const left = Math.exp(-0.065 * (30_000 / 0.5 / dayS));
    const share = (Number(found.entering[0]!.tonnes) * left) / Number(found.exit.tonnes);
    expect(Number(entering!.sharePercent)).toBeCloseTo(100 * share, 1);
  });

  it('brings the decay to the temperature of the water where it was measured', async () => {
    const warm = new BatchBuilder('bureau');
    const series = warm.seriesOf('up', 'wt', 'instant');
    for (let day = 0; day < days; day++)
      warm.add({ series, timeS: beginS + day * dayS, value: 9 + (day % 2) * 2 });
    await readings.apply({ seq: 3, receivedS: beginS + days * dayS }, warm.build());
    const query = { section: 'down', parameter: 'tp', ...period };
    const changed = structuredClone(config);
    for (const one of changed.loadMethods[0]!.attribution.decay) one.theta = '1.05';
    const found = await sectionAttribution({ config: changed, readings }, query);
    expect(found.why.decay).toMatchObject({ temperatureC: '10.00', temperatureAt: ['up'] });
    expect(Number(found.why.decay!.perDay)).toBeCloseTo(0.065 * 1.05 ** -10, 8);
    const before = await sectionAttribution({ config: changed, readings }, { ...query, asOfSeq: 2 });
    expect(before.why.decay).toMatchObject({ perDay: '0.065', temperatureAt: [] });
    const arriving = (one: typeof found): number => Number(one.parts[0]!.tonnes);
    expect(arriving(found)).toBeGreaterThan(arriving(before));
  });

  it('comes out the same to the byte whatever the order of readings, entries, sections, rivers, stations and parameters', async () => {
    const query = { section: 'down', parameter: 'tp', ...period, asOfSeq: 2 };
    const turned = basin();
    for (const list of [
      turned.sections,
      turned.rivers,
      turned.flowStations,
      turned.parameters,
      turned.jurisdictions,
      turned.sources,
    ])
      list.reverse();
    const other = await openDuckdbReadings({
      path: path.join(folder, 'turned.duckdb'),
      memoryLimitMiB: 256,
    });
    for (const [at, builder] of readingsOf().toReversed().entries()) {
      const batch = builder.build();
      const rows = [...batch.timeS.keys()].toReversed();
      const again = new BatchBuilder(batch.provider);
      for (const row of rows) {
        const { station, parameter, averaging } = batch.series[batch.seriesIndex[row]!]!;
        const series = again.seriesOf(station, parameter, averaging);
        again.add({ series, timeS: batch.timeS[row]!, value: batch.value[row]! });
      }
      await other.apply({ seq: at + 1, receivedS: beginS + days * dayS }, again.build());
    }
    const [first, second] = [
      await sectionAttribution({ config, readings }, query),
      await sectionAttribution({ config: turned, readings: other }, query),
    ];
    await other.close();
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    const whole = first.parts.map(({ share }) => share.split('/').map(BigInt) as [bigint, bigint]);
    const [over, under] = whole.reduce(([a, b], [c, d]) => [a * d + c * b, b * d], [0n, 1n]);
    expect(over).toBe(under);
  });

  it('leaves the rest unexplained where land of several jurisdictions lies between', async () => {
    const changed = basin();
    changed.sections[0]!.reach!.km = 80;
    const query = { section: 'down', parameter: 'tp', ...period };
    const found = await sectionAttribution({ config: changed, readings }, query);
    expect(found.parts.map(({ kind }) => kind)).toEqual(['entering', 'unexplained']);
    expect(found.text?.zh).toBe('未解释部分大于来水贡献。技术分析，不构成责任认定');
  });

  it('shows nothing where a load may not be relied on, and names whose', async () => {
    const query = { section: 'down', parameter: 'tp', from: '2026-01-01', to: '2026-02-20' };
    const found = await sectionAttribution({ config, readings }, query);
    expect(found).toMatchObject({ status: 'not-assessable', parts: [], text: null });
    expect(found.reasons.some(({ text }) => text.en.includes('days with flow are'))).toBe(true);
    const wrong = { ...query, entering: ['down'] };
    await expect(sectionAttribution({ config, readings }, wrong)).rejects.toThrow(/not certainly upstream/);
  });
});
