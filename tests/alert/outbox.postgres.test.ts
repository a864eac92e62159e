import { afterAll, beforeAll, describe } from 'vitest';
import { postgresAvailable, startPostgres, type PostgresServer } from '../servers/postgres.ts';
import { outboxContract } from './outbox-contract.ts';

describe.skipIf(!postgresAvailable)('a real PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  outboxContract('PostgreSQL', async () => ({ kind: 'postgres', url: await server.database() }));
});
