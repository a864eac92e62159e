/** Exactly as stored: the shortest text of the number, never an exponent. */
export function exactText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 20, useGrouping: false });
}

/** With the decimals in which the parameter is shown, half to even; the exact value belongs in a title beside it. */
export function shownText(value: number, decimals: number): string {
  const options: Intl.NumberFormatOptions = {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    useGrouping: false,
  };
  return new Intl.NumberFormat('en-US', { ...options, roundingMode: 'halfEven' }).format(value);
}
