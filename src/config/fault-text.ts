import type { ConfigFault } from '../domain/config/config.ts';

/** One fault in one line: `file:line:column  path: message (got …, expected …)`. */
export function printFault(fault: ConfigFault): string {
  const subject = fault.path === '' ? '' : `${fault.path}: `;
  return `${fault.file}:${fault.line}:${fault.column}  ${subject}${fault.message} (got ${fault.value}, expected ${fault.expected})`;
}

/** All faults, one a line, in the order of files, lines and columns. */
export function printFaults(faults: readonly ConfigFault[]): string {
  return inReadingOrder(faults).map(printFault).join('\n');
}

/** Sorted by file, line and column; equal places keep their order. */
export function inReadingOrder(faults: readonly ConfigFault[]): ConfigFault[] {
  return faults.toSorted((a, b) => {
    if (a.file !== b.file) return a.file < b.file ? -1 : 1;
    return a.line - b.line || a.column - b.column;
  });
}
