import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import type { Config } from '../../src/domain/config/config.ts';
import type { Agreement } from '../../src/domain/config/region.ts';
import { packFlags } from '../../src/domain/flags.ts';
import type { SeriesColumns, SeriesQuery } from '../../src/domain/ports.ts';
import { compareSchemes, periodsBetween } from '../../src/settle/compare.ts';
import type { KnownCircumstance } from '../../src/settle/circumstances.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';
import { priceClauses } from '../../src/settle/price.ts';
import { previewAgreement } from '../../src/settle/preview.ts';

let config: Config;
let agreement: Agreement;
const zone = 'Asia/Shanghai';
const year = civilPeriod('2025', zone);
const months = Array.from({ length: 12 }, (_, month) =>
  civilPeriod(`2025-${String(month + 1).padStart(2, '0')}`, zone),
);
const base = { codmn: 2, nh3n: 0.1, tn: 1.5, tp: 0.05, ph: 7.2, do: 8 };

/** Monthly values as delivered and reviewed: `of(parameter)` for each month, null where none was delivered. */
const delivered = (of: (parameter: string, month: number) => number | null) => ({
  series: (query: SeriesQuery): Promise<SeriesColumns[]> =>
    Promise.resolve(
      query.parameters.map((parameter) => {
        const rows = months
          .map((month, at) => ({ timeS: month.beginS, value: of(parameter, at) }))
          .filter((row) => row.timeS >= query.fromS && row.timeS < query.toS && row.value !== null);
        return {
          key: { station: 'songxi-yanxia', parameter, averaging: query.averaging, provider: query.provider },
          timeS: Float64Array.from(rows, (row) => row.timeS),
          value: Float64Array.from(rows, (row) => row.value ?? Number.NaN),
          flags: Uint16Array.from(rows, () => packFlags({ stage: 3 })),
        };
      }),
    ),
});
const meanOf = (parameter: string): number => base[parameter as keyof typeof base] ?? 1;
const preview = (of: (parameter: string, month: number) => number | null, nowS = year.endS + 1) =>
  previewAgreement({ agreement, period: '2025', config, readings: delivered(of), nowS });

beforeAll(async () => {
  config = await loadConfig(path.resolve(import.meta.dirname, '../../config'));
  const found = config.agreements.find((one) => one.given?.some((given) => given.input === 'C0'));
  if (found === undefined) throw new Error('no agreement with a baseline');
  agreement = { ...found, dataSource: { provider: 'delivered', averaging: 'P1M' } };
});

describe('an index scheme in the preview', () => {
  it('takes its baseline from the agreement, and says that it is assumed', async () => {
    const result = await preview((parameter) => meanOf(parameter));
    const scheme = config.schemes.find((one) => one.id === agreement.scheme);
    const k0 = scheme?.figures.find((one) => one.figure === 'k0')?.value;
    expect(Number(result.sections[0]?.figures['P'])).toBe(Number(k0));
    const told = result.remarks.map((remark) => remark.zh).join();
    expect(told).toContain('演示用假定：基准浓度 =');
    expect(told).toContain(
      '办法数值（凭记忆，待核）：水质稳定系数k0 = 0.90；权重 = 高锰酸盐指数 0.22；氨氮 0.22；总氮 0.28；总磷 0.28',
    );
    expect(told).toContain(
      '新安江流域水环境补偿（第三轮）适用于 2018-01-01 至 2020-12-31，2025 不在其适用期内。',
    );
    expect(result.status).toBe('assessed');
    expect(result.sections[0]?.means[0]).toMatchObject({
      expected: 12,
      valid: 12,
      coverage: '1.0000',
      leastStage: 3,
    });
  });

  it('changes sides when the river is worse than the baseline', async () => {
    const good = await preview((parameter) => meanOf(parameter) * 0.8);
    const bad = await preview((parameter) => meanOf(parameter) * 1.5);
    const direction = ({ lines }: typeof good) => lines.map((line) => `${line.from.code} → ${line.to.code}`);
    const { protecting, benefiting } = agreement.parties;
    expect(direction(good)).toContain(`${benefiting} → ${protecting}`);
    expect(direction(bad)).toContain(`${protecting} → ${benefiting}`);
  });

  it('has no result without a baseline, nor with too few delivered months, and says which', async () => {
    const short = await preview((parameter, month) =>
      month < 8 || parameter !== 'tn' ? meanOf(parameter) : null,
    );
    expect(short).toMatchObject({ status: 'not-assessable', lines: [], net: null });
    expect(short.reason?.text.zh).toBe('总氮 覆盖率 0.6666 低于约定 0.75');
    const { given: _given, ...without } = agreement;
    const none = await previewAgreement({
      agreement: without,
      period: '2025',
      config,
      readings: delivered((parameter) => meanOf(parameter)),
      nowS: year.endS,
    });
    expect(none.status).toBe('not-assessable');
    expect(none.reason?.text.zh).toContain('基准浓度');
    expect(none.reason?.text.en).toContain('Baseline concentration');
  });

  it('expects only the months that are over', async () => {
    const half = months[5]?.endS ?? 0;
    const result = await preview((parameter, month) => (month < 6 ? meanOf(parameter) : null), half);
    expect(result.sections[0]?.means[0]).toMatchObject({ expected: 6, valid: 6 });
    expect(result.period.over).toBe(false);
  });
});

describe('what-if', () => {
  it('runs schemes over periods side by side, each with its own answer', async () => {
    const cells = await compareSchemes({
      agreement,
      schemes: ['xinan-r1', 'xinan-r3', 'hefei-2021'],
      periods: ['2024', '2025'],
      config,
      readings: delivered((parameter) => meanOf(parameter) * 0.8),
      nowS: year.endS + 1,
    });
    expect(cells.map((cell) => [cell.scheme, cell.period, cell.status])).toEqual([
      ['xinan-r1', '2024', 'not-assessable'],
      ['xinan-r1', '2025', 'assessed'],
      ['xinan-r3', '2024', 'not-assessable'],
      ['xinan-r3', '2025', 'assessed'],
      ['hefei-2021', '2024', 'not-applicable'],
      ['hefei-2021', '2025', 'not-applicable'],
    ]);
    expect(cells.every((cell) => (cell.netFen === null) === (cell.reason !== null))).toBe(true);
    expect(cells[1]?.netFen).not.toBe(cells[3]?.netFen);
    expect(cells[4]?.reason).toMatchObject({ zh: '该办法按月核算' });
  });

  it('takes what a scheme needs from the scenario of the same sides and sections that names it', async () => {
    const given = [
      {
        input: 'areaMu',
        value: { 国家公园: '1000' },
        unit: 'mu',
        provenance: { source: 'made up', confidence: 'assumed' as const },
      },
    ];
    const forest: Agreement = { ...agreement, id: 'forest', scheme: 'forest-jx-2025', given };
    const [alone, beside] = await Promise.all(
      [[], [forest]].map((others) =>
        compareSchemes({
          agreement,
          schemes: ['forest-jx-2025'],
          periods: ['2025'],
          config: { ...config, agreements: [...config.agreements, ...others] },
          readings: delivered(meanOf),
          nowS: year.endS + 1,
        }),
      ),
    );
    expect(alone).toMatchObject([{ status: 'not-assessable', statedBy: null }]);
    // Its money is between a province and forest owners: no zero for the parties.
    expect(beside).toMatchObject([{ status: 'not-applicable', statedBy: 'forest', netFen: null }]);
    expect(beside?.[0]?.reason?.zh).toContain('均非协议双方');
  });

  it('knows ranges of periods', () => {
    expect(periodsBetween('2025-11', '2026-02')).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
    expect(periodsBetween('2025-Q4', '2026-Q1')).toEqual(['2025-Q4', '2026-Q1']);
    expect(periodsBetween('2024', '2025')).toEqual(['2024', '2025']);
    expect(() => periodsBetween('2025', '2025-06')).toThrow('not a range');
    expect(() => periodsBetween('2025-06', '2025-05')).toThrow('not a range');
  });
});

describe('the price of a clause', () => {
  const wet = (parameter: string, month: number): number => meanOf(parameter) * (month === 4 ? 12 : 1);
  const price = (clauses: string[], of: Parameters<typeof delivered>[0], changed: Partial<Agreement> = {}) =>
    priceClauses({
      agreement: { ...agreement, scheme: 'xinan-r1', ...changed },
      clauses,
      periods: ['2024', '2025'],
      config,
      readings: delivered(of),
      nowS: year.endS + 1,
    });

  it('is found by varying it alone: how much, for whom, in which periods', async () => {
    const { protecting, benefiting } = agreement.parties;
    const [flood, coverage, baseline, same] = await price(
      ['exempt=2025-05-01..2025-05-31', 'coverage=0.99', 'baseline=C0:2025', 'figure=limit:1'],
      wet,
    );
    // Both sides of 1: 100 million one way instead of the other.
    expect(flood).toMatchObject({
      totalFen: '20000000000',
      // Beside them, 300 million of the central government come either way.
      asAgreedFen: '20000000000',
      variedFen: '40000000000',
      favours: { code: protecting },
      comparedPeriods: 1,
      open: ['2024'],
      changedPeriods: 1,
      changedYears: ['2025'],
    });
    expect(baseline).toMatchObject({ totalFen: '20000000000', favours: { code: protecting } });
    expect(coverage).toMatchObject({ totalFen: '0', favours: null, changedPeriods: 0 });
    expect(same).toMatchObject({ totalFen: '0', favours: null, changedYears: [] });
    const [lax] = await price(['coverage=0.5'], (parameter, month) =>
      month < 8 ? wet(parameter, month) : null,
    );
    // Nothing to compare is not zero.
    expect(lax).toMatchObject({ gained: ['2025'], lost: [], totalFen: null, comparedPeriods: 0 });
    const [strict] = await price(['coverage=0.95'], (parameter, month) =>
      month < 11 ? wet(parameter, month) : null,
    );
    expect(strict).toMatchObject({ gained: [], lost: ['2025'], totalFen: null, favours: null });
    expect(benefiting).not.toBe(protecting);
  });

  it('of ≤ against < shows where the index stands on the limit', async () => {
    const on = {
      ...config,
      schemes: config.schemes.map((scheme) => ({
        ...scheme,
        figures: scheme.figures.map((one) => (one.figure === 'k0' ? { ...one, value: '1' } : one)),
      })),
    };
    const [edge] = await priceClauses({
      agreement: { ...agreement, scheme: 'xinan-r1' },
      clauses: ['comparison=payments'],
      periods: ['2025'],
      config: on,
      readings: delivered(meanOf),
      nowS: year.endS + 1,
    });
    expect(edge).toMatchObject({
      totalFen: '-20000000000',
      favours: { code: agreement.parties.benefiting },
      changedPeriods: 1,
      text: { en: expect.stringContaining('P <= limit → not accident and P < limit; ') },
    });
  });

  it('leaves a monthly value that a flood covers only in part, and says that it cannot be split', async () => {
    const [part, whole] = await price(
      ['exempt=2025-05-01..2025-05-12', 'exempt=2025-05-01..2025-05-31'],
      wet,
    );
    expect(part).toMatchObject({ totalFen: '0', changedPeriods: 0 });
    expect(part?.text.zh).toContain('月值不能按日拆分');
    expect(whole?.text.zh).not.toContain('月值不能按日拆分');
  });

  it('of a figure that the agreement states, and of an entry of a table', async () => {
    const [baseline] = await price(['given=C0.CODMn:20'], (parameter) => meanOf(parameter) * 1.3);
    expect(baseline).toMatchObject({ totalFen: '20000000000', changedPeriods: 1 });
    expect(baseline?.text.en).toContain('CODMn 2.0');
  });

  it('of a rule that pays nothing is what comes out another', async () => {
    const stated = (input: string, value: string) => ({
      input,
      value: Object.fromEntries(['CODMn', 'NH3N', 'TP'].map((name) => [name, value])),
      unit: 'mg/L',
      provenance: { source: 'made up', confidence: 'assumed' as const },
    });
    const graded = { scheme: 'zhejiang-handover', given: [stated('entry', '9'), stated('lastYear', '9')] };
    const [strict] = await price(['given=lastYear.NH3N:0.001'], meanOf, graded);
    expect(strict).toMatchObject({ totalFen: null, favours: null, comparedPeriods: 1, changedPeriods: 1 });
    const [year] = strict?.periods.filter(({ changedFigures }) => changedFigures.length > 0) ?? [];
    expect(year?.changedFigures).toMatchObject([{ figure: 'grade', asAgreed: '优秀', varied: '良好' }]);
  });

  it('of decided special circumstances is what it comes to without them', async () => {
    const [section] = agreement.sections;
    const flood = {
      id: 'flood',
      section: section!.section,
      kind: 'extreme-weather-or-flood' as const,
      effect: 'exclude-interval' as const,
      fromS: months[4]!.beginS,
      toS: months[4]!.endS,
      items: [],
      decidedBy: '联合办',
      documentNumber: '1号',
      evidence: [{ name: 'a.pdf', sha256: 'a'.repeat(64) }],
      acts: [],
    };
    const [none] = await priceClauses({
      agreement: { ...agreement, scheme: 'xinan-r1' },
      clauses: ['circumstances=none'],
      periods: ['2025'],
      config,
      readings: delivered(wet),
      nowS: year.endS + 1,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a settlement reads of a circumstance
      circumstancesOf: async () => [flood] as unknown as KnownCircumstance[],
    });
    expect(none).toMatchObject({ asAgreedFen: '40000000000', variedFen: '20000000000' });
  });

  it('of the precedence of sources takes the other one first', async () => {
    const both = {
      series: async (query: SeriesQuery) =>
        delivered((parameter) => meanOf(parameter) * (query.provider === 'joint' ? 2 : 1)).series(query),
    };
    const [first] = await priceClauses({
      agreement: {
        ...agreement,
        scheme: 'xinan-r1',
        dataSource: {
          ...agreement.dataSource,
          otherwise: [{ provider: 'joint', averaging: 'P1M', kind: 'joint' }],
        },
      },
      clauses: ['precedence=joint'],
      periods: ['2025'],
      config,
      readings: both,
      nowS: year.endS + 1,
    });
    expect(first).toMatchObject({ totalFen: '-20000000000', changedPeriods: 1 });
  });

  it('refuses a clause that the agreement or its scheme does not have, and says what it has', async () => {
    for (const [clause, message] of [
      ['mercy=1', 'expected exempt=…'],
      ['precedence=nobody', 'is no further source'],
      ['coverage=2', 'not a share'],
      ['baseline=C0:2023', 'too few readings in 2023'],
      ['baseline=X:2023', 'not an input of xinan-r1'],
      ['comparison=ratios', 'compares nothing (steps that compare: payments)'],
      ['comparison=nothing', 'has no step'],
      ['circumstances=some', 'expected none'],
      ['given=C0.XYZ:1', 'it states: C0.CODMn, C0.NH3N, C0.TN, C0.TP'],
      ['figure=weights:1', 'not a figure of xinan-r1'],
      ['exempt=2025-05', 'not two days in order'],
    ] as const)
      await expect(price([clause], meanOf), clause).rejects.toThrow(message);
  });
});
