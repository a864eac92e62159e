import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/domain/config/config.ts';
import { packFlags } from '../../src/domain/flags.ts';
import type { Preview } from '../../src/domain/preview.ts';
import { carried, type Carried } from '../../src/simulator/river-files.ts';
import { everything, truthBasin, type TruthBasin } from '../../src/simulator/river-truth.ts';
import { balancesOf } from '../../src/settle/books.ts';
import { bundleText } from '../../src/settle/bundle.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';
import { previewAgreement } from '../../src/settle/preview.ts';
import { verifyBundle } from '../../src/settle/verify.ts';
import { day, type OpenDesk, openDesk, section } from './desk-fixture.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
const gauge = 'gauge-test';
const zone = 'Asia/Shanghai';
/** Each month is another basin: what passes the section in it is known. */
const months = Array.from({ length: 40 }, (_, at) =>
  new Date(Date.UTC(2023, 2 + at)).toISOString().slice(0, 7),
);
const factors = { codmn: 'CODMn', nh3n: 'NH3N', tp: 'TP' } as const;
const names = Object.keys(carried) as Carried[];
const allowed = { CODMn: '380', NH3N: '38', TP: '9.5' };

function gauged(config: Config): Config {
  const transfer = { method: 'same-place' as const, relativeStandardError: '0', provenance };
  const sections = config.sections.map((one) =>
    one.id === section ? { ...one, flowStation: { id: gauge, transfer, provenance } } : one,
  );
  const station = { ...config.flowStations[0]!, id: gauge, aliases: [{ provider: 'mwr', key: gauge }] };
  return { ...config, sections, flowStations: [...config.flowStations, station] };
}

/** The basin's own gauge and its own samples, as they would be stored. */
async function bring(desk: OpenDesk, beginS: number, basin: TruthBasin): Promise<void> {
  const flags = packFlags({ stage: 3 });
  await desk.bring('mwr', (builder) => {
    const series = builder.seriesOf(gauge, 'discharge', 'instant');
    basin.exit.dayM3s.forEach((value, at) =>
      builder.add({ series, timeS: beginS + at * day + day / 2, value, flags }),
    );
  });
  await desk.bring('cnemc', (builder) => {
    for (const parameter of names) {
      const series = builder.seriesOf(section, parameter, 'instant');
      basin.exit.sampleGM3.forEach((value, at) =>
        builder.add({
          series,
          timeS: beginS + at * 4 * 3600,
          value: Number((value * carried[parameter]).toFixed(4)),
          flags,
        }),
      );
    }
  });
}

describe('a load agreement on the flow of simulated basins, whose loads are known', () => {
  let desk: OpenDesk;
  const truth = new Map<string, number>();
  const previews = new Map<string, Preview>();
  beforeAll(async () => {
    desk = await openDesk(
      {
        scheme: 'load-allowance-demonstration',
        dataSource: { provider: 'cnemc', averaging: 'instant' },
        flow: {
          method: 'interpolation',
          minimum: { flowDays: '0.9', sampledDays: '0.75', highFlowDays: '0.8', leastSamples: 20 },
          provenance,
        },
        given: [{ input: 'allowed', value: allowed, unit: 't', provenance }],
      },
      undefined,
      gauged,
    );
    for (const [at, month] of months.entries()) {
      const { beginS, endS } = civilPeriod(month, zone);
      const basin = truthBasin(at + 1, everything, Math.round((endS - beginS) / day));
      truth.set(month, basin.exitTonnes);
      await bring(desk, beginS, basin);
    }
    for (const period of months) {
      const { agreement, config, readings, clock } = desk;
      previews.set(
        period,
        await previewAgreement({ agreement, period, config, readings, nowS: clock.nowS() }),
      );
    }
  });
  afterAll(() => desk.close());

  const sectionOf = (month: string) => previews.get(month)!.sections[0]!;
  const known = (month: string, factor: Carried): number => truth.get(month)! * carried[factor];

  it('prints loads whose 90 % intervals hold the truth', () => {
    const cases = months.map((month) => {
      const loads = sectionOf(month).flow!.loads;
      expect(loads.map(({ parameter }) => parameter)).toEqual(names);
      // One water carries all three, so that they are right or wrong together but for the rounding of their readings.
      const { tonnes, interval90Tonnes } = loads[0]!;
      const [low, high] = interval90Tonnes!.map(Number) as [number, number];
      const is = known(month, 'codmn');
      return {
        off: Math.abs(Number(tonnes) / is - 1),
        width: (high - low) / is,
        held: low <= is && is <= high,
      };
    });
    const held = cases.filter((one) => one.held).length / cases.length;
    const worst = Math.max(...cases.map(({ off }) => off));
    const width = cases.map((one) => one.width).toSorted((a, b) => a - b)[cases.length / 2]!;
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    console.log(
      `simulated basins: ${percent(held)} of ${cases.length} loads held, farthest off ${percent(worst)}, median width ${percent(width)}`,
    );
    expect(held).toBeGreaterThanOrEqual(0.85);
    expect(held).toBeLessThanOrEqual(0.97);
    expect(width).toBeLessThan(0.3);
  });

  it('comes to the amount that the truth comes to, within what the intervals are worth', () => {
    const rates = { codmn: 0.1, nh3n: 0.7, tp: 1 };
    const sum = (of: (factor: Carried) => number): number => names.reduce((left, one) => left + of(one), 0);
    const near = months.filter((month) => {
      const { lines, sections } = previews.get(month)!;
      const loads = new Map(sections[0]!.flow!.loads.map((one) => [one.parameter, one]));
      const toward = lines[0]?.from.code === desk.agreement.parties.protecting ? 1 : -1;
      const amountWan = toward * Number(lines[0]?.amountWan ?? 0);
      const shouldBe = sum((one) => rates[one] * (known(month, one) - Number(allowed[factors[one]])));
      const worth = sum((one) => {
        const [low, high] = loads.get(one)!.interval90Tonnes!.map(Number) as [number, number];
        return (rates[one] * (high - low)) / 2;
      });
      return Math.abs(amountWan - shouldBe) <= worth + 0.01;
    });
    expect(near.length / months.length).toBeGreaterThanOrEqual(0.85);
    const directions = new Set(months.map((month) => previews.get(month)!.lines[0]?.from.code));
    expect(directions.size).toBe(2);
  });

  it('goes on to a statement in force, its books, and a file that the other side computes again', async () => {
    const period = months.at(-1)!;
    const { statement } = await desk.desk.issue({ agreement: 'pact', period, actor: 'office' });
    await desk.countersign(statement.id);
    const [line] = statement.lines;
    expect(line?.amountFen).toBe(previews.get(period)!.lines[0]?.amountFen);
    expect(statement.sections[0]?.flow?.loads).toEqual(sectionOf(period).flow?.loads);
    const balances = balancesOf(await desk.store.ledger('pact'));
    expect(balances.map(({ amountFen }) => amountFen.toString()).toSorted()).toEqual(
      [`-${line!.amountFen}`, line!.amountFen].toSorted(),
    );
    const bundle = await desk.desk.bundle(statement.id);
    expect(bundle.inputs.series.map(({ parameter }) => parameter).toSorted()).toContain('discharge');
    expect((await verifyBundle(Buffer.from(bundleText(bundle)), null)).findings).toEqual([]);
  });
});
