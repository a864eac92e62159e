/** What a reading costs in the journal: a simulated upstream's own replies, before and after their segment is sealed. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../src/domain/config/config.ts';
import { openFileJournal } from '../src/ingest/journal/index.ts';
import { cnemcAir } from '../src/ingest/sources/cnemc-air/index.ts';
import { AirWorld } from '../src/simulator/air-world.ts';
import { liveCity } from '../src/simulator/air-upstream.ts';
import { defaultRates } from '../src/simulator/index.ts';
import { airStation, fixtureConfig } from '../tests/ingest/sources/fixture-config.ts';
import { hour, startS } from './measure.ts';

/** Nearly as many stations as report nationally, so that a reply holds 20,000 readings. */
const stationCount = 1_500;
const hours = 72;

function national(): Config {
  const airStations = Array.from({ length: stationCount }, (_, at) =>
    airStation(`air-${at}`, `${1000 + at}A`, `站点${at}`),
  );
  return fixtureConfig({ airStations });
}

export async function journalBytes(directory: string): Promise<void> {
  const config = national();
  const world = new AirWorld({ config, seed: 1, rates: defaultRates });
  const [city = ''] = world.stations.map((station) => station.city);
  const journal = await openFileJournal({ dir: directory, segmentMiB: 16 });
  let readings = 0;
  let bytes = 0;
  for (let at = 0; at < hours; at++) {
    const receivedS = startS + at * hour + 1_900;
    const body = Buffer.from(liveCity(world, { city, nowS: receivedS }));
    const meta = { source: 'cnemc-air', origin: 'bench' };
    await journal.append({ kind: 'raw', receivedS, meta, body });
    const parsed = cnemcAir.parse(body, { receivedS, meta, config, sourceId: 'cnemc-air' });
    readings += parsed.batch.length;
    bytes += body.length;
  }
  await journal.sealed();
  await journal.close();
  const sizes = readdirSync(directory)
    .map((name) => path.join(directory, name))
    .map((file) => statSync(file).size);
  const sealed = sizes.reduce((sum, size) => sum + size, 0);
  const of = (count: number): string => (count / readings).toFixed(1);
  console.log(
    `journal: ${hours} hourly replies for ${stationCount} air stations, ${readings} readings: ${of(bytes)} bytes a reading as received, ${of(sealed)} in the journal (full segments of 16 MiB sealed)`,
  );
}
