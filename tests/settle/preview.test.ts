import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import type { Config } from '../../src/domain/config/config.ts';
import type { Agreement } from '../../src/domain/config/region.ts';
import { packFlags } from '../../src/domain/flags.ts';
import type { SeriesColumns, SeriesQuery } from '../../src/domain/ports.ts';
import type { Preview } from '../../src/domain/preview.ts';
import { previewAgreement } from '../../src/settle/preview.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';

type Values = Record<string, (number | null)[]>;

const fourHours = 14_400;
const june = civilPeriod('2026-06', 'Asia/Shanghai');
const slots = (june.endS - june.beginS) / fourHours;
const clean: Values = {
  ph: Array<number>(slots).fill(7.2),
  do: Array<number>(slots).fill(8.1),
  codmn: Array<number>(slots).fill(1.4),
  nh3n: Array<number>(slots).fill(0.05),
  tp: Array<number>(slots).fill(0.02),
};

/** The `series` port over values at every fourth hour of June; null is a stored "no value". */
function readingsOf(values: Values, flags: Record<string, number> = {}, asked: SeriesQuery[] = []) {
  return {
    series(query: SeriesQuery): Promise<SeriesColumns[]> {
      asked.push(query);
      const columns = query.parameters.flatMap((parameter): SeriesColumns[] => {
        const row = values[parameter];
        if (row === undefined) return [];
        return [
          {
            key: {
              station: query.stations[0] ?? '',
              parameter,
              averaging: query.averaging,
              provider: query.provider,
            },
            timeS: Float64Array.from(row, (_, at) => june.beginS + at * fourHours),
            value: Float64Array.from(row, (value) => value ?? Number.NaN),
            flags: Uint16Array.from(row, () => flags[parameter] ?? packFlags({ qualifiers: ['synthetic'] })),
          },
        ];
      });
      return Promise.resolve(columns);
    },
  };
}

let config: Config;
let agreement: Agreement;

beforeAll(async () => {
  config = await loadConfig(path.resolve(import.meta.dirname, '../../config'));
  const [first] = config.agreements;
  if (first === undefined) throw new Error('no agreement in the configuration');
  agreement = first;
});

const preview = (
  values: Values,
  options: {
    nowS?: number;
    flags?: Record<string, number>;
    period?: string;
    term?: Agreement['term'];
  } = {},
): Promise<Preview> =>
  previewAgreement({
    agreement: { ...agreement, term: options.term ?? agreement.term },
    period: options.period ?? '2026-06',
    config,
    readings: readingsOf(values, options.flags),
    nowS: options.nowS ?? june.endS + 86_400,
  });

describe('a compensation preview', () => {
  it('is marked as a trial on unreviewed data, and as a scenario', async () => {
    const result = await preview(clean);
    expect(result.marking.zh).toBe('试算·未经审核·不作结算依据');
    expect(result.scenario).toBe(true);
    expect(result.remarks.map((remark) => remark.en).join(' ')).toContain(
      'no such agreement has been signed',
    );
    expect(result.configHash).toBe(config.hash);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('charges the protecting side for a mean over the target of the section, with every step', async () => {
    const tp = [...Array<number>(slots / 2).fill(0.1), ...Array<number>(slots / 2).fill(0.22)];
    const result = await preview({ ...clean, tp });
    const section = result.sections[0];
    expect(section?.means.find((mean) => mean.parameter === 'tp')?.mean).toBe('0.160');
    expect(section?.figures['multiples']).toMatchObject({ TP: '0.6' });
    expect(result.lines.map((line) => [line.from.code, line.to.code, line.amountWan, line.basis])).toEqual([
      [agreement.parties.protecting, agreement.parties.benefiting, '100.00', 'exceedance'],
    ]);
    expect(result.net?.amountFen).toBe('100000000');
    expect(section?.why.find((node) => node.step === 'byFactor')?.inputs).toMatchObject({ cap: '300' });
    expect(result.status).toBe('assessed');
  });

  it('pays the protecting side for a class better than the target', async () => {
    const result = await preview(clean);
    expect(result.sections[0]?.periodClass).toMatchObject({
      class: 1,
      items: ['codmn', 'nh3n', 'tp', 'ph', 'do'],
    });
    expect(result.lines.map((line) => [line.from.code, line.to.code, line.amountFen])).toEqual([
      [agreement.parties.benefiting, agreement.parties.protecting, '50000000'],
    ]);
  });

  it('rounds the mean once, half to even, from the exact sum', async () => {
    const tp = Array.from({ length: slots }, (_, at) => (at % 2 === 0 ? 0.1 : 0.101));
    const result = await preview({ ...clean, tp });
    const mean = result.sections[0]?.means.find((one) => one.parameter === 'tp');
    expect([mean?.unrounded, mean?.mean]).toEqual(['0.1005', '0.100']);
    expect(result.sections[0]?.figures['multiples']).toMatchObject({ TP: '0' });
  });
});

describe('missing data is a reason, never zero', () => {
  it('too few readings of one factor', async () => {
    const enough = Math.ceil(slots * agreement.minimumCoverage.share);
    const cut = (count: number): Values => ({
      ...clean,
      nh3n: clean['nh3n']!.map((value, at) => (at < count ? value : null)),
    });
    expect((await preview(cut(enough))).status).toBe('assessed');
    const result = await preview(cut(enough - 1));
    expect(result.status).toBe('not-assessable');
    expect(result.reason?.code).toBe('coverage-below-agreed');
    expect(result.reason?.text.zh).toBe('氨氮 覆盖率 0.7444 低于约定 0.75');
    expect(result.reason?.text.en).toBe('Ammonia nitrogen: coverage 0.7444 is below the agreed 0.75');
    expect([result.lines, result.net]).toEqual([[], null]);
    const mean = result.sections[0]?.means.find((one) => one.parameter === 'nh3n');
    expect(mean).toMatchObject({
      mean: null,
      expected: slots,
      observed: enough - 1,
      valid: enough - 1,
      enough: false,
    });
  });

  it('no readings at all', async () => {
    const result = await preview({});
    expect([result.status, result.reason?.code, result.lines]).toEqual([
      'not-assessable',
      'input-missing',
      [],
    ]);
  });

  it('readings that are not valid count as observed but not as valid', async () => {
    const result = await preview(clean, { flags: { tp: packFlags({ validity: 'suspect' }) } });
    const mean = result.sections[0]?.means.find((one) => one.parameter === 'tp');
    expect(mean).toMatchObject({ observed: slots, valid: 0, mean: null });
    expect(result.status).toBe('not-assessable');
  });

  it('an item that decides the class is missing', async () => {
    const { do: _oxygen, ...rest } = clean;
    const result = await preview(rest);
    expect(result.sections[0]?.periodClass).toMatchObject({ class: null, reason: 'too-few-readings: do' });
    expect(result.status).toBe('not-assessable');
  });
});

describe('periods', () => {
  it('one that is not over counts the readings due so far, and says so', async () => {
    const half = slots / 2;
    const first = Object.fromEntries(Object.entries(clean).map(([name, row]) => [name, row.slice(0, half)]));
    const result = await preview(first, { nowS: june.beginS + half * fourHours });
    expect(result.period.over).toBe(false);
    expect(result.sections[0]?.means[0]).toMatchObject({ expected: half, valid: half, coverage: '1.0000' });
    expect(result.remarks.map((remark) => remark.en).join(' ')).toContain('2026-06 is not over');
  });

  it('follow the civil months of the region and pass the journal position on', async () => {
    const asked: SeriesQuery[] = [];
    await previewAgreement({
      agreement,
      period: '2026-06',
      config,
      readings: readingsOf(clean, {}, asked),
      nowS: june.endS,
      asOfSeq: 41,
    });
    expect(asked[0]).toMatchObject({
      fromS: Date.UTC(2026, 4, 31, 16) / 1000,
      toS: Date.UTC(2026, 5, 30, 16) / 1000,
      asOfSeq: 41,
    });
    expect(civilPeriod('2026-Q4', 'Asia/Shanghai').endS).toBe(Date.UTC(2026, 11, 31, 16) / 1000);
    expect(civilPeriod('2026', 'UTC')).toMatchObject({ kind: 'year', beginS: Date.UTC(2026, 0, 1) / 1000 });
  });

  it.each([
    ['2026-13', /not a period/],
    ['June', /not a period/],
    ['2026', /computed by month, not by year/],
    ['2035-01', /outside the term/],
  ])('%s is refused', async (period, message) => {
    await expect(preview(clean, { period })).rejects.toThrow(message);
  });
});

it.each([
  { from: '2026-06-02', to: '2027-12-31' },
  { from: '2025-01-01', to: '2026-06-29' },
])('a period of which the term $from to $to covers only a part has no result', async (term) => {
  const found = await preview(clean, { term });
  expect([found.status, found.reason?.code, found.lines, found.net]).toEqual([
    'not-assessable',
    'term-covers-part',
    [],
    null,
  ]);
  expect(found.reason?.text.zh).toContain(`${term.from} 至 ${term.to} 只覆盖 2026-06 的一部分`);
  expect((await preview(clean, { term: { from: '2026-06-01', to: '2026-06-30' } })).status).not.toBe(
    'not-assessable',
  );
});

it('adds what a superior government gives whatever the readings say, outside the net of the parties', async () => {
  const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
  const from = { code: null, name: { zh: '中央财政', en: 'central finance' } };
  const line = { id: 'guiding', from, to: 'protecting' as const, amountWan: '300.5', periods: ['2026-06'] };
  const unconditional = [{ ...line, documentNumber: null, provenance }];
  const request = { period: '2026-06', config, readings: readingsOf(clean), nowS: june.endS + 86_400 };
  const without = await previewAgreement({ ...request, agreement });
  const given = await previewAgreement({ ...request, agreement: { ...agreement, unconditional } });
  expect(given.lines.slice(0, -1)).toEqual(without.lines);
  expect(given.lines.at(-1)).toMatchObject({
    section: '*',
    from,
    to: { code: agreement.parties.protecting },
    amountFen: '300500000',
    dependsOn: [],
  });
  expect(given.net).toEqual(without.net);
});
