import { civilDate } from '../../../domain/time.ts';
import type { Collector } from '../collector.ts';
import { isRecord, plainText } from '../reply.ts';
import type { UsgsValues } from './parse.ts';

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const recordOf = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
const firstOf = (value: unknown): Record<string, unknown> => recordOf(listOf(value)[0]);

/** `value.timeSeries[]` of the instantaneous and daily values services. */
export function parseWaterMl(value: Record<string, unknown>, into: Collector, values: UsgsValues): void {
  if (!Array.isArray(value['timeSeries'])) {
    into.issue(
      'REPLY_NOT_READABLE',
      'reply',
      'no list at value.timeSeries',
      JSON.stringify(value).slice(0, 200),
    );
    return;
  }
  for (const [index, series] of value['timeSeries'].entries())
    readSeries(recordOf(series), `timeSeries ${index + 1}`, into, values);
}

function readSeries(
  series: Record<string, unknown>,
  path: string,
  into: Collector,
  values: UsgsValues,
): void {
  const info = recordOf(series['sourceInfo']);
  const variable = recordOf(series['variable']);
  const site = firstOf(info['siteCode']);
  const number = plainText(site['value']);
  const code = plainText(firstOf(variable['variableCode'])['value']);
  const groups = listOf(series['values']).map((group) => listOf(recordOf(group)['value']));
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  if (number === '' || code === '') {
    into.issue('ROW_SHAPE', path, 'no site or no parameter code', JSON.stringify(info).slice(0, 200));
    into.rejectedCells(count);
    return;
  }
  if (count === 0) return;
  const option = firstOf(recordOf(variable['options'])['option']);
  const statistic =
    plainText(option['optionCode']) || (/^mean$/i.test(plainText(option['value'])) ? '00003' : null);
  const unit = recordOf(variable['unit'])['unitCode'];
  const noData = variable['noDataValue'];
  const station = stationOf(info, `${plainText(site['agencyCode']) || 'USGS'}-${number}`, path, into);
  for (const [group, list] of groups.entries())
    for (const [at, raw] of list.entries()) {
      const one = recordOf(raw);
      const qualifiers = one['qualifiers'];
      values.take({
        station,
        code,
        statistic: statistic === '' ? null : statistic,
        unit: typeof unit === 'string' ? unit : null,
        time: plainText(one['dateTime']),
        value: one['value'] === null || one['value'] === undefined ? null : plainText(one['value']),
        qualifiers: Array.isArray(qualifiers)
          ? qualifiers.map(plainText)
          : plainText(qualifiers)
              .split(/[\s,]+/)
              .filter(Boolean),
        ...(typeof noData === 'number' ? { noData } : {}),
        path: `${path} values ${group + 1}.${at + 1}`,
        record: JSON.stringify(raw) ?? '',
      });
    }
}

function stationOf(info: Record<string, unknown>, naturalKey: string, path: string, into: Collector): string {
  const place = recordOf(recordOf(info['geoLocation'])['geogLocation']);
  const [lon, lat] = [place['longitude'], place['latitude']];
  return into.station({
    naturalKey,
    name: plainText(info['siteName']) || naturalKey,
    civilDate: civilDate(into.shownS, into.source.timeZone),
    path,
    ...(typeof lon === 'number' && typeof lat === 'number' ? { lon, lat } : {}),
  });
}
