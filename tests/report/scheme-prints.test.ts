import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { evaluateScheme } from '../../src/analysis/liability/evaluate.ts';
import { languages } from '../../src/analysis/liability/phrases.ts';
import { wordGaps } from '../../src/analysis/liability/words.ts';
import { loadConfig } from '../../src/config/index.ts';
import type { Config } from '../../src/domain/config/config.ts';
import { statementPage } from '../../src/report/statement/page.ts';
import type { PrintedBundle } from '../../src/report/statement/content.ts';
import { phraseFactsOf } from '../../src/settle/statement-phrases.ts';

interface Example {
  id: string;
  scheme: string;
  inputs: unknown;
}
let config: Config;
let examples: Example[];
beforeAll(async () => {
  const folder = path.resolve(import.meta.dirname, '../../config');
  config = await loadConfig(folder);
  examples = parse(readFileSync(path.join(folder, 'conformance/compensation.yaml'), 'utf8')).examples;
});

const partyA = { code: '330300', name: { zh: '温州市', en: 'Wenzhou' } };
const partyB = { code: '350900', name: { zh: '宁德市', en: 'Ningde' } };

/** A worked example as the statement of one section. */
function printed({ id, scheme: name, inputs }: Example): PrintedBundle {
  const scheme = config.schemes.find((one) => one.id === name)!;
  const { status, reason, transfers, figures, why, remarks } = evaluateScheme(scheme, inputs, config);
  const lines = transfers.map((one) => ({
    id: `s:${one.place}`,
    section: 'jiaoxi',
    from: { code: null, name: one.from.name },
    to: { code: null, name: one.to.name },
    amountFen: one.amountFen,
    amountWan: one.amountWan,
    basis: one.basis,
    step: one.step,
    dependsOn: [],
  }));
  return {
    sha256: '0'.repeat(64),
    signatures: [],
    facts: phraseFactsOf(config, name),
    readings: { series: [], entries: [], names: [] },
    statement: {
      id: id.replace('/', '.'),
      number: 1,
      agreement: '1',
      agreementName: { zh: '协议', en: 'Agreement' },
      period: '2026-06',
      corrects: null,
      parties: { protecting: partyA, benefiting: partyB },
      markings: [],
      scheme: { id: name, name: scheme.name, readiness: scheme.readiness },
      status,
      net: null,
      lines,
      difference: [],
      procedure: {
        signatures: ['data', 'funds'],
        dueDays: 30,
        objectionDays: 15,
        answerDays: 15,
        mediationDays: 30,
        provenance: { source: 'test', confidence: 'assumed' },
      },
      sections: [
        {
          section: 'jiaoxi',
          name: { zh: '交溪', en: 'Jiaoxi' },
          targetClass: 2,
          status,
          reason,
          periodClass: { class: 2 },
          figures,
          means: [],
          why,
        },
      ],
      remarks: [...scheme.notes, ...remarks],
      computedAtS: 1_783_094_400,
      asOfSeq: 7,
      configHash: '0',
      inputsSha256: '0'.repeat(64),
    },
  };
}

/** The worked examples, and of each scheme a case without any input. */
const everyCase = (): Example[] => [
  ...examples,
  ...config.schemes.map(({ id }) => ({ id: `${id}/0`, scheme: id, inputs: {} })),
];

/** Text of a page cell by cell, without ids, hashes, the command and addresses, which belong to no language. */
const textOf = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/<[^>]+>/g, ' | ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(
      /[|] 生态保护补偿结算单 [\w.-]+ [|]|[|] [a-z0-9-]+\.\d+ [|]|\([a-z0-9-]+\) [|]|SHA-256|jiehe settle verify/g,
      '|',
    )
    .replaceAll(/https?:\/\/[^\s;，；（）]+/g, '');

/** Signs of substances and grades of particles, which Chinese documents write in Latin letters. */
const signs = /\b(COD|PM2\.5|PM10|pH)/g;
const quotation = { zh: /“[^”]*”（英文）/g, en: /“[^”]*” \(in Chinese\)/g };

/** Words that a page has in the other language, each with what stands around it. */
function strangers(page: string, language: 'zh' | 'en'): string[] {
  const text = textOf(page).replaceAll(quotation[language], '').replaceAll(signs, '');
  const foreign =
    language === 'zh' ? /[^|]{0,30}[A-Za-z]{3,}[^|]{0,20}/g : /[^|]{0,30}\p{Script=Han}[^|]{0,20}/gu;
  return [...text.matchAll(foreign)].map(([found]) => found);
}

it('every worked example of every scheme prints in each language without a key or a word of the other', () => {
  const tried = new Set<string>();
  for (const example of everyCase()) {
    const bundle = printed(example);
    tried.add(example.scheme);
    for (const language of languages) {
      const page = statementPage(bundle, language, 'Asia/Shanghai');
      expect(strangers(page, language), `${example.id} in ${language}`).toEqual([]);
      expect(textOf(page).match(/\b[a-z]+[A-Z]\w*/g), `keys of ${example.id}`).toBeNull();
    }
  }
  expect(tried).toEqual(new Set(config.schemes.map(({ id }) => id)));
});

it('every figure, input, step and result of a scheme has a name in both languages, and amounts have their unit', () => {
  for (const scheme of config.schemes) {
    expect(wordGaps(scheme), scheme.id).toEqual([]);
    for (const [key, { zh, en, unit }] of Object.entries(scheme.words ?? {})) {
      expect(zh, `${scheme.id} ${key}`).not.toMatch(/^\w{3,}$/);
      expect(en, `${scheme.id} ${key}`).not.toMatch(/\p{Script=Han}/u);
      if (/[a-z]Wan$/.test(key) && key !== 'yuanPerWan')
        expect(unit, `${scheme.id} ${key}`).toEqual({ zh: '万元', en: '10,000 yuan' });
    }
  }
});

it('a grade, a formula and a source read as a finance officer says them', () => {
  const bundle = printed({
    id: 'handover/1',
    scheme: 'zhejiang-handover',
    inputs: {
      targetClass: 'II',
      measuredClass: 'III',
      C: { CODMn: '4.2', NH3N: '0.3', TP: '0.12' },
      entry: { CODMn: '5.0', NH3N: '0.4', TP: '0.15' },
      lastYear: { CODMn: '4.5', NH3N: '0.4', TP: '0.13' },
    },
  });
  const [zh, en] = languages.map((language) => textOf(statementPage(bundle, language, 'Asia/Shanghai')));
  expect(zh).toContain('| 考核等次 |');
  expect(zh).toMatch(/\| (优秀|良好|合格|不合格) \|/);
  expect(en).toContain('| Grade |');
  expect(en).toMatch(/\| (excellent|good|satisfactory|unsatisfactory) \|/);
  const index = printed(examples.find(({ id }) => id === 'xinan-r3/1')!);
  const [zhIndex, enIndex] = languages.map((language) =>
    textOf(statementPage(index, language, 'Asia/Shanghai')),
  );
  expect(zhIndex).toContain('[水质稳定系数k0] × 合计([权重] × [与基准值之比])');
  expect(enIndex).toContain(
    '[Water-quality stability coefficient k0] × sum of([Weights] × [Ratio to the baseline])',
  );
  expect(zhIndex).toContain('凭记忆，未核原文');
  expect(enIndex).toContain('from memory, the original was not read');
});

it('names of a case that nobody knows are quoted with their language', () => {
  const bundle = printed(examples.find(({ id }) => id === 'generic-net/1')!);
  expect(textOf(statementPage(bundle, 'en', 'Asia/Shanghai'))).toContain('“甲市” (in Chinese)');
});
