import type { Config } from '../../domain/config/config.ts';
import { unpackFlags } from '../../domain/flags.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import { intervalOf, isoWithOffset } from '../../domain/time.ts';

/** Columns of every file of readings; provider, parameter, year and month stand in the path. */
export const columns = [
  { name: 'station', type: 'VARCHAR', zh: '站点编号', en: 'id of the station' },
  { name: 'station_name_zh', type: 'VARCHAR', zh: '站点中文名', en: 'Chinese name of the station' },
  { name: 'station_name_en', type: 'VARCHAR', zh: '站点英文名', en: 'English name of the station' },
  { name: 'averaging', type: 'VARCHAR', zh: '平均时段', en: 'averaging period' },
  { name: 'begin', type: 'TIMESTAMPTZ', zh: '时段起点', en: 'begin of the interval' },
  { name: 'end', type: 'TIMESTAMPTZ', zh: '时段终点', en: 'end of the interval' },
  { name: 'value', type: 'DOUBLE', zh: '数值，空为无值', en: 'value; empty is no value' },
  { name: 'unit', type: 'VARCHAR', zh: '单位', en: 'unit' },
  {
    name: 'validity',
    type: 'VARCHAR',
    zh: '有效性：valid 有效，suspect 存疑，invalid 无效',
    en: 'valid, suspect or invalid',
  },
  {
    name: 'stage',
    type: 'UTINYINT',
    zh: '审核级别：0 原始，1–6 各级审核，7 最终',
    en: '0 raw, 1-6 reviewed, 7 final',
  },
  { name: 'qualifiers', type: 'VARCHAR', zh: '标识，空格分隔', en: 'qualifiers, separated by spaces' },
  { name: 'synthetic', type: 'BOOLEAN', zh: '是否为模拟数据', en: 'true: invented by the simulator' },
] as const;

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export interface LineContext {
  config: Config;
  names: ReadonlyMap<string, { zh: string; en: string }>;
  synthetic: boolean;
  iso: (atS: number) => string;
}

/** Times of one month come again with every station. */
const mostTimes = 50_000;

/** ISO 8601 with the offset of the zone; remembers what it wrote. */
export function isoTimes(timeZone: string): (atS: number) => string {
  const written = new Map<number, string>();
  return (atS) => {
    const known = written.get(atS);
    if (known !== undefined) return known;
    if (written.size >= mostTimes) written.clear();
    const text = isoWithOffset(atS, timeZone);
    written.set(atS, text);
    return text;
  };
}

/** Lines of the rows that are open, in the order of time. */
export function linesOf(
  { key, timeS, value, flags }: SeriesColumns,
  isOpen: (flags: number, endS: number) => boolean,
  { config, names, synthetic, iso }: LineContext,
): string[] {
  const { timeZone } = config.region;
  const unit = config.parameters.find(({ id }) => id === key.parameter)?.unit ?? '';
  const name = names.get(key.station) ?? { zh: '', en: '' };
  const head = [key.station, name.zh, name.en, key.averaging].map(cell).join(',');
  const lines: string[] = [];
  for (const [row, keyS] of timeS.entries()) {
    const bits = flags[row] ?? 0;
    const { beginS, endS } = intervalOf(key.averaging, keyS, timeZone);
    if (!isOpen(bits, endS)) continue;
    const { validity, stage, qualifiers } = unpackFlags(bits);
    const number = value[row] ?? Number.NaN;
    const shown = Number.isNaN(number) ? '' : String(number);
    const span = `${iso(beginS)},${iso(endS)}`;
    lines.push(
      `${head},${span},${shown},${cell(unit)},${validity},${stage},${qualifiers.join(' ')},${synthetic}\r\n`,
    );
  }
  return lines;
}
