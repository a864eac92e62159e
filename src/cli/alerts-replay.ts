import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import type { ReplayedAlert } from '../alert/replay.ts';
import { subjectKey } from '../analysis/alerting/index.ts';
import { MonitorError } from '../domain/errors.ts';
import { isoWithOffset, parseInstant } from '../domain/time.ts';
import type { System } from '../main.ts';
import type { CommandContext, StoreOptions } from './command.ts';

interface Options extends StoreOptions {
  from: string;
  to: string;
  rules?: string;
  station?: string[];
  json?: boolean;
}

/** One replayed alert as it is printed and compared. */
export function replayedShape({ rule, subject, episode }: ReplayedAlert, zone: string) {
  const iso = (atS: number): string => isoWithOffset(atS, zone);
  const { explanation, worst, open, values } = episode;
  return {
    rule: rule.id,
    subject: subjectKey(subject),
    station: subject.station,
    severity: worst,
    raised: iso(episode.raisedS),
    start: iso(episode.startS),
    end: open ? null : iso(episode.endS),
    endReason: episode.endReason,
    values,
    value: explanation.value,
    unit: explanation.unit,
    limit: explanation.limit,
    multiple: explanation.multiple,
    standing: explanation.standing,
    edition: explanation.edition,
    summary: explanation.summary,
  };
}

/** The rules of a file in place of those in force, checked as at a start. Throws E_CONFIG with file and line. */
async function configWithRules(system: System, file: string, cwd: string) {
  const { loadConfig } = await import('../config/index.ts');
  const { configOptions } = await import('../main.ts');
  let text: string;
  try {
    text = readFileSync(path.resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new MonitorError('E_USAGE', `cannot read ${file}`, { cause });
  }
  const options = { ...configOptions(system.environment), instead: { kind: 'alert-rules', text } };
  return loadConfig(system.configDir, options);
}

/** Begin and end of a replay. Throws E_BAD_REQUEST. */
function replaySpan(from: string, to: string, zone: string): { fromS: number; toS: number } {
  const span = { fromS: parseInstant(from, zone), toS: parseInstant(to, zone) };
  if (span.fromS >= span.toS) throw new MonitorError('E_USAGE', `--to ${to} is not after --from ${from}`);
  return span;
}

/** `jiehe alerts replay`: what a rule set would have raised on the readings that are stored. */
export function replayCommand({ io, withSystem }: CommandContext): Command {
  return new Command('replay')
    .description('which alerts a rule set would have raised on stored readings (规则回放)')
    .requiredOption('--from <time>', 'from (起)')
    .requiredOption('--to <time>', 'to, excluded (止)')
    .option('--rules <file>', 'an alert-rules file in place of the rules in force (试用规则文件)')
    .option('--station <id...>', 'only these stations (站点)')
    .action((options: Options) =>
      withSystem(options, async (system) => {
        const { replayAlerts } = await import('../alert/replay.ts');
        const config =
          options.rules === undefined
            ? system.config()
            : await configWithRules(system, options.rules, io.cwd);
        const zone = config.region.timeZone;
        const span = replaySpan(options.from, options.to, zone);
        const { alerts, tooShort } = await replayAlerts(system.readings, config, {
          ...span,
          ...(options.station === undefined ? {} : { stations: options.station }),
        });
        const shapes = alerts.map((one) => replayedShape(one, zone));
        if (options.json === true) {
          for (const shape of shapes) io.out(`${JSON.stringify(shape)}\n`);
          return 0;
        }
        for (const { raised, rule, subject, severity, start, end, summary } of shapes)
          io.out(
            `${raised.slice(0, 16)} ${severity} ${rule} ${subject}\n  ${start.slice(0, 16)} – ${end?.slice(0, 16) ?? 'goes on'}  ${summary.zh} · ${summary.en}\n`,
          );
        const short = Object.entries(tooShort).map(([rule, count]) => `${rule} ${count}`);
        io.out(
          `${shapes.length} alerts; too short to tell: ${short.length === 0 ? 'none' : short.join(', ')}\n`,
        );
        return 0;
      }),
    );
}
