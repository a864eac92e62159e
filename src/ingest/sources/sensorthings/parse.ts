import { packFlags } from '../../../domain/flags.ts';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { civilDate } from '../../../domain/time.ts';
import { Collector } from '../collector.ts';
import { averagingOf, instantOrNull, MappedCells } from '../mapped-cells.ts';
import { isRecord, plainText, replyJson, replyText } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { around, nowhere, stationKeyOf, type Surroundings } from './entities.ts';
import { sensorthingsSettings, type SensorthingsSettings } from './settings.ts';

/** Nesting of expanded entities that is followed. */
const DEPTH_LIMIT = 12;

/** Reads any reply or payload of the API that holds Observations: a page, data arrays, an expanded or deeply inserted entity. */
export function parseSensorthings(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const text = replyText(body, context.meta, into);
  const reply = text === null ? null : replyJson(text, into);
  if (reply !== null) {
    const reader = new ObservationReader(into);
    reader.visit(reply.document, asked(context), 'reply', 0);
    const { document } = reply;
    const paged = isRecord(document) && Array.isArray(document['value']);
    if (reader.found === 0 && !paged)
      into.issue('REPLY_EMPTY', 'reply', 'no Observation in it', (text ?? '').slice(0, 200));
  }
  return into.finish();
}

/** What the question said, for a page of Observations, which does not repeat it. */
function asked({ meta }: ParseContext): Surroundings {
  const { thing, thingName, datastream, datastreamName, unit, property, definition, lon, lat } = meta;
  if (datastream === undefined) return nowhere;
  return {
    // The key was chosen when the question was put: it is an id for this page.
    thing: { id: plainText(thing), name: plainText(thingName), properties: {} },
    lon: typeof lon === 'number' ? lon : null,
    lat: typeof lat === 'number' ? lat : null,
    datastream: {
      id: plainText(datastream),
      name: plainText(datastreamName),
      unit: unit === undefined ? null : plainText(unit),
    },
    observedProperty: { name: plainText(property), definition: plainText(definition) },
  };
}

class ObservationReader {
  found = 0;
  readonly #into: Collector;
  readonly #settings: SensorthingsSettings;
  readonly #cells: MappedCells;
  readonly #keyed: boolean;

  constructor(into: Collector) {
    this.#into = into;
    this.#settings = settingsOf(into.source, sensorthingsSettings);
    this.#cells = new MappedCells(into, this.#settings);
    this.#keyed = into.context.meta['datastream'] !== undefined;
  }

  /** Walks down to every Observation, whatever wraps it. */
  visit(node: unknown, outer: Surroundings, path: string, depth: number): void {
    if (depth > DEPTH_LIMIT) return;
    if (Array.isArray(node)) {
      for (const [at, one] of node.entries()) this.visit(one, outer, `${path}[${at}]`, depth + 1);
      return;
    }
    if (!isRecord(node)) return;
    if (Array.isArray(node['dataArray']) && Array.isArray(node['components'])) {
      this.#dataArray(node['components'].map(plainText), node['dataArray'], outer, path);
      return;
    }
    const inner = around(node, outer);
    if ('result' in node) this.#observation(node, inner, path);
    else
      for (const member of ['value', 'body', 'Things', 'Datastreams', 'Observations'])
        if (member in node) this.visit(node[member], inner, `${path}.${member}`, depth + 1);
  }

  #dataArray(components: string[], rows: readonly unknown[], outer: Surroundings, path: string): void {
    for (const [at, row] of rows.entries()) {
      const where = `${path}.dataArray[${at}]`;
      if (Array.isArray(row) && row.length === components.length)
        this.#observation(
          Object.fromEntries(components.map((name, index) => [name, row[index]])),
          outer,
          where,
        );
      else {
        this.found += 1;
        this.#cells.refuse(
          'ROW_SHAPE',
          { path: where, record: JSON.stringify(row) ?? '' },
          `expected ${components.join(', ')}`,
        );
      }
    }
  }

  #observation(node: Record<string, unknown>, of: Surroundings, path: string): void {
    this.found += 1;
    const cells = this.#cells;
    const at = { path, record: JSON.stringify(node) ?? '' };
    const key =
      of.thing === null
        ? ''
        : stationKeyOf(of.thing, this.#keyed ? 'id' : (this.#settings.stationKey ?? 'id'));
    const naturalKey = key === '' && of.thing !== null ? of.thing.name : key;
    if (naturalKey === '' || of.datastream === null)
      return cells.refuse('ROW_SHAPE', at, 'an Observation without its Thing and Datastream');
    const interval = intervalOf(plainText(node['phenomenonTime'] ?? node['resultTime']));
    if (interval === null)
      return cells.refuse(
        'TIME_NOT_READABLE',
        at,
        `phenomenonTime "${plainText(node['phenomenonTime'])}", expected an instant or begin/end in ISO 8601`,
      );
    const averaging = averagingOf(interval.toS - interval.fromS);
    if (averaging === null)
      return cells.refuse(
        'ROW_SHAPE',
        at,
        `a period of ${interval.toS - interval.fromS} s, expected one of the averaging periods`,
      );
    const { result } = node;
    const names = [
      of.observedProperty?.name ?? '',
      of.observedProperty?.definition ?? '',
      of.datastream.name,
    ];
    cells.take({
      codes: names.filter((name) => name !== ''),
      unit: of.datastream.unit,
      station: this.#station(naturalKey, of, interval.fromS, path),
      averaging,
      timeS: interval.fromS,
      text: result === null || result === undefined ? null : plainText(result),
      flags: this.#flags(node, at),
      ...at,
    });
  }

  #flags(node: Record<string, unknown>, at: { path: string; record: string }): number {
    const parameters = isRecord(node['parameters']) ? node['parameters'] : {};
    const quality = plainText(node['resultQuality'] ?? parameters['quality']);
    if (quality === '') return 0;
    const known = this.#settings.qualities ?? {};
    const validity = Object.hasOwn(known, quality) ? known[quality] : undefined;
    if (validity !== undefined) return packFlags({ validity });
    this.#cells.once(
      'CODE_UNKNOWN',
      at,
      `quality "${quality}" is not among the configured ones; the value is kept as suspect`,
    );
    return packFlags({ validity: 'suspect' });
  }

  #station(naturalKey: string, of: Surroundings, timeS: number, path: string): string {
    return this.#into.station({
      naturalKey,
      name: of.thing?.name === undefined || of.thing.name === '' ? naturalKey : of.thing.name,
      civilDate: civilDate(timeS, this.#into.source.timeZone),
      path,
      ...(of.lon === null || of.lat === null ? {} : { lon: of.lon, lat: of.lat }),
    });
  }
}

function intervalOf(text: string): { fromS: number; toS: number } | null {
  const [begin, end] = text.split('/');
  const fromS = begin === undefined || begin === '' ? null : instantOrNull(begin, 'UTC');
  const toS = end === undefined ? fromS : instantOrNull(end, 'UTC');
  return fromS === null || toS === null || toS < fromS ? null : { fromS, toS };
}
