import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InfluxDB } from 'influx';
import { readEnvironment } from '../../../src/config/index.ts';
import { openInfluxDatabase } from '../../../src/system/open-stores.ts';
import { openInfluxReadings } from '../../../src/store/readings/influx/index.ts';
import { influxdProgram, startInfluxd, type Influxd, type ServerCertificate } from '../../servers/influxd.ts';
import { findProgram } from '../../servers/required.ts';
import { batchOf } from './model.ts';

const openssl = findProgram(['openssl']);
const directory = mkdtempSync(path.join(tmpdir(), 'jiehe-tls-'));

/** An authority of its own, and a certificate of it for 127.0.0.1 or another name. */
function certificate(name: string, subject: string): ServerCertificate {
  const file = (end: string): string => path.join(directory, `${name}.${end}`);
  const run = (...args: string[]): void => {
    execFileSync(openssl ?? '', args, { stdio: 'ignore' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=office',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  );
  run('req', ...key, '-subj', '/CN=store', '-keyout', file('key'), '-out', file('csr'));
  writeFileSync(file('ext'), `subjectAltName=${subject}\n`);
  const issuer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
  run(
    'x509',
    '-req',
    '-in',
    file('csr'),
    ...issuer,
    '-days',
    '2',
    '-extfile',
    file('ext'),
    '-out',
    file('pem'),
  );
  return { certificate: file('pem'), key: file('key'), ca: readFileSync(file('ca.pem'), 'utf8') };
}

const skip = influxdProgram === null || openssl === null;

describe.skipIf(skip)(`an influxd behind TLS${skip ? ' (skipped: no influxd or openssl)' : ''}`, () => {
  let server: Influxd;
  let own: ServerCertificate;
  const options = { database: 'tls', retentionPolicy: 'evidence' };
  beforeAll(async () => {
    own = certificate('own', 'IP:127.0.0.1');
    server = await startInfluxd({ tls: own });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  test('with the authority of the office it is written and read', async () => {
    const store = await openInfluxReadings({ ...options, url: server.url, ca: own.ca });
    await store.apply({ seq: 1, receivedS: 0 }, batchOf([{ timeS: 3600, value: 1 }]));
    expect(await store.counts()).toMatchObject({ readings: 1 });
  });

  test('without it, or with another, the certificate is refused at once and named; nothing is sent', async () => {
    const other = certificate('other', 'IP:127.0.0.1');
    for (const ca of [{}, { ca: other.ca }]) {
      await expect(openInfluxReadings({ ...options, url: server.url, ...ca })).rejects.toMatchObject({
        code: 'E_CONFIG',
        retryable: false,
        message: expect.stringContaining('certificate')!,
      });
    }
  });

  test('all that the environment says of a server is used: authority, user, password, database', async () => {
    const guarded = await startInfluxd({ tls: own, authenticated: true });
    try {
      const { hostname: host, port } = new URL(guarded.url);
      const first = new InfluxDB({
        host,
        port: Number(port),
        protocol: 'https',
        options: { ca: own.ca },
        username: '',
        password: '',
      });
      await first.createUser('keeper', 'right', true);
      const variables = {
        JIEHE_INFLUX_URL: guarded.url,
        JIEHE_INFLUX_USER: 'keeper',
        JIEHE_INFLUX_PASSWORD: 'right',
        JIEHE_INFLUX_DATABASE: 'named',
        JIEHE_INFLUX_CA_FILE: path.join(directory, 'own.ca.pem'),
      };
      const open = (more: Record<string, string>) => {
        const environment = readEnvironment({ ...variables, ...more });
        return openInfluxDatabase(environment, environment.influx?.database ?? '');
      };
      const store = await open({});
      await store.apply({ seq: 1, receivedS: 0 }, batchOf([{ timeS: 3600, value: 1 }]));
      expect(store.place).toBe('named');
      expect(await store.counts()).toMatchObject({ readings: 1 });
      await expect(open({ JIEHE_INFLUX_PASSWORD: 'wrong' })).rejects.toMatchObject({ code: 'E_CONFIG' });
      for (const [file, fault] of [
        [path.join(directory, 'missing.pem'), 'cannot be read'],
        [path.join(directory, 'own.key'), 'holds no certificate'],
      ] as const) {
        const message = expect.stringMatching(new RegExp(`${path.basename(file)} ${fault}.*CA_FILE`));
        expect(() => open({ JIEHE_INFLUX_CA_FILE: file })).toThrow(
          expect.objectContaining({ code: 'E_CONFIG', message }),
        );
      }
    } finally {
      await guarded.stop();
    }
  });

  test('a certificate for another name is refused', async () => {
    const elsewhere = certificate('elsewhere', 'DNS:store.example');
    const wrong = await startInfluxd({ tls: elsewhere });
    try {
      await expect(
        openInfluxReadings({ ...options, url: wrong.url, ca: elsewhere.ca }),
      ).rejects.toMatchObject({
        code: 'E_CONFIG',
        details: { certificate: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      });
    } finally {
      await wrong.stop();
    }
  });
});
