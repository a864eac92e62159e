import { civilDate } from '../../../domain/time.ts';
import type { Collector } from '../collector.ts';
import { isRecord, plainText } from '../reply.ts';
import type { UsgsValues } from './parse.ts';

const needed = [
  'monitoring_location_id',
  'parameter_code',
  'statistic_id',
  'time',
  'value',
  'unit_of_measure',
  'approval_status',
];

/** Features of the collections `continuous` and `daily` of the Water Data API. */
export function parseCollection(features: readonly unknown[], into: Collector, values: UsgsValues): void {
  const stations = new Map<string, string>();
  for (const [index, feature] of features.entries()) {
    const path = `feature ${index + 1}`;
    const record = JSON.stringify(feature) ?? '';
    const facts = isRecord(feature) && isRecord(feature['properties']) ? feature['properties'] : {};
    const lacking = needed.filter((name) => !(name in facts));
    if (lacking.length > 0) {
      values.cells.once(
        'HEADERS_CHANGED',
        { path, record },
        `lacking: ${lacking.join(' ')}; such features are refused`,
      );
      into.rejectedCells(1);
      continue;
    }
    const site = plainText(facts['monitoring_location_id']);
    const station = stations.get(site) ?? stationOf(site, feature, path, into);
    stations.set(site, station);
    const { qualifier } = facts;
    values.take({
      station,
      code: plainText(facts['parameter_code']),
      statistic: plainText(facts['statistic_id']) || null,
      unit: plainText(facts['unit_of_measure']),
      time: plainText(facts['time']),
      value: facts['value'] === null ? null : plainText(facts['value']),
      qualifiers: [facts['approval_status'], ...(Array.isArray(qualifier) ? qualifier : [qualifier])]
        .map((text) => plainText(text).trim())
        .filter((text) => text !== ''),
      path,
      record,
    });
  }
}

function stationOf(site: string, feature: unknown, path: string, into: Collector): string {
  const geometry = isRecord(feature) && isRecord(feature['geometry']) ? feature['geometry'] : {};
  const pair: readonly unknown[] = Array.isArray(geometry['coordinates']) ? geometry['coordinates'] : [];
  const [lon, lat] = pair;
  return into.station({
    naturalKey: site,
    name: site,
    civilDate: civilDate(into.shownS, into.source.timeZone),
    path,
    ...(typeof lon === 'number' && typeof lat === 'number' ? { lon, lat } : {}),
  });
}
