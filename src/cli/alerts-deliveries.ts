import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import type { StoredNotification } from '../domain/deliveries.ts';
import { MonitorError } from '../domain/errors.ts';
import type { DeliveryState } from '../domain/notifications.ts';
import { isoWithOffset } from '../domain/time.ts';
import type { System } from '../main.ts';
import { ACTOR_OPTION, onSystem, type CommandContext, type StoreOptions } from './command.ts';

interface Options extends StoreOptions {
  json?: boolean;
  actor: string;
}

async function storeOf({ state }: System) {
  const { deliveryStore } = await import('../store/state/index.ts');
  return deliveryStore(state.db, state.acts);
}

function line(one: StoredNotification, zone: string): string {
  const at = isoWithOffset(one.createdS, zone).slice(0, 16);
  const error = one.lastError === null ? '' : `\n  ${one.lastError}`;
  return `${one.id}\n  ${at} ${one.state} (${one.attempts}) ${one.contact} over ${one.channel}: ${one.kind}${error}\n`;
}

/** `jiehe alerts deliveries`: what became of messages. */
export function deliveriesCommand({ io, withSystem }: CommandContext): Command {
  return new Command('deliveries')
    .description('messages and what became of them, newest first (送达情况)')
    .addOption(
      new Option('--state <name>', 'only these (状态)').choices(['waiting', 'delivered', 'failed', 'dead']),
    )
    .option('--alert <id>', 'of one alert (预警编号)')
    .action((options: Options & { state?: DeliveryState; alert?: string }) =>
      withSystem(options, async (system) => {
        const found = await (
          await storeOf(system)
        ).list({
          ...(options.state === undefined ? {} : { state: options.state }),
          ...(options.alert === undefined ? {} : { alertId: options.alert }),
          limit: 1000,
        });
        const zone = system.config().region.timeZone;
        if (options.json === true) for (const one of found) io.out(`${JSON.stringify(one)}\n`);
        else if (found.length === 0) io.out('no message (没有消息)\n');
        else for (const one of found) io.out(line(one, zone));
        return 0;
      }),
    );
}

/** `jiehe alerts resend`: another set of attempts for messages that were given up or keep failing. */
export function resendCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('resend')
    .description('try messages again that were given up (重发)')
    .argument('<id...>', 'as `deliveries --state dead` names them (消息编号)')
    .option(...ACTOR_OPTION)
    .action((ids: string[], options: Options) =>
      onSystem(context, options, async (system) => {
        const store = await storeOf(system);
        for (const notification of ids) {
          const found = await store.get(notification);
          if (found === null) throw new MonitorError('E_NOT_FOUND', `there is no message ${notification}`);
          if (found.state === 'delivered' || found.state === 'waiting')
            throw new MonitorError('E_CONFLICT', `message ${notification} is ${found.state}`);
          const seq = await system.state.acts.perform({
            kind: 'resend-notification',
            version: 1,
            id: `resend:${randomUUID()}`,
            actor: options.actor,
            atS: system.clock.nowS(),
            payload: { notification },
          });
          io.out(
            options.json === true
              ? `${JSON.stringify({ notification, seq })}\n`
              : `sent again: ${notification} (entry ${seq})\n`,
          );
        }
        return 0;
      }),
    );
}
