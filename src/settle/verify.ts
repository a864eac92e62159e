import type { SigningKey, StatementSignature } from '../domain/settlement.ts';
import { type Bundle, bundleText, publicPart, sealedBundle } from './bundle.ts';
import { canonicalText, hashOf, sha256Of } from './document.ts';
import { signatureFault } from './signing.ts';
import { composeStatement, statementText } from './statement.ts';

/** Something in a bundle that is not what it should be. `part` says where. */
export interface Finding {
  part: 'file' | 'seal' | 'facts' | 'inputs' | 'statement' | 'corrected' | 'keys' | 'signature';
  message: string;
}

export interface SignatureVerdict {
  party: string;
  purpose: string;
  signer: string;
  keyId: string;
  algorithm: string;
  signedS: number;
  /** `given`: the key was supplied by whoever verifies; `bundle`: only the bundle itself says whose it is. */
  keyFrom: 'given' | 'bundle';
}

export interface Verification {
  statement: string | null;
  sha256: string | null;
  /** Empty: computed again to the byte, and every signature holds. */
  findings: Finding[];
  signatures: SignatureVerdict[];
  /** Signatures that the agreement asks for and that are not there, as `party purpose`. */
  unsigned: string[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const mostDifferences = 20;

/** Paths at which two JSON values differ, the first ones. */
export function differingPaths(expected: unknown, actual: unknown, path = ''): string[] {
  if (Object.is(expected, actual)) return [];
  const bothLists = Array.isArray(expected) && Array.isArray(actual);
  if (!bothLists && !(isRecord(expected) && isRecord(actual))) return [path === '' ? '(all)' : path];
  const [left, right] = [expected as Record<string, unknown>, actual as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const found: string[] = [];
  for (const key of keys) {
    found.push(...differingPaths(left[key], right[key], path === '' ? key : `${path}.${key}`));
    if (found.length >= mostDifferences) break;
  }
  return found.slice(0, mostDifferences);
}

function read(bytes: Uint8Array, findings: Finding[]): Bundle | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (canonicalText(value) !== text) {
      findings.push({ part: 'file', message: 'not canonical JSON: the file was changed or written by hand' });
    }
    if (!isRecord(value) || value['format'] !== 'jiehe-bundle' || value['version'] !== 1) {
      findings.push({ part: 'file', message: 'not a jiehe-bundle of version 1' });
      return null;
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever lacks a member fails to compute, which is a finding
    return value as unknown as Bundle;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    findings.push({ part: 'file', message: `not a JSON text in UTF-8: ${reason}` });
    return null;
  }
}

function hashFindings(bundle: Bundle): Finding[] {
  const findings: Finding[] = [];
  const compare = (part: Finding['part'], what: string, expected: unknown, actual: string): void => {
    if (expected !== actual)
      findings.push({ part, message: `${what}: hash ${actual}, stated ${String(expected)}` });
  };
  const { seal, ...rest } = bundle;
  compare('seal', 'the bundle as a whole', seal, hashOf(rest));
  const { statement, facts, inputs, corrected } = bundle;
  const { signatures, keys } = bundle;
  const again = sealedBundle({ statement, facts, inputs, corrected, signatures, keys });
  if (bundleText({ ...again, seal }) !== bundleText(bundle))
    findings.push({ part: 'file', message: 'holds more than a bundle does, or in another order' });
  compare('facts', 'the configuration', statement.factsSha256, hashOf(facts));
  compare('inputs', 'the readings', statement.inputsSha256, hashOf(inputs));
  if (statement.corrects !== null || corrected !== null)
    compare('corrected', 'the statement corrected', statement.corrects?.sha256, hashOf(corrected));
  const entries = new Set(inputs.entries.map((entry) => entry.seq));
  const loose = inputs.series.flatMap((one) => one.seq).filter((seq) => !entries.has(seq));
  if (loose.length > 0)
    findings.push({ part: 'inputs', message: `readings of journal entries not listed: ${loose.join(', ')}` });
  const acts = (inputs.circumstances ?? []).flatMap((one) => one.acts).filter((seq) => !entries.has(seq));
  if (acts.length > 0)
    findings.push({ part: 'inputs', message: `acts of journal entries not listed: ${acts.join(', ')}` });
  return findings;
}

async function recomputed(bundle: Bundle): Promise<Finding[]> {
  const { statement, facts, inputs, corrected } = bundle;
  const [agreement] = facts.agreements;
  if (agreement === undefined) return [{ part: 'facts', message: 'no agreement in the configuration' }];
  const { period, number, computedAtS, asOfSeq, journal, synthetic } = statement;
  const again = await composeStatement({
    agreement,
    facts,
    inputs,
    issue: { period, number, computedAtS, asOfSeq, journal, synthetic },
    corrected:
      corrected === null
        ? null
        : {
            id: corrected.id,
            sha256: hashOf(corrected),
            lines: corrected.lines,
            decidedLines: statement.corrects?.decidedLines ?? [],
          },
  });
  const text = statementText(again);
  if (text === canonicalText(statement)) return [];
  const paths = differingPaths(JSON.parse(text), statement);
  return [
    { part: 'statement', message: `computed again from the readings, it differs at ${paths.join(', ')}` },
  ];
}

/** The bundle's own copies of keys that the verifier has: what a reader sees of a signer is what the party published. */
function keyFindings(bundle: Bundle, given: readonly SigningKey[] | null): Finding[] {
  return bundle.keys.flatMap((key): Finding[] => {
    const known = given?.find((candidate) => candidate.keyId === key.keyId);
    if (known === undefined) return [];
    const paths = differingPaths(publicPart(known), key);
    if (paths.length === 0) return [];
    return [
      { part: 'keys', message: `key ${key.keyId} is another than the one given, in ${paths.join(', ')}` },
    ];
  });
}

function signatureFindings(
  bundle: Bundle,
  sha256: string,
  given: readonly SigningKey[] | null,
): { findings: Finding[]; verdicts: SignatureVerdict[] } {
  const findings: Finding[] = [];
  const verdicts: SignatureVerdict[] = [];
  const seen = new Set<string>();
  const parties = new Set<unknown>([
    bundle.statement.parties.protecting.code,
    bundle.statement.parties.benefiting.code,
  ]);
  const judge = (one: StatementSignature): string | null => {
    const place = `${one.party} ${one.purpose}`;
    if (seen.has(place)) return 'signed twice';
    seen.add(place);
    if (one.statement !== bundle.statement.id || one.sha256 !== sha256) return 'signs another statement';
    if (!parties.has(one.party)) return 'not a party of the agreement';
    const key = (given ?? bundle.keys).find((candidate) => candidate.keyId === one.keyId);
    if (key === undefined)
      return given === null ? 'its public key is missing' : `key ${one.keyId} is not among the keys given`;
    return signatureFault(one, key);
  };
  for (const one of bundle.signatures) {
    const fault = judge(one);
    const { party, purpose, signer, keyId, algorithm, signedS } = one;
    if (fault !== null) findings.push({ part: 'signature', message: `${party} ${purpose}: ${fault}` });
    else
      verdicts.push({
        party,
        purpose,
        signer,
        keyId,
        algorithm,
        signedS,
        keyFrom: given === null ? 'bundle' : 'given',
      });
  }
  return { findings, verdicts };
}

/**
 * Judges a bundle offline: canonical form, seal, hashes, the statement computed again to the byte, signatures. `keys`: public
 * keys that the verifier has from the parties; null: those in the bundle are used and the verdict says so. Never throws for a bad file.
 */
export async function verifyBundle(
  bytes: Uint8Array,
  keys: readonly SigningKey[] | null,
): Promise<Verification> {
  const result: Verification = { statement: null, sha256: null, findings: [], signatures: [], unsigned: [] };
  const bundle = read(bytes, result.findings);
  if (bundle === null) return result;
  try {
    const { statement } = bundle;
    const text = canonicalText(statement);
    result.statement = statement.id;
    result.sha256 = sha256Of(text);
    result.findings.push(...hashFindings(bundle), ...(await recomputed(bundle)));
    const { findings, verdicts } = signatureFindings(bundle, result.sha256, keys);
    result.findings.push(...keyFindings(bundle, keys), ...findings);
    result.signatures = verdicts;
    const codes = [statement.parties.protecting.code, statement.parties.benefiting.code];
    result.unsigned = codes
      .flatMap((code) => statement.procedure.signatures.map((purpose) => `${code} ${purpose}`))
      .filter((place) => !verdicts.some((one) => `${one.party} ${one.purpose}` === place));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    result.findings.push({ part: 'statement', message: `cannot be computed again: ${reason}` });
  }
  return result;
}
