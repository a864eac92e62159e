import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import {
  circumstanceEffects,
  circumstanceKinds,
  circumstanceNames,
  namesFaults,
  type CircumstanceEffect,
  type CircumstanceKind,
  type StoredCircumstance,
} from '../domain/circumstance.ts';
import { isoWithOffset, parseInstant } from '../domain/time.ts';
import { evidenceOf, makeUpOf } from './circumstance-options.ts';
import {
  ACTOR_OPTION,
  namesOf,
  onSystem,
  performOn,
  refuseFaults,
  withStores,
  type CommandContext,
  type StoreOptions,
} from './command.ts';

interface Options extends StoreOptions {
  json?: boolean;
  actor: string;
  note?: string;
  evidence?: string[];
}

const what = 'circumstance';
const EVIDENCE_OPTION = [
  '--evidence <file...>',
  'files that show it; only their names and SHA-256 are recorded (证据文件)',
] as const;
const NOTE_OPTION = ['--note <text>', 'for the record (备注)'] as const;

function circumstanceText(one: StoredCircumstance, zone: string): string {
  const name = circumstanceNames[one.kind];
  const at = (atS: number): string => isoWithOffset(atS, zone).slice(0, 16);
  const lines = [
    `${one.id}  ${one.state} ${one.effect}  ${name.zh} / ${name.en}`,
    `  ${one.section} ${one.items.length === 0 ? '全部项目 all items' : one.items.join(', ')}  ${at(one.fromS)} – ${at(one.toS)}  申请 applied by ${one.applicant}`,
  ];
  if (one.documentNumber !== null)
    lines.push(`  认定 decided by ${one.decidedBy ?? '—'} ${one.documentNumber}`);
  if (one.makeUp !== undefined)
    lines.push(
      `  补测 make-up sample of ${at(one.makeUp.sampledS)}: ${Object.entries(one.makeUp.values)
        .map(([item, value]) => `${item} ${value}`)
        .join(', ')}`,
    );
  for (const { seq, act, actor, atS } of one.steps) lines.push(`  #${seq} ${at(atS)} ${act} ${actor}`);
  return `${lines.join('\n')}\n`;
}

function listCommand(context: CommandContext): Command {
  const { io } = context;
  return withStores(new Command('list'))
    .description('circumstances with their acts, as they stand or stood (特殊情形清单)')
    .option('--section <id>', 'of one section (断面)')
    .option('--as-of <when>', 'as they stood: a journal position or a time (截至)')
    .action((options: Options & { section?: string; asOf?: string }) =>
      onSystem(context, options, async (system) => {
        const { timeZone } = system.config().region;
        const { section, asOf } = options;
        const { asOfPosition } = await import('../api/http/instants.ts');
        const found = await system.state.circumstances.list({
          ...(section === undefined ? {} : { section }),
          ...(asOf === undefined ? {} : { asOfSeq: await asOfPosition(system.journal, asOf, timeZone) }),
        });
        if (options.json === true) for (const one of found) io.out(`${JSON.stringify(one)}\n`);
        else if (found.length === 0) io.out('no circumstance (没有特殊情形)\n');
        else for (const one of found) io.out(circumstanceText(one, timeZone));
        return 0;
      }),
    );
}

interface Application extends Options {
  kind: CircumstanceKind;
  section: string;
  items: string[];
  from: string;
  to: string;
  applicant: string;
  id: string;
}

function applyCommand(context: CommandContext): Command {
  return withStores(new Command('apply'))
    .alias('propose')
    .description('apply for one; it has no effect before a decision (申请认定)')
    .addOption(
      new Option('--kind <kind>', 'kind (情形)').choices([...circumstanceKinds]).makeOptionMandatory(),
    )
    .requiredOption('--section <id>', 'section (断面)')
    .requiredOption('--from <time>', 'begin, in the clock of the region where without offset (起)')
    .requiredOption('--to <time>', 'end, not included (止)')
    .requiredOption('--applicant <code>', 'jurisdiction that applies (申请方区划代码)')
    .option('--items <list>', 'parameters, with commas; all without (项目)', namesOf, [])
    .option('--id <id>', 'name of it; sent again it is the same act (编号)', `c-${randomUUID()}`)
    .option(...EVIDENCE_OPTION)
    .option(...NOTE_OPTION)
    .option(...ACTOR_OPTION)
    .action((options: Application) =>
      performOn(context, options, { what, id: options.id, done: 'applied for 已申请' }, async (system) => {
        const { id, kind, section, items, applicant, actor, note, evidence = [] } = options;
        const config = system.config();
        refuseFaults(namesFaults(config, { section, applicant, items }));
        const { timeZone } = config.region;
        const payload = {
          id,
          kind,
          section,
          items,
          fromS: parseInstant(options.from, timeZone),
          toS: parseInstant(options.to, timeZone),
          applicant,
          evidence: await evidenceOf(evidence, context.io.cwd),
          ...(note === undefined ? {} : { note }),
        };
        const { circumstanceActs } = await import('../serving/judging.ts');
        const { apply } = circumstanceActs(system.state.acts);
        return apply({ actor, atS: system.clock.nowS(), id: `apply-${id}`, payload });
      }),
    );
}

interface Decision extends Options {
  effect: CircumstanceEffect;
  decidedBy?: string;
  document?: string;
  items?: string[];
  from?: string;
  to?: string;
  makeUp?: string;
  sampled?: string;
  key: string;
}

function decideCommand(context: CommandContext): Command {
  return withStores(new Command('decide'))
    .description('record what was decided; it replaces the decision before (认定)')
    .argument('<id>', 'as `list` names it (编号)')
    .addOption(
      new Option('--effect <effect>', 'none refuses it, hold waits (效力)')
        .choices([...circumstanceEffects])
        .makeOptionMandatory(),
    )
    .option('--decided-by <body>', 'deciding body (认定单位)')
    .option('--document <number>', 'document number (文号)')
    .option('--items <list>', 'instead of those applied for (项目)', namesOf)
    .option('--from <time>', 'instead of the begin applied for (起)')
    .option('--to <time>', 'instead of the end applied for (止)')
    .option('--make-up <values>', 'values of a make-up sample: nh3n=0.6,tp=0.05 (补测值)')
    .option('--sampled <time>', 'when it was taken (补测时间)')
    .option('--key <key>', 'sent again under it, the act is done once', randomUUID())
    .option(...EVIDENCE_OPTION)
    .option(...NOTE_OPTION)
    .option(...ACTOR_OPTION)
    .action((circumstance: string, options: Decision) =>
      performOn(
        context,
        options,
        { what, id: circumstance, done: `${options.effect} 已认定` },
        async (system) => {
          const { effect, decidedBy = null, document = null, items, from, to, note, actor } = options;
          const config = system.config();
          const { timeZone } = config.region;
          const makeUp = makeUpOf(options, timeZone);
          refuseFaults(
            namesFaults(config, { items: [...(items ?? []), ...Object.keys(makeUp?.values ?? {})] }),
          );
          const evidence = await evidenceOf(options.evidence ?? [], context.io.cwd);
          const payload = {
            circumstance,
            effect,
            decidedBy,
            documentNumber: document,
            ...(items === undefined ? {} : { items }),
            ...(from === undefined ? {} : { fromS: parseInstant(from, timeZone) }),
            ...(to === undefined ? {} : { toS: parseInstant(to, timeZone) }),
            ...(makeUp === undefined ? {} : { makeUp }),
            ...(evidence.length === 0 ? {} : { evidence }),
            ...(note === undefined ? {} : { note }),
          };
          const { circumstanceActs } = await import('../serving/judging.ts');
          const { decide } = circumstanceActs(system.state.acts);
          const id = `decide-${circumstance}-${options.key}`;
          return decide({ actor, atS: system.clock.nowS(), id, payload });
        },
      ),
    );
}

function withdrawCommand(context: CommandContext): Command {
  return withStores(new Command('withdraw'))
    .description('take one back; it stays in the record (撤回)')
    .argument('<id>', 'as `list` names it (编号)')
    .requiredOption('--reason <text>', 'why (理由)')
    .option(...ACTOR_OPTION)
    .action((circumstance: string, options: Options & { reason: string }) =>
      performOn(context, options, { what, id: circumstance, done: 'withdrawn 已撤回' }, async (system) => {
        const { reason, actor } = options;
        const { circumstanceActs } = await import('../serving/judging.ts');
        const { withdraw } = circumstanceActs(system.state.acts);
        const id = `withdraw-${circumstance}-once`;
        return withdraw({ actor, atS: system.clock.nowS(), id, payload: { circumstance, reason } });
      }),
    );
}

/** `jiehe circumstances list|apply|decide|withdraw`: 特殊情形认定 as acts. */
export function circumstancesCommand(context: CommandContext): Command {
  const command = new Command('circumstances').description(
    'special circumstances: applications, decisions, withdrawals (特殊情形认定)',
  );
  for (const make of [listCommand, applyCommand, decideCommand, withdrawCommand])
    command.addCommand(make(context));
  return command;
}
