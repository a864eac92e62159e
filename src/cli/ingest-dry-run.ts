import { MonitorError } from '../domain/errors.ts';
import type { System } from '../main.ts';
import type { ExitCode, Io } from './command.ts';

/** Splits and parses recorded files and reports what would be journaled; stores are not touched. */
export function dryRun(
  system: System,
  sourceId: string,
  files: readonly { name: string; bytes: Uint8Array }[],
  io: Io,
  json: boolean,
): ExitCode {
  const config = system.config();
  const source = config.sources.find((candidate) => candidate.id === sourceId);
  const adapter = source === undefined ? undefined : system.adapters.get(source.adapter);
  if (adapter === undefined) throw new MonitorError('E_NOT_FOUND', `no source "${sourceId}" is configured`);
  if (files.length === 0) throw new MonitorError('E_USAGE', '--dry-run needs --file');
  let rejected = 0;
  for (const file of files) {
    const totals = {
      file: file.name,
      entries: 0,
      read: 0,
      values: 0,
      absent: 0,
      missing: 0,
      rejected: 0,
      stationsUnregistered: 0,
    };
    const issues: Record<string, number> = {};
    const unknown = new Set<string>();
    for (const payload of adapter.split(file)) {
      const receivedS = system.clock.nowS();
      const parsed = adapter.parse(payload.body, {
        receivedS,
        meta: { ...payload.meta, source: sourceId },
        config,
        sourceId,
      });
      totals.entries += 1;
      for (const key of ['read', 'absent', 'missing', 'rejected'] as const) totals[key] += parsed.cells[key];
      for (const issue of parsed.issues) issues[issue.code] = (issues[issue.code] ?? 0) + 1;
      for (const station of parsed.unknownStations) unknown.add(station.id);
    }
    totals.values = totals.read - totals.absent - totals.missing - totals.rejected;
    totals.stationsUnregistered = unknown.size;
    rejected += totals.rejected;
    if (json) io.out(`${JSON.stringify({ ...totals, issues })}\n`);
    else {
      io.out(
        `${file.name}: ${totals.entries} entries, cells read ${totals.read} = values ${totals.values} + absent ${totals.absent}` +
          ` + missing ${totals.missing} + rejected ${totals.rejected}; ${unknown.size} unregistered stations\n`,
      );
      for (const [code, count] of Object.entries(issues)) io.out(`  issue ${code}: ${count}\n`);
    }
  }
  return rejected > 0 ? 1 : 0;
}
