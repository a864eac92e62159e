import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documentOf } from '../../src/serving/statement-document.ts';
import { jiehe as jieheIn, type Said } from '../cli/in-process.ts';
import { type Golden, golden } from '../settle/golden.ts';

let kept: Golden;
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-print-'));
beforeAll(async () => {
  kept = await golden();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Printing opens no store. */
const jiehe = (...argv: string[]): Promise<Said> => jieheIn({ folder, system: null }, argv);

it('a statement is printed from its bundle alone, in words of compensation, with why and who signed', async () => {
  for (const language of ['zh', 'en'] as const) {
    const printed = await jiehe(
      'settle',
      'print',
      kept.file,
      '--out',
      `s.${language}.html`,
      '--language',
      language,
    );
    expect(printed, printed.err).toMatchObject({ code: 0 });
  }
  const zh = readFileSync(path.join(folder, 's.zh.html'), 'utf8');
  expect(zh).toContain('生态保护补偿结算单');
  expect(zh).not.toMatch(/罚款|处罚|赔偿/);
  expect(zh.indexOf('模拟数据：并非真实监测结果')).toBeLessThan(zh.indexOf('补偿明细'));
  for (const said of ['数据确认', '资金确认', '甲方印章', '乙方印章', '计算过程', '更正单'])
    expect(zh).toContain(said);
  for (const raw of ['assessed', '>codmn<', '>jiaoxi<', '{&quot;']) expect(zh).not.toContain(raw);
  expect(zh).toMatch(/<td rowspan="5">交溪<\/td>/);
  const en = readFileSync(path.join(folder, 's.en.html'), 'utf8');
  expect(en).toContain('Ecological protection compensation statement');
  expect(en).not.toMatch(/\bfined?\b/i);
  expect(en).not.toMatch(/<script|https?:\/\/[^<]*\.(css|js)/);
  // The bundle is of before schemes had words: those that ship stand in, and a step that is called otherwise now is told by its place.
  for (const name of ['断流或冰封', '超标倍数', '各因子金额（万元）', '第5步', '所用读数'])
    expect(zh).toContain(`${name}<`);
  for (const { step } of kept.bundle.statement.sections.flatMap((one) => one.why))
    expect(`${zh} ${en}`).not.toContain(`>${step}<`);
});

it('why is told from a bundle alone down to each reading and its journal entry, in either language', async () => {
  const zh = await jiehe('settle', 'why', kept.file, '--readings');
  expect(zh).toMatchObject({ code: 0, err: '' });
  for (const said of [
    '演示情景：双方未签订该协议，不产生支付义务',
    '依据：超过目标：超标的，县区向市财政缴纳',
    '所依据的项目：高锰酸盐指数；氨氮；总磷',
    '算式：当 已给出([期间平均浓度]) 时：[期间平均浓度] ÷ 取对应项([目标值]；[期间平均浓度]) － 1',
    '（合肥市通知的转载件）（已核实）',
    `2026-06-01 00:00  0.16  日志条目：7  ${kept.bundle.inputs.entries[0]!.sha256}`,
  ])
    expect(zh.out).toContain(said);
  const en = await jiehe('settle', 'why', kept.file, '--language', 'en', '--section', 'jiaoxi');
  expect(en.out).toContain('Multiple over target = Permanganate index -0.65');
  expect(en.out).not.toMatch(/\p{Script=Han}/u);
  const { sections, entries } = JSON.parse(
    (await jiehe('settle', 'why', kept.file, '--readings', '--json')).out,
  );
  expect(sections[0].series.find((one: { parameter: string }) => one.parameter === 'tp')).toMatchObject({
    name: { zh: '总磷', en: 'Total phosphorus' },
    readings: [{ value: 0.16, seq: 7 }],
  });
  expect(entries).toEqual([expect.objectContaining({ seq: 7 })]);
  const none = await jiehe('settle', 'why', kept.file, '--section', 'nowhere');
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('has no section "nowhere"')]);
});

it('what a party wrote stays text', async () => {
  const copy = structuredClone(kept.bundle);
  copy.statement.agreementName = { zh: '<script>alert(1)</script>', en: '&' };
  const { bytes } = await documentOf(JSON.stringify(copy), { format: 'html', language: 'zh' }, []);
  expect(new TextDecoder().decode(bytes)).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('a line of a section that the agreement names no more is not printed as money of a superior', async () => {
  const copy = structuredClone(kept.bundle);
  const [line] = copy.statement.lines;
  copy.statement.lines = [
    { ...line!, section: 'left' },
    { ...line!, section: '*' },
  ];
  const { bytes } = await documentOf(JSON.stringify(copy), { format: 'html', language: 'zh' }, []);
  const page = new TextDecoder().decode(bytes);
  expect(page.match(/<td>上级资金<\/td>/g)).toHaveLength(1);
  expect(page).toContain('<td>left</td>');
});

it('a workbook has the lines as numbers that add up', async () => {
  expect((await jiehe('settle', 'print', kept.file, '--out', 's.xlsx')).code).toBe(0);
  const book = await readXlsx(readFileSync(path.join(folder, 's.xlsx')));
  const names = book.sheets.map((one) => one.name);
  expect(names).toEqual([
    '生态保护补偿结算单',
    '补偿明细',
    '本单入账',
    '计算结果',
    '断面数据',
    '所用读数',
    '计算过程',
    '确认',
  ]);
  const rows = book.sheets[1]!.rows;
  const sum = rows.slice(1).reduce((total, row) => total + Math.round(Number(row[3]) * 100), 0);
  const { lines } = kept.bundle.statement;
  expect(sum).toBe(lines.reduce((total, line) => total + Number(line.amountFen), 0));
  expect(sum).toBeGreaterThan(0);
});

it('a bundle that does not verify is not printed, and what is wrong is said', async () => {
  const text = kept.bytes.toString('utf8');
  writeFileSync(path.join(folder, 'bad.jiehe'), text.replace('"amountFen":"', '"amountFen":"9'));
  const refused = await jiehe('settle', 'print', 'bad.jiehe', '--out', 'bad.html');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('statement: computed again from the readings, it differs at');
});
