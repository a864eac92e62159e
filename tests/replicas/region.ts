import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSystem, type System } from '../../src/main.ts';
import { capturedTable, type CapturedTable } from '../cli/captured-table.ts';
import { serveJiehe, type ServedProcess } from '../cli/jiehe-process.ts';
import { storedReadings, type StoredReadings } from '../cli/stored-readings.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';
import { startInfluxd, type Influxd } from '../servers/influxd.ts';
import { startPostgres, type PostgresServer } from '../servers/postgres.ts';

export const known = {
  stations: ['section-1', 'section-2'],
  parameters: ['ph', 'do', 'tp', 'pub_class'],
  averaging: 'instant' as const,
};

/** Servers, a region's configuration and a recorded file that several processes work on. */
export interface Site {
  folder: string;
  config: string;
  file: string;
  table: CapturedTable;
  influxd: Influxd;
  postgres: PostgresServer;
  close(): Promise<void>;
}

export async function openSite(options: { captures: number; seed: number }): Promise<Site> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-replicas-'));
  const [postgres, influxd] = await Promise.all([startPostgres(), startInfluxd()]);
  const config = writeTryRegion(path.join(folder, 'config'), { enabled: false });
  const table = capturedTable({ ...options, sections: [...trySections, '无名断面'] });
  const file = path.join(folder, 'captured.csv');
  writeFileSync(file, table.text);
  return {
    folder,
    config,
    file,
    table,
    influxd,
    postgres,
    async close() {
      await influxd.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Variables of a new, empty pair of databases. */
export async function sharedStores(
  site: Site,
  name: string,
  leaseSeconds = 3,
): Promise<Record<string, string>> {
  return {
    JIEHE_DATABASE_URL: await site.postgres.database(),
    JIEHE_INFLUX_URL: site.influxd.url,
    JIEHE_INFLUX_DATABASE: name,
    JIEHE_LEASE_SECONDS: String(leaseSeconds),
  };
}

export function replica(
  site: Site,
  name: string,
  env: Record<string, string>,
  more: readonly string[] = [],
): Promise<ServedProcess> {
  const config = more.includes('--config') ? [] : ['--config', site.config];
  return serveJiehe([...config, '--data', path.join(site.folder, name), ...more], { env });
}

export interface Readiness {
  status: number;
  /** Whether that process projects. */
  here: boolean;
  lag: number;
  configuration: string;
  readings: string;
}

interface ReadyBody {
  projections: { here: boolean }[];
  lag: number;
  configuration: string;
  readings: string;
}

export async function readiness(served: { url: string }): Promise<Readiness> {
  const answer = await fetch(`${served.url}/readyz`);
  const body = (await answer.json()) as ReadyBody & { error?: { details: ReadyBody } };
  const { projections, lag, configuration, readings } = body.error?.details ?? body;
  return { status: answer.status, here: projections[0]?.here === true, lag, configuration, readings };
}

/** Runs `work` on a system of its own, as a process with these variables would have it. */
export async function withSystem<T>(
  site: Site,
  name: string,
  env: Record<string, string>,
  work: (system: System) => Promise<T>,
): Promise<T> {
  Object.assign(process.env, env);
  try {
    const system = await openSystem({
      dataDir: path.join(site.folder, name),
      configDir: site.config,
      synthetic: null,
      role: 'api',
    });
    try {
      return await work(system);
    } finally {
      await system.close();
    }
  } finally {
    for (const variable of Object.keys(env)) delete process.env[variable];
  }
}

export function everything(system: System): Promise<StoredReadings> {
  return storedReadings(system.readings, { ...known, everyVersion: true });
}
