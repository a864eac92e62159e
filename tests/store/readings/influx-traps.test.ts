import { createServer, request, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import { InfluxDB } from 'influx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MonitorError } from '../../../src/domain/errors.ts';
import type { ReadingStore } from '../../../src/domain/ports.ts';
import { influxClient, type InfluxOptions } from '../../../src/store/readings/influx/client.ts';
import { openInfluxReadings } from '../../../src/store/readings/influx/index.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../../servers/influxd.ts';
import { agrees } from './contract.ts';
import { crashEntry } from './crash-entries.ts';
import { batchOf, Model } from './model.ts';

let server: Influxd;
let databases = 0;
const options = (more: Partial<InfluxOptions> = {}): InfluxOptions => ({
  url: server.url,
  database: `traps_${databases++}`,
  retentionPolicy: 'evidence',
  ...more,
});

describe.skipIf(influxdProgram === null)(
  `a real influxd${influxdProgram === null ? ' (skipped: not in PATH)' : ''}`,
  () => {
    beforeAll(async () => {
      server = await startInfluxd();
    });
    afterAll(() => server.stop());

    test('opening names the server and its version', async () => {
      const store = await openInfluxReadings(options());
      expect(store.server).toMatchObject({
        kind: expect.stringContaining('InfluxDB')!,
        version: expect.stringMatching(/^1\.\d/)!,
      });
      await store.close();
    });

    test('an entry cut off after any of its writes and applied again ends as if nothing had happened', async () => {
      // Entry 10 takes values away; entry 8 brings readings published before the stored ones.
      // Requests of one point: past and new ones, corrected ones, newest rows and log, position; the last of them is the position.
      for (const [last, writesLetThrough] of [8, 10].flatMap((seq) =>
        [0, 1, 3, 5, 7].map((writes) => [seq, writes] as const),
      )) {
        const given = options({ retries: 0, pointsPerWrite: 1 });
        const direct = await openInfluxReadings(given);
        const model = new Model();
        for (let seq = 1; seq < last; seq++) {
          await direct.apply({ seq, receivedS: 0 }, batchOf(crashEntry(seq)));
          model.apply(seq, crashEntry(seq));
        }
        const gate = await startGate(server.url);
        const gated = await openInfluxReadings({ ...given, url: gate.url });
        gate.cutAfter(writesLetThrough);
        await expect(
          gated.apply({ seq: last, receivedS: 0 }, batchOf(crashEntry(last))),
        ).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE', retryable: true });
        expect(await direct.position()).toBe(last - 1);
        await standsAsOf(direct, model, last - 1);
        gate.cutAfter(Infinity);
        const { outcome, ...counts } = await gated.apply(
          { seq: last, receivedS: 0 },
          batchOf(crashEntry(last)),
        );
        expect(counts, `entry ${last} cut after ${writesLetThrough}`).toEqual(
          model.apply(last, crashEntry(last)),
        );
        expect(outcome).toHaveLength(crashEntry(last).length);
        await agrees(gated, model, last, [last - 2, last - 1, last]);
        const told = (await gated.changesSince(String(last - 1), 100)).entries;
        const noted = [...(model.changes.get(last)?.values() ?? [])];
        expect(told.flatMap((entry) => entry.series.map((one) => one.revised))).toEqual(
          noted.map((one) => one.revised),
        );
        await gate.stop();
      }
    });

    test('kill -9 of the server between entries and during one: retried until it is back, nothing lost, nothing doubled', async () => {
      const store = await openInfluxReadings(options({ retries: 8 }));
      const model = new Model();
      const rounds = Math.min(Number(process.env.JIEHE_ROUNDS ?? 2), 50);
      let seq = 0;
      for (let round = 0; round < rounds; round++) {
        for (let entry = 0; entry < 3; entry++) {
          seq += 1;
          const applying = store.apply({ seq, receivedS: 0 }, batchOf(crashEntry(seq)));
          if (entry === 1) {
            await server.halt('SIGKILL');
            await server.start();
          }
          await applying;
          model.apply(seq, crashEntry(seq));
        }
      }
      await agrees(store, model, seq, [seq - 1, seq]);
    });

    test('a server that is away is E_STORE_UNAVAILABLE, and the first call after its return succeeds', async () => {
      const store = await openInfluxReadings(options({ retries: 1, timeoutMs: 2_000 }));
      await server.halt();
      await expect(store.position()).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE', retryable: true });
      await server.start();
      expect(await store.position()).toBe(0);
    });

    test('a point the server refuses is found by halving and named; the others are stored; the position stays', async () => {
      const given = options();
      const store = await openInfluxReadings(given);
      await store.apply({ seq: 1, receivedS: 0 }, batchOf([{ station: 's0', timeS: 3600, value: 1 }]));
      const raw = new InfluxDB({
        host: '127.0.0.1',
        port: Number(new URL(server.url).port),
        database: given.database,
      });
      await raw.writePoints(
        [{ measurement: 'reading', tags: { station: 'x' }, fields: { tp: 'text' }, timestamp: '7200' }],
        {
          precision: 's',
          retentionPolicy: given.retentionPolicy,
        },
      );
      const rows = Array.from({ length: 40 }, (_, at) => ({
        station: `s${at}`,
        parameter: at === 17 ? 'tp' : 'ph',
        timeS: 7200,
        value: at,
      }));
      const refused: unknown = await store
        .apply({ seq: 2, receivedS: 0 }, batchOf(rows))
        .catch((fault: unknown) => fault);
      expect(refused).toMatchObject({
        code: 'E_STORE_REJECTED',
        details: { count: 1, rejected: [{ station: 's17', parameters: ['tp'], timeS: 7200 }] },
      });
      expect(await store.position()).toBe(1);
      const good = rows.filter((row) => row.station !== 's17');
      await store.apply({ seq: 2, receivedS: 0 }, batchOf(good));
      expect(await store.counts()).toMatchObject({ readings: 40 });
    });

    test('a retention policy that drops data is refused; a missing one is made; the default one does not matter', async () => {
      const given = options();
      const raw = new InfluxDB({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
      await raw.createDatabase(given.database);
      await raw.createRetentionPolicy('short', {
        database: given.database,
        duration: '30d',
        replication: 1,
        isDefault: true,
      });
      await expect(openInfluxReadings({ ...given, retentionPolicy: 'short' })).rejects.toMatchObject({
        code: 'E_CONFIG',
      });
      const store = await openInfluxReadings(given);
      await store.apply({ seq: 1, receivedS: 0 }, batchOf([{ timeS: 3600, value: 1 }]));
      expect(
        await store.past({
          station: 's1',
          parameter: 'ph',
          averaging: 'PT1H',
          provider: 'cnemc',
          timeS: 3600,
        }),
      ).toHaveLength(1);
    });

    test('a server that keeps a rewritten point twice, drops strings, loses digits or answers for anything is refused for just that', async () => {
      const twice = (body: string): string =>
        body.replace(/"values":\[(\[946684800,.*?\])\]/, '"values":[$1,$1]');
      const faults: [string, (path: string, body: string) => string][] = [
        ['kept twice', (path, body) => (path.startsWith('/query') ? twice(body) : body)],
        [
          'does not read back',
          (path, body) => (path.startsWith('/query') ? body.replace(/,"a \\"quoted[^\]]*/, ',null') : body),
        ],
        [
          'does not read back',
          (path, body) =>
            path.startsWith('/query')
              ? body.replace(/,(\d{12})(\d),/, (_all, most, last) => `,${most}${last === '0' ? '2' : '0'},`)
              : body,
        ],
        [
          'does not exist',
          (path, body) =>
            path.startsWith('/query')
              ? body.replace(
                  '{"statement_id":0}',
                  '{"statement_id":0,"series":[{"name":"no_such_measurement","columns":["time"],"values":[[0]]}]}',
                )
              : body,
        ],
      ];
      for (const [says, alter] of faults) {
        const gate = await startGate(server.url, alter);
        await expect(openInfluxReadings(options({ url: gate.url })), says).rejects.toMatchObject({
          code: 'E_STORE_UNSUPPORTED',
          message: expect.stringMatching(
            new RegExp(`^InfluxDB .*1\\.\\d.* cannot hold readings: .*${says}`, 's'),
          )!,
        });
        await gate.stop();
      }
    });

    test('times are written in seconds, whatever the client or the server take a bare number for; 0 and 53 bits come back', async () => {
      const given = options();
      const store = await openInfluxReadings(given);
      const rows = [0, 1_750_000_000].map((timeS) => ({ timeS, value: Number.MAX_SAFE_INTEGER }));
      await store.apply({ seq: 1, receivedS: 0 }, batchOf(rows));
      const text = await fetch(
        `${server.url}/query?db=${given.database}&q=${encodeURIComponent('SELECT ph FROM evidence.reading')}`,
      );
      expect(await text.text()).toContain('["2025-06-15T15:06:40Z",9007199254740991]');
      const window = {
        averaging: 'PT1H' as const,
        provider: 'cnemc',
        fromS: -1,
        toS: 2e9,
        stations: ['s1'],
        parameters: ['ph'],
      };
      expect(await store.series(window)).toMatchObject([
        {
          timeS: Float64Array.of(0, 1_750_000_000),
          value: Float64Array.of(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
        },
      ]);
    });

    test('names and addresses that could carry a query are refused before anything is sent', () => {
      for (const bad of [
        { database: 'a"; DROP DATABASE b' },
        { retentionPolicy: 'x y' },
        { url: 'ftp://127.0.0.1' },
        { url: 'nonsense' },
      ]) {
        expect(() => influxClient(options(bad))).toThrow(MonitorError);
      }
    });

    test('strings pass only through placeholders: a hostile station finds nothing and breaks nothing', async () => {
      const store = await openInfluxReadings(options());
      await store.apply({ seq: 1, receivedS: 0 }, batchOf([{ timeS: 3600, value: 1 }]));
      const query = {
        parameters: ['ph'],
        averaging: 'PT1H' as const,
        provider: 'cnemc',
        fromS: 0,
        toS: 7200,
      };
      for (const station of ["s1' OR 's'='s", 's1\\', 's1"; DROP MEASUREMENT "reading"']) {
        expect(await store.series({ ...query, stations: [station] })).toEqual([]);
      }
      expect(await store.series({ ...query, stations: ['s1'] })).toHaveLength(1);
    });
  },
);

describe.skipIf(influxdProgram === null)('an influxd with authentication', () => {
  let closedServer: Influxd;
  beforeAll(async () => {
    closedServer = await startInfluxd({ authenticated: true });
    const first = new InfluxDB({
      host: '127.0.0.1',
      port: Number(new URL(closedServer.url).port),
      username: '',
      password: '',
    });
    await first.createUser('keeper', 'right', true);
  });
  afterAll(() => closedServer.stop());

  test('right credentials open it; wrong or none are E_CONFIG, and no error carries the password', async () => {
    const given = {
      url: closedServer.url,
      database: 'closed',
      retentionPolicy: 'evidence',
      username: 'keeper',
    };
    const store = await openInfluxReadings({ ...given, password: 'right' });
    await store.apply({ seq: 1, receivedS: 0 }, batchOf([{ timeS: 3600, value: 1 }]));
    expect(await store.position()).toBe(1);
    const wrong: unknown = await openInfluxReadings({ ...given, password: 'very-secret' }).catch(
      (fault: unknown) => fault,
    );
    expect(wrong).toMatchObject({ code: 'E_CONFIG', retryable: false });
    const said = (fault: unknown): string => JSON.stringify(fault, Object.getOwnPropertyNames(fault));
    const cause = wrong instanceof Error ? wrong.cause : undefined;
    expect(cause).toBeInstanceOf(Error);
    const basic = Buffer.from('keeper:very-secret').toString('base64');
    for (const text of [said(wrong), said(cause), Object.keys(cause ?? {}).join(',')]) {
      expect(text).not.toContain('very-secret');
      expect(text).not.toContain(basic);
      expect(text).not.toContain('req');
    }
    const { username: _name, ...anonymous } = given;
    await expect(openInfluxReadings(anonymous)).rejects.toMatchObject({ code: 'E_CONFIG' });
  });

  test('a user who may only read is named at opening, and nothing is sent again', async () => {
    const admin = new InfluxDB({
      host: '127.0.0.1',
      port: Number(new URL(closedServer.url).port),
      username: 'keeper',
      password: 'right',
    });
    await admin.createDatabase('readable');
    await admin.createRetentionPolicy('evidence', { database: 'readable', duration: 'INF', replication: 1 });
    await admin.createUser('reader', 'right');
    await admin.grantPrivilege('reader', 'READ', 'readable');
    const gate = await startGate(closedServer.url);
    const asReader = { url: gate.url, database: 'readable', retentionPolicy: 'evidence', username: 'reader' };
    await expect(openInfluxReadings({ ...asReader, password: 'right' })).rejects.toMatchObject({
      code: 'E_CONFIG',
      retryable: false,
    });
    expect(gate.writes()).toBeLessThanOrEqual(1);
    await gate.stop();
  });
});

describe('what is behind the address is not what it says', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const one of servers) {
      one.closeAllConnections();
      one.close();
    }
  });
  const listen = async (handler: RequestListener): Promise<InfluxOptions> => {
    const one = createServer(handler).listen(0, '127.0.0.1');
    servers.push(one);
    await once(one, 'listening');
    const port = portOf(one);
    return {
      url: `http://127.0.0.1:${port}`,
      database: 'd',
      retentionPolicy: 'r',
      retries: 1,
      timeoutMs: 400,
    };
  };

  test('a server that answers every query with a bogus success is refused by name', async () => {
    const given = await listen((_request, response) => {
      response.setHeader('X-Influxdb-Version', '1.8.0');
      if (_request.url?.startsWith('/ping') === true) response.writeHead(204).end();
      else response.end('{"results":[{"series":[{"name":"_internal"}]}]}');
    });
    await expect(openInfluxReadings(given)).rejects.toMatchObject({
      code: 'E_STORE_UNSUPPORTED',
      message: expect.stringContaining('1.8.0')!,
    });
  });

  test('without credentials none are sent, and not those that the client makes up', async () => {
    const sent: (string | undefined)[] = [];
    const given = await listen((request, response) => {
      sent.push(request.headers.authorization ?? request.url);
      response.end('{"results":[{"statement_id":0}]}');
    });
    await influxClient(given).query('SHOW DATABASES');
    expect(sent).toHaveLength(1);
    expect(Buffer.from(sent[0]?.replace(/^Basic /, '') ?? '', 'base64').toString()).not.toContain('root');
    expect(sent[0]).not.toContain('root');
  });

  test('an answer that stalls after its headers ends at the deadline', async () => {
    const given = await listen((_request, response) => {
      response.writeHead(200);
      response.write('{"results":');
    });
    await expect(influxClient(given).query('SHOW DATABASES')).rejects.toMatchObject({
      code: 'E_STORE_UNAVAILABLE',
    });
  });

  test('after failures the next call is sent, not refused with "No host available", and passes when the server recovers', async () => {
    let calls = 0;
    const given = await listen((_request, response) => {
      calls += 1;
      if (calls < 4) response.writeHead(503).end();
      else response.end('{"results":[{"statement_id":0}]}');
    });
    expect(await influxClient({ ...given, retries: 5 }).query('SHOW DATABASES')).toEqual([]);
    expect(calls).toBe(4);
  });

  test('a web page, half a JSON or an error inside a success is an error', async () => {
    for (const [body, code] of [
      ['<html>welcome</html>', 'E_STORE_UNAVAILABLE'],
      ['{"hello":1}', 'E_STORE_UNSUPPORTED'],
      ['{"results":[{"error":"engine: no such shard timeout"}]}', 'E_STORE_UNAVAILABLE'],
      ['{"results":[{"error":"field type mismatch"}]}', 'E_STORE_REJECTED'],
    ] as const) {
      const given = await listen((_request, response) => response.end(body));
      await expect(influxClient(given).query('SHOW DATABASES')).rejects.toMatchObject({ code });
    }
  });
});

/** While an entry is half written, what stood before it is read whole, each point once. */
async function standsAsOf(store: ReadingStore, model: Model, asOfSeq: number): Promise<void> {
  const window = { averaging: 'PT1H' as const, provider: 'cnemc', fromS: 0, toS: 2_000_000_000, asOfSeq };
  const stations = ['s1', 's2'];
  const standing = [...model.asOf(asOfSeq).values()].filter((row) => row.value !== null);
  const series = await store.series({ ...window, stations, parameters: ['ph', 'tp'] });
  expect(series.flatMap((one) => [...one.value].filter((value) => !Number.isNaN(value)))).toHaveLength(
    standing.length,
  );
  const sums = await store.sums({
    ...window,
    groups: [{ id: 'both', stations }],
    parameters: ['ph', 'tp'].map((id) => ({ id, decimals: 1 })),
    period: 'year',
    timeZone: 'Asia/Shanghai',
    cadenceS: null,
  });
  const total = sums.reduce((sum, one) => sum + one.observed.reduce((a, b) => a + b, 0), 0);
  expect(total).toBe(standing.length);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
}

/**
 * Passes everything to the real server, until the writes let through are used up; then it drops the connection. `alter` makes of
 * the real server's answers those of a worse one.
 */
async function startGate(
  target: string,
  alter: ((path: string, body: string) => string) | null = null,
): Promise<{
  url: string;
  cutAfter: (writes: number) => void;
  writes: () => number;
  stop: () => Promise<void>;
}> {
  let left = Infinity;
  let writes = 0;
  const gate = createServer((incoming, response) => {
    if (incoming.url?.startsWith('/write') === true) {
      writes += 1;
      if (left-- <= 0) {
        incoming.socket.destroy();
        return;
      }
    }
    const passed = request(
      new URL(incoming.url ?? '/', target),
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        if (alter === null) {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
          return;
        }
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const { 'content-length': _length, 'transfer-encoding': _coding, ...headers } = answer.headers;
          response.writeHead(answer.statusCode ?? 500, headers);
          const body = Buffer.concat(parts).toString();
          response.end(body === '' ? undefined : alter(incoming.url ?? '', body));
        });
      },
    );
    incoming.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(gate, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(gate)}`,
    cutAfter: (most) => {
      left = most;
    },
    writes: () => writes,
    async stop() {
      gate.closeAllConnections();
      gate.close();
      await once(gate, 'close');
    },
  };
}
