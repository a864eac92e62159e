import type { Language } from '../../analysis/liability/phrases.ts';
import type { Text } from '../../domain/config/facts.ts';
import { type Table, heads, timeOf, titled } from './table.ts';
import { averagingOf } from './terms.ts';

/** The readings that a statement was computed from. `names`: of the sections, gauging stations, parameters and sources by id. */
export interface FrozenReadings {
  series: readonly {
    station: string;
    parameter: string;
    averaging: string;
    provider: string;
    timeS: readonly number[];
    value: readonly (number | null)[];
    seq: readonly number[];
  }[];
  /** Journal entries by position, with the hash of their bytes. */
  entries: readonly { seq: number; sha256: string; receivedS: number }[];
  names: readonly { id: string; name: Text }[];
}

/** A section, station, item or source by the id under which its readings are kept. */
export const nameOfRead = (
  { names }: Pick<FrozenReadings, 'names'>,
  id: string,
  language: Language,
): string => names.find((one) => one.id === id)?.name[language] ?? id;

function rangeOf(all: readonly number[], shown: (one: number) => string): string {
  const first = all.reduce((a, b) => Math.min(a, b));
  const last = all.reduce((a, b) => Math.max(a, b));
  return first === last ? shown(first) : `${shown(first)} – ${shown(last)}`;
}

/** What was read of each section, from whom, of when, and the journal entries that hold it. */
export function readingsTable(readings: FrozenReadings, language: Language, timeZone: string): Table {
  const nameOf = (id: string): string => nameOfRead(readings, id, language);
  return {
    ...titled('readings', language),
    head: heads(
      ['section', 'item', 'averaging', 'provider', 'readingCount', 'values', 'span', 'entries'],
      language,
    ),
    shared: 1,
    rows: readings.series
      .filter((one) => one.timeS.length > 0)
      .map((one) => {
        const values = one.value.filter((value) => value !== null);
        return [
          nameOf(one.station),
          nameOf(one.parameter),
          averagingOf(one.averaging, language),
          nameOf(one.provider),
          String(one.timeS.length),
          values.length === 0 ? '—' : rangeOf(values, String),
          rangeOf(one.timeS, (atS) => timeOf(atS, timeZone)),
          rangeOf(one.seq, String),
        ];
      }),
  };
}
