import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { openSystem, type System } from '../../src/main.ts';
import { deskOf } from '../../src/serving/settlement.ts';
import { newKey, signStatement } from '../../src/settle/signing.ts';
import { jiehe } from '../cli/in-process.ts';
import { april } from './songxi-april.ts';

export const day = 86_400;
const provenance = { source: 'made up for tests', confidence: 'assumed' };
const name = { zh: '甲', en: 'A' };
/** What the shipped scenario does not have: terms of late payment and a fund. */
const terms = {
  procedure: {
    signatures: ['funds'],
    dueDays: 30,
    objectionDays: 15,
    reviewDays: 10,
    answerDays: 15,
    mediationDays: 30,
    late: { interestPerDay: '0.0005', deduction: { by: name, afterDays: 20 }, provenance },
    provenance,
  },
  fund: {
    name,
    share: { atLeast: '0.01', atMost: '0.03', provenance },
    members: [
      { party: '331100', share: '0.01', revenue: name, provenance },
      { party: '350700', share: '0.03', revenue: name, provenance },
    ],
    uses: [{ id: 'studies', name, provenance }],
  },
};

/**
 * A system whose clock stands at the first of June 2021 until it is moved, with the songxi scenario under full terms and the readings of
 * its April. `edits`: text put at the end of files of the region.
 */
export async function openSongxi(edits: Record<string, string> = {}) {
  const clock = { atS: Date.UTC(2021, 5, 1) / 1000, nowS: () => clock.atS };
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-money-'));
  const configDir = path.join(folder, 'config');
  cpSync(path.resolve(import.meta.dirname, '../../config'), configDir, { recursive: true });
  const scenario = stringify(terms, { aliasDuplicateObjects: false });
  for (const [file, more] of Object.entries({ 'agreements/songxi-scenario.yaml': scenario, ...edits })) {
    const where = path.join(configDir, 'regions/zhe-min-gan', file);
    writeFileSync(where, readFileSync(where, 'utf8') + more);
  }
  const system: System = await openSystem({
    dataDir: path.join(folder, 'data'),
    configDir,
    synthetic: null,
    clock,
  });
  const bring = async (csv: string): Promise<void> => {
    writeFileSync(path.join(folder, 'brought.csv'), csv);
    const ingested = await jiehe({ folder, system }, ['ingest', 'cnemc-water', '--file', 'brought.csv']);
    if (ingested.code !== 0) throw new Error(ingested.err);
  };
  await bring(april(0.01));
  const desk = deskOf(system);
  return {
    folder,
    clock,
    system,
    /** Another recording of the section. */
    bring,
    issue: () => desk.issue({ agreement: 'songxi-scenario', period: '2021-04', actor: 'office' }),
    async sign({ statement, sha256 }: Awaited<ReturnType<typeof desk.issue>>, party: string) {
      const key = newKey({ party, holder: '财政局', algorithm: 'ed25519' });
      await desk.publishKey(key.key, 'office');
      const what = { statement: statement.id, sha256, purpose: 'funds' as const, signedS: clock.atS };
      const signature = signStatement(key, { ...what, sealedOriginalSha256: null, timeStamp: null });
      await desk.acceptSignature(signature, party);
    },
    async close() {
      await system.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
