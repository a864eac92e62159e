import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { parse } from 'yaml';
import { heldDevices } from '../../domain/device-acts.ts';
import { MonitorError } from '../../domain/errors.ts';
import { parseInstant } from '../../domain/time.ts';
import type { System } from '../../main.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  LIMIT_OPTION,
  limitOf,
  ACTOR_OPTION,
  onSystem,
  type CommandContext,
  type StoreOptions,
} from '../command.ts';
import { wholeNumber } from './input.ts';

interface Options extends StoreOptions {
  source?: string;
  actor: string;
  json?: boolean;
}

const SOURCE_OPTION = ['--source <id>', 'source; the only one that takes loggers without (数据源)'] as const;
const REASON_OPTION = ['--reason <text>', 'why, for the record (理由)'] as const;
const HOUR_S = 3600;

async function sourceId(system: System, options: Options): Promise<string> {
  if (options.source !== undefined) return options.source;
  const { listeningSources } = await import('../../serving/listeners.ts');
  const ids = listeningSources(system.config()).map(({ id }) => id);
  if (ids.length === 1) return ids[0]!;
  throw new MonitorError('E_USAGE', `name a source with --source (known: ${ids.join(', ') || 'none'})`);
}

function by(system: System, options: Options, verb: string) {
  return { actor: options.actor, atS: system.clock.nowS(), id: `${verb}-${randomUUID()}` };
}

/** `jiehe hj212 quarantine`: numbers that send and that nobody has let in. */
export function quarantineCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('quarantine')
    .description('numbers that send and that nobody has let in (待批准的设备)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      onSystem(context, options, async (system) => {
        const issues = await system.state.issues.list({ code: 'FRAME_QUARANTINED', limit: 1000 });
        for (const held of heldDevices(issues, await system.state.deviceActs.approvals())) {
          const { source, device, entries, lastSeq } = held;
          if (options.json === true) io.out(`${JSON.stringify(held)}\n`);
          else io.out(`${device}  ${source}  entries ${entries}, last ${String(lastSeq)}\n`);
        }
        return 0;
      }),
    );
}

/** `jiehe hj212 approve MN --station ID --settings FILE`: lets a logger in and reads what was kept of it. */
export function approveCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('approve')
    .description('let a logger in; what was kept of it is read (批准设备)')
    .argument('<mn>', 'number of the logger (设备编号)')
    .requiredOption('--station <id>', 'section or station it belongs to (断面或站点)')
    .requiredOption(
      '--settings <file>',
      'its entry as YAML or JSON, as a configuration file holds it (设备配置)',
    )
    .requiredOption('--from <day>', 'first civil day that it belongs there (起始日)')
    .option('--to <day>', 'last one (截止日)')
    .requiredOption(...REASON_OPTION)
    .option(...SOURCE_OPTION)
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action(
      (
        mn: string,
        options: Options & { station: string; settings: string; from: string; to?: string; reason: string },
      ) =>
        onSystem(context, options, async (system) => {
          const { approveDevice } = await import('../../serving/devices.ts');
          const text = readFileSync(path.resolve(io.cwd, options.settings), 'utf8');
          const settings = { mn, ...(parse(text) as Record<string, unknown>) };
          const { station, from, reason } = options;
          const source = await sourceId(system, options);
          const approval = { source, device: mn, station, from, to: options.to ?? null, settings, reason };
          const seq = await approveDevice(system, approval, by(system, options, 'approve'));
          await system.projector.applied(seq);
          io.out(`${mn} let in, entry ${seq} (已批准)\n`);
          return 0;
        }),
    );
}

/** `jiehe hj212 withdraw MN`: shuts a logger out again that an act let in. */
export function withdrawCommand(context: CommandContext): Command {
  return new Command('withdraw')
    .description('shut a logger out again that was approved (撤销批准)')
    .argument('<mn>', 'number of the logger (设备编号)')
    .requiredOption(...REASON_OPTION)
    .option(...SOURCE_OPTION)
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action((device: string, options: Options & { reason: string }) =>
      onSystem(context, options, async (system) => {
        const { withdrawDevice } = await import('../../serving/devices.ts');
        const withdrawal = { source: await sourceId(system, options), device, reason: options.reason };
        const seq = await withdrawDevice(system, withdrawal, by(system, options, 'withdraw'));
        context.io.out(`${device} shut out, entry ${seq} (已撤销)\n`);
        return 0;
      }),
    );
}

/** `jiehe hj212 request MN --command 2061 --from T --to T`: history, clock or a change of keys; the serving process asks. */
export function requestCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('request')
    .description('ask a logger for history, its clock or a change of keys (向设备请求)')
    .argument('<mn>', 'number of the logger (设备编号)')
    .option(
      '--command <cn>',
      '2061 hours, 2051 minutes, 2031 days, 1000, 1011, 1012, 1014, 1061, 1063 (命令编码)',
      '2061',
    )
    .option('--from <time>', 'begin of the window, ISO 8601 (起)')
    .option('--to <time>', 'its end, exclusive (止)')
    .option('--wait-hours <n>', 'how long to wait until it connects (等待小时数)', wholeNumber, 24)
    .option(...SOURCE_OPTION)
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action(
      (
        device: string,
        options: Options & { command: string; from?: string; to?: string; waitHours: number },
      ) =>
        onSystem(context, options, async (system) => {
          const { requestOfDevice } = await import('../../serving/devices.ts');
          const zone = system.config().region.timeZone;
          const instant = (text: string | undefined): number | null =>
            text === undefined ? null : parseInstant(text, zone);
          const act = by(system, options, 'request');
          const seq = await requestOfDevice(
            system,
            {
              source: await sourceId(system, options),
              device,
              command: options.command,
              fromS: instant(options.from),
              toS: instant(options.to),
              expiresS: act.atS + options.waitHours * HOUR_S,
            },
            act,
          );
          io.out(`${act.id}, entry ${seq} (已登记)\n`);
          return 0;
        }),
    );
}

/** `jiehe hj212 requests`: what loggers were asked, and how it ended. */
export function requestsCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('requests')
    .description('what loggers were asked, and how it ended (请求清单)')
    .option('--open', 'only those without an end (未结束)')
    .option(...LIMIT_OPTION, '500')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options & { open?: boolean; limit: string }) =>
      onSystem(context, options, async (system) => {
        const open = options.open === true ? { open: true } : {};
        const limit = limitOf(options.limit);
        for (const request of await system.state.deviceActs.requests({ ...open, limit })) {
          const { id, device, command, end } = request;
          if (options.json === true) io.out(`${JSON.stringify(request)}\n`);
          else io.out(`${id}  ${device}  ${command}  ${end?.status ?? 'open'}  ${end?.detail ?? ''}\n`);
        }
        return 0;
      }),
    );
}
