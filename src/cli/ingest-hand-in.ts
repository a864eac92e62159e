import { MonitorError } from '../domain/errors.ts';
import type { UploadDesk } from '../ingest/upload-desk.ts';
import { orRefusal, type ExitCode, type Io } from './command.ts';
import type { IngestOptions } from './ingest.ts';
import { printReport } from './run-report.ts';
import { previewText, rowNames } from './upload-text.ts';

/** Sheets: with `--dry-run` or `--preview` only shown; otherwise journaled, shown where something is wrong, and accepted. */
export async function handIn(
  desk: UploadDesk,
  source: string,
  files: readonly { name: string; bytes: Uint8Array }[],
  options: IngestOptions,
  io: Io,
): Promise<ExitCode> {
  if (options.rows !== undefined && files.length > 1)
    throw new MonitorError('E_USAGE', '--rows names rows of one file; give one --file');
  const { json = false, actor, month = null } = options;
  let worst: ExitCode = 0;
  for (const file of files) {
    const code = await orRefusal(io, async () => {
      if (options.dryRun === true || options.preview === true) {
        const preview = await desk.preview(source, { ...file, month });
        io.out(json ? `${JSON.stringify({ file: file.name, preview })}\n` : previewText(file.name, preview));
        return preview.cells.rejected > 0 || preview.rows.length === 0 ? 1 : 0;
      }
      const { upload, preview } = await desk.receive(source, { ...file, month }, actor);
      const issues = [...preview.issues, ...preview.rows.flatMap((row) => row.issues)];
      const rows = options.rows === undefined ? ('all' as const) : rowNames(options.rows);
      const chosen = new Set(rows === 'all' ? preview.rows.map(({ row }) => row) : rows);
      if (!json)
        for (const { code: issue, path, message } of issues.filter(
          ({ path }) => rows === 'all' || chosen.has(path),
        ))
          io.err(`${issue}  ${path}  ${message}\n`);
      const report = await desk.accept({
        upload: upload.id,
        sha256: upload.sha256,
        rows,
        reason: null,
        actor,
      });
      printReport(report, io, json);
      return report.cells.rejected > 0 ? 1 : 0;
    });
    if (code > worst) worst = code;
  }
  return worst;
}
