import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { expect } from 'vitest';
import { openFileJournal } from '../../../../src/ingest/journal/index.ts';
import { embeddedState } from '../../../embedded-state.ts';
import { startProjector } from '../../../../src/ingest/projector.ts';
import { sourceAdapters } from '../../../../src/ingest/sources/index.ts';
import { startMqttSubscriber } from '../../../../src/ingest/sources/mqtt/subscriber.ts';
import { openInfluxReadings } from '../../../../src/store/readings/influx/index.ts';
import { openState } from '../../../../src/store/state/index.ts';
import { startInfluxd } from '../../../servers/influxd.ts';
import { startMosquitto } from '../../../servers/mosquitto.ts';
import { fixtureConfig } from '../fixture-config.ts';
import { mqttSource } from './fixture.ts';

const STEP_S = 600;
const PACE_MS = 40;

/**
 * A gateway publishes all the while; the broker is stopped for a while and started again, then the store is killed for `outageS`.
 * Everything that the broker acknowledged to the gateway must be in the store at the end.
 */
export async function loseNothing(outageS: number): Promise<{ published: number; entries: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-mqtt-'));
  const [broker, influxd] = [await startMosquitto(), await startInfluxd()];
  const clock = { nowS: () => Math.floor(Date.now() / 1000) };
  const log = { info: () => undefined, warn: () => undefined };
  const source = mqttSource({
    ...mqttSource().settings,
    broker: { url: broker.url, clientId: 'outage', keepAliveSeconds: 5 },
  });
  const config = fixtureConfig({ sources: [source] });
  const journal = await openFileJournal({ dir: path.join(folder, 'journal') });
  const state = await openState(embeddedState(path.join(folder, 'state')), { journal, clock });
  const store = await openInfluxReadings({ url: influxd.url, database: 'mqtt', retentionPolicy: 'autogen' });
  const projector = await startProjector({
    journal,
    store: () => store,
    issues: state.issues,
    adapters: sourceAdapters,
    config: () => config,
    onError: () => undefined,
  });
  const subscriber = startMqttSubscriber({
    source,
    config,
    journal,
    issues: state.issues,
    leases: state.leases,
    leaseSeconds: 30,
    clock,
    secret: () => undefined,
    log,
  });
  await expect.poll(() => subscriber.stats().connected, { timeout: 10_000 }).toBe(1);
  const gateway = await connectAsync(broker.url, { clientId: 'gateway', clean: false, reconnectPeriod: 200 });
  const firstS = (Math.floor(clock.nowS() / STEP_S) - 40_000) * STEP_S;
  const acknowledged: number[] = [];
  const sent: Promise<void>[] = [];
  let publishing = true;
  const publish = async (): Promise<void> => {
    for (let number = 0; publishing; number++) {
      const ts = new Date((firstS + number * STEP_S) * 1000).toISOString();
      const payload = JSON.stringify({ ts, do: (number % 100) / 10 });
      const one = gateway.publishAsync('river/outage/minute', payload, { qos: 1 });
      sent.push(one.then(() => void acknowledged.push(number)));
      await wait(PACE_MS);
    }
  };
  const work = publish();
  try {
    await expect.poll(() => subscriber.stats().journaled, { timeout: 10_000 }).toBeGreaterThan(20);
    await broker.halt();
    await wait(outageS * 1000);
    await broker.start();
    const before = subscriber.stats().journaled;
    await expect.poll(() => subscriber.stats().journaled, { timeout: 30_000 }).toBeGreaterThan(before + 20);
    await influxd.halt('SIGKILL');
    const atOutage = acknowledged.length;
    await wait(outageS * 1000);
    expect(acknowledged.length, 'the gateway was served meanwhile').toBeGreaterThan(atOutage + 20);
    await influxd.start();
    await wait(500);
    publishing = false;
    await work;
    await Promise.all(sent);
    await expect
      .poll(() => subscriber.stats().journaled, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(sent.length);
    const head = (): number => journal.head().seq;
    await expect.poll(() => projector.progress().appliedSeq - head(), { timeout: 60_000 }).toBe(0);
    const [stranger] = await state.issues.unknownStations();
    const query = { averaging: 'PT10M' as const, provider: source.provider, fromS: 0, toS: 4e9 };
    const found = await store.series({ ...query, stations: [stranger!.id], parameters: ['do'] });
    const stored = new Map([...found[0]!.timeS].map((timeS, row) => [timeS, found[0]!.value[row]]));
    const lost = acknowledged.filter(
      (number) => stored.get(firstS + number * STEP_S) !== (number % 100) / 10,
    );
    expect(lost, 'acknowledged and not in the store').toEqual([]);
    expect(stored.size).toBe(sent.length);
    return { published: sent.length, entries: head() };
  } finally {
    publishing = false;
    await work;
    await gateway.endAsync(true);
    await subscriber.close();
    await projector.close();
    await store.close();
    await state.close();
    await journal.close();
    await Promise.all([broker.stop(), influxd.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}
