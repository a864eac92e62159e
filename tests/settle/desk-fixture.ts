import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../src/config/index.ts';
import { embeddedState } from '../embedded-state.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import type { Config } from '../../src/domain/config/config.ts';
import type { Agreement, SignaturePurpose } from '../../src/domain/config/region.ts';
import { packFlags } from '../../src/domain/flags.ts';
import type { SignatureAlgorithm } from '../../src/domain/settlement.ts';
import { openFileJournal } from '../../src/ingest/journal/index.ts';
import { SettlementDesk } from '../../src/settle/desk.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';
import { type KeyPair, newKey, signStatement } from '../../src/settle/signing.ts';
import { withArchive } from '../../src/store/readings/archive/index.ts';
import { openDuckdbReadings } from '../../src/store/readings/duckdb/index.ts';
import { openState, type StatePlace, settlementStore } from '../../src/store/state/index.ts';

export type Values = Record<string, number>;

/** Better than the target class II in every item. */
export const clean: Values = { ph: 7.2, do: 8.1, codmn: 1.4, nh3n: 0.05, tp: 0.02 };
export const provider = 'joint-office';
export const section = 'jiaoxi';
export const day = 86_400;

/** The agreement of the tests: a scenario, on monthly values as delivered and reviewed. */
export function agreementOf(config: Config, change: Partial<Agreement> = {}): Agreement {
  const first = config.agreements.find((one) => one.sections[0]?.section === section);
  if (first === undefined) throw new Error(`no agreement on ${section} in the configuration`);
  return { ...first, id: 'pact', dataSource: { provider, averaging: 'P1M' }, ...change };
}

/** Journal, readings, state and a desk in a temporary folder, with keys of both parties published. */
export async function openDesk(
  change: Partial<Agreement> = {},
  place?: StatePlace,
  edit: (config: Config) => Config = (config) => config,
) {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-desk-'));
  const clock = { atS: civilPeriod('2026-07', 'Asia/Shanghai').beginS + 5 * day, nowS: () => clock.atS };
  const shipped = await loadConfig(path.resolve(import.meta.dirname, '../../config'));
  const agreement = agreementOf(shipped, change);
  const config: Config = edit({ ...shipped, agreements: [agreement] });
  const journal = await openFileJournal({ dir: path.join(folder, 'journal'), clock });
  const file = await openDuckdbReadings({ path: path.join(folder, 'readings'), memoryLimitMiB: 256 });
  const readings = withArchive(file, path.join(folder, 'archive'));
  const embedded: StatePlace = embeddedState(path.join(folder, 'state'));
  const state = await openState(place ?? embedded, { journal, clock });
  await state.acts.recover();
  const store = settlementStore(state.db);
  const desk = new SettlementDesk({
    store,
    acts: state.acts,
    readings,
    journal,
    circumstances: state.circumstances,
    config: () => config,
    clock,
    synthetic: false,
  });

  /** Journals what a source brings, then applies it, as the projector does. */
  const bring = async (source: string, fill: (builder: BatchBuilder) => void): Promise<void> => {
    const builder = new BatchBuilder(source);
    fill(builder);
    const batch = builder.build();
    const body = new TextEncoder().encode(
      JSON.stringify({ source, at: [...batch.timeS], value: [...batch.value] }),
    );
    const entry = await journal.append({ kind: 'raw', receivedS: clock.nowS(), meta: { source }, body });
    await readings.apply({ seq: entry.seq, receivedS: entry.receivedS }, batch);
  };
  /** Delivers monthly values. */
  const deliver = (period: string, values: Values, stage = 3): Promise<void> =>
    bring(provider, (builder) => {
      const { beginS } = civilPeriod(period, config.region.timeZone);
      for (const [parameter, value] of Object.entries(values)) {
        const series = builder.seriesOf(section, parameter, 'P1M');
        builder.add({ series, timeS: beginS, value, flags: packFlags({ stage }) });
      }
    });

  const keys = new Map<string, KeyPair>();
  const keyOf = async (party: string, algorithm: SignatureAlgorithm = 'ed25519'): Promise<KeyPair> => {
    const known = keys.get(party);
    if (known !== undefined) return known;
    const pair = newKey({ party, holder: `seal of ${party}`, algorithm });
    keys.set(party, pair);
    await desk.publishKey(pair.key, 'office');
    return pair;
  };
  const signatureOf = async (id: string, party: string, purpose: SignaturePurpose) => {
    const statement = await store.statement(id);
    const pair = await keyOf(party, party === agreement.parties.benefiting ? 'sm2-sm3' : 'ed25519');
    return signStatement(pair, {
      statement: id,
      sha256: statement?.sha256 ?? '',
      purpose,
      signedS: clock.nowS(),
      sealedOriginalSha256: null,
      timeStamp: null,
    });
  };
  /** Both parties sign for data and money. */
  const countersign = async (id: string): Promise<void> => {
    for (const party of [agreement.parties.protecting, agreement.parties.benefiting])
      for (const purpose of ['data', 'funds'] as const)
        await desk.acceptSignature(await signatureOf(id, party, purpose), party);
  };
  const close = async (): Promise<void> => {
    await state.close();
    await readings.close();
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    folder,
    clock,
    agreement,
    config,
    journal,
    readings,
    /** What lies in the store itself, without its archive. */
    file,
    state,
    store,
    desk,
    keys,
    bring,
    deliver,
    signatureOf,
    countersign,
    keyOf,
    close,
  };
}

export type OpenDesk = Awaited<ReturnType<typeof openDesk>>;
