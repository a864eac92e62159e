import type { RunReport } from '../domain/ports.ts';
import type { Io } from './command.ts';

/** Accepted + unchanged + revised + absent + missing + rejected = cells read; superseded rows count as unchanged here. */
export function printReport(report: RunReport, io: Io, json: boolean): void {
  const { cells } = report;
  const unchanged = cells.unchanged + cells.superseded;
  if (json) {
    io.out(`${JSON.stringify({ ...report, cells: { ...cells, unchanged } })}\n`);
    return;
  }
  io.out(
    `${report.source}: ${report.status}, ${report.entries} journal entries\n` +
      `  cells read ${cells.read} = accepted ${cells.accepted} + unchanged ${unchanged} + revised ${cells.revised}` +
      ` + absent ${cells.absent} + missing ${cells.missing} + rejected ${cells.rejected}\n`,
  );
  for (const [code, count] of Object.entries(report.issues)) io.out(`  issue ${code}: ${count}\n`);
  if (report.message !== null) io.out(`  ${report.message}\n`);
}
