import type { Config } from '../../../domain/config/config.ts';
import type { Parameter } from '../../../domain/config/parameter.ts';
import type { TemplateFormat, TemplateLanguage } from '../../../domain/uploads.ts';
import type { Role } from './header-words.ts';
import type { SheetKind } from './settings.ts';
import { writeWorkbook } from './workbook.ts';

const roleHeads: Partial<Record<Role, Record<TemplateLanguage, string>>> = {
  id: { zh: '断面标识', en: 'Section id' },
  code: { zh: '断面编码', en: 'Section code' },
  section: { zh: '断面名称', en: 'Section name' },
  month: { zh: '监测月份', en: 'Month' },
  date: { zh: '采样日期', en: 'Sampling date' },
  sample: { zh: '样品类型', en: 'Sample' },
  class: { zh: '水质类别', en: 'Class' },
  review: { zh: '审核状态', en: 'Review' },
  'signature-protecting': { zh: '保护方签字', en: 'Signature protecting' },
  'signature-benefiting': { zh: '受益方签字', en: 'Signature benefiting' },
  remark: { zh: '备注', en: 'Note' },
};

const before: Record<SheetKind, Role[]> = {
  delivered: ['id', 'code', 'section', 'month', 'class', 'review'],
  separated: ['id', 'code', 'section', 'date', 'review'],
  joint: ['id', 'code', 'section', 'date', 'sample', 'signature-protecting', 'signature-benefiting'],
};

const hints: Record<TemplateLanguage, readonly string[]> = {
  zh: [
    '断面标识、断面编码、断面名称至少填一项；标识和编码优先。',
    '监测月份写作 2021-04；采样日期写作 2021-04-08 或 2021-04-08 10:30。',
    '未检出写作 0.025L 或 <0.025；未监测写 / 或留空；断流、冰封等可写原因。',
    '单位写在表头括号内；可改为 μg/L 等，系统按表头换算。',
    '审核状态：已审核 或 未审核。样品类型：甲方分样、乙方分样、备用样。',
    '不要使用公式、合并数据单元格或隐藏工作表。',
  ],
  en: [
    'Give at least one of section id, code and name; id and code count first.',
    'A month is written 2021-04, a sampling date 2021-04-08 or 2021-04-08 10:30.',
    'Below detection: 0.025L or <0.025. Not measured: / or empty. Dry or frozen: say so.',
    'The unit stands in the brackets of the header; change it (to μg/L, say) and it is converted.',
    'Review: reviewed or unreviewed. Sample: protecting half, benefiting half, spare.',
    'No formulas, no merged cells in the data, no hidden sheets.',
  ],
};

const NARROW = 14;
const WIDE = 60;

function itemHead({ id, name, unit }: Parameter, language: TemplateLanguage): string {
  const label = language === 'zh' ? name.zh : id;
  return `${label}(${unit ?? ''})`;
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** An empty sheet of this kind with the sections of the region's agreements, as XLSX, or as CSV in UTF-8 with a byte-order mark. */
export async function sheetTemplate(
  kind: SheetKind,
  config: Config,
  form: { format: TemplateFormat; language: TemplateLanguage },
): Promise<Uint8Array> {
  const { format, language } = form;
  const items = config.parameters.filter(
    ({ medium, published, type }) => medium === 'water' && !published && type === 'quantity',
  );
  const roles = before[kind];
  const header = [
    ...roles.map((role) => roleHeads[role]?.[language] ?? role),
    ...items.map((item) => itemHead(item, language)),
    roleHeads.remark?.[language] ?? '',
  ];
  const wanted = new Set(config.agreements.flatMap(({ sections }) => sections.map(({ section }) => section)));
  const rows = config.sections
    .filter(({ id }) => wanted.has(id))
    .map(({ id, codes, name }) => {
      const known: Partial<Record<Role, string>> = { id, code: codes[0]?.code ?? '', section: name.zh };
      return roles.map((role) => known[role] ?? '');
    });
  if (format === 'csv') {
    const lines = [header, ...rows].map((row) => row.map(quoted).join(','));
    return new TextEncoder().encode(`\ufeff${lines.join('\r\n')}\r\n`);
  }
  return writeWorkbook([
    { name: language === 'zh' ? '数据' : 'Data', rows: [header, ...rows], widths: header.map(() => NARROW) },
    {
      name: language === 'zh' ? '填写说明' : 'How to fill in',
      rows: hints[language].map((hint) => [hint]),
      widths: [WIDE],
    },
  ]);
}
