import type { CellMark, DecidedUpload, SheetPreview } from '../domain/uploads.ts';

const marks: Record<CellMark, string> = {
  value: '',
  below: '<',
  above: '>',
  absent: '/',
  missing: '∅',
  rejected: '✗',
};
const MOST_ISSUES = 200;

/** A preview for the eye: columns as understood, each row with its state, then what is wrong and where. */
export function previewText(name: string, preview: SheetPreview): string {
  const { cells, encoding, format, rows, sheets } = preview;
  const lines = [
    `${name}: ${preview.kind}, ${format}${encoding === null ? '' : ` ${encoding}`}, rows (行) ${rows.length}, cells read ${cells.read} =` +
      ` values ${cells.read - cells.absent - cells.missing - cells.rejected} + absent ${cells.absent} + missing ${cells.missing} + rejected ${cells.rejected}`,
  ];
  for (const { name: sheet, columns } of sheets) {
    const shown = columns.map(({ address, text, role, parameter, unit, unitStated }) => {
      const place = address.split('!').at(-1) ?? address;
      const what = parameter ?? (role === 'unknown' ? '?' : role);
      return `${place} ${text} → ${what}${parameter === null || unit === null ? '' : ` [${unit}${unitStated ? '' : ' 默认 assumed'}]`}`;
    });
    lines.push(`${sheet === '' ? '' : `${sheet}: `}${shown.join(' · ')}`);
  }
  for (const row of rows) {
    const values = row.cells
      .filter(({ mark }) => mark !== 'absent')
      .map(({ parameter, text, mark }) => `${parameter} ${marks[mark]}${text.trim()}`);
    const state = { good: '✓', 'with-issues': '!', refused: '✗' }[row.status];
    const place = row.station ?? `未登记 unregistered`;
    lines.push(
      `${state} ${row.row}  ${row.section} (${place})  ${row.time ?? '—'}  ${row.reviewed ? '已审核 reviewed' : '未审核 raw'}  ${values.join(', ')}`,
    );
  }
  const issues = [...preview.issues, ...rows.flatMap((row) => row.issues)];
  for (const { code, path, message } of issues.slice(0, MOST_ISSUES))
    lines.push(`  ${code}  ${path}  ${message}`);
  if (issues.length > MOST_ISSUES) lines.push(`  … ${issues.length - MOST_ISSUES} more; --json lists all`);
  return `${lines.join('\n')}\n`;
}

/** One line an upload: what it is and what was decided about it. */
export function uploadText({ id, source, name, month, sha256, actor, decisions }: DecidedUpload): string {
  const decided = decisions.map(({ decision, rows, actor: by }) => {
    const which = rows === 'all' ? 'all rows' : `${rows.length} rows`;
    return decision === 'refused' ? `refused by ${by}` : `${which} accepted by ${by}`;
  });
  const state = decided.length === 0 ? '待接受 waits to be accepted' : decided.join('; ');
  return `${id}  ${source}  ${name}${month === null ? '' : ` (${month})`}  ${sha256.slice(0, 12)}  ${actor}  ${state}\n`;
}

/** `2,5-9` or `月报!12` as row names; a range is spelt out. */
export function rowNames(list: string): string[] {
  return list.split(',').flatMap((part) => {
    const [, sheet = '', from, to] = /^(?:(.+)!)?(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (from === undefined) return [part.trim()];
    const last = Number(to ?? from);
    const names: string[] = [];
    for (let row = Number(from); row <= last && names.length < 20_000; row++)
      names.push(`${sheet === '' ? '' : `${sheet}!`}${row}`);
    return names;
  });
}
