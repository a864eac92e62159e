import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/domain/config/config.ts';
import type { LeftOutBounds } from '../../src/domain/config/load-method.ts';
import type { Agreement } from '../../src/domain/config/region.ts';
import { packFlags } from '../../src/domain/flags.ts';
import type { Preview } from '../../src/domain/preview.ts';
import { bundleText } from '../../src/settle/bundle.ts';
import { sectionLoad } from '../../src/settle/loads.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';
import { previewAgreement } from '../../src/settle/preview.ts';
import { verifyBundle } from '../../src/settle/verify.ts';
import { day, type OpenDesk, openDesk, section } from './desk-fixture.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
const { beginS } = civilPeriod('2026-06', 'Asia/Shanghai');
const gauge = 'gauge-test';
const reviewed = packFlags({ stage: 3 });
const doubted = packFlags({ validity: 'suspect', qualifiers: ['screened'] });
const bounds: LeftOutBounds = {
  readings: '0.1',
  water: '0.1',
  highFlow: '0.2',
  load: '0.1',
  beyond: 'refuse',
  provenance,
};
const minimum = { flowDays: '0.9', sampledDays: '0.75', highFlowDays: '0.8', leastSamples: 4 };
const terms = (leftOut?: LeftOutBounds) => ({
  method: 'interpolation' as const,
  minimum,
  provenance,
  ...(leftOut === undefined ? {} : { leftOut }),
});
const pact: Partial<Agreement> = {
  scheme: 'load-allowance-demonstration',
  dataSource: { provider: 'cnemc', averaging: 'instant' },
  flow: terms(),
  given: [{ input: 'allowed', value: { CODMn: '50', NH3N: '50', TP: '50' }, unit: 't', provenance }],
};

function gauged(config: Config): Config {
  const transfer = { method: 'same-place' as const, relativeStandardError: '0', provenance };
  const sections = config.sections.map((one) =>
    one.id === section
      ? {
          ...one,
          aliases: [{ provider: 'cnemc', key: section }],
          flowStation: { id: gauge, transfer, provenance },
        }
      : one,
  );
  const station = { ...config.flowStations[0]!, id: gauge, aliases: [{ provider: 'mwr', key: gauge }] };
  return { ...config, sections, flowStations: [...config.flowStations, station] };
}

/** June: 10 m³/s and 2 mg/L, in a flood of the last five days 40 m³/s and, every other reading, 8 mg/L. Six readings a day. */
async function bringJune(desk: OpenDesk, marks: (at: number) => number): Promise<void> {
  await desk.bring('mwr', (builder) => {
    const series = builder.seriesOf(gauge, 'discharge', 'instant');
    for (let at = 0; at < 30; at++)
      builder.add({ series, timeS: beginS + at * day + day / 2, value: at >= 25 ? 40 : 10, flags: reviewed });
  });
  await desk.bring('cnemc', (builder) => {
    for (const parameter of ['codmn', 'nh3n', 'tp']) {
      const series = builder.seriesOf(section, parameter, 'instant');
      for (let at = 0; at < 180; at++) {
        const value = isHigh(at) ? 8 : 2;
        const flags = parameter === 'codmn' ? marks(at) : reviewed;
        builder.add({ series, timeS: beginS + at * 4 * 3600, value, flags });
      }
    }
  });
}

const isHigh = (at: number): boolean => at >= 150 && at % 2 === 0;

const tried = (desk: OpenDesk, flow: Agreement['flow'], config: Config = desk.config): Promise<Preview> =>
  previewAgreement({
    agreement: { ...desk.agreement, ...(flow === undefined ? {} : { flow }) },
    period: '2026-06',
    config,
    readings: desk.readings,
    nowS: desk.clock.nowS(),
  });

const codmnOf = (preview: Preview) =>
  preview.sections[0]!.flow!.loads.find(({ parameter }) => parameter === 'codmn')!;

describe('a load of which screening took the flood out', () => {
  let desk: OpenDesk;
  beforeAll(async () => {
    desk = await openDesk(pact, undefined, gauged);
    await bringJune(desk, (at) => (isHigh(at) ? doubted : reviewed));
  });
  afterAll(() => desk.close());

  it('counts what is left out, of the readings, the water and the days of high flow, and how high it is', async () => {
    // 15 of 180 readings; half of 5 × 40 of (25 × 10 + 5 × 40) m³/s days; half of each of the 3 days of high flow.
    expect(codmnOf(await tried(desk, undefined)).leftOut).toMatchObject({
      readings: 15,
      of: 180,
      share: '0.0833',
      flowReadings: 0,
      flowOf: 30,
      waterShare: '0.2222',
      highFlowDays: 3,
      highFlowShare: '0.5000',
      timesKept: '4.000',
    });
  });

  it('shows the load with it beside the load without it, by the same method', async () => {
    const load = codmnOf(await tried(desk, undefined));
    // 2 mg/L throughout; with them 5 mg/L on the five days: (25 × 10 × 2 + 5 × 40 × 5) × 0.0864 t.
    expect([load.indicativeTonnes, load.leftOut?.tonnesWith, load.leftOut?.change]).toEqual([
      '77.76',
      '129.6',
      '0.6667',
    ]);
  });

  it('has no result beyond the default bounds, by name, in both languages, and says whose bounds they are', async () => {
    const preview = await tried(desk, undefined);
    expect(preview).toMatchObject({
      status: 'not-assessable',
      lines: [],
      reason: {
        code: 'left-out',
        text: {
          zh: '高锰酸盐指数 未计入读数所在时段的水量占22.2 %，超过限度10 %；高锰酸盐指数 高流量日中未计入的读数占50 %，超过限度20 %；高锰酸盐指数 计入后通量变化66.6 %，超过限度10 %',
          en: 'Permanganate index: the water that passed while readings were left out is 22.2 %, above the bound of 10 %; Permanganate index: of the high-flow days, what was left out is 50 %, above the bound of 20 %; Permanganate index: with them the load would change by 66.6 %, above the bound of 10 %',
        },
      },
    });
    expect(codmnOf(preview)).toMatchObject({ tonnes: null, leftOut: { boundsFrom: 'rules' } });
    const remark = preview.remarks.find(({ zh }) => zh.includes('待复核未计入'));
    expect(remark?.zh).toContain(
      '未计入者均值为计入者的 4.000 倍；通量：未计入 77.76 t，计入 129.6 t, +66.7 %（仅供对照，不作结算依据）',
    );
    expect(remark?.en).toContain('load without them 77.76 t, with them 129.6 t, +66.7 %');
    expect(remark?.zh).toContain('项目默认，无标准规定');
  });

  it('is flagged, and paid on without it, where the agreement says so; the bundle computes it again to the byte', async () => {
    const flow = terms({ ...bounds, beyond: 'flag' });
    const preview = await tried(desk, flow);
    expect(preview.status).toBe('assessed');
    expect(preview.sections[0]?.document).toMatchObject({ loadTonnes: { CODMn: '77.76' } });
    const { leftOut } = codmnOf(preview);
    expect(leftOut).toMatchObject({ boundsFrom: 'agreement', bounds: { beyond: 'flag', load: '0.1' } });
    expect(leftOut?.exceeded.map(({ code }) => code)).toEqual(['left-out', 'left-out', 'left-out']);
    Object.assign(desk.agreement, { flow });
    const { statement } = await desk.desk.issue({ agreement: 'pact', period: '2026-06', actor: 'office' });
    expect(statement.remarks.some(({ en }) => en.includes('the bounds are the agreement’s'))).toBe(true);
    const bundle = bundleText(await desk.desk.bundle(statement.id));
    expect((await verifyBundle(Buffer.from(bundle), null)).findings).toEqual([]);
  });

  it('counts as before within wider bounds of the agreement', async () => {
    const wide = { ...bounds, water: '0.3', highFlow: '0.5', load: '0.7' };
    const preview = await tried(desk, terms(wide));
    expect(preview.status).toBe('assessed');
    expect(codmnOf(preview)).toMatchObject({ tonnes: '77.76', leftOut: { exceeded: [] } });
  });

  it('is computed as it was by rules that do not look at what is left out', async () => {
    const loadMethods = desk.config.loadMethods.map(({ leftOut: _leftOut, ...rest }) => rest);
    const preview = await tried(desk, terms(), { ...desk.config, loadMethods });
    expect(preview.status).toBe('assessed');
    expect(codmnOf(preview)).not.toHaveProperty('leftOut');
    expect(preview.remarks.some(({ zh }) => zh.includes('待复核未计入'))).toBe(false);
  });

  it('is refused in a technical analysis as well, with both figures', async () => {
    const load = await sectionLoad(
      { config: desk.config, readings: desk.readings },
      { section, parameter: 'codmn', from: '2026-06-01', to: '2026-06-30', method: 'interpolation' },
    );
    expect(load).toMatchObject({
      status: 'not-assessable',
      tonnes: null,
      indicativeTonnes: '77.76',
      leftOut: { tonnesWith: '129.6', waterShare: '0.2222', timesKept: '4.000' },
    });
    expect(load.reasons.map(({ code }) => code)).toEqual(['left-out', 'left-out', 'left-out']);
  });
});

describe('what is left out of a load', () => {
  let desk: OpenDesk;
  beforeAll(async () => {
    desk = await openDesk(pact, undefined, gauged);
    // One reading is out of all bounds, one was taken while the instrument was served, one is invalid.
    const own = new Map([
      [3, packFlags({ validity: 'invalid' })],
      [4, packFlags({ validity: 'suspect', qualifiers: ['held', 'maintenance'] })],
      [5, packFlags({ validity: 'suspect', qualifiers: ['held'] })],
    ]);
    await bringJune(desk, (at) => own.get(at) ?? reviewed);
    await desk.bring('cnemc', (builder) => {
      const series = builder.seriesOf(section, 'codmn', 'instant');
      const flags = packFlags({ validity: 'suspect' });
      builder.add({ series, timeS: beginS + 6 * 4 * 3600, value: 99_999, flags });
    });
  });
  afterAll(() => desk.close());

  it('is what a review may bring back: not what is invalid or no water, nor a load of what cannot be', async () => {
    const load = codmnOf(await tried(desk, undefined));
    expect(load.leftOut).toMatchObject({ readings: 2, of: 178, exceeded: [], change: '0.0000' });
    expect(load.tonnes).toBe(load.indicativeTonnes);
    expect(load.leftOut?.tonnesWith).toBe(load.tonnes);
  });

  it('may be flow as well: the day of a flood whose gauge is under review', async () => {
    await desk.bring('mwr', (builder) => {
      const series = builder.seriesOf(gauge, 'discharge', 'instant');
      const flags = packFlags({ validity: 'suspect', qualifiers: ['held'] });
      builder.add({ series, timeS: beginS + 29.5 * day, value: 400, flags });
    });
    const preview = await tried(desk, undefined);
    const { leftOut } = codmnOf(preview);
    // 400 of 810 m³/s days with it, a quarter of the first day and a sixth of the second.
    expect(leftOut).toMatchObject({ flowReadings: 1, flowOf: 30, highFlowDays: 1, waterShare: '0.4990' });
    expect(preview).toMatchObject({ status: 'not-assessable', reason: { code: 'left-out' } });
  });
});
