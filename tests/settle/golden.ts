import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../src/config/index.ts';
import type { SigningKey } from '../../src/domain/settlement.ts';
import { packFlags } from '../../src/domain/flags.ts';
import { type Bundle, bundleText, sealedBundle } from '../../src/settle/bundle.ts';
import { sha256Of } from '../../src/settle/document.ts';
import { factsOf } from '../../src/settle/facts.ts';
import type { FrozenInputs } from '../../src/settle/freeze.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';
import { newKey, signStatement } from '../../src/settle/signing.ts';
import { composeStatement, statementText } from '../../src/settle/statement.ts';
import { agreementOf, clean, day, provider, section, type Values } from './desk-fixture.ts';

const folder = path.join(import.meta.dirname, 'golden');
const bundleFile = path.join(folder, 'pact.2026-06.2.jiehe');
const keysFile = path.join(folder, 'keys.json');

const inputsOf = (values: Values, timeS: number): FrozenInputs => ({
  series: Object.entries(values).map(([parameter, value]) => ({
    station: section,
    parameter,
    averaging: 'P1M',
    provider,
    timeS: [timeS],
    value: [value],
    flags: [packFlags({ stage: 3 })],
    seq: [7],
  })),
  entries: [
    {
      seq: 7,
      sha256: sha256Of(JSON.stringify(values)),
      previous: sha256Of('entry 6'),
      hash: sha256Of('entry 7'),
      receivedS: timeS + 33 * day,
      source: provider,
    },
  ],
});

/** A correction, signed by both parties, one with Ed25519 and one with SM2; made once and kept. */
async function make(): Promise<void> {
  const config = await loadConfig(path.resolve(import.meta.dirname, '../../config'));
  const agreement = agreementOf(config);
  const facts = factsOf({ ...config, agreements: [agreement] }, agreement);
  const { beginS, endS } = civilPeriod('2026-06', config.region.timeZone);
  const issue = {
    period: '2026-06',
    number: 1,
    computedAtS: endS + 3 * day,
    asOfSeq: 7,
    journal: { seq: 9, hash: sha256Of('entry 9') },
    synthetic: true,
  };
  const compose = (
    values: Values,
    number: number,
    corrected: Parameters<typeof composeStatement>[0]['corrected'],
  ) =>
    composeStatement({
      agreement,
      facts,
      inputs: inputsOf(values, beginS),
      issue: { ...issue, number },
      corrected,
    });
  const first = await compose(clean, 1, null);
  const corrected = {
    id: first.id,
    sha256: sha256Of(statementText(first)),
    lines: first.lines,
    decidedLines: [],
  };
  const values = { ...clean, tp: 0.16 };
  const statement = await compose(values, 2, corrected);
  const pairs = [
    newKey({ party: agreement.parties.protecting, holder: '甲方印章', algorithm: 'ed25519' }),
    newKey({ party: agreement.parties.benefiting, holder: '乙方印章', algorithm: 'sm2-sm3' }),
  ];
  const signatures = pairs.flatMap((pair) =>
    (['data', 'funds'] as const).map((purpose) =>
      signStatement(pair, {
        statement: statement.id,
        sha256: sha256Of(statementText(statement)),
        purpose,
        signedS: issue.computedAtS + day,
        sealedOriginalSha256: sha256Of('scan'),
        timeStamp: null,
      }),
    ),
  );
  const keys = pairs.map((pair) => pair.key);
  const inputs = inputsOf(values, beginS);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    bundleFile,
    bundleText(sealedBundle({ statement, facts, inputs, corrected: first, signatures, keys })),
  );
  writeFileSync(keysFile, `${JSON.stringify(keys, null, 2)}\n`);
}

export interface Golden {
  file: string;
  keysFile: string;
  bytes: Buffer;
  bundle: Bundle;
  keys: SigningKey[];
}

/** The golden bundle; `UPDATE=1` makes it anew, with new keys. */
export async function golden(): Promise<Golden> {
  if (process.env['UPDATE'] === '1') await make();
  const bytes = readFileSync(bundleFile);
  const bundle: Bundle = JSON.parse(bytes.toString('utf8'));
  return { file: bundleFile, keysFile, bytes, bundle, keys: JSON.parse(readFileSync(keysFile, 'utf8')) };
}
