import { afterAll, beforeAll, describe } from 'vitest';
import { influxdProgram, startInfluxd, type Influxd } from '../servers/influxd.ts';
import { postgresAvailable, startPostgres, type PostgresServer } from '../servers/postgres.ts';
import { changeFeedBodies } from './changes-bodies.ts';
import { openStores } from './test-app.ts';
import { webhookBodies } from './webhooks-bodies.ts';

describe.skipIf(influxdProgram === null || !postgresAvailable)('on InfluxDB and PostgreSQL', () => {
  let influxd: Influxd;
  let postgres: PostgresServer;
  let opened = 0;
  beforeAll(async () => {
    [influxd, postgres] = await Promise.all([startInfluxd(), startPostgres()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([influxd.stop(), postgres.stop()]);
  });

  const open = async () =>
    openStores({
      influxUrl: influxd.url,
      influxDatabase: `feeds_${++opened}`,
      databaseUrl: await postgres.database(),
    });
  describe('feeds', () => changeFeedBodies(open));
  describe('webhooks', () => webhookBodies(open));
});
