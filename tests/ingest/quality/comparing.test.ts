import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QualityDesk } from '../../../src/api/quality/quality-desk.ts';
import { loadStandards } from '../../../src/cli/standards.ts';
import { BatchBuilder, type ReadingBatch } from '../../../src/domain/batch.ts';
import type { Config } from '../../../src/domain/config/config.ts';
import { packFlags } from '../../../src/domain/flags.ts';
import { heldReadings } from '../../../src/ingest/held-readings.ts';
import { Comparing } from '../../../src/serving/comparing.ts';
import { fixtureConfig } from '../../api/region-fixture.ts';
import { hourS, nowS, openStores, type Stores } from '../../api/test-app.ts';

let stores: Stores;
let comparing: Comparing;
let config: Config;

beforeAll(async () => {
  stores = await openStores();
  config = { ...structuredClone(fixtureConfig), ...loadStandards() };
  const [source] = config.sources;
  config.sources.push({ ...source!, id: 'the-other-side', provider: 'neighbour' });
  const [roof] = config.airStations;
  for (const [at, id] of ['hill', 'quay', 'mill'].entries())
    config.airStations.push({
      ...roof!,
      id,
      position: { ...roof!.position!, lon: roof!.position!.lon + (at + 1) / 20 },
    });
  const { readings, state, journal } = stores;
  const clock = { nowS: () => nowS };
  const desk = new QualityDesk({
    config: () => config,
    readings,
    state,
    journal,
    clock,
    refresh: () => Promise.resolve(),
  });
  comparing = new Comparing({ readings, state, desk, config: () => config, clock });
  await comparing.run();
});
afterAll(() => stores.close());

async function apply(batch: ReadingBatch): Promise<void> {
  const body = new TextEncoder().encode('bytes');
  const entry = await stores.journal.append({ kind: 'raw', receivedS: nowS, meta: { source: 'test' }, body });
  await stores.readings.apply({ seq: entry.seq, receivedS: nowS }, batch);
}

async function shown(
  provider: string,
  values: readonly { station: string; value: number; flags?: number }[],
) {
  const batch = new BatchBuilder(provider);
  for (const { station, value, flags = 0 } of values) {
    const air = station !== 'up';
    const series = batch.seriesOf(station, air ? 'pm25' : 'tp', air ? 'PT1H' : 'instant');
    batch.add({ series, timeS: nowS - 10 * hourS, value, flags });
  }
  await apply(batch.build());
}

const holdsBy = async (rule: string) =>
  (await stores.state.quality.holds()).filter((hold) => hold.rule === rule);

describe('readings that are compared by themselves', () => {
  test('that two providers disagree on go under review with rule, figures and the other value, once', async () => {
    await shown('bureau', [{ station: 'up', value: 0.1 }]);
    expect(await comparing.run()).toBe(0);
    await shown('neighbour', [{ station: 'up', value: 0.3 }]);
    expect(await comparing.run()).toBe(2);
    const holds = await holdsBy('providers');
    expect(holds).toMatchObject([
      {
        actor: 'system',
        station: 'up',
        provider: 'bureau',
        parameters: ['tp'],
        figures: { tolerancePercent: '20', above: '0.02' },
        reason: '0.1: up neighbour 0.3',
      },
      { provider: 'neighbour', reason: '0.3: up bureau 0.1' },
    ]);
    expect(await comparing.run()).toBe(0);
    expect(await holdsBy('providers')).toHaveLength(2);
    // The act is what the projector marks the reading by.
    const entry = await stores.journal.get(holds[0]!.seq);
    const marked = await heldReadings(entry, stores.readings, ['tp']);
    expect(marked).toMatchObject({ length: 1, provider: 'bureau' });
    expect([...marked!.timeS]).toEqual([nowS - 10 * hourS]);
  });

  test('stay as they are where somebody reviewed them, and where the rule only notes', async () => {
    const before = (await holdsBy('providers')).length;
    const reviewed = packFlags({ stage: 7 });
    await shown('bureau', [{ station: 'up', value: 0.11, flags: reviewed }]);
    expect(await comparing.run()).toBe(1);
    const holds = await holdsBy('providers');
    expect(holds.slice(before).map(({ provider }) => provider)).toEqual(['neighbour']);
    const [quality] = config.stationQuality;
    quality!.screening!.providers.effect = 'note';
    await shown('neighbour', [{ station: 'up', value: 0.4 }]);
    expect(await comparing.run()).toBe(0);
    expect(
      await comparing.find({
        averaging: 'instant',
        fromS: nowS - 24 * hourS,
        toS: nowS,
        stations: new Set(['up']),
      }),
    ).toMatchObject([{ effect: 'note' }, { effect: 'note' }]);
  });

  test('that are unlike the stations around them go under review, also when these come later', async () => {
    await shown('airnet', [{ station: 'roof', value: 180 }]);
    expect(await comparing.run()).toBe(0);
    const others = ['hill', 'quay', 'mill'].map((station, at) => ({ station, value: 30 + at }));
    await shown('airnet', others);
    expect(await comparing.run()).toBe(1);
    expect(await holdsBy('neighbours')).toMatchObject([
      { station: 'roof', provider: 'airnet', parameters: ['pm25'], figures: { median: '31', multiple: '3' } },
    ]);
  });
});
