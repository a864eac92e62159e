import type { SigningKey, StatementSignature } from '../domain/settlement.ts';
import type { Statement } from '../domain/statement.ts';
import { canonicalText, hashOf } from './document.ts';
import type { SettlementFacts } from './facts.ts';
import type { FrozenInputs } from './freeze.ts';

/** Everything the other side needs to compute a statement again and to judge its signatures, in one file. */
export type Bundle = {
  format: 'jiehe-bundle';
  version: 1;
  statement: Statement;
  facts: SettlementFacts;
  inputs: FrozenInputs;
  /** The statement that this one corrects. */
  corrected: Statement | null;
  signatures: StatementSignature[];
  /** Public keys of the signers, as published; whoever verifies should have them from the party itself. */
  keys: SigningKey[];
  /** SHA-256 of canonical JSON of all the rest: damage on the way is found even without a signature. */
  seal: string;
};

const inOrder = (signatures: readonly StatementSignature[]): StatementSignature[] =>
  signatures.toSorted((a, b) => (`${a.party} ${a.purpose}` < `${b.party} ${b.purpose}` ? -1 : 1));

/** What of a key a bundle carries: how it was published, not when. */
export const publicPart = (key: SigningKey): SigningKey => {
  const { keyId, algorithm, party, holder, publicKey, certificate } = key;
  return { keyId, algorithm, party, holder, publicKey, certificate };
};

/** A bundle of parts, in the order and form in which equal parts give equal bytes. */
export function sealedBundle(parts: Omit<Bundle, 'format' | 'version' | 'seal'>): Bundle {
  const { statement, facts, inputs, corrected } = parts;
  const used = new Set(parts.signatures.map((one) => one.keyId));
  const rest = {
    format: 'jiehe-bundle' as const,
    version: 1 as const,
    statement,
    facts,
    inputs,
    corrected,
    signatures: inOrder(parts.signatures),
    keys: parts.keys
      .filter((key) => used.has(key.keyId))
      .map(publicPart)
      .toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1)),
  };
  return { ...rest, seal: hashOf(rest) };
}

/** The file: canonical JSON and nothing else. */
export const bundleText = (bundle: Bundle): string => canonicalText(bundle);
