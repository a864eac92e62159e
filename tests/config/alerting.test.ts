import { describe, expect, test } from 'vitest';
import { checkFiles } from '../../src/config/load.ts';
import { printFault } from '../../src/config/fault-text.ts';
import { edited, shippedDirectory, textsOf } from './small-region.ts';

const shipped = textsOf(shippedDirectory, ['parameters', 'standards', 'schemes', 'regions']);
type Edit = [file: string, from: string, to: string];

const faultsOf = (files: typeof shipped): string[] => checkFiles(files).faults.map(printFault);

const region = 'regions/zhe-min-gan';
const wrong: [what: string, edit: Edit, fault: RegExp][] = [
  [
    'a rule that names an unknown section',
    [
      'alert-rules.yaml',
      'when: { kind: aqi-level }\n    scope: {}',
      'when: { kind: aqi-level }\n    scope: { sections: [nowhere] }',
    ],
    /alert-rules\.yaml:\d+:\d+ {2}rules\[4\]\.scope\.sections\[0\]: unknown section \(got "nowhere"/,
  ],
  [
    'a rule about an item that no parameter has',
    [
      'alert-rules.yaml',
      'kind: provider-disagreement, items: [codmn,',
      'kind: provider-disagreement, items: [codnm,',
    ],
    /alert-rules\.yaml:\d+:\d+ {2}rules\[5\]\.when\.items\[0\]: unknown parameter \(got "codnm"/,
  ],
  [
    'a rule of an unknown kind',
    ['alert-rules.yaml', 'kind: schedule-silence }', 'kind: schedule-silent }'],
    /alert-rules\.yaml:\d+:\d+ {2}rules\[7\]\.when/,
  ],
  [
    'a clear above the raise',
    ['alert-rules.yaml', 'clear: 0.5', 'clear: 1.5'],
    /alert-rules\.yaml:\d+:\d+ {2}rules\[2\]\.clear: is above `raise` \(got 1\.5, expected at most 1\)/,
  ],
  [
    'rungs of severity that do not rise',
    [
      'alert-rules.yaml',
      "{ above: 4, severity: critical }\n    provenance:\n      source: 'project default: twice",
      "{ above: 1, severity: critical }\n    provenance:\n      source: 'project default: twice",
    ],
    /alert-rules\.yaml:\d+:\d+ {2}rules\[2\]\.severity\[1\]\.above: the rungs do not rise/,
  ],
  [
    'a finance desk on a channel that everybody reads',
    [
      'contacts.yaml',
      'channels: [{ channel: dashboard, address: lishui-duty }]',
      'desk: finance\n    channels: [{ channel: dashboard, address: lishui-duty }]',
    ],
    /contacts\.yaml:\d+:\d+ {2}contacts\[4\]\.channels\[0\]\.channel: a finance desk is told of money: everybody reads a channel of type dashboard/,
  ],
  [
    'reminders for parties without a finance desk',
    ['alert-policy.yaml', 'maintenance: []', 'maintenance: []\nsettlementReminders: { paymentDays: 7 }'],
    /alert-policy\.yaml:\d+:\d+ {2}settlementReminders: no finance desk for 330300, .*expected a contact with `desk: finance`/,
  ],
  [
    'a contact without an address',
    ['contacts.yaml', ', address: lishui-duty }', ' }'],
    /contacts\.yaml:\d+:\d+ {2}contacts\[4\]\.channels\[0\]\.address: /,
  ],
  [
    'a contact over a channel that does not exist',
    ['contacts.yaml', 'channel: dashboard, address: lishui-lead', 'channel: pigeon, address: lishui-lead'],
    /contacts\.yaml:\d+:\d+ {2}contacts\[5\]\.channels\[0\]\.channel: unknown channel \(got "pigeon"/,
  ],
  [
    'a contact without an address on the channel that stands in for its own',
    [
      'contacts.yaml',
      'channel: dashboard, address: lishui-lead',
      'channel: duty-mail, address: li@mail.example',
    ],
    /contacts\.yaml:\d+:\d+ {2}contacts\[5\]\.channels\[0\]\.channel: duty-sms stands in for duty-mail, and the contact has no address on it/,
  ],
  [
    'an address that is empty',
    ['contacts.yaml', 'address: lishui-duty', "address: ' '"],
    /contacts\.yaml:\d+:\d+ {2}contacts\[4\]\.channels\[0\]\.address: the address is empty/,
  ],
  [
    'an address with a password in it, which is not shown',
    ['contacts.yaml', 'address: lishui-duty', 'address: https://duty:hunter2@example.invalid/'],
    /address: the address holds credentials \(got \(not shown\)/,
  ],
  [
    'a contact of an unknown jurisdiction',
    [
      'contacts.yaml',
      "name: { zh: 丽水市生态环境值班, en: Lishui duty desk }\n    jurisdiction: '331100'",
      "name: { zh: 丽水市生态环境值班, en: Lishui duty desk }\n    jurisdiction: '999999'",
    ],
    /contacts\.yaml:\d+:\d+ {2}contacts\[4\]\.jurisdiction: unknown jurisdiction \(got "999999"/,
  ],
  [
    'a calendar in a time zone that does not exist',
    ['on-call.yaml', '  - id: lishui\n', '  - id: lishui\n    timeZone: Asia/Lishui\n'],
    /on-call\.yaml:\d+:\d+ {2}calendars\[2\]\.timeZone: unknown time zone \(got "Asia\/Lishui"/,
  ],
  [
    'a calendar with somebody nobody knows',
    ['on-call.yaml', 'contacts: [lishui-duty, lishui-lead]', 'contacts: [lishui-duty, nobody]'],
    /on-call\.yaml:\d+:\d+ {2}calendars\[2\]\.shifts\[0\]\.contacts\[1\]: unknown contact \(got "nobody"/,
  ],
  [
    'an hour that no day has',
    ['alert-policy.yaml', "digestTime: '08:30'", "digestTime: '24:30'"],
    /alert-policy\.yaml:\d+:\d+ {2}digestTime: /,
  ],
  [
    'a route about a rule that does not exist',
    [
      'alert-policy.yaml',
      'id: critical-to-office, match: { leastSeverity: critical }',
      'id: critical-to-office, match: { rules: [gone] }',
    ],
    /alert-policy\.yaml:\d+:\d+ {2}routes\[3\]\.match\.rules\[0\]: unknown alert rule \(got "gone"/,
  ],
  [
    'a maintenance window that ends before it begins',
    [
      'alert-policy.yaml',
      'maintenance: []',
      "maintenance: [{ id: w, match: {}, from: '2026-03-02T08:00', to: '2026-03-01T08:00', reason: { zh: 检修, en: works } }]",
    ],
    /alert-policy\.yaml:\d+:\d+ {2}maintenance\[0\]\.to: ends before it begins/,
  ],
  [
    'a maintenance window at no time',
    [
      'alert-policy.yaml',
      'maintenance: []',
      "maintenance: [{ id: w, match: {}, from: '2026-13-02T08:00', to: '2026-03-01T08:00', reason: { zh: 检修, en: works } }]",
    ],
    /alert-policy\.yaml:\d+:\d+ {2}maintenance\[0\]\.from: not an instant/,
  ],
];

describe('alerts in the configuration', () => {
  test('what ships has no fault', () => {
    const { config, faults } = checkFiles(shipped);
    expect(faults.map(printFault)).toEqual([]);
    expect(config?.alertRules.length).toBeGreaterThan(5);
    expect(config?.alertPolicies).toHaveLength(1);
  });

  test('each of these faults is refused at start with file and line, all of a start at once', () => {
    // One edit a file in one check: a fault of the form of an entry stands for whatever else is wrong with it.
    const rest = [...wrong];
    let checks = 0;
    while (rest.length > 0) {
      const tried: typeof wrong = [];
      for (const one of rest.splice(0))
        (tried.some(([, [file]]) => file === one[1][0]) ? rest : tried).push(one);
      const files = tried.reduce((before, [, edit]) => edited(before, ...edit), shipped);
      const faults = faultsOf(files);
      for (const [what, , fault] of tried)
        expect(
          faults.some((line) => line.startsWith(region) && fault.test(line)),
          `${what}\n${faults.join('\n')}`,
        ).toBe(true);
      expect(tried.length).toBeGreaterThan(0);
      checks++;
    }
    expect(checks).toBeLessThan(8);
  });
});

test('a finance desk is not told over a channel for which one stands in that everybody reads', () => {
  const mailed = edited(
    shipped,
    `${region}/contacts.yaml`,
    'channels: [{ channel: dashboard, address: lishui-duty }]',
    'desk: finance\n    channels: [{ channel: duty-mail, address: finance@lishui.example }, { channel: duty-sms, address: "1" }]',
  );
  expect(faultsOf(mailed)).toEqual([]);
  const [fault, ...others] = faultsOf(
    edited(mailed, `${region}/channels.yaml`, 'fallback: duty-sms', 'fallback: dashboard'),
  );
  expect(others).toEqual([]);
  expect(fault).toContain('dashboard stands in for it, and everybody reads a channel of type dashboard');
});
