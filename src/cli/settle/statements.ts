import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { yuanText } from '../../domain/yuan.ts';
import { statementState } from '../../settle/books.ts';
import { bundleText } from '../../settle/bundle.ts';
import type { ChangedStatement } from '../../domain/settlement-notices.ts';
import type { Issued, SettlementDesk } from '../../settle/desk.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  ACTOR_OPTION,
  type CommandContext,
  type StoreOptions,
} from '../command.ts';
import { AGREEMENT_OPTION, PERIOD_OPTION, atDesk } from './desk-work.ts';

interface Options extends StoreOptions {
  json?: boolean;
}
interface PeriodOptions extends Options {
  agreement: string;
  period: string;
  actor: string;
  out?: string;
}

function issuedText({ statement, sha256 }: Issued): string {
  const lines = statement.difference.map(
    (line) => `  ${line.from.name.zh} → ${line.to.name.zh}  ${yuanText(line.amountFen)} 元  (${line.line})`,
  );
  const marked = statement.markings.map((marking) => `${marking.zh} / ${marking.en}`);
  return [`${statement.id}  ${sha256}`, ...marked, ...lines, ''].join('\n');
}

async function writeBundle(desk: SettlementDesk, id: string, file: string): Promise<void> {
  writeFileSync(file, bundleText(await desk.bundle(id)));
}

/** `jiehe settle issue`: freezes the inputs and issues the statement for signature. */
export function issueCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('issue')
    .description('freeze the inputs of a period and issue its statement (出具结算单)')
    .requiredOption(...AGREEMENT_OPTION)
    .requiredOption(...PERIOD_OPTION)
    .option('--out <file>', 'write the bundle there (结算包)')
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: PeriodOptions) =>
      atDesk(context, options, async (desk) => {
        const issued = await desk.issue(options);
        const { id } = issued.statement;
        if (options.out !== undefined) await writeBundle(desk, id, path.resolve(io.cwd, options.out));
        const { sha256, seq } = issued;
        io.out(options.json === true ? `${JSON.stringify({ id, sha256, seq })}\n` : issuedText(issued));
        return 0;
      }),
    );
}

/** `jiehe settle correct`: what a new computation changes; with `--issue` as a statement of the difference. */
export function correctCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('correct')
    .description('compute a settled period again; --issue posts only the difference (更正结算单)')
    .requiredOption(...AGREEMENT_OPTION)
    .requiredOption(...PERIOD_OPTION)
    .option('--issue', 'issue the correction when there is a difference (出具更正单)')
    .option('--out <file>', 'write the bundle there (结算包)')
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: PeriodOptions & { issue?: boolean }) =>
      atDesk(context, options, async (desk) => {
        const { agreement, period, actor } = options;
        const result = await desk.correct({
          agreement,
          period,
          actor: options.issue === true ? actor : null,
        });
        const { corrects, difference, changed, recomputed, issued } = result;
        const id = issued?.statement.id ?? null;
        if (id !== null && options.out !== undefined)
          await writeBundle(desk, id, path.resolve(io.cwd, options.out));
        if (options.json === true) {
          const sha256 = issued?.sha256 ?? null;
          io.out(`${JSON.stringify({ corrects, id, sha256, difference, changed, recomputed })}\n`);
          return 0;
        }
        const { sections, of, readings } = recomputed;
        io.out(`重算断面 ${sections.length}/${of}，读数 ${readings} / sections computed anew, readings\n`);
        for (const one of changed)
          io.out(`${one.section} ${one.parameter}: ${one.before ?? '—'} → ${one.now ?? '—'}\n`);
        for (const one of difference)
          io.out(`${one.from.name.zh} → ${one.to.name.zh}  ${yuanText(one.amountFen)} 元  (${one.line})\n`);
        if (difference.length === 0) io.out(`${corrects}: 无差额 / no difference\n`);
        if (issued !== null) io.out(issuedText(issued));
        return 0;
      }),
    );
}

/** `jiehe settle bundle ID`: the file that the other side verifies, with the signatures so far. */
export function bundleCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('bundle')
    .description('write the bundle of a statement, with the signatures so far (导出结算包)')
    .argument('<statement>', 'statement (结算单)')
    .requiredOption('--out <file>', 'file to write (输出文件)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action((id: string, options: Options & { out: string }) =>
      atDesk(context, options, async (desk) => {
        const file = path.resolve(io.cwd, options.out);
        await writeBundle(desk, id, file);
        io.out(`${file}\n`);
        return 0;
      }),
    );
}

/** `jiehe settle withdraw ID`: takes back what is not in force. */
export function withdrawCommand(context: CommandContext): Command {
  return new Command('withdraw')
    .description('take back a statement that is not in force (撤回)')
    .argument('<statement>', 'statement (结算单)')
    .requiredOption('--reason <text>', 'why (原因)')
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action((statement: string, options: Options & { reason: string; actor: string }) =>
      atDesk(context, options, async (desk) => {
        await desk.withdraw({ statement, reason: options.reason, actor: options.actor });
        context.io.out(`${statement}: withdrawn (已撤回)\n`);
        return 0;
      }),
    );
}

const reasonTexts: Record<NonNullable<ChangedStatement['reason']>, string> = {
  'agreement-not-configured': '协议已不在配置中，无法比对 (its agreement is configured no more)',
};

const changedPart = (found: ChangedStatement | undefined): object =>
  found === undefined ? {} : { changed: found.sections, reason: found.reason };

function changedText(found: ChangedStatement | undefined): string {
  if (found === undefined) return '';
  const { reason, sections } = found;
  return reason === null ? sections.join(', ') : `${reason}  ${reasonTexts[reason]}`;
}

/** `jiehe settle list`: statements and where they stand. */
export function listCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('list')
    .description('statements and where they stand (结算单清单)')
    .option(...AGREEMENT_OPTION)
    .option('--changed', 'only those in force of which an input has changed since, and where (输入已变)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options & { agreement?: string; changed?: boolean }) =>
      context.withSystem(options, async (system) => {
        const { deskOf } = await import('../../serving/settlement.ts');
        const desk = deskOf(system);
        const { store } = desk;
        const query = options.agreement === undefined ? {} : { agreement: options.agreement };
        const changes = options.changed === true ? await desk.changed(query) : null;
        for (const statement of await store.statements(query)) {
          const found = changes?.find(({ id }) => id === statement.id);
          if (changes !== null && found === undefined) continue;
          const signatures = (await store.signatures(statement.id)).length;
          const ledger = await store.ledger(statement.agreement);
          const { state, dueS } = statementState(statement, {
            signatures,
            ledger,
            nowS: system.clock.nowS(),
          });
          const { id, sha256, corrects } = statement;
          if (options.json === true)
            io.out(
              `${JSON.stringify({ id, sha256, corrects, state, signatures, dueS, ...changedPart(found) })}\n`,
            );
          else
            io.out(
              `${id}  ${state}  ${signatures} signatures  ${sha256}  ${changedText(found)}`.trimEnd() + '\n',
            );
        }
        return 0;
      }),
    );
}
