import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import { concernedBy, reportFaults } from '../analysis/alerting/index.ts';
import type { AlertActKind, Incident } from '../domain/alerts.ts';
import { severities } from '../domain/config/alerting.ts';
import type { Config } from '../domain/config/config.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Severity } from '../domain/notifications.ts';
import { isoWithOffset, parseInstant } from '../domain/time.ts';
import type { System } from '../main.ts';
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
}

const what = 'incident';
const shownDays = 40;
const daySeconds = 86_400;

function incidentText(one: Incident, config: Config): string {
  const at = (atS: number): string => isoWithOffset(atS, config.region.timeZone).slice(0, 16);
  const name = config.alertPolicies[0]?.incidentKinds?.find(({ id }) => id === one.kind)?.name;
  const state = one.withdrawn ? 'withdrawn 已撤回' : one.toS === null ? 'goes on 持续中' : 'over 已结束';
  const place = one.jurisdiction ?? one.stations.join(', ');
  const lines = [
    `${one.id}  ${one.severity} ${state}  ${name === undefined ? one.kind : `${name.zh} / ${name.en}`}`,
    `  ${place}  ${at(one.fromS)} – ${one.toS === null ? '' : at(one.toS)}  涉及 concerns ${concernedBy(one, config).join(', ')}`,
    `  ${one.text}`,
    `  ${at(one.atS)} 报告 reported by ${one.actor}`,
  ];
  if (one.endedBy !== null) lines.push(`  结束 ended by ${one.endedBy}: ${one.endReason}`);
  return `${lines.join('\n')}\n`;
}

function listCommand(context: CommandContext): Command {
  const { io } = context;
  return withStores(new Command('list'))
    .description('incidents that go on or ended within the last days (事件清单)')
    .option('--days <n>', 'how far back (天数)', String(shownDays))
    .action((options: Options & { days: string }) =>
      onSystem(context, options, async (system) => {
        if (!/^\d{1,5}$/.test(options.days))
          throw new MonitorError('E_USAGE', `--days "${options.days}": expected a whole number of days`);
        const sinceS = system.clock.nowS() - Number(options.days) * daySeconds;
        const found = await system.state.alerts.incidents(sinceS);
        if (options.json === true) for (const one of found) io.out(`${JSON.stringify(one)}\n`);
        else if (found.length === 0) io.out('no incident (没有事件)\n');
        else for (const one of found) io.out(incidentText(one, system.config()));
        return 0;
      }),
    );
}

interface Performed {
  kind: AlertActKind;
  id: string;
  payload: Record<string, unknown>;
}

function recorded(system: System, { actor }: Options, act: Performed): Promise<number> {
  return system.state.acts.perform({ version: 1, actor, atS: system.clock.nowS(), ...act });
}

interface Report extends Options {
  kind: string;
  text: string;
  stations: string[];
  jurisdiction?: string;
  severity: Severity;
  from?: string;
  id: string;
}

function reportCommand(context: CommandContext): Command {
  return withStores(new Command('report'))
    .description('report what instruments cannot see: it is told as an alert (报告事件)')
    .requiredOption('--kind <kind>', 'kind, as the policy of alerts names it (类型)')
    .requiredOption('--text <text>', 'what was seen (情况)')
    .option('--stations <list>', 'sections or air stations, with commas (断面或站点)', namesOf, [])
    .option('--jurisdiction <code>', 'instead of stations (区划代码)')
    .addOption(
      new Option('--severity <severity>', 'severity (级别)').choices([...severities]).makeOptionMandatory(),
    )
    .option('--from <time>', 'begin, in the clock of the region where without offset; absent: now (起)')
    .option('--id <id>', 'name of it (编号)', `incident-${randomUUID()}`)
    .option(...ACTOR_OPTION)
    .action((options: Report) =>
      performOn(context, options, { what, id: options.id, done: 'reported 已报告' }, (system) => {
        const { id, kind, text, stations, jurisdiction = null, severity, from } = options;
        const config = system.config();
        refuseFaults(reportFaults({ kind, stations, jurisdiction }, config));
        const fromS = from === undefined ? system.clock.nowS() : parseInstant(from, config.region.timeZone);
        const payload = { incident: id, kind, text, stations, jurisdiction, severity, fromS };
        return recorded(system, options, { kind: 'open-incident', id: `open-incident:${id}`, payload });
      }),
    );
}

interface Ending extends Options {
  reason: string;
  to?: string;
  withdrawn?: boolean;
}

function endCommand(context: CommandContext): Command {
  return withStores(new Command('end'))
    .description('say that one is over, or that it did not happen (结束或撤回)')
    .argument('<id>', 'as `list` names it (编号)')
    .requiredOption('--reason <text>', 'why (理由)')
    .option('--to <time>', 'end, in the clock of the region where without offset; absent: now (止)')
    .option('--withdrawn', 'it did not happen (撤回)')
    .option(...ACTOR_OPTION)
    .action((incident: string, options: Ending) => {
      const { reason, to, withdrawn = false } = options;
      const done = withdrawn ? 'withdrawn 已撤回' : 'ended 已结束';
      return performOn(context, options, { what, id: incident, done }, (system) => {
        const { timeZone } = system.config().region;
        const toS = to === undefined ? system.clock.nowS() : parseInstant(to, timeZone);
        const payload = { incident, toS, withdrawn, reason };
        return recorded(system, options, {
          kind: 'end-incident',
          id: `end-incident:${randomUUID()}`,
          payload,
        });
      });
    });
}

/** `jiehe incidents list|report|end`: what somebody saw and instruments cannot. */
export function incidentsCommand(context: CommandContext): Command {
  const command = new Command('incidents').description(
    'incidents: accidents, spills, fish kills that somebody reports (突发事件)',
  );
  for (const make of [listCommand, reportCommand, endCommand]) command.addCommand(make(context));
  return command;
}
