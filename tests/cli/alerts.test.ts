import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSystem } from '../../src/main.ts';
import { deliveryStore } from '../../src/store/state/index.ts';
import { capturedHeader } from './captured-table.ts';
import { commandLine } from './command-line.ts';
import { trySections, writeTryRegion } from './try-region.ts';

const made = 'provenance: { source: made up for tests, confidence: assumed }';
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-alerts-cli-'));
const config = path.join(folder, 'config');
const stores = ['--data', path.join(folder, 'data'), '--config', config];

const rule = (id: string, raise: number): string => `kind: alert-rules
rules:
  - id: ${id}
    title: { zh: 快速上升, en: Rapid rise }
    from: '2020-01-01'
    to: null
    when: { kind: rapid-rise, items: [nh3n], windowDays: 20, leastValues: 20, leastRatio: 2 }
    scope: {}
    raise: ${raise}
    forMinutes: 0
    forValues: 1
    endAfterValues: 1
    bridgeHours: 24
    severity: [{ above: ${raise}, severity: major }]
    ${made}
`;

const files = {
  'channels.yaml': `kind: channels
channels:
  - { id: board, type: dashboard, name: { zh: 网页, en: Page }, enabled: true, acknowledgeLinks: false, settings: {} }
`,
  'contacts.yaml': `kind: contacts
contacts:
  - id: duty
    name: { zh: 值班, en: Duty }
    jurisdiction: '330300'
    language: zh
    channels: [{ channel: board, address: duty }]
    ${made}
`,
  'alert-policy.yaml': `kind: alert-policy
id: try
severities: [{ severity: major, escalateMinutes: [], digest: false }]
digestTime: '08:30'
group: { by: [station], waitSeconds: 0 }
notOlderThanHours: 72
closeAfterHours: 72
routes: [{ id: all, match: {}, side: located-in }]
inhibitions: []
maintenance: []
${made}
`,
  'alert-rules.yaml': rule('rise', 1000),
};

beforeAll(async () => {
  writeTryRegion(config, { enabled: false });
  for (const [name, text] of Object.entries(files))
    writeFileSync(path.join(config, 'regions', 'try', name), text);
  const system = await openSystem({ dataDir: stores[1]!, configDir: config, synthetic: false });
  const startMs = Date.UTC(2021, 3, 1);
  const rows = Array.from({ length: 30 }, (_, at) => {
    const shown = new Date(startMs + at * 14_400_000).toISOString().slice(0, 19).replace('T', ' ');
    const ammonia = at === 29 ? 3 : 0.1 + (at % 3) / 100;
    const measured = ['*', '*', '*', '*', '*', '*', ammonia.toFixed(2), '*', '*', '*', '*'];
    const told = ['浙江省', '浙闽片河流', trySections[0], shown.slice(5, 16), ''];
    return [shown, shown, '1', ...told, ...measured, '正常'].join(',');
  });
  const bytes = Buffer.from([capturedHeader, ...rows, ''].join('\n'));
  await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
  await system.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const jiehe = (...args: string[]) => commandLine(['alerts', ...args, ...stores]);

test(
  'a drill goes to the duty; it is listed, shown with its history, answered once',
  { timeout: 180_000 },
  async () => {
    expect((await jiehe('list')).stdout).toContain('no alert');
    const drill = await jiehe('test', '--station', 'section-1', '--json');
    expect(drill.code).toBe(0);
    const { id, told } = JSON.parse(drill.stdout) as { id: string; told: unknown };
    expect(told).toEqual([{ contact: 'duty', channel: 'board' }]);
    const listed = await jiehe('list');
    expect(listed.stdout).toContain(id);
    expect(listed.stdout).toContain('major notified');
    expect((await jiehe('test', '--station', 'nowhere')).code).toBe(1);
    const answered = await jiehe('ack', id, '--note', '已派人到现场', '--actor', 'li');
    expect(answered.code).toBe(0);
    expect((await jiehe('ack', id, '--actor', 'li')).code).toBe(1);
    const shown = await jiehe('show', id);
    expect(shown.stdout).toMatch(/acknowledged \(answered\) li .*已派人到现场/);
    expect(shown.stdout).toContain('told duty over board: drill');
    expect((await jiehe('show', 'none')).code).toBe(1);
  },
);

test(
  'a message that was given up is listed with its fault and sent again',
  { timeout: 120_000 },
  async () => {
    const waiting = (await jiehe('deliveries', '--json')).stdout;
    const { id } = JSON.parse(waiting) as { id: string };
    const system = await openSystem({ dataDir: stores[1]!, configDir: config, synthetic: false });
    const outbox = deliveryStore(system.state.db, system.state.acts);
    await outbox.noteOutcome(id, { state: 'dead', atS: system.clock.nowS(), error: '550 no such user' });
    await system.close();
    expect((await jiehe('deliveries', '--state', 'dead')).stdout).toContain('550 no such user');
    expect((await jiehe('resend', id, '--actor', 'li')).stdout).toContain(`sent again: ${id}`);
    expect((await jiehe('deliveries', '--state', 'dead')).stdout).toContain('no message');
    expect((await jiehe('resend', id, '--actor', 'li')).code).toBe(1);
  },
);

test('a replay says what the rules would have raised, and what others would', async () => {
  const span = ['replay', '--from', '2021-04-01', '--to', '2021-05-01'];
  const quiet = await jiehe(...span);
  expect(quiet).toMatchObject({ code: 0 });
  expect(quiet.stdout).toContain('0 alerts');
  const tried = path.join(folder, 'tried.yaml');
  writeFileSync(tried, rule('eager', 5));
  const eager = await jiehe(...span, '--rules', tried, '--json');
  expect(JSON.parse(eager.stdout)).toMatchObject({
    rule: 'eager',
    subject: 'section-1~nh3n~cnemc',
    value: '3',
  });
  expect((await jiehe('replay', '--from', '2021-05-01', '--to', '2021-04-01')).code).toBe(2);
  writeFileSync(tried, rule('eager', 5).replace('items: [nh3n]', 'items: [nh4]'));
  const wrong = await jiehe(...span, '--rules', tried);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('unknown parameter');
});
