import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import type { Alert, AlertStep } from '../domain/alerts.ts';
import { severities } from '../domain/config/alerting.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Severity } from '../domain/notifications.ts';
import { isoWithOffset } from '../domain/time.ts';
import type { System } from '../main.ts';
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
import { deliveriesCommand, resendCommand } from './alerts-deliveries.ts';
import { replayCommand } from './alerts-replay.ts';

interface Options extends StoreOptions {
  json?: boolean;
  actor: string;
}

function line(alert: Alert, zone: string): string {
  const at = (atS: number | null): string =>
    atS === null ? 'goes on' : isoWithOffset(atS, zone).slice(0, 16);
  const held = alert.held === null ? '' : `  [${alert.held}]`;
  return `${alert.id}\n  ${alert.severity} ${alert.state}  ${at(alert.startS)} – ${at(alert.endS)}  ${alert.title.zh}：${alert.facts.summary.zh}${held}\n`;
}

function stepLine(step: AlertStep, zone: string): string {
  const who = step.actor ?? 'system';
  const detail = Object.keys(step.detail).length === 0 ? '' : `  ${JSON.stringify(step.detail)}`;
  return `  ${step.number}. ${isoWithOffset(step.atS, zone).slice(0, 19)} ${step.kind} (${step.reason}) ${who}${detail}\n`;
}

function listCommand({ io, withSystem }: CommandContext): Command {
  return withStores(new Command('list'))
    .description('alerts that are not over, newest first (当前预警)')
    .option('--all', 'also resolved, closed and withdrawn ones (含已结束)')
    .option('--station <id>', 'of one station (站点)')
    .option(...LIMIT_OPTION, '100')
    .action((options: Options & { all?: boolean; station?: string; limit: string }) =>
      withSystem(options, async (system) => {
        const limit = limitOf(options.limit);
        const alerts = await system.state.alerts.list({
          ...(options.all === true ? {} : { states: ['open', 'notified', 'acknowledged', 'escalated'] }),
          ...(options.station === undefined ? {} : { station: options.station }),
          limit,
        });
        const zone = system.config().region.timeZone;
        if (options.json === true) for (const alert of alerts) io.out(`${JSON.stringify(alert)}\n`);
        else if (alerts.length === 0) io.out('no alert (没有预警)\n');
        else for (const alert of alerts) io.out(line(alert, zone));
        return 0;
      }),
    );
}

function showCommand(context: CommandContext): Command {
  const { io } = context;
  return withStores(new Command('show'))
    .description('one alert with its history and whom it was told (预警详情)')
    .argument('<id>', 'as `list` names it (预警编号)')
    .action((id: string, options: Options) =>
      onSystem(context, options, async (system) => {
        const found = await system.state.alerts.get(id);
        if (found === null) throw new MonitorError('E_NOT_FOUND', `there is no alert ${id}`);
        const told = await system.state.alerts.told([id]);
        const zone = system.config().region.timeZone;
        if (options.json === true) io.out(`${JSON.stringify({ ...found, told })}\n`);
        else {
          io.out(line(found.alert, zone));
          for (const step of found.steps) io.out(stepLine(step, zone));
          for (const one of told) io.out(`  told ${one.contact} over ${one.channel}: ${one.kind}\n`);
        }
        return 0;
      }),
    );
}

function acknowledgeCommand(context: CommandContext): Command {
  const { io } = context;
  return withStores(new Command('ack'))
    .description('answer an alert: it is not escalated any more (应答)')
    .argument('<id>', 'as `list` names it (预警编号)')
    .option('--note <text>', 'what is being done (说明)')
    .option(...ACTOR_OPTION)
    .action((alert: string, options: Options & { note?: string }) =>
      onSystem(context, options, async (system) => {
        const seq = await system.state.acts.perform({
          kind: 'acknowledge-alert',
          version: 1,
          id: `acknowledge:${randomUUID()}`,
          actor: options.actor,
          atS: system.clock.nowS(),
          payload: { alert, note: options.note ?? null },
        });
        io.out(
          options.json === true ? `${JSON.stringify({ alert, seq })}\n` : `acknowledged (entry ${seq})\n`,
        );
        return 0;
      }),
    );
}

/** Runs a pass on stores that no server holds, so that the drill is on its way when the command ends. */
async function sendDrill(
  system: System,
  drill: { station: string; severity: Severity; actor: string },
): Promise<{ id: string; told: { contact: string; channel: string }[] }> {
  const { alertEngine, startDrill } = await import('../serving/alerting.ts');
  const id = await startDrill(system, drill);
  await alertEngine(system).pass();
  const told = await system.state.alerts.told([id]);
  return { id, told: told.map(({ contact, channel }) => ({ contact, channel })) };
}

function testCommand(context: CommandContext): Command {
  const { io } = context;
  return withStores(new Command('test'))
    .description('send a marked drill the whole way of a real alert (演练)')
    .requiredOption('--station <id>', 'whose duty is drilled (站点)')
    .addOption(new Option('--severity <name>', 'severity (级别)').choices([...severities]).default('major'))
    .option(...ACTOR_OPTION)
    .action((options: Options & { station: string; severity: Severity }) =>
      onSystem(context, options, async (system): Promise<ExitCode> => {
        const { station, severity, actor } = options;
        const drill = await sendDrill(system, { station, severity, actor });
        if (options.json === true) io.out(`${JSON.stringify(drill)}\n`);
        else {
          io.out(`drill ${drill.id}\n`);
          for (const { contact, channel } of drill.told)
            io.out(`  on its way to ${contact} over ${channel}\n`);
          if (drill.told.length === 0)
            io.out('  nobody is told: no policy, or no route leads to a contact\n');
        }
        return drill.told.length === 0 ? 1 : 0;
      }),
    );
}

/** `jiehe alerts list|show|ack|test|deliveries|resend|replay`. */
export function alertsCommand(context: CommandContext): Command {
  const command = new Command('alerts').description(
    'alerts: who is told, who answered, what rules would raise (预警)',
  );
  for (const make of [listCommand, showCommand, acknowledgeCommand, testCommand])
    command.addCommand(make(context));
  for (const make of [deliveriesCommand, resendCommand, replayCommand])
    command.addCommand(withStores(make(context)));
  return command;
}
