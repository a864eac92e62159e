import type { Parameter } from '../../../domain/config/parameter.ts';
import type { UnitId } from '../units.ts';

/** What a column of a monthly sheet can be, besides a measured item. `remark`: known, shown, and of no consequence. */
export type Role =
  | 'section'
  | 'code'
  | 'id'
  | 'province'
  | 'month'
  | 'year'
  | 'date'
  | 'class'
  | 'review'
  | 'sample'
  | 'signature-protecting'
  | 'signature-benefiting'
  | 'remark';

/** No name, unit or remark that means something here is longer; what is sent to be slow to read is cut. */
const LONGEST = 300;

/** One spelling for what people write in many: half width, no blanks, lower case, one kind of bracket and of micro sign. */
export function normalText(text: string): string {
  return text
    .slice(0, LONGEST)
    .normalize('NFKC')
    .replaceAll(/[\s_·]/g, '')
    .replaceAll('【', '(')
    .replaceAll('】', ')')
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .replaceAll('µ', 'μ')
    .toLowerCase();
}

const roleWords: Record<Role, readonly string[]> = {
  section: [
    '断面名称',
    '断面',
    '监测断面',
    '考核断面',
    '站点名称',
    '点位名称',
    '监测点位',
    'section',
    'sectionname',
  ],
  code: ['断面编码', '断面代码', '断面编号', '站点编码', 'sectioncode', 'code'],
  id: ['断面标识', 'id', 'sectionid', 'stationid'],
  province: ['省份', '省', '所在省份', '所属省份', 'province', 'provincech'],
  month: ['监测月份', '监测年月', '年月', '月份', '月', '统计月份', '月度', 'month'],
  year: ['年份', '年', '年度', 'year'],
  date: ['采样日期', '采样时间', '监测日期', '监测时间', 'samplingdate', 'samplingtime', 'date'],
  class: ['水质类别', '类别', '本月类别', '水质现状', '实测类别', 'class', 'waterclass', 'waterqualitystr'],
  review: ['审核状态', '审核', '审核结果', 'review', 'reviewstatus'],
  sample: ['样品类型', '样品类别', '样品', '分样', 'sample', 'samplekind'],
  'signature-protecting': [
    '保护方签字',
    '甲方签字',
    '上游签字',
    '保护方确认',
    '甲方确认',
    'signatureprotecting',
  ],
  'signature-benefiting': [
    '受益方签字',
    '乙方签字',
    '下游签字',
    '受益方确认',
    '乙方确认',
    'signaturebenefiting',
  ],
  remark: [
    '序号',
    '备注',
    '说明',
    '城市',
    '地市',
    '责任城市',
    '考核城市',
    'city',
    'citych',
    '流域',
    '所属流域',
    'basinname',
    '河流',
    '河流名称',
    '水体',
    '水体名称',
    '所在水体',
    'rivername',
    '目标类别',
    '水质目标',
    'waterquality',
    '采样单位',
    '采样人',
    '检测单位',
    '分析单位',
    '实验室',
    '样品编号',
    '分析方法',
    'no.',
    'note',
    'remarks',
    'sampler',
    'laboratory',
    'sampleno',
    'method',
  ],
};
const roles = new Map(
  Object.entries(roleWords).flatMap(([role, words]) => words.map((word) => [word, role as Role] as const)),
);

/** Names that reports use for an item beside the ones that the configuration gives it. */
const itemWords: Record<string, readonly string[]> = {
  wt: ['水温', 'watertemperature'],
  ph: ['ph', 'ph值'],
  do: ['溶解氧', 'do'],
  ec: ['电导率', '电导', 'ec'],
  turbidity: ['浊度', '浑浊度'],
  codmn: ['高锰酸盐指数', '高锰酸钾指数', 'codmn', 'imn'],
  cod: ['化学需氧量', '化学需氧量cod', 'cod', 'codcr'],
  bod5: ['五日生化需氧量', '生化需氧量', 'bod5', 'bod'],
  nh3n: ['氨氮', 'nh3-n', 'nh3n', 'nh4-n'],
  tp: ['总磷', 'tp', '总磷(以p计)'],
  tn: ['总氮', 'tn', '总氮(湖、库以n计)'],
  cu: ['铜', 'cu'],
  zn: ['锌', 'zn'],
  f: ['氟化物', '氟化物(以f-计)', 'f', 'f-'],
  se: ['硒', 'se'],
  as: ['砷', 'as'],
  hg: ['汞', 'hg'],
  cd: ['镉', 'cd'],
  cr6: ['六价铬', '铬(六价)', 'cr6+', 'cr6', 'cr(vi)'],
  pb: ['铅', 'pb'],
  cn: ['氰化物', 'cn', 'cn-'],
  phenol: ['挥发酚', '挥发性酚'],
  oil: ['石油类', '石油'],
  las: ['阴离子表面活性剂', 'las'],
  sulfide: ['硫化物', 's2-'],
  fcoli: ['粪大肠菌群', '粪大肠菌群数'],
  transparency: ['透明度', 'sd'],
  chla: ['叶绿素a', '叶绿素α', 'chla'],
};

/** A unit, and the power of ten that it differs by where the project's list lacks it. */
export interface StatedUnit {
  unit: UnitId;
  power: number;
}

const unitWords: Record<string, StatedUnit> = {
  'mg/l': { unit: 'mg/L', power: 0 },
  'g/l': { unit: 'g/L', power: 0 },
  'μg/l': { unit: 'ug/L', power: 0 },
  'ug/l': { unit: 'ug/L', power: 0 },
  'ng/l': { unit: 'ng/L', power: 0 },
  'μs/cm': { unit: 'uS/cm', power: 0 },
  'us/cm': { unit: 'uS/cm', power: 0 },
  // mS/m: a tenth of mS/cm, hence ten μS/cm.
  'ms/m': { unit: 'uS/cm', power: 1 },
  'ms/cm': { unit: 'mS/cm', power: 0 },
  '°c': { unit: 'Cel', power: 0 },
  ntu: { unit: '{NTU}', power: 0 },
  度: { unit: '{NTU}', power: 0 },
  无量纲: { unit: '[pH]', power: 0 },
  '个/l': { unit: '/L', power: 0 },
  'cells/l': { unit: '{cells}/L', power: 0 },
  'mpn/l': { unit: '/L', power: 0 },
  m: { unit: 'm', power: 0 },
  cm: { unit: 'cm', power: 0 },
};

export const unitOf = (text: string): StatedUnit | null => unitWords[normalText(text)] ?? null;

export const roleOf = (text: string): Role | null =>
  roles.get(normalText(text).replaceAll(/\([^)]*\)/g, '')) ?? null;

/** Item ids by every name that they have. Build once a configuration. */
export function itemNames(parameters: readonly Parameter[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { id, name, medium, published } of parameters) {
    if (medium !== 'water' || published) continue;
    for (const word of [id, name.zh, name.en, ...(itemWords[id] ?? [])]) names.set(normalText(word), id);
  }
  return names;
}

const trailingUnit = /^(.+?)[,;/]?((?:m|μ|u|n)?g\/l|°c|ntu|(?:μ|u|m)s\/cm|ms\/m|个\/l|cells\/l|无量纲)$/;

/** Item and unit in one header text, such as `氨氮(NH3-N)(mg/L)`, `氨氮 mg/L` or `总磷`. `item` null: it names none. */
export function itemIn(
  text: string,
  names: ReadonlyMap<string, string>,
): { item: string | null; unit: StatedUnit | null; unknownUnit: string | null } {
  const whole = normalText(text);
  const direct = names.get(whole);
  if (direct !== undefined) return { item: direct, unit: null, unknownUnit: null };
  const brackets = [...whole.matchAll(/\(([^()]*)\)/g)].map((match) => match[1] ?? '');
  const bare = whole.replaceAll(/\([^()]*\)/g, '');
  const trailing = names.has(bare) ? null : trailingUnit.exec(bare);
  const item = names.get(bare) ?? (trailing === null ? undefined : names.get(trailing[1] ?? '')) ?? null;
  const units = [...brackets, trailing?.[2] ?? ''].map(unitOf).filter((unit) => unit !== null);
  // What stands in the last bracket is a unit unless it is another name of the item.
  const last = brackets.at(-1);
  const unread = last !== undefined && unitOf(last) === null && !names.has(last) && last.includes('/');
  return { item, unit: units.at(-1) ?? null, unknownUnit: unread ? last : null };
}
