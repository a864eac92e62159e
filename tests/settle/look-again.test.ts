import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Config } from '../../src/domain/config/config.ts';
import { packFlags } from '../../src/domain/flags.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';
import { type OpenDesk, clean, openDesk, provider, section } from './desk-fixture.ts';

const june = { agreement: 'pact', period: '2026-06' };
const look = { ...june, actor: null };
const others = Array.from({ length: 11 }, (_, nth) => `other-${nth}`);
const { beginS } = civilPeriod('2026-06', 'Asia/Shanghai');

/** Eleven more sections like the first, in the agreement as well. */
const twelve = (config: Config): Config => {
  const like = config.sections.find(({ id }) => id === section)!;
  const [agreement] = config.agreements;
  return {
    ...config,
    sections: [...config.sections, ...others.map((id) => ({ ...like, id }))],
    agreements: [
      {
        ...agreement!,
        sections: [...agreement!.sections, ...others.map((id) => ({ section: id, target: 2 }))],
      },
    ],
  };
};

let open: OpenDesk;
let target = 2;
const give = (sections: readonly string[], values: Record<string, number>, atS = beginS): Promise<void> =>
  open.bring(provider, (builder) => {
    for (const id of sections)
      for (const [parameter, value] of Object.entries(values))
        builder.add({
          series: builder.seriesOf(id, parameter, 'P1M'),
          timeS: atS,
          value,
          flags: packFlags({ stage: 3 }),
        });
  });

beforeAll(async () => {
  open = await openDesk({}, undefined, (config) => {
    const all = twelve(config);
    return Object.defineProperty({ ...all }, 'agreements', {
      enumerable: true,
      get: () => [
        {
          ...all.agreements[0]!,
          sections: all.agreements[0]!.sections.map((one, nth) => (nth === 1 ? { ...one, target } : one)),
        },
      ],
    });
  });
  await give([section, ...others], clean);
  const { statement } = await open.desk.issue({ ...june, actor: 'office' });
  await open.countersign(statement.id);
});
afterAll(() => open.close());

it('while nothing has changed no section is computed again and no reading is read', async () => {
  expect((await open.desk.correct(look)).recomputed).toEqual({ sections: [], of: 12, readings: 0 });
});

it('what is outside the period, of another parameter or the same value again, touches nothing', async () => {
  await give(others, clean);
  await give(others, { ...clean, tp: 0.3 }, civilPeriod('2026-05', 'Asia/Shanghai').beginS);
  await give(others, { turb: 12 });
  expect((await open.desk.correct(look)).recomputed.sections).toEqual([]);
});

it('one changed reading has its section computed again and no other, and only its lines differ', async () => {
  await give(['other-7'], { tp: 0.16 });
  const inForce = (await open.store.statement('pact.2026-06.1'))!;
  expect(await open.desk.changedSince(inForce)).toEqual(['other-7']);
  const { recomputed, changed, difference } = await open.desk.correct(look);
  expect(recomputed).toEqual({ sections: ['other-7'], of: 12, readings: 5 });
  expect(changed).toEqual([{ section: 'other-7', parameter: 'tp', before: '0.020', now: '0.160' }]);
  expect([...new Set(difference.map((one) => one.section))]).toEqual(['other-7']);
  const { issued } = await open.desk.correct({ ...june, actor: 'office' });
  expect(issued?.statement.difference).toEqual(difference);
  await open.countersign(issued!.statement.id);
  expect((await open.desk.correct(look)).recomputed.sections).toEqual([]);
});

it('another rule has all sections computed again', async () => {
  target = 1;
  const { recomputed, difference } = await open.desk.correct(look);
  expect([recomputed.sections.length, recomputed.readings]).toEqual([12, 60]);
  expect(new Set(difference.map((one) => one.section))).toEqual(new Set(['other-0']));
  target = 2;
});
