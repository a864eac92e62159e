import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Issue } from '../../src/domain/errors.ts';
import { rowKinds, type Journal } from '../../src/domain/ports.ts';
import { openFileJournal } from '../../src/ingest/journal/index.ts';
import { startHj212Listener } from '../../src/ingest/sources/hj212/listener.ts';
import { sourceAdapters } from '../../src/ingest/sources/index.ts';
import { startMqttSubscriber } from '../../src/ingest/sources/mqtt/subscriber.ts';
import { deviceFaults, noDeviceFaults, type DevicePeriod } from '../../src/simulator/device-faults.ts';
import { gatewayNumber, GATEWAY_PERIOD_S, playGateways } from '../../src/simulator/gateways.ts';
import { LOGGER_PERIOD_S, loggerNumber, playLoggers } from '../../src/simulator/loggers.ts';
import { commandLine } from '../cli/command-line.ts';
import { fixtureConfig } from '../ingest/sources/fixture-config.ts';
import { hj212Source } from '../ingest/sources/hj212/fixture.ts';
import { mqttSource } from '../ingest/sources/mqtt/fixture.ts';
import { mosquittoProgram, startMosquitto } from '../servers/mosquitto.ts';

const nowS = 1_787_315_400; // 2026-08-21T20:30+08:00
const clock = { nowS: () => nowS };
const quiet = { info: () => undefined, warn: () => undefined };
const rates = { ...noDeviceFaults };
for (const fault of deviceFaults) rates[fault] = 0.06;

let folder: string;
let journal: Journal;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'jiehe-devices-'));
  journal = await openFileJournal({ dir: folder });
});
afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the adapter makes of the journal: values by device, parameter and time, and the issues of each code. */
async function read(sourceId: string, config: ReturnType<typeof fixtureConfig>) {
  const values = new Map<string, number>();
  const issues: Issue[] = [];
  const names = new Map<string, string>();
  for await (const { body, meta, seq, receivedS } of journal.read(0)) {
    const parsed = sourceAdapters.get(sourceId)!.parse(body, { receivedS, meta, config, sourceId, seq });
    for (const { id, naturalKey } of parsed.unknownStations) names.set(id, naturalKey);
    issues.push(...parsed.issues);
    const { batch } = parsed;
    for (let row = 0; row < batch.length; row++) {
      if (parsed.rowKind[row] !== rowKinds.measured) continue;
      const { station, parameter } = batch.series[batch.seriesIndex[row]!]!;
      values.set(`${names.get(station)} ${parameter} ${batch.timeS[row]}`, batch.value[row]!);
    }
  }
  return { values, issues };
}

/** Every point that must be stored, and no other. */
function compare(truth: readonly DevicePeriod[], values: ReadonlyMap<string, number>): void {
  const wanted = new Map<string, number>();
  for (const { device, beginS, sent, refused, expect: outcome } of truth) {
    if (outcome === 'never-sent' || outcome === 'refused-time') continue;
    for (const [parameter, text] of Object.entries(sent))
      if (!refused.includes(parameter)) wanted.set(`${device} ${parameter} ${beginS}`, Number(text));
  }
  expect(Object.fromEntries(values)).toEqual(Object.fromEntries(wanted));
}

const count = (truth: readonly DevicePeriod[], fault: string): number =>
  truth.filter((period) => period.fault === fault).length;
const refusals = (issues: readonly Issue[], code: string): number =>
  issues.filter((issue) => issue.code === code).length;

test('what loggers sent, broken in every way, is in the journal and read as the truth says', async () => {
  const mns = Array.from({ length: 12 }, (_, at) => loggerNumber(at));
  const devices = mns.map((mn) => ({
    mn,
    edition: 'surface-water',
    pw: { env: 'PW' },
    stampMeans: 'begin',
    factors: 'river',
  }));
  const source = hj212Source({ listen: { port: 0 }, devices });
  const config = fixtureConfig({ sources: [source] });
  const listener = await startHj212Listener({
    source,
    config: () => config,
    journal,
    issues: { record: async () => undefined },
    cursors: { get: async () => null, set: async () => undefined, raise: async () => undefined },
    clock,
    secret: () => 'secret',
    log: quiet,
  });
  const truth: DevicePeriod[] = [];
  const played = await playLoggers({
    host: listener.host,
    port: listener.port,
    seed: 3,
    rates,
    devices: mns,
    pw: 'secret',
    fromS: (Math.floor(nowS / LOGGER_PERIOD_S) - 40) * LOGGER_PERIOD_S,
    periods: 40,
    paceS: 0,
    clock,
    onTruth: (period) => truth.push(period),
  });
  const stats = listener.stats();
  await listener.close();
  for (const fault of deviceFaults) expect(count(truth, fault), fault).toBeGreaterThan(5);
  const { values, issues } = await read('hj212', config);
  compare(truth, values);
  expect(played).toMatchObject({ unanswered: 0, broken: count(truth, 'brokenCrc') });
  expect(stats.refused).toEqual({ CRC: played.broken });
  expect(stats.answered).toBe(played.answered);
  expect(refusals(issues, 'TIME_OUT_OF_RANGE')).toBe(count(truth, 'futureStamp') * 5);
  expect(refusals(issues, 'VALUE_OUT_OF_RANGE')).toBe(count(truth, 'wrongUnit'));
  expect(refusals(issues, 'VALUE_NOT_A_NUMBER')).toBe(count(truth, 'wrongType'));
});

describe.skipIf(mosquittoProgram === null)('gateways over a real broker', () => {
  test('are read as the truth says, broken in every way', async () => {
    const broker = await startMosquitto();
    const source = mqttSource({ broker: { url: broker.url, clientId: 'simulated' } });
    const config = fixtureConfig({ sources: [source] });
    const subscriber = startMqttSubscriber({
      source,
      config,
      journal,
      issues: { record: async () => undefined },
      leases: {
        take: async (name, holder) => ({ name, holder, token: 1, safeSeq: 0, clean: true }),
        renew: async () => ({ held: true, repairSeq: null }),
        release: async () => undefined,
      },
      leaseSeconds: 30,
      clock,
      secret: () => undefined,
      log: quiet,
    });
    try {
      await expect.poll(() => subscriber.stats().connected, { timeout: 10_000 }).toBe(1);
      const truth: DevicePeriod[] = [];
      const { published } = await playGateways({
        url: broker.url,
        topic: 'river/{station}/minute',
        seed: 4,
        rates,
        devices: Array.from({ length: 5 }, (_, at) => gatewayNumber(at)),
        fromS: (Math.floor(nowS / GATEWAY_PERIOD_S) - 30) * GATEWAY_PERIOD_S,
        periods: 30,
        paceS: 0,
        onTruth: (period) => truth.push(period),
      });
      await expect.poll(() => subscriber.stats().journaled, { timeout: 20_000 }).toBe(published);
      const { values, issues } = await read('mqtt', config);
      // The sample maps three of the five.
      const mapped = truth.map((period) => ({
        ...period,
        sent: Object.fromEntries(
          Object.entries(period.sent).filter(([name]) => ['ph', 'do', 'nh3n'].includes(name)),
        ),
      }));
      compare(mapped, values);
      expect(refusals(issues, 'REPLY_TRUNCATED')).toBe(count(truth, 'brokenCrc'));
      expect(refusals(issues, 'TIME_OUT_OF_RANGE')).toBe(count(truth, 'futureStamp'));
      expect(refusals(issues, 'VALUE_OUT_OF_RANGE')).toBe(count(truth, 'wrongUnit'));
      expect(refusals(issues, 'VALUE_NOT_A_NUMBER')).toBe(count(truth, 'wrongType'));
    } finally {
      await subscriber.close();
      await broker.stop();
    }
  });
});

describe('jiehe simulate devices', () => {
  const truthFolder = mkdtempSync(path.join(tmpdir(), 'jiehe-truth-'));
  afterAll(() => rmSync(truthFolder, { recursive: true, force: true }));

  test('prints devices for a configuration, and refuses what it cannot do', async () => {
    const { code, stdout } = await commandLine(
      ['simulate', 'devices', '--loggers', '2', '--print'],
      truthFolder,
    );
    expect(code).toBe(0);
    expect(stdout).toContain(`mn: ${loggerNumber(1)}`);
    const bad = await commandLine(['simulate', 'devices', '--fault', 'rain=0.1'], truthFolder);
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('name=share') });
    expect(await commandLine(['simulate', 'devices', '--loggers', '2'], truthFolder)).toMatchObject({
      code: 2,
    });
  });

  test('pushes to a listener and writes the truth, a line a period', async () => {
    const devices = [
      {
        mn: loggerNumber(0),
        edition: 'surface-water',
        pw: { any: true },
        stampMeans: 'begin',
        factors: 'river',
      },
    ];
    const source = hj212Source({ listen: { port: 0 }, devices });
    const config = fixtureConfig({ sources: [source] });
    const listener = await startHj212Listener({
      source,
      config: () => config,
      journal,
      issues: { record: async () => undefined },
      cursors: { get: async () => null, set: async () => undefined, raise: async () => undefined },
      clock,
      secret: () => undefined,
      log: quiet,
    });
    const to = `${listener.host}:${listener.port}`;
    const args = [
      '--loggers',
      '1',
      '--to',
      to,
      '--periods',
      '6',
      '--fault',
      'silent=1',
      '--truth',
      'truth.ndjson',
    ];
    const { code, stdout } = await commandLine(['simulate', 'devices', ...args], truthFolder);
    await listener.close();
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, frames: 0, unanswered: 0 });
    const lines = readFileSync(path.join(truthFolder, 'truth.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as DevicePeriod).fault)).toEqual(Array(6).fill('silent'));
  });
});
