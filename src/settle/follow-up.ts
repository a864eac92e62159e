import type { Agreement, LateTerms } from '../domain/config/region.ts';
import { decimalOf } from '../domain/decimal.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Act } from '../domain/ports.ts';
import { type Reminder, fundParty } from '../domain/settlement.ts';
import type { Arrears, FundStanding } from '../domain/settlement-follow-up.ts';
import { civilDate } from '../domain/time.ts';
import { arrearsOf } from './arrears.ts';
import { balancesOf } from './books.ts';
import type { DeskParts } from './desk.ts';
import { procedureOf } from './procedure.ts';

const conflict = (message: string): MonitorError => new MonitorError('E_CONFLICT', message);

function requireAmount(fen: string): void {
  if (!/^[1-9]\d{0,15}$/.test(fen))
    throw new MonitorError('E_BAD_REQUEST', `not an amount in whole fen: "${fen}"`);
}

/** What follows a statement in force: reminders, interest, deduction by the superior, and the cooperation fund. */
export class FollowUp {
  readonly #parts: Pick<DeskParts, 'store' | 'acts' | 'config' | 'clock'>;

  constructor(parts: Pick<DeskParts, 'store' | 'acts' | 'config' | 'clock'>) {
    this.#parts = parts;
  }

  #agreement(id: string): Agreement {
    const found = this.#parts.config().agreements.find((one) => one.id === id);
    if (found === undefined) throw new MonitorError('E_NOT_FOUND', `no agreement "${id}"`);
    return found;
  }

  #late(agreement: Agreement): LateTerms | null {
    return procedureOf(agreement).late ?? null;
  }

  /** Who owes whom, since when, how late. Throws E_NOT_FOUND. */
  async arrears(id: string): Promise<Arrears[]> {
    const agreement = this.#agreement(id);
    return arrearsOf(await this.#parts.store.ledger(id), {
      dueDays: procedureOf(agreement).dueDays,
      interestPerDay: this.#late(agreement)?.interestPerDay ?? null,
      nowS: this.#parts.clock.nowS(),
    });
  }

  async #ofPair(id: string, from: string, to: string): Promise<Arrears | null> {
    return (await this.arrears(id)).find((one) => one.from === from && one.to === to) ?? null;
  }

  /** Records a reminder to everyone who is late, once a day of the region at most; what they say is what is printed. Throws E_NOT_FOUND. */
  async remind(id: string, actor: string): Promise<Reminder[]> {
    const atS = this.#parts.clock.nowS();
    const { timeZone } = this.#parts.config().region;
    const today = civilDate(atS, timeZone);
    const known = await this.#parts.store.reminders(id);
    const made: Reminder[] = [];
    for (const { from, to, lateFen, daysLate } of await this.arrears(id)) {
      if (lateFen === 0n) continue;
      const same = known.some(
        (one) => one.from === from && one.to === to && civilDate(one.atS, timeZone) === today,
      );
      if (same) continue;
      const payload = { agreement: id, from, to, amountFen: lateFen.toString(), daysLate };
      await this.#act({ kind: 'remind-payment', id: `remind ${id} ${from} ${to} ${today}`, actor, payload });
      made.push({ ...payload, atS });
    }
    return made;
  }

  /** Books the interest accrued and not yet booked. Throws E_CONFLICT where the agreement asks for none or nothing has accrued. */
  async bookInterest(request: {
    agreement: string;
    from: string;
    to: string;
    actor: string;
  }): Promise<bigint> {
    const { agreement, from, to, actor } = request;
    if (this.#late(this.#agreement(agreement))?.interestPerDay === undefined)
      throw conflict(`${agreement} asks for no interest on late payment`);
    const amountFen = (await this.#ofPair(agreement, from, to))?.interestFen ?? 0n;
    if (amountFen <= 0n) throw conflict(`no interest of ${from} to ${to} has accrued under ${agreement}`);
    const atS = this.#parts.clock.nowS();
    const payload = { agreement, from, to, amountFen: amountFen.toString(), throughS: atS };
    await this.#act({
      kind: 'book-interest',
      id: `interest ${agreement} ${from} ${to} ${atS}`,
      actor,
      payload,
    });
    return amountFen;
  }

  /**
   * Books what the superior government took from the payer's budget. Throws E_CONFLICT where the agreement allows none, before the
   * agreed days, without a reminder, or for more than is late; E_BAD_REQUEST for what is no amount.
   */
  async deduct(request: {
    agreement: string;
    from: string;
    to: string;
    amountFen: string;
    /** Number of the superior's document. */
    reference: string;
    actor: string;
  }): Promise<number> {
    const { actor, ...payload } = request;
    const { agreement, from, to } = payload;
    requireAmount(payload.amountFen);
    const deduction = this.#late(this.#agreement(agreement))?.deduction;
    if (deduction === undefined) throw conflict(`${agreement} allows no deduction by a superior government`);
    const owed = await this.#ofPair(agreement, from, to);
    const ripe = (owed?.items ?? []).filter((item) => item.daysLate >= deduction.afterDays);
    const ripeFen = ripe.reduce((sum, item) => sum + item.openFen, 0n);
    if (BigInt(payload.amountFen) > ripeFen)
      throw conflict(
        `${from} owes ${to} ${ripeFen} fen that are ${deduction.afterDays} days late, less than the ${payload.amountFen} deducted`,
      );
    const reminders = await this.#parts.store.reminders(agreement);
    if (!reminders.some((one) => one.from === from && one.to === to && one.atS >= (ripe[0]?.dueS ?? 0)))
      throw conflict(`${from} was not reminded of what it owes ${to}; a reminder comes before a deduction`);
    return this.#act({
      kind: 'record-deduction',
      id: `deduct ${agreement} ${payload.reference}`,
      actor,
      payload,
    });
  }

  #fund(id: string): NonNullable<Agreement['fund']> {
    const { fund } = this.#agreement(id);
    if (fund === undefined) throw conflict(`${id} has no cooperation fund`);
    return fund;
  }

  /** What a member owes the fund for a year: its share of its fiscal revenue, half to even to the fen. Throws E_CONFLICT. */
  async contribute(request: {
    agreement: string;
    party: string;
    year: string;
    revenueFen: string;
    source: string;
    actor: string;
  }): Promise<string> {
    const { actor, ...rest } = request;
    const member = this.#fund(rest.agreement).members.find((one) => one.party === rest.party);
    if (member === undefined) throw conflict(`${rest.party} is no member of the fund of ${rest.agreement}`);
    if (!/^\d{4}$/.test(rest.year) || !/^[1-9]\d{0,15}$/.test(rest.revenueFen))
      throw new MonitorError('E_BAD_REQUEST', 'a contribution names a year and a revenue in whole fen');
    const amountFen = decimalOf(rest.revenueFen).times(member.share).toDecimalPlaces(0, 6).toFixed(0);
    const id = `contribution ${rest.agreement} ${rest.party} ${rest.year}`;
    const payload = { ...rest, share: member.share, amountFen };
    await this.#act({ kind: 'book-contribution', id, actor, payload });
    return amountFen;
  }

  /** Spends money that is in the fund on a declared use. Throws E_CONFLICT for another use or more than there is, E_BAD_REQUEST for what is no amount. */
  async spend(request: {
    agreement: string;
    use: string;
    to: string;
    amountFen: string;
    reference: string;
    actor: string;
  }): Promise<number> {
    const { actor, ...payload } = request;
    requireAmount(payload.amountFen);
    const { uses } = this.#fund(payload.agreement);
    if (!uses.some((one) => one.id === payload.use)) {
      const known = uses.map((one) => one.id).join(', ');
      throw conflict(`"${payload.use}" is no use of the fund (it may serve: ${known})`);
    }
    const id = `spend ${payload.agreement} ${payload.reference}`;
    return this.#act({ kind: 'use-fund', id, actor, payload });
  }

  /** What is in the fund, what members still owe it, what went to each use; whole fen. */
  async fund(id: string): Promise<FundStanding> {
    const declared = this.#fund(id);
    const ledger = await this.#parts.store.ledger(id);
    const own = balancesOf(ledger).filter((one) => one.party === fundParty);
    const used = ledger
      .filter((entry) => entry.kind === 'fund-use')
      .flatMap((entry) => entry.postings.filter((one) => one.party === fundParty));
    const sum = (rows: readonly { amountFen: bigint }[]): bigint =>
      rows.reduce((left, one) => left + one.amountFen, 0n);
    return {
      balanceFen: sum(own.filter((one) => one.account === 'paid')),
      owedFen: Object.fromEntries(
        declared.members.map(({ party }) => [
          party,
          sum(own.filter((one) => one.account === 'due' && one.counterparty === party)),
        ]),
      ),
      usedFen: Object.fromEntries(
        declared.uses.map((use) => [use.id, -sum(used.filter((one) => one.line === `fund:${use.id}`))]),
      ),
    };
  }

  #act(act: Omit<Act, 'version' | 'atS'>): Promise<number> {
    return this.#parts.acts.perform({ version: 1, atS: this.#parts.clock.nowS(), ...act });
  }
}
