/** The fault that a number in [0, 1) falls on when each takes its share, in this order; null: none. */
export function drawnFault<F extends string>(
  faults: readonly F[],
  rates: Readonly<Record<F, number>>,
  drawn: number,
): F | null {
  let sum = 0;
  for (const fault of faults) {
    sum += rates[fault];
    if (drawn < sum) return fault;
  }
  return null;
}
