import type { SettlementDesk } from '../../settle/desk.ts';
import type { Text } from '../../domain/config/facts.ts';
import type { Agreement } from '../../domain/config/region.ts';
import type { System } from '../../main.ts';
import { periodIds } from '../../domain/civil-period.ts';
import { onSystem, type CommandContext, type ExitCode, type StoreOptions } from '../command.ts';

export const AGREEMENT_OPTION = ['--agreement <id>', 'agreement or scenario (协议)'] as const;
export const PERIOD_OPTION = ['--period <period>', `${periodIds} (期间)`] as const;
export const FROM_OPTION = ['--from <period>', `first period: ${periodIds} (起)`] as const;
export const TO_OPTION = ['--to <period>', 'last period; absent: the first one alone (止)'] as const;

/** Work at the settlement desk of the data folder, in the running server where there is one. */
export function atDesk(
  context: CommandContext,
  options: StoreOptions,
  work: (desk: SettlementDesk, system: System) => Promise<ExitCode>,
): Promise<void> {
  return onSystem(context, options, async (system) => {
    const { deskOf } = await import('../../serving/settlement.ts');
    return work(deskOf(system), system);
  });
}

/** What stands above amounts that nobody has to pay, a line each. */
export const markingLines = (markings: readonly Text[]): string =>
  markings.map(({ zh, en }) => `${zh} / ${en}\n`).join('');

/** What stands above trials over periods. */
export const trialHead = ({ name }: Pick<Agreement, 'name'>): string =>
  `${name.zh} / ${name.en}\n试算·不作结算依据 / trial, no basis for settlement; ` +
  '+ 有利于保护地区 / for the protecting side\n';

/** For JSON: whole fen are text. */
export const fenAsText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
