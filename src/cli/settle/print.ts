import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import type { Language } from '../../analysis/liability/phrases.ts';
import type { CommandContext } from '../command.ts';
import { verifiedBundle } from './bundle-file.ts';

interface Options {
  out: string;
  language: Language;
}

/** `jiehe settle print FILE`: a bundle as a page to print or a workbook; opens no store. A bundle that does not verify is not printed. */
export function printCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('print')
    .description('a statement as a page to print (.html) or a workbook (.xlsx) (打印结算单)')
    .argument('<bundle>', 'bundle (结算包)')
    .requiredOption('--out <file>', 'file to write: .html or .xlsx (输出文件)')
    .addOption(new Option('--language <language>', 'language (语言)').choices(['zh', 'en']).default('zh'))
    .action(async (file: string, { out, language }: Options) => {
      const { documentOf } = await import('../../serving/statement-document.ts');
      const bundle = await verifiedBundle(path.resolve(io.cwd, file), context);
      if (bundle === null) {
        context.exit(1);
        return;
      }
      const format = out.toLowerCase().endsWith('.xlsx') ? 'xlsx' : 'html';
      const made = await documentOf(bundle.text, { format, language }, bundle.known);
      const target = path.resolve(io.cwd, out);
      writeFileSync(target, made.bytes);
      io.out(`${target}\n`);
      context.exit(0);
    });
}
