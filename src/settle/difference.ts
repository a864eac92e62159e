import { type LineDifference, type Party, type StatementLine, partyKey } from '../domain/settlement.ts';

interface Balance {
  line: string;
  section: string;
  one: Party;
  other: Party;
  /** Above zero: `one` pays `other`. */
  fen: bigint;
}

/**
 * What `now` adds to books that hold `before`: line by line and pair by pair, earlier lines reversed, what cancels dropped, what
 * remains kept. Lines in `fixed` were decided otherwise and stay out. From nothing to `now` it is `now` itself.
 */
export function differenceOf(
  before: readonly StatementLine[],
  now: readonly StatementLine[],
  fixed: readonly string[] = [],
): LineDifference[] {
  const balances = new Map<string, Balance>();
  const add = (line: StatementLine, sign: bigint): void => {
    if (fixed.includes(line.id)) return;
    const [one, other] = [line.from, line.to].toSorted((a, b) => (partyKey(a) < partyKey(b) ? -1 : 1));
    if (one === undefined || other === undefined) return;
    const key = `${line.id}\n${partyKey(one)}\n${partyKey(other)}`;
    const known = balances.get(key) ?? { line: line.id, section: line.section, one, other, fen: 0n };
    const direction = partyKey(line.from) === partyKey(one) ? 1n : -1n;
    balances.set(key, { ...known, fen: known.fen + sign * direction * BigInt(line.amountFen) });
  };
  for (const line of before) add(line, -1n);
  for (const line of now) add(line, 1n);
  return [...balances]
    .filter(([, balance]) => balance.fen !== 0n)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { line, section, one, other, fen }]) => ({
      line,
      section,
      from: fen > 0n ? one : other,
      to: fen > 0n ? other : one,
      amountFen: (fen > 0n ? fen : -fen).toString(),
    }));
}

/** What a difference comes to between each two governments; a pair that comes out even is left out. */
export function netOfPairs(
  difference: readonly LineDifference[],
): { from: string; to: string; amountFen: string }[] {
  const sums = new Map<string, bigint>();
  for (const { from, to, amountFen } of difference) {
    const [payer, receiver] = [partyKey(from), partyKey(to)];
    const forward = payer < receiver;
    const key = JSON.stringify(forward ? [payer, receiver] : [receiver, payer]);
    sums.set(key, (sums.get(key) ?? 0n) + (forward ? 1n : -1n) * BigInt(amountFen));
  }
  return [...sums].flatMap(([key, fen]) => {
    const [one, other]: [string, string] = JSON.parse(key);
    if (fen === 0n) return [];
    const [from, to] = fen > 0n ? [one, other] : [other, one];
    return [{ from, to, amountFen: (fen > 0n ? fen : -fen).toString() }];
  });
}
