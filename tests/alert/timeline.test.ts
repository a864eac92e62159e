import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Alert } from '../../src/domain/alerts.ts';
import type { ChannelConfig } from '../../src/domain/config/channels.ts';
import {
  calendarOf,
  chasing,
  contactOf,
  day,
  hour,
  minute,
  openWorld,
  policyOf,
  ruleOf,
  shippedConfig,
  Timeline,
} from './timeline.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
let line: Timeline;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
afterEach(() => line.clear());

type Given = ConstructorParameters<typeof Timeline>[1];
const scenario = (given: Given = {}): Timeline => (line = new Timeline(world, given));
const both = (kind: string): string[] => [`${kind}:down`, `${kind}:up`];

describe('an event begins', () => {
  test('both sides of the border are told once, with what they need', async () => {
    const t = scenario();
    await t.feed(0, 0.4);
    await t.feed(4 * hour, 0.8);
    expect(t.between(0, 4 * hour - 1)).toEqual([]);
    expect(t.between(4 * hour, 4 * hour)).toEqual(both('opened'));
    const { message } = t.told.find(({ to }) => to === 'up')!;
    expect(message.facts).toMatchObject({
      ruleId: 'ammonia',
      station: 'songxi-yanxia',
      stationName: { zh: '松溪岩下' },
      parameter: 'nh3n',
      value: '0.8',
      limit: '0.5',
      multiple: '0.60',
      unit: 'mg/L',
      standing: 'single-unreviewed',
      beginS: t.startS + 4 * hour,
      endS: null,
      jurisdictions: ['350700', '331100'],
      drill: false,
    });
    expect(message.facts.summary.zh).toContain('单次值高于Ⅱ类限值(未经审核)');
    expect(message.facts.summary.zh).not.toContain('超标');
  });

  test('at the limit itself nobody is told; just above it they are', async () => {
    const t = scenario();
    await t.feed(0, 0.5);
    await t.feed(4 * hour, 0.501);
    expect(t.between(0, 4 * hour - 1)).toEqual([]);
    expect(t.between(4 * hour, 4 * hour)).toHaveLength(2);
  });

  test('a reading that says no value, or an invalid one, begins nothing', async () => {
    const t = scenario();
    await t.feed(0, null);
    t.put(4 * hour, { nh3n: 3 }, { invalid: true });
    await t.at(4 * hour);
    expect(t.told).toEqual([]);
  });

  test('the same readings looked at again change nothing', async () => {
    const t = scenario();
    await t.feed(0, 0.8);
    for (let nth = 1; nth < 4; nth++) await t.feed(0, 0.8, nth * minute);
    expect(t.told).toHaveLength(2);
    expect(await t.steps()).toEqual(['opened:condition-held', 'notified:told']);
  });

  test('a rule that wants two values in a row waits for the second', async () => {
    const t = scenario({ alertRules: [ruleOf({ forValues: 2 })] });
    await t.feed(0, 0.8);
    expect(t.told).toEqual([]);
    await t.feed(4 * hour, 0.7);
    expect(t.between(4 * hour, 4 * hour)).toEqual(both('opened'));
    expect((await t.only()).startS).toBe(t.startS);
  });

  test('a rule that wants six hours waits for six hours of event time', async () => {
    const t = scenario({ alertRules: [ruleOf({ forMinutes: 360 })] });
    await t.feed(0, 0.8);
    await t.feed(4 * hour, 0.8);
    expect(t.told).toEqual([]);
    await t.feed(8 * hour, 0.8);
    expect(t.between(8 * hour, 8 * hour)).toEqual(both('opened'));
  });

  test('outside the hours of its schedule a rule does not look', async () => {
    const schedule = { weekdays: [1, 2, 3, 4, 5], begin: '08:00', end: '18:00' };
    const t = scenario({ alertRules: [ruleOf({ schedule })] });
    // Monday 20:00 and Tuesday 08:00.
    await t.feed(12 * hour, 0.9);
    expect(t.told).toEqual([]);
    await t.feed(day + 4 * hour, 0.9);
    expect(t.told).toHaveLength(2);
  });

  test('before the day from which a rule is in force it says nothing', async () => {
    const t = scenario({ alertRules: [ruleOf({ from: '2099-01-01' })] });
    await t.feed(0, 5);
    expect(t.told).toEqual([]);
  });

  test('each item has an alert of its own, one rule and subject one', async () => {
    const t = scenario({ alertRules: [ruleOf({ when: { kind: 'item-over-limit', on: 'single' } })] });
    t.put(0, { nh3n: 0.8, tp: 0.2 });
    await t.at(0);
    t.put(4 * hour, { nh3n: 0.9, tp: 0.3 });
    await t.at(4 * hour);
    expect((await t.alerts()).map(({ parameter }) => parameter)).toEqual(['nh3n', 'tp']);
  });

  test('old readings that arrive today tell nobody of what is long over', async () => {
    const t = scenario();
    t.put(-20 * day, { nh3n: 2 });
    t.put(-19 * day, { nh3n: 0.1 });
    await t.at(0);
    expect(t.told).toEqual([]);
    expect(await t.alerts()).toEqual([]);
  });
});

describe('an event ends', () => {
  test('those who were told hear that it is over, over the way they were told', async () => {
    const t = scenario();
    await t.feed(0, 0.8);
    await t.feed(4 * hour, 0.3);
    expect(t.between(4 * hour, 4 * hour)).toEqual(both('resolved'));
    expect(await t.only()).toMatchObject({ state: 'resolved', startS: t.startS, endS: t.startS + 4 * hour });
    expect((await t.steps()).at(-2)).toBe('resolved:cleared');
  });

  test('hysteresis: between clear and raise what was goes on', async () => {
    const t = scenario({ alertRules: [ruleOf({ raise: 0.2, clear: 0 })] });
    await t.feed(0, 0.55);
    expect(t.told).toEqual([]);
    await t.feed(4 * hour, 0.65);
    await t.feed(8 * hour, 0.55);
    expect((await t.only()).state).toBe('notified');
    await t.feed(12 * hour, 0.5);
    expect((await t.only()).state).toBe('resolved');
  });

  test('a value that flaps makes one alert, not ten', async () => {
    const t = scenario({ alertRules: [ruleOf({ endAfterValues: 2 })] });
    for (let nth = 0; nth < 20; nth++) await t.feed(nth * 4 * hour, nth % 2 === 0 ? 0.8 : 0.4);
    expect(t.told).toHaveLength(2);
    expect((await t.only()).startS).toBe(t.startS);
  });

  test('two events apart are two alerts', async () => {
    const t = scenario();
    await t.feed(0, 0.8);
    await t.feed(4 * hour, 0.3);
    await t.feed(8 * hour, 0.9);
    expect((await t.alerts()).map(({ state }) => state)).toEqual(['resolved', 'notified']);
  });

  test('a station that falls silent ends its event when the gap can no longer be bridged', async () => {
    const t = scenario({ alertRules: [ruleOf({ bridgeHours: 8 })] });
    await t.feed(0, 0.8);
    await t.at(11 * hour);
    expect((await t.only()).state).toBe('notified');
    await t.at(13 * hour);
    expect((await t.steps()).some((step) => step === 'resolved:no-more-data')).toBe(true);
  });

  test('what has been over for long enough is closed', async () => {
    const t = scenario();
    await t.feed(0, 0.8);
    await t.feed(4 * hour, 0.3);
    await t.at(27 * hour);
    expect((await t.only()).state).toBe('resolved');
    await t.at(28 * hour);
    expect((await t.only()).state).toBe('closed');
  });
});

describe('data that comes late or is corrected', () => {
  test('a late value moves the start, and says so to whoever was told', async () => {
    const t = scenario();
    await t.feed(8 * hour, 0.8);
    await t.feed(4 * hour, 0.7, 8 * hour);
    expect(t.between(12 * hour, 12 * hour)).toEqual(both('amended'));
    expect(await t.only()).toMatchObject({ startS: t.startS + 4 * hour, state: 'notified' });
    const { message } = t.told.at(-1)!;
    expect(message.facts.beginS).toBe(t.startS + 4 * hour);
  });

  test('a correction withdraws an alert, and says so to whoever was told', async () => {
    const t = scenario();
    await t.feed(0, 0.8);
    await t.feed(0, 0.08, hour);
    expect(t.between(hour, hour)).toEqual(both('withdrawn'));
    expect((await t.only()).state).toBe('withdrawn');
  });

  test('a correction before anybody was told is told to nobody', async () => {
    const t = scenario({ policy: policyOf({ group: { by: ['rule'], waitSeconds: 600 } }) });
    await t.feed(0, 0.8);
    await t.feed(0, 0.08, 5 * minute);
    await t.at(hour);
    expect(t.told).toEqual([]);
    expect((await t.only()).state).toBe('withdrawn');
  });

  test('a value that is restored brings the same alert back', async () => {
    const t = scenario();
    await t.feed(0, 0.8);
    await t.feed(0, 0.08, hour);
    await t.feed(0, 0.8, 2 * hour);
    expect(t.between(2 * hour, 2 * hour)).toEqual(both('amended'));
    expect(await t.only()).toMatchObject({ state: 'notified' });
  });

  test('a corrected peak that is still above the limit is told anew', async () => {
    const t = scenario();
    await t.feed(0, 0.8);
    await t.feed(0, 1.6, hour);
    expect(t.between(hour, hour)).toEqual(both('amended'));
    expect((await t.only()).facts.value).toBe('1.6');
  });

  test('a value marked invalid afterwards withdraws', async () => {
    const t = scenario();
    await t.feed(0, 0.8);
    t.put(0, { nh3n: 0.8 }, { invalid: true });
    await t.at(hour);
    expect(t.between(hour, hour)).toEqual(both('withdrawn'));
  });

  test('a late value joins two events: the earlier alert goes on, the later one is withdrawn into it', async () => {
    const t = scenario({ alertRules: [ruleOf({ bridgeHours: 2 })] });
    await t.feed(0, 0.8);
    await t.feed(4 * hour, 0.3);
    await t.feed(8 * hour, 0.9);
    await t.feed(4 * hour, 0.7, 5 * hour);
    const alerts = await t.alerts();
    expect(alerts.map(({ state }) => state)).toEqual(['notified', 'withdrawn']);
    expect(await t.steps(alerts[1]!.id)).toContain('withdrawn:merged');
  });

  test('an event that a late value shows to be over already is resolved with its true end', async () => {
    const t = scenario();
    await t.feed(0, 0.8);
    await t.feed(8 * hour, 0.9);
    await t.feed(4 * hour, 0.2, 5 * hour);
    const alerts = await t.alerts();
    expect(alerts.map(({ state, endS }) => [state, endS])).toEqual([
      ['resolved', t.startS + 4 * hour],
      ['notified', null],
    ]);
  });

  test('readings in another order give the same alerts', async () => {
    const values: [number, number][] = [
      [0, 0.8],
      [4, 0.9],
      [8, 0.3],
      [12, 0.7],
      [16, 0.2],
    ];
    const shape = (alerts: readonly Alert[], from: number) =>
      alerts
        .filter(({ state }) => state !== 'withdrawn')
        .map(({ startS, endS }) => [startS - from, endS! - from])
        .toSorted(([a], [b]) => a! - b!);
    const t = scenario();
    for (const [at, value] of values) await t.feed(at * hour, value);
    const inOrder = shape(await t.alerts(), t.startS);
    await t.clear();
    const u = scenario();
    for (const [nth, [at, value]] of values.toReversed().entries()) {
      u.put(at * hour, { nh3n: value });
      await u.at(16 * hour + nth * minute);
    }
    expect(shape(await u.alerts(), u.startS)).toEqual(inOrder);
  });
});

describe('severity', () => {
  const ladder = ruleOf({
    severity: [
      { above: 0, severity: 'major' },
      { above: 1, severity: 'critical' },
    ],
  });

  test('goes up at once and is told, and down in the record only', async () => {
    const t = scenario({ alertRules: [ladder] });
    await t.feed(0, 0.8);
    await t.feed(4 * hour, 1.2);
    expect(t.between(4 * hour, 4 * hour)).toEqual(both('amended'));
    expect((await t.only()).severity).toBe('critical');
    await t.feed(8 * hour, 0.7);
    expect(t.between(8 * hour, 8 * hour)).toEqual([]);
    expect(await t.only()).toMatchObject({ severity: 'major', worst: 'critical' });
  });

  test('a worse value of the same rung is in the record and disturbs nobody', async () => {
    const t = scenario({ alertRules: [ladder] });
    await t.feed(0, 0.8);
    await t.feed(4 * hour, 0.9);
    expect(t.between(4 * hour, 4 * hour)).toEqual([]);
    expect((await t.only()).facts.value).toBe('0.9');
  });
});

describe('answers and escalation', () => {
  test('unanswered for 30 minutes: the next contact over another channel; then the joint office as well', async () => {
    const t = scenario({ policy: policyOf(chasing) });
    await t.feed(0, 0.8);
    await t.at(29 * minute);
    expect(t.between(1, 29 * minute)).toEqual([]);
    await t.at(30 * minute);
    expect(t.between(30 * minute, 30 * minute)).toEqual(['escalated:down-lead', 'escalated:up-lead']);
    expect(t.told.at(-1)!.channel).toBe('phone');
    await t.at(60 * minute);
    expect(t.between(60 * minute, 60 * minute)).toContain('escalated:office');
    await t.at(10 * hour);
    expect(t.between(61 * minute, 10 * hour)).toEqual([]);
    expect((await t.only()).state).toBe('escalated');
  });

  test('who acknowledges ends the escalation, and it is on record', async () => {
    const t = scenario({ policy: policyOf(chasing) });
    await t.feed(0, 0.8);
    await t.act('acknowledge-alert', { alert: (await t.only()).id, note: '已派人到现场' }, 'li');
    await t.at(3 * hour);
    expect(t.between(1, 3 * hour)).toEqual([]);
    expect(await t.only()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'li' });
  });

  test('an alert is acknowledged once', async () => {
    const t = scenario({ policy: policyOf(chasing) });
    await t.feed(0, 0.8);
    const { id } = await t.only();
    await t.act('acknowledge-alert', { alert: id, note: null });
    await expect(t.act('acknowledge-alert', { alert: id, note: null })).rejects.toMatchObject({
      code: 'E_CONFLICT',
    });
  });

  test('critical alerts are chased sooner', async () => {
    const t = scenario({
      alertRules: [ruleOf({ severity: [{ above: 0, severity: 'critical' }] })],
      policy: policyOf(chasing),
    });
    await t.feed(0, 0.8);
    await t.at(10 * minute);
    expect(t.between(10 * minute, 10 * minute)).toHaveLength(2);
  });

  test('an alert that is over is not chased', async () => {
    const t = scenario({ policy: policyOf(chasing) });
    await t.feed(0, 0.8);
    await t.feed(20 * minute, 0.1);
    await t.at(2 * hour);
    expect(t.told.filter(({ kind }) => kind === 'escalated')).toEqual([]);
  });

  test('the duty changes at 20:00: who is on duty then is told', async () => {
    const shifts = [
      { weekdays: [1, 2, 3, 4, 5, 6, 7], begin: '08:00', end: '20:00', contacts: ['up'] },
      { weekdays: [1, 2, 3, 4, 5, 6, 7], begin: '20:00', end: '08:00', contacts: ['up-lead'] },
    ];
    const t = scenario({
      onCall: [{ ...calendarOf('up', '331100', ['up']), shifts }, calendarOf('down', '350700', ['down'])],
    });
    await t.feed(12 * hour - 1, 0.8);
    expect(t.between(0, 12 * hour)).toEqual(both('opened'));
    await t.feed(16 * hour, 0.1);
    await t.feed(20 * hour, 0.8);
    expect(t.between(20 * hour, 20 * hour)).toEqual(['opened:down', 'opened:up-lead']);
  });

  test('a holiday in the calendar goes before the shift', async () => {
    const t = scenario({ policy: policyOf(chasing) });
    const date = new Date((t.startS + 8 * hour) * 1000).toISOString().slice(0, 10);
    t.config = {
      ...t.config,
      onCall: t.config.onCall.map((one) =>
        one.id === 'up' ? { ...one, exceptions: [{ date, contacts: ['up-lead'] }] } : one,
      ),
    };
    await t.feed(0, 0.8);
    expect(t.between(0, 0)).toEqual(['opened:down', 'opened:up-lead']);
  });

  test('a side without anybody leaves its duty to the joint office', async () => {
    const t = scenario({ contacts: [contactOf('down', '350700'), contactOf('office', null)], onCall: [] });
    await t.feed(0, 0.8);
    expect(t.between(0, 0)).toEqual(['opened:down', 'opened:office']);
  });

  test('a channel that is down is passed over', async () => {
    const t = scenario({ policy: policyOf(chasing) });
    t.downChannels = ['mail'];
    await t.feed(0, 0.8);
    expect(t.told.map(({ channel }) => channel)).toEqual(['phone', 'phone']);
  });

  test('a message that cannot be delivered goes another way, once', async () => {
    const t = scenario({ policy: policyOf(chasing) });
    await t.feed(0, 0.8);
    t.stuck.add(t.told.find(({ to }) => to === 'up')!.message.id);
    await t.at(5 * minute);
    await t.at(10 * minute);
    const again = t.told.slice(2);
    expect(again.map(({ to, channel }) => `${to} ${channel}`)).toEqual(['up phone']);
  });

  describe('where a channel names one that stands in for it', () => {
    const channel = (id: string, type: 'sms-gateway' | 'voice-gateway' | 'smtp', fallback?: string) =>
      ({
        id,
        type,
        name: { zh: id, en: id },
        enabled: true,
        acknowledgeLinks: false,
        settings: {},
        ...(fallback === undefined ? {} : { fallback }),
      }) as unknown as ChannelConfig;
    const channels = [
      channel('sms', 'sms-gateway', 'voice'),
      channel('voice', 'voice-gateway'),
      channel('mail', 'smtp', 'sms'),
    ];
    const contacts = [
      contactOf('up', '331100', ['sms', 'mail']),
      contactOf('down', '350700', ['mail', 'sms']),
    ];
    const ways = (t: Timeline) =>
      t.told.map(({ to, channel: by, message }) => `${to} ${by} ${message.address}`).sort();

    test('what does not arrive goes over that one to the same number, before the next of the contact', async () => {
      const t = scenario({ policy: policyOf(chasing), channels, contacts, onCall: [] });
      await t.feed(0, 0.8);
      expect(ways(t)).toEqual(['down mail down@mail', 'up sms up@sms']);
      for (const { message } of t.told) t.stuck.add(message.id);
      await t.at(5 * minute);
      expect(ways(t)).toEqual([
        'down mail down@mail',
        'down sms down@sms',
        'up sms up@sms',
        'up voice up@sms',
      ]);
      expect(await t.steps()).toContain('fallback:not-delivered');
      for (const { message } of t.told) t.stuck.add(message.id);
      await t.at(6 * minute);
      await t.at(7 * minute);
      expect(ways(t)).toEqual([
        'down mail down@mail',
        'down sms down@sms',
        'down voice down@sms',
        'up mail up@mail',
        'up sms up@sms',
        'up voice up@sms',
      ]);
    });

    test('one that is down or switched off is passed over from the start, and used again when it is back', async () => {
      const t = scenario({
        channels: channels.map((one) => (one.id === 'mail' ? { ...one, enabled: false } : one)),
        contacts,
        onCall: [],
      });
      t.downChannels = ['sms'];
      await t.feed(0, 0.8);
      expect(ways(t)).toEqual(['down voice down@sms', 'up voice up@sms']);
      t.downChannels = [];
      await t.feed(4 * hour, 0.1);
      await t.feed(8 * hour, 0.8);
      expect(t.told.slice(-2).map(({ channel: by }) => by)).toEqual(['sms', 'sms']);
    });
  });
});

describe('what holds messages back', () => {
  test('a silence with a reason and an end: nothing is told, the record says why, and afterwards it is told', async () => {
    const t = scenario();
    await t.act('silence-alerts', {
      match: { stations: ['songxi-yanxia'] },
      reason: '仪器搬迁',
      fromS: t.startS,
      toS: t.startS + 2 * hour,
    });
    await t.feed(0, 0.8);
    await t.at(hour);
    expect(t.told).toEqual([]);
    expect((await t.steps()).filter((step) => step.startsWith('held:silenced-by:'))).toHaveLength(1);
    await t.at(2 * hour);
    expect(t.between(2 * hour, 2 * hour)).toEqual(both('opened'));
  });

  test('a silence that ends before its time, and one without a scope or an end', async () => {
    const t = scenario();
    const given = { match: { rules: ['ammonia'] }, reason: 'r', fromS: t.startS, toS: t.startS + day };
    await t.act('silence-alerts', given);
    await t.feed(0, 0.8);
    const [silence] = await t.world.state.alerts.silences(t.startS);
    await t.act('end-silence', { silence: silence!.id });
    await t.at(minute);
    expect(t.told).toHaveLength(2);
    for (const wrong of [
      { ...given, match: {} },
      { ...given, toS: t.startS },
      { ...given, reason: '' },
    ])
      await expect(t.act('silence-alerts', wrong)).rejects.toMatchObject({ code: 'E_BAD_REQUEST' });
  });

  test('a maintenance window of the configuration', async () => {
    const zone = (atS: number) => new Date((t.startS + atS) * 1000).toISOString();
    const t = scenario();
    const window = {
      id: 'works',
      match: { rivers: ['松原溪'] },
      from: zone(0),
      to: zone(3 * hour),
      reason: { zh: '检修', en: 'works' },
    };
    t.config = { ...t.config, alertPolicies: [policyOf({ maintenance: [window] })] };
    await t.feed(0, 0.8);
    expect(t.told).toEqual([]);
    expect((await t.only()).held).toBe('maintenance:works');
    await t.at(3 * hour);
    expect(t.told).toHaveLength(2);
  });

  test('a snoozed alert is not chased until then', async () => {
    const t = scenario({ policy: policyOf(chasing) });
    await t.feed(0, 0.8);
    await t.act('snooze-alert', {
      alert: (await t.only()).id,
      untilS: t.startS + 2 * hour,
      reason: '正在处理',
    });
    await t.at(hour);
    expect(t.between(1, hour)).toEqual([]);
    await t.at(2 * hour);
    expect(t.between(2 * hour, 2 * hour)).toHaveLength(2);
  });

  const silent = ruleOf({ id: 'silent', when: { kind: 'silence' }, raise: 1.5, forMinutes: 0 });
  const inhibitions = [
    { id: 'dead', source: { kinds: ['silence'] }, target: { kinds: ['item-over-limit'] } },
  ];

  test('a dead station inhibits its thresholds', async () => {
    const t = scenario({
      alertRules: [silent, ruleOf({ bridgeHours: 100 })],
      policy: policyOf({ inhibitions, group: { by: ['rule'], waitSeconds: 3600 } }),
    });
    await t.feed(0, 0.2);
    await t.at(20 * hour);
    await t.at(21 * hour);
    expect(t.told.map(({ message }) => message.facts.ruleId)).toEqual(['silent', 'silent']);
    // A late value of the time before the silence.
    await t.feed(-4 * hour, 0.9, 25 * hour);
    await t.at(26 * hour);
    const held = (await t.alerts()).find(({ rule }) => rule === 'ammonia');
    expect(held?.held).toMatch(/^inhibited-by:silent~/);
  });

  test('silence is noticed by the clock alone, and a reading ends it', async () => {
    const t = scenario({ alertRules: [silent] });
    await t.feed(0, 0.2);
    await t.at(12 * hour);
    expect(t.told).toEqual([]);
    await t.at(12 * hour + 10 * minute);
    expect(t.told.map(({ kind }) => kind)).toEqual(['opened', 'opened']);
    await t.feed(14 * hour, 0.2);
    expect(t.between(14 * hour, 14 * hour)).toEqual(both('resolved'));
    expect(await t.only()).toMatchObject({ startS: t.startS, endS: t.startS + 14 * hour });
  });

  test('patience with a silence is learned from the station itself: what usually reports every twelve hours is waited for longer', async () => {
    const t = scenario({ alertRules: [silent] });
    for (let nth = 25; nth > 0; nth--) t.put(-nth * 12 * hour, { nh3n: 0.2 });
    await t.feed(0, 0.2);
    // 12 h usual, one and a half times that is waited for, and the rule wants one and a half times as long.
    await t.at(27 * hour);
    expect(t.told).toEqual([]);
    await t.at(27 * hour + 10 * minute);
    expect(t.between(27 * hour, 28 * hour)).toEqual(both('opened'));
    expect(t.told[0]!.message.facts).toMatchObject({ value: '27.2', unit: 'h', limit: '18' });
  });

  test('of series that are named each is watched: one that stops while the others go on', async () => {
    const rule = ruleOf({ id: 'silent', when: { kind: 'silence', items: ['nh3n', 'tp'] }, raise: 1.5 });
    const t = scenario({ alertRules: [rule] });
    t.put(0, { nh3n: 0.2, tp: 0.05 });
    await t.at(0);
    for (const at of [4, 8, 12, 16]) {
      t.put(at * hour, { tp: 0.05 });
      await t.at(at * hour + 10 * minute);
    }
    expect(await t.only()).toMatchObject({ parameter: 'nh3n', state: 'notified', startS: t.startS });
  });

  describe('an incident', () => {
    const rule = ruleOf({
      id: 'incident',
      when: { kind: 'incident' },
      scope: {},
      raise: -1,
      severity: [{ above: -1, severity: 'major' }],
    });
    const policy = policyOf({
      incidentKinds: [{ id: 'spill', name: { zh: '泄漏', en: 'Spill' } }],
      routes: [
        { id: 'both', match: {}, side: 'both' },
        { id: 'office', match: { kinds: ['incident'] }, side: 'office' },
      ],
      inhibitions: [{ id: 'i', source: { kinds: ['incident'] }, target: { kinds: ['item-over-limit'] } }],
    });
    const report = { incident: 'spill-1', kind: 'spill', text: '槽罐车侧翻', severity: 'major' };

    test('that is reported is told to both sides and the joint office, and holds back its exceedances until it is over', async () => {
      const t = scenario({ alertRules: [rule, ruleOf()], policy });
      const fromS = t.startS - hour;
      await t.act('open-incident', { ...report, stations: ['songxi-yanxia'], jurisdiction: null, fromS });
      await t.at(0);
      expect(t.between(0, 0)).toEqual(['opened:down', 'opened:office', 'opened:up']);
      expect(t.told[0]!.message.facts.summary).toEqual({ zh: '泄漏：槽罐车侧翻', en: 'Spill: 槽罐车侧翻' });
      await t.feed(4 * hour, 2);
      expect(t.told.filter(({ message }) => message.facts.ruleId === 'ammonia')).toEqual([]);
      const held = (await t.alerts()).find(({ rule: id }) => id === 'ammonia')!;
      expect(held.held).toMatch(/^inhibited-by:incident~songxi-yanxia~spill-1/);
      const end = { incident: 'spill-1', toS: t.startS + 5 * hour, withdrawn: false, reason: '已处置' };
      await t.act('end-incident', end).catch((error: Error) => expect(error.message).toContain('future'));
      t.world.clock.atS = t.startS + 5 * hour;
      await t.act('end-incident', end);
      await t.at(5 * hour);
      expect(t.between(5 * hour, 5 * hour)).toEqual([
        'opened:down',
        'opened:up',
        'resolved:down',
        'resolved:office',
        'resolved:up',
      ]);
      expect(await t.steps('incident~songxi-yanxia~spill-1~' + fromS)).toContain('resolved:incident-over');
      await expect(t.act('end-incident', end)).rejects.toMatchObject({ code: 'E_CONFLICT' });
    });

    test('in a jurisdiction as a whole holds back what concerns it; one that did not happen is withdrawn', async () => {
      const t = scenario({ alertRules: [rule, ruleOf()], policy });
      const fromS = t.startS;
      const of = { ...report, incident: 'spill-2', stations: [], jurisdiction: '331100', fromS };
      await t.act('open-incident', of);
      await t.feed(0, 2);
      expect(t.between(0, 0)).toEqual(['opened:office', 'opened:up']);
      expect(t.told[0]!.message.facts.title.zh).toContain('丽水市');
      t.world.clock.atS += hour;
      const end = { incident: 'spill-2', toS: fromS, withdrawn: true, reason: '误报' };
      await t.act('end-incident', end);
      await t.at(hour);
      expect(t.between(hour, hour)).toEqual(['opened:down', 'opened:up', 'withdrawn:office', 'withdrawn:up']);
    });
  });

  test('the schedule that stands still is told to the joint office, and inhibits the silences it causes', async () => {
    const rules = [
      silent,
      ruleOf({ id: 'schedule', when: { kind: 'schedule-silence' }, scope: {}, raise: 2 }),
    ];
    const policy = policyOf({
      inhibitions: [{ id: 's', source: { kinds: ['schedule-silence'] }, target: { kinds: ['silence'] } }],
    });
    const t = scenario({ alertRules: rules, policy });
    await t.feed(0, 0.2);
    t.slots = [{ source: 'cnemc-water', lastSlotS: t.startS }];
    await t.at(9 * hour);
    expect(t.told.map(({ to }) => to)).toEqual(['office']);
    await t.at(13 * hour);
    expect(t.told).toHaveLength(1);
    t.slots = [{ source: 'cnemc-water', lastSlotS: t.startS + 13 * hour }];
    await t.feed(13 * hour, 0.2, 10 * minute);
    expect(t.told.at(-1)).toMatchObject({ kind: 'resolved', to: 'office' });
  });

  test('low severities wait for the morning and come as one', async () => {
    const minor = ruleOf({
      when: { kind: 'item-over-limit', on: 'single' },
      severity: [{ above: 0, severity: 'minor' }],
    });
    const t = scenario({ alertRules: [minor] });
    t.put(2 * hour, { nh3n: 0.8, tp: 0.3, codmn: 9 });
    await t.at(2 * hour);
    await t.at(day);
    expect(t.told).toEqual([]);
    await t.at(day + 30 * minute);
    expect(t.between(day + 30 * minute, day + 30 * minute)).toEqual(both('digest'));
    expect(t.told[0]!.message.facts.items).toHaveLength(3);
    await t.at(day + hour);
    expect(t.told).toHaveLength(2);
  });
});

describe('groups, storms, restarts and replicas', () => {
  test('what begins within the waiting time of a group is told together', async () => {
    const policy = policyOf({ group: { by: ['jurisdiction', 'river'], waitSeconds: 60 } });
    const t = scenario({ alertRules: [ruleOf({ when: { kind: 'item-over-limit', on: 'single' } })], policy });
    t.put(0, { nh3n: 0.8 });
    await t.at(0);
    t.put(0, { tp: 0.3 });
    await t.at(30);
    expect(t.told).toEqual([]);
    await t.at(60);
    expect(t.told.map(({ kind, message }) => [kind, message.facts.items?.length])).toEqual([
      ['digest', 2],
      ['digest', 2],
    ]);
  });

  test('a restart in the middle of a group loses nothing and repeats nothing', async () => {
    const policy = policyOf({ group: { by: ['jurisdiction', 'river'], waitSeconds: 60 } });
    const t = scenario({ policy });
    await t.feed(0, 0.8);
    t.restart();
    await t.at(30);
    expect(t.told).toEqual([]);
    t.restart();
    await t.at(60);
    t.restart();
    await t.at(90);
    expect(t.between(0, 59)).toEqual([]);
    expect(t.between(60, 90)).toEqual(both('opened'));
  });

  test('two replicas that look at the same moment tell once', async () => {
    const t = scenario({ policy: policyOf(chasing) });
    t.put(0, { nh3n: 0.8 });
    const [one, other] = [t.engine(), t.engine()];
    await Promise.all([one.pass(), other.pass()]);
    expect(t.between(0, 0)).toEqual(both('opened'));
    t.world.clock.atS += 30 * minute;
    await Promise.all([other.pass(), one.pass()]);
    expect(t.between(30 * minute, 30 * minute)).toHaveLength(2);
  });

  test('an answer that comes while a pass is under way is not overrun', async () => {
    const t = scenario({ policy: policyOf(chasing) });
    await t.feed(0, 0.8);
    const { id } = await t.only();
    let answered = false;
    const { state } = t.world;
    const racing = t.engine({
      acts: {
        perform: async (act) => {
          if (!answered) {
            answered = true;
            await t.act('acknowledge-alert', { alert: id, note: null });
          }
          return state.acts.perform(act);
        },
      },
    });
    t.world.clock.atS += 30 * minute;
    expect(await racing.pass()).toBeNull();
    expect((await t.only()).state).toBe('acknowledged');
    expect(t.told).toHaveLength(2);
  });

  test('a storm of 500 sections is one message a desk, and every alert is in it', async () => {
    const section = shippedConfig().sections.find(({ id }) => id === 'songxi-yanxia')!;
    const sections = Array.from({ length: 500 }, (_, nth) => ({ ...section, id: `s${nth}` }));
    const t = scenario({
      sections,
      alertRules: [ruleOf({ scope: {} })],
      policy: policyOf({ group: { by: ['jurisdiction', 'rule'], waitSeconds: 30 } }),
    });
    for (const { id } of sections) t.put(0, { nh3n: 0.8 }, { station: id });
    await t.at(0);
    await t.at(30);
    expect(t.told.map(({ to, kind }) => `${kind}:${to}`).sort()).toEqual(both('digest'));
    expect(t.told[0]!.message.facts.items).toHaveLength(500);
    expect(new Set((await t.alerts()).map(({ state }) => state))).toEqual(new Set(['notified']));
    expect(await t.alerts()).toHaveLength(500);
  });

  test('an alert is told to a contact once although two routes name it', async () => {
    const routes = [
      { id: 'a', match: {}, side: 'both' as const },
      { id: 'b', match: { leastSeverity: 'major' as const }, side: 'protecting' as const },
    ];
    const t = scenario({ policy: policyOf({ routes }) });
    await t.feed(0, 0.8);
    expect(t.between(0, 0)).toEqual(both('opened'));
  });

  test('a route by severity, side and jurisdiction', async () => {
    const routes = [
      { id: 'critical', match: { leastSeverity: 'critical' as const }, side: 'office' as const },
      { id: 'lower', match: { jurisdictions: ['350700'] }, side: 'benefiting' as const },
    ];
    const t = scenario({ policy: policyOf({ routes }) });
    await t.feed(0, 0.8);
    expect(t.between(0, 0)).toEqual(['opened:down']);
  });
});

describe('other kinds of rules', () => {
  test('class worse than the target, of day means: told the morning after, in the words of a day mean', async () => {
    const rule = ruleOf({ when: { kind: 'class-worse', on: 'day' } });
    const t = scenario({ alertRules: [rule] });
    for (let at = -8; at < 40; at += 4) t.put(at * hour, { nh3n: 0.8, codmn: 3, tp: 0.05, do: 8, ph: 7.5 });
    await t.at(15 * hour);
    expect(t.told).toEqual([]);
    await t.at(16 * hour);
    expect(t.told[0]!.message.facts).toMatchObject({ parameter: 'nh3n', standing: 'day-unreviewed' });
    expect(t.told[0]!.message.facts.summary.zh).toContain('日均值高于Ⅱ类限值');
  });

  test('single values above it do not disturb a month whose mean meets the target', async () => {
    const rule = ruleOf({ when: { kind: 'class-worse', on: 'month-to-date', leastDays: 5 } });
    const t = scenario({ alertRules: [rule] });
    for (let at = -15 * 24; at < 16; at += 4) t.put(at * hour, { nh3n: at % 24 === 0 ? 0.9 : 0.3 });
    await t.at(0);
    await t.at(17 * hour);
    expect(t.told).toEqual([]);
  });

  test('a rapid rise against the own recent distribution', async () => {
    const when = {
      kind: 'rapid-rise',
      items: ['nh3n'],
      windowDays: 20,
      leastValues: 50,
      leastRatio: 3,
    } as const;
    const t = scenario({ alertRules: [ruleOf({ when: { ...when, items: [...when.items] }, raise: 8 })] });
    for (let at = -19 * 24; at < 0; at += 4) t.put(at * hour, { nh3n: 0.1 + ((at / 4) % 3) * 0.01 });
    t.put(0, { nh3n: 0.2 });
    await t.at(0);
    expect(t.told).toEqual([]);
    await t.feed(4 * hour, 0.45);
    expect(t.told[0]!.message.facts.summary.en).toContain('rose to 0.45');
  });

  test('upstream and downstream that diverge after the travel time', async () => {
    const pairs = [
      {
        upstream: 'zhenghe-xijin',
        downstream: 'songxi-yanxia',
        travelHours: 8,
        provenance: { source: 'test', confidence: 'assumed' as const },
      },
    ];
    const rule = ruleOf({ when: { kind: 'divergence', items: ['nh3n'], pairs }, raise: 3 });
    const t = scenario({ alertRules: [rule] });
    for (const at of [0, 4, 8]) t.put(at * hour, { nh3n: 0.1 }, { station: 'zhenghe-xijin' });
    await t.feed(8 * hour, 0.2);
    expect(t.told).toEqual([]);
    await t.feed(12 * hour, 0.4);
    expect(t.told.map(({ to }) => to).sort()).toEqual(['down', 'up']);
  });

  test('two providers that disagree', async () => {
    const section = shippedConfig().sections.find(({ id }) => id === 'songxi-yanxia')!;
    const sections = [{ ...section, aliases: [...section.aliases, { provider: 'bureau', key: 'x' }] }];
    const rule = ruleOf({ when: { kind: 'provider-disagreement', items: ['nh3n'] }, raise: 0.3 });
    const t = scenario({ sections, alertRules: [rule] });
    t.put(0, { nh3n: 0.2 });
    t.put(0, { nh3n: 0.19 }, { provider: 'bureau' });
    await t.at(0);
    expect(t.told).toEqual([]);
    t.put(4 * hour, { nh3n: 0.2 });
    t.put(4 * hour, { nh3n: 0.4 }, { provider: 'bureau' });
    await t.at(4 * hour);
    expect(t.told).toHaveLength(2);
  });

  test('the level of the hourly air-quality index', async () => {
    const station = shippedConfig().airStations[0]!;
    const rule = ruleOf({
      when: { kind: 'aqi-level' },
      scope: { airStations: [station.id] },
      raise: 3,
      forValues: 2,
    });
    const t = scenario({
      alertRules: [rule],
      policy: policyOf({ routes: [{ id: 'a', match: {}, side: 'located-in' }] }),
    });
    const bad = { pm25: 180, pm10: 260, so2: 10, no2: 40, co: 1, o3: 60 };
    t.put(0, bad, { station: station.id, averaging: 'PT1H' });
    await t.at(hour);
    expect(t.told).toEqual([]);
    t.put(hour, bad, { station: station.id, averaging: 'PT1H' });
    await t.at(2 * hour);
    expect(t.told.length).toBeGreaterThan(0);
    expect(t.told[0]!.message.facts.summary.zh).toMatch(/小时AQI \d+/);
  });
});
