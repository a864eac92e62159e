import { afterAll, beforeAll, expect, test } from 'vitest';
import { drillOf } from '../../src/alert/drill.ts';
import { deliveryStore, openState } from '../../src/store/state/index.ts';
import { chasing, hour, minute, openWorld, policyOf, Timeline } from './timeline.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test('the journal alone gives the same alerts, history, answers and silences again; a drill goes the whole way', async () => {
  const t = new Timeline(world, { policy: policyOf(chasing) });
  await t.feed(0, 0.8);
  const alert = await t.only();
  await t.at(30 * minute);
  await t.act('acknowledge-alert', { alert: alert.id, note: '已派人到现场' }, 'li');
  await t.act('assign-alert', { alert: alert.id, to: 'wang' });
  await t.act('comment-alert', { alert: alert.id, text: '取样送检' });
  const silence = { match: { kinds: ['silence'] }, reason: '检修', fromS: t.startS, toS: t.startS + hour };
  await t.act('silence-alerts', silence);
  await t.feed(4 * hour, 0.1);
  await t.act('close-alert', { alert: alert.id, reason: '已恢复' });

  const drill = { station: 'songxi-yanxia', severity: 'major', actor: 'li', synthetic: false } as const;
  await t.act('record-alerts', { ...drillOf(drill, t.config, world.clock.atS) });
  await t.at(5 * hour);
  expect(t.between(5 * hour, 5 * hour)).toEqual(['drill:down', 'drill:up']);
  const title = { zh: '【演练】松溪岩下：预警演练' };
  expect(t.told.at(-1)!.message.facts).toMatchObject({ drill: true, title });
  await t.at(5 * hour + 30 * minute);
  expect(t.told.filter(({ kind }) => kind === 'escalated')).toHaveLength(4);

  const before = await world.state.alerts.get(alert.id);
  expect(before!.steps.map(({ kind }) => kind)).toEqual([
    'opened',
    'notified',
    'escalated',
    'acknowledged',
    'assigned',
    'commented',
    'resolved',
    'notified',
    'closed',
  ]);
  const { tables } = await world.state.rebuild();
  expect(tables.filter(({ equal }) => !equal)).toEqual([]);
  const filled = tables.filter(({ name, rows }) => name.startsWith('alert') && rows > 0);
  expect(filled.map(({ name }) => name)).toEqual(['alert', 'alert_silence', 'alert_step', 'alert_told']);
  expect(await world.state.alerts.get(alert.id)).toEqual(before);
});

test('a state that is lost whole is made again from the journal: what was delivered is not sent again, the rest is', async () => {
  const t = new Timeline(world, { policy: policyOf(chasing) });
  await t.feed(0, 0.8);
  const outbox = deliveryStore(world.state.db, world.state.acts);
  const [first, second] = t.told.map(({ message }) => message.id);
  const nowS = world.clock.atS;
  await outbox.noteOutcome(first!, { state: 'delivered', atS: nowS, error: null });
  await outbox.noteOutcome(second!, { state: 'dead', atS: nowS, error: '550 no such user' });
  const again = async () => {
    const { journal, clock } = world;
    const state = await openState(
      { kind: 'pglite', dir: 'memory://' },
      { journal, clock: { nowS: () => clock.atS } },
    );
    await state.acts.recover();
    const store = deliveryStore(state.db, state.acts);
    const found = await Promise.all([first!, second!].map((id) => store.get(id)));
    await state.close();
    return found;
  };
  expect(await again()).toMatchObject([
    { state: 'delivered', deliveredS: nowS, deliveredOrder: expect.any(Number) },
    { state: 'dead', lastError: '550 no such user' },
  ]);
  await t.act('resend-notification', { notification: second! });
  expect(await outbox.get(second!)).toMatchObject({ state: 'waiting', attempts: 0 });
  expect(await again()).toMatchObject([{ state: 'delivered' }, { state: 'waiting' }]);
});
