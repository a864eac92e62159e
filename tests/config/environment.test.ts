import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/config/index.ts';
import { MonitorError } from '../../src/domain/errors.ts';

function printedFaults(variables: Record<string, string>): string[] {
  try {
    readEnvironment(variables, '/srv');
  } catch (error) {
    if (error instanceof MonitorError && error.code === 'E_CONFIG') return error.message.split('\n').slice(1);
    throw error;
  }
  return [];
}

describe('the environment', () => {
  test('empty gives the embedded stores on the loopback address', () => {
    expect(readEnvironment({ PATH: '/bin', JIEHE_INFLUX_URL: '' }, '/srv')).toEqual({
      dataDir: '/srv/data',
      configDir: null,
      region: null,
      host: '127.0.0.1',
      port: 8080,
      publicUrl: null,
      secretKey: null,
      openId: null,
      influx: null,
      databaseUrl: null,
      leaseSeconds: 15,
      watchdog: null,
      archiveDir: null,
      stateTemplate: null,
      webhookNetworks: [],
      operator: null,
      userAgent: null,
      logLevel: 'info',
    });
  });

  test('is read whole, numbers as numbers and folders made absolute', () => {
    const environment = readEnvironment(
      {
        JIEHE_DATA: 'd',
        JIEHE_CONFIG: '/etc/jiehe',
        JIEHE_PORT: '0',
        JIEHE_INFLUX_URL: 'https://influx.example:8086',
        JIEHE_INFLUX_USER: 'jiehe',
        JIEHE_INFLUX_PASSWORD: 'open sesame',
        JIEHE_INFLUX_CA_FILE: 'tls/ca.pem',
        JIEHE_OPERATOR: '环境信息处',
        JIEHE_INFLUX_RETENTION_POLICY: 'forever',
        JIEHE_DATABASE_URL: 'postgres://jiehe:sesame@db.example/jiehe',
        JIEHE_LOG_LEVEL: 'debug',
      },
      '/srv',
    );
    expect(environment).toMatchObject({
      dataDir: '/srv/d',
      configDir: '/etc/jiehe',
      port: 0,
      logLevel: 'debug',
    });
    expect(environment.influx).toMatchObject({
      url: 'https://influx.example:8086',
      user: 'jiehe',
      database: 'jiehe',
      retentionPolicy: 'forever',
      caFile: '/srv/tls/ca.pem',
    });
    expect(environment.operator).toBe('环境信息处');
    expect(environment.influx?.password?.reveal()).toBe('open sesame');
    expect(environment.databaseUrl?.reveal()).toBe('postgres://jiehe:sesame@db.example/jiehe');
    const shown = [
      JSON.stringify(environment),
      inspect(environment, { depth: 9 }),
      String(environment.databaseUrl?.toString()),
    ].join('\n');
    expect(shown).not.toContain('sesame');
  });

  test('lists all its faults together', () => {
    expect(
      printedFaults({
        JIEHE_PORT: 'many',
        JIEHE_LOG_LEVEL: 'loud',
        JIEHE_INFLUX_URL: 'influx.example',
        JIEHE_PROT: '1',
      }),
    ).toEqual([
      expect.stringMatching(
        /^JIEHE_PROT: unknown variable \(got \(not shown\), expected one of JIEHE_DATA, /,
      ),
      'JIEHE_PORT: not as expected (got "many", expected port, 0 for a free one, 0 to 65535)',
      expect.stringMatching(
        /^JIEHE_INFLUX_URL: not as expected \(got \(secret\), expected http\(s\) address/,
      ),
      'JIEHE_LOG_LEVEL: not as expected (got "loud", expected one of fatal, error, warn, info, debug, trace, silent)',
    ]);
  });

  test('never prints a secret in a fault', () => {
    const faults = printedFaults({
      JIEHE_DATABASE_URL: 'mysql://root:sesame@db',
      JIEHE_INFLUX_URL: 'http://root:sesame@influx:8086',
      JIEHE_INFLUX_PASSWORT: 'sesame',
    });
    expect(faults).toHaveLength(3);
    expect(faults.join('\n')).not.toContain('sesame');
    expect(printedFaults({ JIEHE_INFLUX_PASSWORD: 'sesame' })).toEqual([
      expect.stringContaining('given without an address'),
    ]);
  });

  test('leaves the variables of tests and tools alone', () => {
    expect(
      printedFaults({ JIEHE_TEST_INFLUX_URL: 'x', JIEHE_REQUIRE_SERVERS: '1', JIEHE_SEED: '7' }),
    ).toEqual([]);
  });
});
