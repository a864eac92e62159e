import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { startServing, type Serving } from '../../src/serving/serve.ts';
import { createKey } from '../../src/store/state/index.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-two-bureaus-'));
const at = (name: string): string => path.join(folder, name);
const stations = ['section-1', 'section-2'];
const parameters = ['nh3n', 'tp', 'do', 'permanganate_index', 'published_class'];
const keyEnv = 'JIEHE_TEST_NEIGHBOUR_KEY';
const lines = capturedTable({ seed: 12, captures: 24, sections: trySections }).text.trimEnd().split('\n');

let serving: Serving | null = null;
let port = 0;

/** The first bureau: measures for itself, and serves what it has. */
async function serve(): Promise<System> {
  serving = await startServing({
    dataDir: at('first'),
    configDir: at('first-config'),
    host: '127.0.0.1',
    port,
    out: () => undefined,
    command: () => Promise.resolve(0),
  });
  port = Number(new URL(serving.url).port);
  return serving.system;
}

async function stopServing(): Promise<void> {
  await serving?.close();
  serving = null;
}

/** The second one: follows the first under a provider of its own. */
const openSecond = (): Promise<System> =>
  openSystem({ dataDir: at('second'), configDir: at('second-config'), synthetic: null });

function feedSource(): string {
  return `  - id: neighbour
    adapter: jiehe-feed
    provider: neighbour
    name: { zh: 邻市, en: Neighbour }
    enabled: false
    timeZone: Asia/Shanghai
    stampMeans: begin
    url: http://127.0.0.1:${port}
    cron: '25 * * * *'
    cadenceSeconds: 14400
    timeoutSeconds: 10
    retries: 0
    minimumIntervalMs: 0
    maximumBodyMiB: 8
    userAgent: jiehe-test (made up)
    settings: { provider: cnemc, keyEnv: ${keyEnv}, limit: 7 }
    licence: none
    attribution: { zh: 测试, en: Test }
`;
}

async function measure(system: System, from: number, to: number): Promise<void> {
  const bytes = Buffer.from(`${[lines[0], ...lines.slice(from, to)].join('\n')}\n`);
  const report = await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
  expect(report.entries).toBeGreaterThan(0);
}

/** Every value that every point ever had, without positions in the journal, which are each side's own. */
async function everything(system: System, provider: string): Promise<string[]> {
  const columns = await system.readings.series({
    stations,
    parameters,
    averaging: 'instant',
    provider,
    fromS: 0,
    toS: 4e9,
  });
  const told: string[] = [];
  for (const { key, timeS, value, flags } of columns) {
    for (const [row, time] of timeS.entries()) {
      const past = await system.readings.past({ ...key, timeS: time });
      const versions = past.map(
        (one) => `${one.value}/${one.flags}/${one.publishedS}/${one.side?.originalText}`,
      );
      told.push(`${key.station} ${key.parameter} ${time} ${value[row]} ${flags[row]}: ${versions.join(' ')}`);
    }
  }
  return told;
}

beforeAll(async () => {
  writeTryRegion(at('first-config'), { enabled: false });
  const first = await serve();
  const { token } = await createKey(first.state.acts, {
    actor: 'system',
    holder: 'second-bureau',
    role: 'viewer',
    jurisdiction: '330300',
    scopes: ['read'],
    atS: first.clock.nowS(),
  });
  process.env[keyEnv] = token;
  writeTryRegion(at('second-config'), { enabled: false });
  const sections = path.join(at('second-config'), 'regions/try/sections.yaml');
  // The second bureau calls the first section by another id, and knows the second by an alias too.
  const text = readFileSync(sections, 'utf8').replaceAll(
    /aliases: \[\{ provider: cnemc, key: 浙江省\/(上|下)断面 \}\]/g,
    (alias, which: string) =>
      `${alias.slice(0, -1)}, { provider: neighbour, key: section-${which === '上' ? 1 : 2} }]`,
  );
  writeFileSync(sections, text);
  const sources = path.join(at('second-config'), 'regions/try/sources.yaml');
  writeFileSync(sources, `${readFileSync(sources, 'utf8')}${feedSource()}`);
});
afterAll(async () => {
  await stopServing();
  delete process.env[keyEnv];
  rmSync(folder, { recursive: true, force: true });
});

test('two bureaus end with the same series and the same past, revisions included, although each was off for a while', async () => {
  await measure(serving!.system, 1, 20);
  let second = await openSecond();
  const pull = () => second.pipeline.pull('neighbour', { trigger: 'manual' });
  try {
    expect((await pull()).status).toBe('ok');
    expect(await everything(second, 'neighbour')).toEqual(await everything(serving!.system, 'cnemc'));
    expect(await everything(second, 'cnemc')).toEqual([]);

    await stopServing();
    expect((await pull()).status).toBe('failed');
    await second.close();
    await measure(await serve(), 20, 45);
    second = await openSecond();
    expect((await pull()).status).toBe('ok');
    await measure(serving!.system, 45, lines.length);
    expect((await pull()).status).toBe('ok');

    const [here, there] = [await everything(second, 'neighbour'), await everything(serving!.system, 'cnemc')];
    expect(there.filter((line) => line.split(': ')[1]!.includes(' ')).length).toBeGreaterThan(10);
    expect(here).toEqual(there);

    const before = second.journal.head().seq;
    expect(await pull()).toMatchObject({ status: 'ok', entries: 0 });
    expect(second.journal.head().seq).toBe(before);
    console.log(`two bureaus: ${there.length} points, every version of each equal`);

    process.env[keyEnv] = 'jh_wrong';
    expect(await pull()).toMatchObject({ status: 'with-issues', issues: { REPLY_STATUS: 1 } });
  } finally {
    await second.close();
  }
});
