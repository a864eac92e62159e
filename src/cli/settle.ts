import { Command } from 'commander';
import type { CommandContext } from './command.ts';
import { accountCommand } from './settle/account.ts';
import { ledgerCommand, payCommand } from './settle/books.ts';
import { compareCommand } from './settle/compare.ts';
import { disputeCommand, objectCommand } from './settle/dispute.ts';
import { arrearsCommand, deductCommand, fundCommand } from './settle/follow-up.ts';
import { noticesCommand } from './settle/notices.ts';
import { previewCommand } from './settle/preview.ts';
import { priceCommand } from './settle/price.ts';
import { printCommand } from './settle/print.ts';
import { acceptCommand, signCommand, verifyCommand } from './settle/signatures.ts';
import {
  bundleCommand,
  correctCommand,
  issueCommand,
  listCommand,
  withdrawCommand,
} from './settle/statements.ts';
import { whyCommand } from './settle/why.ts';

/** `jiehe settle`: from the trial computation to the signed statement, its correction and its dispute. */
export function settleCommand(context: CommandContext): Command {
  const settle = new Command('settle').description('settlement between governments (结算)');
  const commands = [
    previewCommand,
    compareCommand,
    priceCommand,
    issueCommand,
    bundleCommand,
    printCommand,
    whyCommand,
    signCommand,
    acceptCommand,
    verifyCommand,
    correctCommand,
    withdrawCommand,
    listCommand,
    objectCommand,
    disputeCommand,
    ledgerCommand,
    payCommand,
    accountCommand,
    arrearsCommand,
    noticesCommand,
    deductCommand,
    fundCommand,
  ];
  for (const command of commands) settle.addCommand(command(context));
  return settle;
}
