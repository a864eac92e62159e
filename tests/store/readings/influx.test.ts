import { openInfluxReadings, type InfluxOptions } from '../../../src/store/readings/influx/index.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../../servers/influxd.ts';
import { readingStoreContract } from './contract.ts';

/** Another server of the same API to run the contract on; its databases named jiehe_contract_* are ours. */
const given = process.env.JIEHE_TEST_INFLUX_URL ?? null;
const username = process.env.JIEHE_TEST_INFLUX_USER;
const password = process.env.JIEHE_TEST_INFLUX_PASSWORD;

let server: Influxd | null = null;
let databases = 0;

readingStoreContract({
  name: given === null ? 'InfluxDB' : `InfluxDB API at ${new URL(given).host}`,
  skip: given === null && influxdProgram === null ? 'no influxd in PATH' : null,
  propertyRuns: Number(process.env.JIEHE_ROUNDS ?? 15),
  async start() {
    if (given === null) server = await startInfluxd();
  },
  async stop() {
    await server?.stop();
  },
  async open() {
    const options: InfluxOptions = {
      url: given ?? server?.url ?? '',
      database: `jiehe_contract_${process.pid}_${Date.now()}_${databases++}`,
      retentionPolicy: 'evidence',
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    };
    let store = await openInfluxReadings(options);
    return {
      store,
      async reopen() {
        await store.close();
        store = await openInfluxReadings(options);
        return store;
      },
      close: () => store.close(),
    };
  },
});
