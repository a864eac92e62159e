import { MonitorError } from '../../domain/errors.ts';

/** A query that is none: where it goes wrong, and what could stand there. */
export function badQuery(option: string, at: number | null, expected: string): MonitorError {
  const place = at === null ? option : `${option}, character ${at + 1}`;
  return new MonitorError('E_BAD_REQUEST', `${place}: expected ${expected}`, {
    details: { faults: [{ field: `querystring.${option}`, value: at === null ? null : at + 1, expected }] },
  });
}

/** Legal SensorThings that this read service does not answer. */
export function notSupported(what: string): MonitorError {
  return new MonitorError('E_NOT_SUPPORTED', `${what} is not supported by this service`, {
    details: { what },
  });
}
