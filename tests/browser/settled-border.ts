import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import type { Agreement, SignaturePurpose } from '../../src/domain/config/region.ts';
import { type KeyPair, newKey, signStatement } from '../../src/settle/signing.ts';
import type { LivePage } from './live-page.ts';

const root = path.resolve(import.meta.dirname, '../..');
const example = path.join(root, 'examples/border-sections');
const provenance = { source: 'made up for tests', confidence: 'assumed' as const };

export const agreement = 'border-out-class';
/** Protecting and benefiting side of the agreement of the example. */
export const parties = { protecting: '330300', benefiting: '350900' };

/** Puts the example's agreement with days, a fund and money of a superior government into a copy of the configuration. */
export function addBorderAgreement(regionFolder: string): void {
  const given: Agreement = parse(readFileSync(path.join(example, `${agreement}.yaml`), 'utf8'));
  const days = { dueDays: 30, objectionDays: 15, reviewDays: 10, answerDays: 15, mediationDays: 30 };
  const full: Agreement = {
    ...given,
    procedure: { signatures: ['data', 'funds'], ...days, provenance },
    unconditional: [
      {
        id: 'guide',
        from: { code: null, name: { zh: '省级财政', en: 'Provincial treasury' } },
        to: 'protecting',
        amountWan: '300',
        periods: ['2021-03'],
        documentNumber: null,
        provenance,
      },
    ],
    fund: {
      name: { zh: '交溪流域合作资金', en: 'Jiaoxi cooperation fund' },
      share: { atLeast: '0.001', atMost: '0.01', provenance },
      members: [parties.protecting, parties.benefiting].map((party) => ({
        party,
        share: '0.005',
        revenue: { zh: '一般公共预算收入', en: 'general public budget revenue' },
        provenance,
      })),
      uses: [{ id: 'studies', name: { zh: '水质研究', en: 'Studies of water' }, provenance }],
    },
  };
  writeFileSync(path.join(regionFolder, 'agreements', `${agreement}.yaml`), JSON.stringify(full));
}

/** Runs a command inside the server that is open. */
async function jiehe(live: LivePage, ...argv: string[]): Promise<void> {
  const program = [path.join(root, 'bin/jiehe.mjs'), ...argv, '--data', live.dataDir];
  await promisify(execFile)(process.execPath, program, { cwd: root });
}

async function deliver(live: LivePage, month: string, change: (sheet: string) => string): Promise<void> {
  const file = path.join(live.dataDir, `${month}.csv`);
  writeFileSync(file, change(readFileSync(path.join(example, 'monthly.csv'), 'utf8')));
  await jiehe(live, 'ingest', 'monthly-delivered', '--file', file, '--month', month);
}

async function sign(
  live: LivePage,
  statement: string,
  given: readonly (readonly [KeyPair, SignaturePurpose])[],
): Promise<void> {
  const { result } = await live.ask<{ result: { statement: { sha256: string } } }>(
    `/statements/${statement}/standing`,
  );
  for (const [pair, purpose] of given) {
    const of = {
      statement,
      sha256: result.statement.sha256,
      purpose,
      signedS: Math.floor(Date.now() / 1000),
    };
    const signature = signStatement(pair, { ...of, sealedOriginalSha256: null, timeStamp: null });
    await live.post(`/statements/${statement}/signatures`, signature);
  }
}

/**
 * March is countersigned, paid in part, objected to, and has a correction that waits; a special circumstance was decided in it. April is
 * signed by one side for its data.
 */
export async function settleBorder(live: LivePage): Promise<void> {
  const of = `/agreements/${agreement}`;
  const flooded = (sheet: string) => sheet.replace('9.8,1.6,', '9.8,7.0,');
  await deliver(live, '2021-03', flooded);
  await deliver(live, '2021-04', (sheet) => sheet);
  await live.post('/circumstances', {
    id: 'flood',
    kind: 'extreme-weather-or-flood',
    section: 'dongquan',
    items: ['codmn'],
    from: '2021-03-01T00:00',
    to: '2021-04-01T00:00',
    applicant: parties.protecting,
    evidence: [],
  });
  await live.post('/circumstances/flood/decisions', {
    id: 'd',
    effect: 'exclude-item',
    decidedBy: '联合办公室',
    documentNumber: '联办〔2021〕3号',
    evidence: [{ name: '水文站洪水记录.pdf', sha256: 'b'.repeat(64) }],
  });
  for (const period of ['2021-03', '2021-04']) await live.post(`${of}/statements`, { period });
  const keys = [
    newKey({ party: parties.protecting, holder: '保护方印章', algorithm: 'ed25519' }),
    newKey({ party: parties.benefiting, holder: '受益方印章', algorithm: 'sm2-sm3' }),
  ] as const;
  for (const { key } of keys) await live.post('/signing-keys', key);
  const [protecting, benefiting] = keys;
  await sign(live, `${agreement}.2021-03.1`, [
    [protecting, 'data'],
    [protecting, 'funds'],
    [benefiting, 'data'],
    [benefiting, 'funds'],
  ]);
  await sign(live, `${agreement}.2021-04.1`, [[protecting, 'data']]);
  const pay = { from: parties.protecting, to: parties.benefiting, amountFen: '50000000' };
  await live.post(`${of}/payments`, { ...pay, reference: '宁财建〔2021〕12号' });
  const objection = {
    section: 'zhetai-bridge',
    parameter: 'tp',
    grounds: '该断面当月采样点位于支流汇入口，请复核。',
  };
  await live.post(`/statements/${agreement}.2021-03.1/disputes`, {
    party: parties.benefiting,
    ...objection,
    evidence: [{ name: '采样照片.zip', sha256: 'a'.repeat(64), bytes: 4096 }],
  });
  const contribution = { year: '2021', revenueFen: '5000000000', source: '2021年预算执行报告' };
  await live.post(`${of}/contributions`, { party: parties.protecting, ...contribution });
  await deliver(live, '2021-03', (sheet) => flooded(sheet).replace('0.260,2.40', '0.350,2.40'));
  await live.post(`${of}/corrections`, { period: '2021-03', issue: true });
}
