import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/domain/config/config.ts';
import type { Agreement } from '../../src/domain/config/region.ts';
import { packFlags } from '../../src/domain/flags.ts';
import { bundleText } from '../../src/settle/bundle.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';
import { previewAgreement } from '../../src/settle/preview.ts';
import { verifyBundle } from '../../src/settle/verify.ts';
import { clean, day, type OpenDesk, openDesk, provider, section } from './desk-fixture.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
const month = '2026-06';
const { beginS } = civilPeriod(month, 'Asia/Shanghai');
const gauge = 'gauge-test';
const transfer = { method: 'factor' as const, factor: '1.5', relativeStandardError: '0.1', provenance };

/** Priced by tonnes over the target: the month's delivered values, times water from a gauge upstream of the section. */
const pact: Partial<Agreement> = {
  scheme: 'guizhou-chishui-2014',
  dataSource: { provider, averaging: 'P1M', check: { provider: 'cnemc', averaging: 'instant' } },
  flow: {
    minimum: { flowDays: '0.9', sampledDays: '0.75', highFlowDays: '0.8', leastSamples: 4 },
    provenance,
  },
};

function gauged(config: Config): Config {
  const sections = config.sections.map((one) =>
    one.id === section ? { ...one, flowStation: { id: gauge, transfer, provenance } } : one,
  );
  const station = { ...config.flowStations[0]!, id: gauge, aliases: [{ provider: 'mwr', key: gauge }] };
  return { ...config, sections, flowStations: [...config.flowStations, station] };
}

/** Twelve readings a day of 10 m³/s, on the last five days 40; `skip`: days without any. */
async function bringFlow(desk: OpenDesk, skip: readonly number[] = [], stage = 3, days = 30): Promise<void> {
  await desk.bring('mwr', (builder) => {
    const series = builder.seriesOf(gauge, 'discharge', 'instant');
    for (let at = 0; at < days * 12; at++) {
      const date = Math.floor(at / 12);
      if (skip.includes(date)) continue;
      const value = date >= 25 ? 40 : 10;
      builder.add({ series, timeS: beginS + at * 7200, value, flags: packFlags({ stage }) });
    }
  });
}

/** One automatic reading of each factor a day; `skip`: days without any. */
async function bringWater(desk: OpenDesk, skip: readonly number[] = []): Promise<void> {
  await desk.bring('cnemc', (builder) => {
    for (const parameter of ['codmn', 'nh3n', 'tp']) {
      const series = builder.seriesOf(section, parameter, 'instant');
      for (let at = 0; at < 30; at++)
        if (!skip.includes(at)) builder.add({ series, timeS: beginS + at * day + 3600, value: 1 });
    }
  });
}

const tried = (desk: OpenDesk, change: Partial<Agreement> = {}) =>
  previewAgreement({
    agreement: { ...desk.agreement, ...change },
    period: month,
    config: desk.config,
    readings: desk.readings,
    nowS: desk.clock.nowS(),
  });

describe('a load scheme on stored flow', () => {
  let desk: OpenDesk;
  beforeAll(async () => {
    desk = await openDesk(pact, undefined, gauged);
    await desk.deliver(month, { ...clean, codmn: 6, nh3n: 0.5, tp: 0.1 });
    await bringFlow(desk);
    await bringWater(desk);
  });
  afterAll(() => desk.close());

  it('takes the water from the declared station by the declared transfer, and says what it rests on', async () => {
    const preview = await tried(desk);
    // 25 days of 15 m³/s and 5 of 60: 22.5 m³/s over 30 days.
    const [{ flow, status, document }] = preview.sections as [(typeof preview.sections)[number]];
    expect(status).toBe('assessed');
    expect(document).toMatchObject({ volumeM3: '58320000' });
    expect(flow).toMatchObject({
      station: gauge,
      provider: 'mwr',
      transfer: { method: 'factor', factor: '1.5', relativeStandardError: '0.1' },
      volumeM3: '58320000',
      meanFlowM3s: '22.5',
      readings: 360,
      reasons: [],
    });
    expect(flow?.loads.map((one) => one.parameter)).toEqual(['codmn', 'nh3n', 'tp']);
    expect(flow?.loads[0]).toMatchObject({
      method: 'period-mean',
      tonnes: '349.92',
      flowNormalised: null,
      coverage: {
        days: 30,
        daysWithFlow: 30,
        daysSampled: 30,
        highFlowDays: 3,
        topFiveVolumeShare: '0.4444',
      },
    });
    // (6 − 4) g/m³ × 58.32 million m³ = 116.64 t at 0.1 万元; the other factors stand on their target.
    expect(preview.lines).toMatchObject([
      { amountWan: '11.66', dependsOn: ['codmn', 'nh3n', 'tp', 'discharge'] },
    ]);
  });

  it('comes out the same to the byte whatever the order of the facts and of the series that are read', async () => {
    const { config, readings } = desk;
    const lists = [
      'jurisdictions',
      'sections',
      'sources',
      'parameters',
      'schemes',
      'waterStandards',
    ] as const;
    const turned = { ...config };
    for (const list of [...lists, 'rivers', 'flowStations', 'outfalls', 'loadMethods'] as const)
      Object.assign(turned, { [list]: config[list].toReversed() });
    const again = await previewAgreement({
      agreement: desk.agreement,
      period: month,
      config: turned,
      readings: { series: async (query) => (await readings.series(query)).toReversed() },
      nowS: desk.clock.nowS(),
    });
    expect(JSON.stringify(again)).toBe(JSON.stringify(await tried(desk)));
  });

  it('is issued, carries the flow, and is computed again elsewhere to the byte', async () => {
    const { statement } = await desk.desk.issue({ agreement: 'pact', period: month, actor: 'office' });
    const bundle = await desk.desk.bundle(statement.id);
    const carried = bundle.inputs.series.find((one) => one.parameter === 'discharge');
    expect([carried?.timeS.length, new Set(carried?.seq).size]).toEqual([360, 1]);
    expect(bundle.facts.flowStations?.map((one) => one.id)).toEqual([gauge]);
    expect((await verifyBundle(Buffer.from(bundleText(bundle)), null)).findings).toEqual([]);
    carried!.value[359] = 41;
    const { findings } = await verifyBundle(Buffer.from(bundleText(bundle)), null);
    expect(findings.map((one) => one.part)).toContain('statement');
  });

  it('is corrected when a flow reading is, and an objection to the flow holds the line', async () => {
    await desk.countersign('pact.2026-06.1');
    const objection = { statement: 'pact.2026-06.1', party: desk.agreement.parties.benefiting, section };
    const flow = { ...objection, parameter: 'discharge', line: null, grounds: '流量', evidence: [] };
    const at = (fromS: number) => ({ readings: { fromS, toS: fromS + 1 } });
    await expect(
      desk.desk.object({ ...flow, dispute: 'none', ...at(beginS + 60) }, 'office'),
    ).rejects.toThrow(/depends on the readings/);
    const { lines } = await desk.desk.object({ ...flow, dispute: 'd', ...at(beginS + 7200) }, 'office');
    expect(lines).toHaveLength(1);
    const move = { dispute: 'd', note: '', documentNumber: null, evidence: [], outcome: [] };
    await desk.desk.proceed({ ...move, step: 'withdraw' }, 'office');
    await desk.bring('mwr', (builder) => {
      const series = builder.seriesOf(gauge, 'discharge', 'instant');
      builder.add({ series, timeS: beginS + 29.5 * day, value: 400, flags: packFlags({ stage: 3 }) });
    });
    const { changed, difference } = await desk.desk.correct({
      agreement: 'pact',
      period: month,
      actor: null,
    });
    expect(changed).toEqual([{ section, parameter: 'discharge', before: '58320000', now: '62208000' }]);
    expect(difference).toMatchObject([{ amountFen: '780000' }]);
  });
});

describe('a scheme that pays on the load itself', () => {
  const allowed = { CODMn: '300', NH3N: '30', TP: '5' };
  const byTonnes = {
    ...pact,
    scheme: 'load-allowance-demonstration',
    given: [{ input: 'allowed', value: allowed, unit: 't', provenance }],
  };
  let desk: OpenDesk;
  beforeAll(async () => {
    desk = await openDesk(byTonnes, undefined, gauged);
    await desk.deliver(month, { ...clean, codmn: 6, nh3n: 0.5, tp: 0.1 });
    await bringFlow(desk);
    await bringWater(desk);
  });
  afterAll(() => desk.close());

  it('reads the tonnes of each factor from the section, and prices what is above and below the allowed ones', async () => {
    const preview = await tried(desk);
    expect(preview.sections[0]?.document).toEqual({
      loadTonnes: { CODMn: '349.92', NH3N: '29.16', TP: '5.832' },
      allowedTonnes: allowed,
    });
    // 49.92 t × 0.1 − 0.84 t × 0.7 + 0.832 t × 1 = 5.236 万元.
    expect(preview.lines).toMatchObject([
      { amountWan: '5.24', dependsOn: ['codmn', 'nh3n', 'tp', 'discharge'] },
    ]);
    expect(preview.remarks.map(({ zh }) => zh).join()).toContain('演示办法');
  });

  it('is issued and computed again elsewhere to the byte, and says that it is a demonstration', async () => {
    const { statement } = await desk.desk.issue({ agreement: 'pact', period: month, actor: 'office' });
    expect(statement.scheme).toMatchObject({ readiness: 'demonstration' });
    expect(statement.lines).toMatchObject([{ amountFen: '5240000' }]);
    const bundle = bundleText(await desk.desk.bundle(statement.id));
    expect((await verifyBundle(Buffer.from(bundle), null)).findings).toEqual([]);
  });

  it('has no result below the agreed coverage, and never a smaller load', async () => {
    const flow = { ...pact.flow!, minimum: { ...pact.flow!.minimum, leastSamples: 31 } };
    const preview = await tried(desk, { flow });
    expect(preview).toMatchObject({ status: 'not-assessable', lines: [] });
    expect(preview.sections[0]?.document).toMatchObject({
      loadTonnes: { CODMn: null, NH3N: null, TP: null },
    });
  });
});

describe('a load scheme has no result, and says why,', () => {
  let desk: OpenDesk;
  beforeAll(async () => {
    desk = await openDesk(pact, undefined, gauged);
    await desk.deliver(month, clean);
  });
  afterAll(() => desk.close());
  const reason = async (change: Partial<Agreement> = {}) => {
    const { status, reason: why, lines } = await tried(desk, change);
    expect([status, lines]).toEqual(['not-assessable', []]);
    return why;
  };

  it('where nothing is agreed about flow', async () => {
    const { flow: _flow, ...rest } = desk.agreement;
    const preview = await previewAgreement({
      agreement: rest,
      period: month,
      config: desk.config,
      readings: desk.readings,
      nowS: desk.clock.nowS(),
    });
    expect(preview).toMatchObject({ status: 'not-assessable', reason: { code: 'flow-not-agreed' } });
  });

  it('where there is no flow, then while coverage is short, then where the wettest days have no sample', async () => {
    expect(await reason()).toMatchObject({ code: 'no-flow' });
    await bringFlow(desk, [0, 1, 2, 3]);
    const short = await reason();
    expect(short?.code).toBe('flow-coverage');
    expect(short?.text.en).toContain('days with flow are 86.6 %, below the agreed 90 %');
    expect(short?.text.zh).toContain('高锰酸盐指数 有水质数据的天数占0 %');
    await bringFlow(desk);
    await bringWater(desk, [25, 26, 27]);
    expect((await reason())?.text.en).toBe(
      'Permanganate index: high-flow days with a concentration are 0 %, below the agreed 80 %; ' +
        'Ammonia nitrogen: high-flow days with a concentration are 0 %, below the agreed 80 %; ' +
        'Total phosphorus: high-flow days with a concentration are 0 %, below the agreed 80 %',
    );
    await bringWater(desk);
    expect(await tried(desk)).toMatchObject({ status: 'assessed' });
  });

  it('where nobody reviewed the flow, beyond a trial', async () => {
    await desk.bring('mwr', (builder) => {
      const series = builder.seriesOf(gauge, 'discharge', 'instant');
      builder.add({ series, timeS: beginS, value: 11 });
    });
    const { dataSource } = desk.agreement;
    expect((await tried(desk, { dataSource })).marking.zh).toBe('试算·未经审核·不作结算依据');
    await expect(desk.desk.issue({ agreement: 'pact', period: month, actor: 'office' })).rejects.toThrow(
      /jiaoxi discharge: unreviewed data/,
    );
  });

  it('but a volume that both sides state counts where nothing is agreed about measuring it', async () => {
    const { flow: _flow, ...rest } = desk.agreement;
    const stated = { input: 'volumeM3', value: '1000000', unit: 'm3', provenance };
    const preview = await previewAgreement({
      agreement: { ...rest, given: [stated] },
      period: month,
      config: desk.config,
      readings: desk.readings,
      nowS: desk.clock.nowS(),
    });
    expect(preview.status).toBe('assessed');
    expect(preview.sections[0]?.document).toMatchObject({ volumeM3: '1000000' });
  });
});
