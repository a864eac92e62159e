import { Command } from 'commander';
import type { CommandContext } from './command.ts';
import {
  approveCommand,
  quarantineCommand,
  requestCommand,
  requestsCommand,
  withdrawCommand,
} from './hj212/devices.ts';
import { decodeCommand } from './hj212/decode.ts';
import { encodeCommand } from './hj212/encode.ts';
import { listenCommand } from './hj212/listen.ts';
import { sendCommand } from './hj212/send.ts';

/** `jiehe hj212 …`: tools for field loggers, and the acts on them. */
export function hj212Command(context: CommandContext): Command {
  return new Command('hj212')
    .description('tools for field loggers that speak HJ 212 (现场数采仪 HJ 212 工具)')
    .addCommand(decodeCommand(context))
    .addCommand(encodeCommand(context))
    .addCommand(listenCommand(context))
    .addCommand(sendCommand(context))
    .addCommand(quarantineCommand(context))
    .addCommand(approveCommand(context))
    .addCommand(withdrawCommand(context))
    .addCommand(requestCommand(context))
    .addCommand(requestsCommand(context));
}
