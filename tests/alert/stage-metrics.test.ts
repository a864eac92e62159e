import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stageMeter } from '../../src/alert/stage-meter.ts';
import { openStores, testApp, type Stores, type TestApp } from '../api/test-app.ts';
import { day, hour, minute, openWorld, policyOf, ruleOf, Timeline } from './timeline.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
let stores: Stores;
let api: TestApp;
const registry = new Registry();

beforeAll(async () => {
  world = await openWorld();
  stores = await openStores();
  api = await testApp(stores, { moreMetrics: () => registry.metrics() });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
  await world.close();
});

/** Values of the lines of /metrics that begin with `jiehe_alert`, by name and labels. */
async function metrics(): Promise<Map<string, number>> {
  const { body } = await api.app.inject('/metrics');
  const lines = body.split('\n').filter((line) => line.startsWith('jiehe_alert'));
  return new Map(lines.map((line) => line.split(/ (?=\S+$)/)).map(([name, value]) => [name!, Number(value)]));
}

test('/metrics says of every stage what went past it, what it dropped and what waits there', async () => {
  const incident = ruleOf({
    id: 'incident',
    when: { kind: 'incident' },
    scope: {},
    raise: -1,
    severity: [{ above: -1, severity: 'major' }],
  });
  const low = ruleOf({
    id: 'phosphorus',
    when: { kind: 'item-over-limit', on: 'single', items: ['tp'] },
    severity: [{ above: 0, severity: 'minor' }],
  });
  const t = new Timeline(world, {
    alertRules: [ruleOf(), low, incident],
    policy: policyOf({
      group: { by: ['rule'], waitSeconds: 10 * minute },
      incidentKinds: [{ id: 'spill', name: { zh: '泄漏', en: 'Spill' } }],
      inhibitions: [{ id: 'i', source: { kinds: ['incident'] }, target: { rules: ['ammonia'] } }],
    }),
  });
  const engine = t.engine({ meter: stageMeter(registry) });
  const passAt = async (atS: number): Promise<Map<string, number>> => {
    world.clock.atS = t.startS + atS;
    await engine.pass();
    return metrics();
  };
  const ended = (values: Map<string, number>, stage: string, reason: string) =>
    values.get(`jiehe_alert_stage_dropped_total{stage="${stage}",reason="${reason}"}`);
  const waiting = (values: Map<string, number>, stage: string, reason: string) =>
    values.get(`jiehe_alert_stage_waiting{stage="${stage}",reason="${reason}"}`);
  const passed = (values: Map<string, number>, stage: string) =>
    values.get(`jiehe_alert_stage_passed_total{stage="${stage}"}`);

  // Both news wait for their groups.
  t.put(0, { nh3n: 0.8, tp: 0.3 });
  let seen = await passAt(0);
  expect(waiting(seen, 'group', 'waits-for-its-group')).toBe(2);
  expect(passed(seen, 'route')).toBe(0);
  expect(seen.get('jiehe_alert_steps_total{kind="opened"}')).toBe(2);

  // One is told to both sides, the low one waits for the morning.
  seen = await passAt(10 * minute);
  expect(waiting(seen, 'group', 'waits-for-its-group')).toBeUndefined();
  for (const stage of ['expire', 'route', 'group', 'inhibit', 'silence', 'digest', 'deduplicate'])
    expect(passed(seen, stage), stage).toBeGreaterThan(0);
  expect(passed(seen, 'deduplicate')).toBe(1);
  expect(ended(seen, 'digest', 'waits-for-the-digest')).toBe(1);
  expect(waiting(seen, 'digest', 'waits-for-the-digest')).toBe(1);
  expect(seen.get('jiehe_alert_notifications_total{kind="opened"}')).toBe(2);

  // The event ends and begins again, under an incident and under a silence of the incident.
  t.put(hour, { nh3n: 0.2 });
  seen = await passAt(hour);
  expect(seen.get('jiehe_alerts{state="notified"}')).toBe(1);
  expect(seen.get('jiehe_alerts{state="open"}')).toBe(1);
  const reason = '仪器搬迁';
  const silenced = { match: { rules: ['incident'] }, reason, fromS: t.startS, toS: t.startS + 2 * day };
  await t.act('silence-alerts', silenced);
  await t.act('open-incident', {
    incident: 'spill-1',
    kind: 'spill',
    text: '槽罐车侧翻',
    severity: 'major',
    stations: ['songxi-yanxia'],
    jurisdiction: null,
    fromS: world.clock.atS,
  });
  t.put(2 * hour, { nh3n: 0.9 });
  await passAt(2 * hour);
  seen = await passAt(3 * hour);
  expect(ended(seen, 'inhibit', 'inhibited-by')).toBe(1);
  expect(ended(seen, 'silence', 'silenced-by')).toBe(1);
  expect(waiting(seen, 'inhibit', 'inhibited-by')).toBe(1);

  // What was held back until it was over is dropped for good.
  t.put(4 * hour, { nh3n: 0.2 });
  seen = await passAt(5 * hour);
  expect(ended(seen, 'expire', 'over-while-held-back')).toBe(1);
  expect(waiting(seen, 'inhibit', 'inhibited-by')).toBeUndefined();

  for (const phase of ['evaluate', 'decide', 'record'])
    expect(seen.get(`jiehe_alert_pass_seconds_count{phase="${phase}"}`), phase).toBeGreaterThan(1);
  expect(seen.get('jiehe_alert_records_total{outcome="recorded"}')).toBeGreaterThan(3);
  // Names of alerts, silences and incidents would make a series each.
  expect([...seen.keys()].join()).not.toMatch(/spill|songxi|~/);
});
