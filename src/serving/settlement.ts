import type { Agreement } from '../domain/config/region.ts';
import { MonitorError } from '../domain/errors.ts';
import type { SettlementPreview } from '../api/deps.ts';
import type { System } from '../main.ts';
import type { DeliveryStore } from '../domain/deliveries.ts';
import type { SentNotice, ToldNotice } from '../domain/settlement-notices.ts';
import type { SettlementFollowUp } from '../domain/settlement-follow-up.ts';
import type { Preview } from '../domain/preview.ts';
import { accountStatement } from '../settle/account.ts';
import { bundleText } from '../settle/bundle.ts';
import { circumstancesFor } from '../settle/circumstances.ts';
import { type CircumstancesOf, periodsBetween } from '../settle/compare.ts';
import { FollowUp } from '../settle/follow-up.ts';
import { SettlementDesk } from '../settle/desk.ts';
import { type PreviewRequest, previewAgreement } from '../settle/preview.ts';
import { type PriceRequest, priceClauses } from '../settle/price.ts';
import { deliveryStore, settlementStore } from '../store/state/index.ts';
import { explain } from '../report/statement/explain.ts';
import { phraseFactsOf } from '../settle/statement-phrases.ts';
import { documentOf, explanationOf } from './statement-document.ts';

/** The settlement desk of an open system. */
export function deskOf(
  system: Pick<System, 'state' | 'readings' | 'journal' | 'config' | 'clock' | 'synthetic'>,
): SettlementDesk {
  const { state, readings, journal, config, clock, synthetic } = system;
  return new SettlementDesk({
    store: settlementStore(state.db),
    acts: state.acts,
    readings,
    journal,
    circumstances: state.circumstances,
    config,
    clock,
    synthetic,
  });
}

/** Trial computations of an open system, on what is known now. */
export function previewOf(
  system: Pick<System, 'state' | 'readings' | 'clock'>,
): (of: Pick<PreviewRequest, 'agreement' | 'period' | 'config'>) => Promise<Preview> {
  const { readings, clock } = system;
  return async ({ agreement, period, config }) => {
    const circumstances = await circumstancesIn(system, { agreement, config })(period);
    return previewAgreement({ agreement, period, config, readings, nowS: clock.nowS(), circumstances });
  };
}

/** Special circumstances of an agreement's sections, period by period, as they stand now. */
export function circumstancesIn(
  { state }: Pick<System, 'state'>,
  { agreement, config }: Pick<PreviewRequest, 'agreement' | 'config'>,
): CircumstancesOf {
  const from = { store: state.circumstances, timeZone: config.region.timeZone };
  return (period) => circumstancesFor(agreement, period, from);
}

/** What trials over periods are computed from in an open system: what is known now. */
export function trialsOf(
  system: Pick<System, 'state' | 'readings' | 'clock' | 'config'>,
  agreement: Agreement,
): Omit<PriceRequest, 'clauses' | 'periods'> {
  const { readings, clock } = system;
  const config = system.config();
  const circumstancesOf = circumstancesIn(system, { agreement, config });
  return { agreement, config, readings, nowS: clock.nowS(), circumstancesOf };
}

/** The same, each section in words of both languages as well. */
export function explainedPreviewOf(system: Parameters<typeof previewOf>[0]): SettlementPreview {
  const preview = previewOf(system);
  return async (of) => {
    const found = await preview(of);
    const facts = phraseFactsOf(of.config, found.scheme);
    const sections = found.sections.map((section) => ({ ...section, explained: explain(section, facts) }));
    return { ...found, sections };
  };
}

/** A party has a few desks. */
const mostMessages = 100;

/** A notice with what its desks were sent; addresses stay with the office. */
async function sentNotice(told: ToldNotice, outbox: Pick<DeliveryStore, 'list'>): Promise<SentNotice> {
  const messages = await outbox.list({ alertId: told.id, limit: mostMessages });
  const facts = messages[0]?.facts;
  return {
    ...told,
    title: facts?.title ?? null,
    summary: facts?.summary ?? null,
    messages: messages.map(({ contact, channel, state, deliveredS }) => ({
      contact,
      channel,
      state,
      deliveredS,
    })),
  };
}

/** Periods × clauses that one answer tries: each is computed from readings. */
const mostTrials = 120;

/** What the API asks beside statements, from an open system. */
export function followUpService(
  system: Pick<System, 'state' | 'readings' | 'journal' | 'config' | 'clock' | 'synthetic'>,
): SettlementFollowUp {
  const desk = deskOf(system);
  const followUp = followUpOf(system);
  return {
    async arrears(id) {
      const markings = desk.markings(id);
      return (await followUp.arrears(id)).map((one) => ({ ...one, markings }));
    },
    async account(id, of) {
      return { markings: desk.markings(id), ...accountStatement(await desk.store.ledger(id), of) };
    },
    fund: async (id) => ({ markings: desk.markings(id), ...(await followUp.fund(id)) }),
    async notices(id, { party, ...page }) {
      const query = { agreement: id, ...(party === null ? {} : { party }) };
      const told = await desk.store.newestNotices(query, page);
      const outbox = deliveryStore(system.state.db, system.state.acts);
      return Promise.all(told.map((one) => sentNotice(one, outbox)));
    },
    reminders: async (id) => (await desk.store.reminders(id)).toReversed(),
    async price(id, { clauses, from, to }) {
      const periods = periodsBetween(from, to);
      if (periods.length * clauses.length > mostTrials)
        throw new MonitorError(
          'E_BAD_REQUEST',
          `${periods.length} periods × ${clauses.length} clauses, at most ${mostTrials}: ask for fewer, or use jiehe settle price`,
        );
      return priceClauses({ ...trialsOf(system, desk.agreement(id)), clauses, periods });
    },
    remind: (id, actor) => followUp.remind(id, actor),
    deduct: (deduction, actor) => followUp.deduct({ ...deduction, actor }),
    bookInterest: (of, actor) => followUp.bookInterest({ ...of, actor }),
    spend: (spending, actor) => followUp.spend({ ...spending, actor }),
    contribute: (contribution, actor) => followUp.contribute({ ...contribution, actor }),
    why: async (id, of) => explanationOf(bundleText(await desk.bundle(id)), of, system.config().schemes).why,
    document: async (id, form) =>
      documentOf(bundleText(await desk.bundle(id)), form, system.config().schemes),
  };
}

/** Reminders, deductions, interest and the fund of an open system. */
export function followUpOf(system: Pick<System, 'state' | 'config' | 'clock'>): FollowUp {
  const { state, config, clock } = system;
  return new FollowUp({ store: settlementStore(state.db), acts: state.acts, config, clock });
}
