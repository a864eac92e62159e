import { Temporal } from 'temporal-polyfill';
import { civilDate, type EpochS } from '../../domain/time.ts';

/** Civil dates of `timeZone` that the window touches, its end included since archives file by publication. */
export function* archiveDays(window: { fromS: EpochS; toS: EpochS }, timeZone: string): Generator<string> {
  const last = civilDate(window.toS, timeZone);
  let day = Temporal.PlainDate.from(civilDate(window.fromS, timeZone));
  for (; day.toString() <= last; day = day.add({ days: 1 })) yield day.toString();
}

/** Address of a file below a folder address, whether or not that ends in a slash. */
export function below(folder: string, name: string): string {
  return new URL(name, folder.endsWith('/') ? folder : `${folder}/`).href;
}

/** A base address means the upstream's known path; an address that has a path is taken as it is. */
export function endpoint(address: string, knownPath: string): string {
  const url = new URL(address);
  if (url.pathname === '/') url.pathname = knownPath;
  return url.href;
}
