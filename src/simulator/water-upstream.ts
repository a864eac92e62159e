import { DAY_S, HOUR_S, UPSTREAM_OFFSET_S, twoDigits, wallClock } from './options.ts';
import { waterColumns, type UpstreamSection, type WaterRow, type WaterWorld } from './water-world.ts';

const unit = (name: string, text: string): string => `${name}<br/><span class='unit'>(${text})</span>`;

const names: readonly (readonly [string, string])[] = [
  ['水温', '℃'],
  ['pH', '无量纲'],
  ['溶解氧', 'mg/L'],
  ['电导率', 'μS/cm'],
  ['浊度', 'NTU'],
  ['高锰酸盐指数', 'mg/L'],
  ['氨氮', 'mg/L'],
  ['总磷', 'mg/L'],
  ['总氮', 'mg/L'],
  ['叶绿素α', 'mg/L'],
  ['藻密度', 'cells/L'],
];
const leading = ['省份', '流域', '断面名称', '监测时间', '水质类别'];
const liveHeaders = [...leading, ...names.map(([name, text]) => unit(name, text))];
const archiveHeaders = [...leading, ...names.map(([name, text]) => `${name}(${text})`), '站点情况'];
/** First line of a captured table. */
export const captureHeader = ['first_captured', 'last_captured', 'captures', ...archiveHeaders].join(',');
const roman = ['', 'Ⅰ', 'Ⅱ', 'Ⅲ', 'Ⅳ', 'Ⅴ', '劣Ⅴ'];

/** The recorder looks at these seconds after each four-hour stamp: soon after most rows appear, and before the next ones do. */
const CAPTURE_OFFSETS_S = [5400, 12_600];
/** How many captures ahead `last_captured` looks. */
const CAPTURES_AHEAD = 4;

/** The time of a sample as the platform shows it: without a year. */
export function shownTime(timeS: number): string {
  const { monthDay, hour, minute } = wallClock(timeS);
  return `${monthDay} ${twoDigits(hour)}:${twoDigits(minute)}`;
}

/** `getRealDatas` as served since 2026-01: 16 columns, digits for classes, unrounded values in titles. */
export function livePage(
  world: WaterWorld,
  query: { nowS: number; areaId: string; nameSearch: string; pageIndex: number; pageSize: number },
): string {
  const wanted = world.sections.filter(
    (one) =>
      (query.areaId === '' || one.provinceCode === query.areaId) && one.name.includes(query.nameSearch),
  );
  const shown = wanted.flatMap((one) => {
    const row = world.row(one, query.nowS);
    return row === null ? [] : [liveRow(one, row)];
  });
  const size = query.pageIndex === -1 ? Math.max(shown.length, 1) : query.pageSize;
  const from = query.pageIndex === -1 ? 0 : (query.pageIndex - 1) * size;
  const tbody = shown.slice(from, from + size);
  if (tbody.length === 0) return JSON.stringify({ result: 0, total: 0, records: 0, thead: [], tbody: [] });
  const total = Math.ceil(shown.length / size);
  return JSON.stringify({ result: 1, total, records: wanted.length, thead: liveHeaders, tbody });
}

function liveRow(of: UpstreamSection, row: WaterRow): string[] {
  const cells = row.values.map((value, index) => {
    if (value === undefined) return '*';
    if (value === null) return '--';
    return `<span title='原始值：${value}'>${value.toFixed(waterColumns[index]!.shown)}</span>`;
  });
  return [of.province, of.basin, of.name, shownTime(row.slotS), String(row.class ?? -1), ...cells];
}

/** One civil day of captures: every row that a capture of that day was the first to show, as the recorder of 2021 wrote it. */
export function captureDay(world: WaterWorld, day: { date: string; nowS: number }): string {
  const lines = [captureHeader];
  const beginS = Date.parse(`${day.date}T00:00:00Z`) / 1000 - UPSTREAM_OFFSET_S;
  const captures = captureTimes(beginS - 4 * HOUR_S, beginS + 2 * DAY_S).filter((timeS) => timeS <= day.nowS);
  for (const [index, timeS] of captures.entries()) {
    if (timeS < beginS || timeS >= beginS + DAY_S) continue;
    for (const section of world.sections) {
      const text = archiveRow(section, world.row(section, timeS));
      if (
        text === null ||
        text === archiveRow(section, world.row(section, captures[index - 1] ?? timeS - DAY_S))
      )
        continue;
      let last = index;
      const end = Math.min(index + CAPTURES_AHEAD, captures.length - 1);
      while (last < end && archiveRow(section, world.row(section, captures[last + 1]!)) === text) last += 1;
      lines.push(`${captureStamp(timeS)},${captureStamp(captures[last]!)},${last - index + 1},${text}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function captureTimes(fromS: number, toS: number): number[] {
  const times: number[] = [];
  for (let slotS = fromS; slotS < toS; slotS += 4 * HOUR_S)
    for (const offsetS of CAPTURE_OFFSETS_S) times.push(slotS + offsetS);
  return times;
}

/** When something was captured, to the second. */
export function captureStamp(timeS: number): string {
  const { date, hour, minute, second } = wallClock(timeS);
  return `${date} ${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}`;
}

function archiveRow(of: UpstreamSection, row: WaterRow | null): string | null {
  if (row === null) return null;
  const cells = row.values.map((value) =>
    value === undefined ? '*' : value === null ? '--' : String(value),
  );
  const state = row.maintained ? '维护' : '正常';
  return [of.province, of.basin, of.name, shownTime(row.slotS), roman[row.class ?? 0], ...cells, state].join(
    ',',
  );
}
