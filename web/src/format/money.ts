const fenOfWan = 1_000_000n;

function grouped(digits: string): string {
  return digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Whole fen as yuan with two decimals, exactly. Throws SyntaxError for a text that is not a whole number. */
export function yuanOfFen(fen: string): string {
  const amount = BigInt(fen);
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, '0');
  return `${amount < 0n ? '-' : ''}${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`;
}

/**
 * Whole fen as 万元 (10,000 yuan), exactly: at least two decimals, further ones only where they are not zero. Throws
 * SyntaxError for a text that is not a whole number.
 */
export function wanOfFen(fen: string): string {
  const amount = BigInt(fen);
  const sign = amount < 0n ? '-' : '';
  const size = amount < 0n ? -amount : amount;
  const decimals = (size % fenOfWan)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${sign}${grouped((size / fenOfWan).toString())}.${decimals}`;
}
