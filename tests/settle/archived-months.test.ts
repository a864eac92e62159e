import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ActKind } from '../../src/domain/acts.ts';
import type { ArchiveWindow, KeptInterval } from '../../src/domain/archive.ts';
import { bundleText } from '../../src/settle/bundle.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';
import { verifyBundle } from '../../src/settle/verify.ts';
import { reliedOn } from '../../src/system/retention.ts';
import { clean, day, type OpenDesk, openDesk, provider, section } from './desk-fixture.ts';

let open: OpenDesk;
beforeAll(async () => {
  open = await openDesk();
});
afterAll(() => open.close());

const pact = (period: string) => ({ agreement: 'pact', period, actor: 'office' });
const monthOf = (period: string) => civilPeriod(period, 'Asia/Shanghai');
const perform = (kind: ActKind, id: string, payload: Record<string, unknown>) =>
  open.state.acts.perform({ kind, version: 1, id, actor: 'office', atS: open.clock.nowS(), payload });

it('leave in the store what a signed statement, a review, an instrument check and a decided circumstance rest on, and the rest is settled from the archive', async () => {
  for (const period of ['2026-01', '2026-02', '2026-03', '2026-04', '2026-05', '2026-06', '2026-07'])
    await open.deliver(period, period === '2026-05' ? { ...clean, tp: 0.03 } : clean);
  const { statement } = await open.desk.issue(pact('2026-05'));
  await open.countersign(statement.id);
  const bundle = await open.desk.bundle(statement.id);
  const [january, february, march] = ['2026-01', '2026-02', '2026-03'].map(monthOf);
  const about = { station: section, provider, parameters: ['tp'] };
  await perform('review-readings', 'seen', {
    ...about,
    averaging: 'P1M',
    fromS: january!.beginS,
    toS: january!.beginS + day,
    validity: 'valid',
    stage: 3,
    seenSeq: 0,
    reason: 'seen',
  });
  await perform('record-check', 'checked', {
    ...about,
    check: 'zero-drift',
    fromS: february!.beginS - day,
    atS: february!.beginS + day,
    expected: '1',
    measured: '2',
    detectionLimit: null,
    passed: false,
    edition: 'made-up',
    figures: {},
    holdsFromS: february!.beginS - 2 * day,
    note: '',
  });
  await perform('apply-circumstance', 'flood', {
    id: 'flood',
    kind: 'extreme-weather-or-flood',
    section,
    items: [],
    fromS: march!.beginS + 2 * day,
    toS: march!.beginS + 3 * day,
    applicant: open.agreement.parties.protecting,
    evidence: [],
    note: '',
  });
  await perform('decide-circumstance', 'flood-decided', {
    circumstance: 'flood',
    effect: 'none',
    decidedBy: null,
    documentNumber: null,
    fromS: march!.beginS - day,
    toS: march!.beginS + 3 * day,
    note: '',
  });

  const kept: KeptInterval[] = await reliedOn(open);
  const archive = open.readings.archive!;
  const window: ArchiveWindow = {
    averaging: 'P1M',
    provider,
    parameters: null,
    fromS: january!.beginS,
    toS: monthOf('2026-07').beginS,
  };
  const how = { id: 'months', place: 'months', kept, facts: {} };
  expect(await archive.age(window, how)).toMatchObject({ readings: 2 * Object.keys(clean).length });
  const asked = { ...window, stations: [section], parameters: ['tp'], toS: window.toS + 40 * day };
  const left = await open.file.series(asked);
  expect([...left[0]!.timeS]).toEqual(
    ['2026-01', '2026-02', '2026-03', '2026-05', '2026-07'].map((period) => monthOf(period).beginS),
  );
  expect(await open.readings.series(asked)).toMatchObject([{ timeS: { length: 7 } }]);

  expect(await open.desk.bundle(statement.id)).toEqual(bundle);
  const verified = await verifyBundle(Buffer.from(bundleText(bundle)), null);
  expect(verified).toMatchObject({ statement: statement.id, findings: [] });
  expect(await open.desk.correct({ ...pact('2026-05'), actor: null })).toMatchObject({ issued: null });
  const fromArchive = await open.desk.issue(pact('2026-06'));
  expect(fromArchive.statement.lines[0]?.amountFen).toBe('50000000');
  await open.deliver('2026-05', { ...clean, nh3n: 9 });
  expect((await open.desk.correct(pact('2026-05'))).issued).not.toBeNull();
});
