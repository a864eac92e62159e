import type { Issue } from '../../../domain/errors.ts';
import { Decimal, decimalOf } from '../../../domain/decimal.ts';
import type { SampleKind, UnderstoodCell, UnderstoodRow } from './understand.ts';

/** Rows of one sampling: each side's half, and the spare where it was opened. */
export interface JointSampling {
  station: string | null;
  timeS: number;
  rows: UnderstoodRow[];
  /** Every row carries both signatures. */
  signed: boolean;
}

/** What both sides' results come to. `text`: all of them, as written. */
export type JointResult = { text: string; address: string } & (
  | { kind: 'value' | 'below'; value: number; confirmed: boolean }
  | { kind: 'absent' }
  | { kind: 'disagree'; message: string }
);

export function samplings(rows: readonly UnderstoodRow[]): JointSampling[] {
  const groups = new Map<string, JointSampling>();
  for (const row of rows) {
    if (row.refused || row.timeS === null) continue;
    const key = `${row.station ?? row.naturalKey}\n${row.timeS}`;
    const group = groups.get(key) ?? { station: row.station, timeS: row.timeS, rows: [], signed: true };
    group.rows.push(row);
    group.signed &&= row.reviewed;
    groups.set(key, group);
  }
  return [...groups.values()];
}

interface Half {
  kind: 'value' | 'below';
  value: Decimal;
}

function halfOf(cell: UnderstoodCell | undefined): Half | null {
  if (cell?.reading.kind !== 'value' && cell?.reading.kind !== 'below') return null;
  return { kind: cell.reading.kind, value: decimalOf(cell.reading.value) };
}

const labels: Record<SampleKind, string> = { protecting: '甲', benefiting: '乙', spare: '备' };

/**
 * The result of one item of a joint sampling: the mean of the two halves inside the agreed tolerance, otherwise the spare sample,
 * otherwise none. `belowShare`: what a value below detection counts as, of its limit; null: not known, and such a pair disagrees.
 */
export function jointResult(
  sampling: JointSampling,
  parameter: string,
  rules: { toleranceShare: string; belowShare: string | null },
): JointResult {
  const cells = new Map<SampleKind, UnderstoodCell>();
  for (const row of sampling.rows) {
    const cell = row.cells.find((one) => one.parameter === parameter);
    if (row.sample !== null && cell !== undefined && cell.reading.kind !== 'absent')
      cells.set(row.sample, cell);
  }
  const text = [...cells].map(([sample, cell]) => `${labels[sample]} ${cell.text}`).join(' · ');
  const address = [...cells.values()].map((cell) => cell.address).join(' ');
  if (cells.size === 0) return { kind: 'absent', text, address };
  const [ours, theirs, spare] = (['protecting', 'benefiting', 'spare'] as const).map((sample) =>
    halfOf(cells.get(sample)),
  );
  const spareResult = (message: string): JointResult =>
    spare === null || spare === undefined
      ? { kind: 'disagree', text, address, message }
      : { kind: spare.kind, value: spare.value.toNumber(), confirmed: sampling.signed, text, address };
  if (ours === null || ours === undefined || theirs === null || theirs === undefined)
    return spareResult('only one side has a result and no spare sample was opened');
  if (ours.kind === 'below' && theirs.kind === 'below') {
    const limit = Decimal.max(ours.value, theirs.value).toNumber();
    return { kind: 'below', value: limit, confirmed: sampling.signed, text, address };
  }
  const { belowShare } = rules;
  const counted = [ours, theirs].map(({ kind, value }) =>
    kind === 'value' ? value : belowShare === null ? null : value.times(belowShare),
  );
  const [a, b] = counted;
  if (a === null || a === undefined || b === null || b === undefined)
    return spareResult('one half is below detection, and no rule says what that counts as');
  const mean = a.plus(b).div(2);
  if (a.minus(b).abs().lte(mean.times(rules.toleranceShare)))
    return { kind: 'value', value: mean.toNumber(), confirmed: sampling.signed, text, address };
  return spareResult(
    `the halves differ by more than ${rules.toleranceShare} of their mean and no spare sample was opened`,
  );
}

export const disagreement = (
  result: Extract<JointResult, { kind: 'disagree' }>,
  parameter: string,
  sourceId: string,
): Issue => ({
  code: 'SAMPLES_DISAGREE',
  path: result.address,
  message: `${parameter}: ${result.text}: ${result.message}`,
  source: { id: sourceId, record: result.text },
});
