import type { Dialect, Driver } from 'kysely';
import { MonitorError } from '../../domain/errors.ts';

/** SQLSTATE classes of an engine that cannot work now: connection, resources (a full disk is 53100), shutdown, system. */
const engineStates = /^(08|53|57P|58)/;
const systemCodes = /^E(CONN|PIPE|NOSPC|HOST|NET|TIMEDOUT|AI_AGAIN)/;
const lostConnection = /^(Connection terminated|timeout exceeded when trying to connect)/;

function ofEngine(cause: unknown): cause is Error {
  if (!(cause instanceof Error) || cause instanceof MonitorError) return false;
  const code = 'code' in cause ? String(cause.code) : '';
  return engineStates.test(code) || systemCodes.test(code) || lostConnection.test(cause.message);
}

async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!ofEngine(cause)) throw cause;
    throw new MonitorError('E_STORE_UNAVAILABLE', `the state cannot be read or written: ${cause.message}`, {
      cause,
    });
  }
}

/** A dialect whose engine's own faults (away, out of room) are E_STORE_UNAVAILABLE; those of a statement stay what they are. */
export function withNamedFaults(dialect: Dialect): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => namedDriver(dialect.createDriver()),
  };
}

function namedDriver(driver: Driver): Driver {
  const seen = new WeakSet<object>();
  const acquire = driver.acquireConnection.bind(driver);
  driver.acquireConnection = async (options) => {
    const connection = await named(acquire(options));
    if (seen.has(connection)) return connection;
    seen.add(connection);
    const execute = connection.executeQuery.bind(connection);
    connection.executeQuery = (query, how) => named(execute(query, how));
    return connection;
  };
  return driver;
}
