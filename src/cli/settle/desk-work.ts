import { MonitorError, type ErrorCode } from '../../domain/errors.ts';
import type { SettlementDesk } from '../../settle/desk.ts';
import { periodIds } from '../../settle/period.ts';
import type { CommandContext, ExitCode, Io, StoreOptions } from '../command.ts';

export const AGREEMENT_OPTION = ['--agreement <id>', 'agreement or scenario (协议)'] as const;
export const PERIOD_OPTION = ['--period <period>', `${periodIds} (期间)`] as const;
export const FROM_OPTION = ['--from <period>', `first period: ${periodIds} (起)`] as const;
export const TO_OPTION = ['--to <period>', 'last period; absent: the first one alone (止)'] as const;
export const ACTOR_OPTION = ['--actor <name>', 'who acts, for the record (经办人)', 'operator'] as const;

const refusals = new Set<ErrorCode>(['E_CONFLICT', 'E_BAD_REQUEST', 'E_NOT_FOUND']);

/** A refusal is an answer: exit 1 with its reason. Anything else goes on. */
export async function orRefusal(io: Io, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MonitorError) || !refusals.has(error.code)) throw error;
    io.err(`${error.code}: ${error.message}\n`);
    return 1;
  }
}

/** Work at the settlement desk of the data folder, in the running server where there is one. */
export function atDesk(
  context: CommandContext,
  options: StoreOptions,
  work: (desk: SettlementDesk, timeZone: string) => Promise<ExitCode>,
): Promise<void> {
  return context.withSystem(options, async (system) => {
    const { deskOf } = await import('../../serving/settlement.ts');
    return orRefusal(context.io, () => work(deskOf(system), system.config().region.timeZone));
  });
}

/** Fen as yuan with two decimals. */
export function yuanText(fen: bigint | string): string {
  const value = BigInt(fen);
  const digits = (value < 0n ? -value : value).toString().padStart(3, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
