import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import { MonitorError } from '../domain/errors.ts';
import type { TemplateFormat, TemplateLanguage } from '../domain/uploads.ts';
import type { UploadDesk } from '../ingest/upload-desk.ts';
import {
  ACTOR_OPTION,
  LIMIT_OPTION,
  limitOf,
  onSystem,
  withStores,
  type CommandContext,
  type ExitCode,
  type StoreOptions,
} from './command.ts';
import { printReport } from './run-report.ts';
import { previewText, rowNames, uploadText } from './upload-text.ts';

interface Options extends StoreOptions {
  json?: boolean;
  actor: string;
}

function atUploads(
  context: CommandContext,
  options: StoreOptions,
  work: (desk: UploadDesk) => Promise<ExitCode>,
): Promise<void> {
  return onSystem(context, options, async (system) => {
    const { uploadDeskOf } = await import('../serving/uploads.ts');
    return work(uploadDeskOf(system));
  });
}

function listCommand(context: CommandContext): Command {
  const command = new Command('list').description('files that were handed in, newest first (已上传文件)');
  return withStores(
    command.option('--source <id>', 'of one source (数据源)').option(...LIMIT_OPTION, '200'),
  ).action((options: Options & { source?: string; limit: string }) =>
    atUploads(context, options, async (desk) => {
      const filter = options.source === undefined ? {} : { source: options.source };
      const uploads = await desk.store.uploads({ ...filter, limit: limitOf(options.limit) });
      context.io.out(
        options.json === true ? `${JSON.stringify({ uploads })}\n` : uploads.map(uploadText).join(''),
      );
      return 0;
    }),
  );
}

function showCommand(context: CommandContext): Command {
  const command = new Command('show')
    .description('what was understood of a file (预览)')
    .argument('<upload>');
  return withStores(command).action((id: string, options: Options) =>
    atUploads(context, options, async (desk) => {
      const { upload, preview } = await desk.show(id);
      context.io.out(
        options.json === true
          ? `${JSON.stringify({ upload, preview })}\n`
          : `${uploadText(upload)}${previewText(upload.name, preview)}`,
      );
      return 0;
    }),
  );
}

function acceptCommand(context: CommandContext): Command {
  const command = new Command('accept')
    .description('take a file into the readings, wholly or by row (接受入库)')
    .argument('<upload>')
    .option('--rows <list>', 'only these rows: 2,5-9 or Sheet!12 (仅接受这些行)')
    .option('--reason <text>', 'for the record (理由)')
    .option(...ACTOR_OPTION);
  return withStores(command).action((upload: string, options: Options & { rows?: string; reason?: string }) =>
    atUploads(context, options, async (desk) => {
      const { sha256 } = (await desk.file(upload)).upload;
      const rows = options.rows === undefined ? 'all' : rowNames(options.rows);
      const { actor, reason = null } = options;
      const report = await desk.accept({ upload, sha256, rows, reason, actor });
      printReport(report, context.io, options.json === true);
      return report.cells.rejected > 0 ? 1 : 0;
    }),
  );
}

function refuseCommand(context: CommandContext): Command {
  const command = new Command('refuse')
    .description('close a file without taking anything of it (退回)')
    .argument('<upload>')
    .requiredOption('--reason <text>', 'why (理由)')
    .option(...ACTOR_OPTION);
  return withStores(command).action((upload: string, options: Options & { reason: string }) =>
    atUploads(context, options, async (desk) => {
      const { sha256 } = (await desk.file(upload)).upload;
      const seq = await desk.refuse({ upload, sha256, reason: options.reason, actor: options.actor });
      context.io.out(
        options.json === true ? `${JSON.stringify({ upload, seq })}\n` : `${upload} refused, entry ${seq}\n`,
      );
      return 0;
    }),
  );
}

function templateCommand(context: CommandContext): Command {
  const { io } = context;
  const command = new Command('template')
    .description('an empty sheet of a source to fill in (空白模板)')
    .argument('<source>')
    .requiredOption('--out <file>', '.xlsx or .csv (输出文件)')
    .addOption(
      new Option('--language <language>', 'language of the headers (语言)')
        .choices(['zh', 'en'])
        .default('zh'),
    );
  return withStores(command).action(
    (source: string, options: Options & { out: string; language: TemplateLanguage }) =>
      atUploads(context, options, async (desk) => {
        const format = path.extname(options.out).slice(1).toLowerCase();
        if (format !== 'xlsx' && format !== 'csv')
          throw new MonitorError('E_USAGE', `a template is .xlsx or .csv, not "${options.out}"`);
        const form: { format: TemplateFormat; language: TemplateLanguage } = {
          format,
          language: options.language,
        };
        const bytes = await desk.template(source, form);
        const file = path.resolve(io.cwd, options.out);
        writeFileSync(file, bytes);
        io.out(
          options.json === true ? `${JSON.stringify({ file, bytes: bytes.byteLength })}\n` : `${file}\n`,
        );
        return 0;
      }),
  );
}

/** `jiehe uploads list|show|accept|refuse|template`: files that people hand in. */
export function uploadsCommand(context: CommandContext): Command {
  const command = new Command('uploads').description(
    'files that people hand in: look, accept, refuse (文件上传与入库)',
  );
  for (const one of [listCommand, showCommand, acceptCommand, refuseCommand, templateCommand])
    command.addCommand(one(context));
  return command;
}
