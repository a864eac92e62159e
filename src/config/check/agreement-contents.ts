import type { ConfigFault } from '../../domain/config/config.ts';
import type { Agreement } from '../../domain/config/region.ts';
import { decimalOf } from '../../domain/decimal.ts';
import type { FaultText, ValuePath } from '../document.ts';
import type { Draft } from '../draft.ts';
import { missingFlow } from './agreement-flow.ts';
import { periodFault } from './agreement-given.ts';
import { missingTerms, unfitScheme } from './agreement-trial.ts';

const required = [
  ['scope', 'the scope (补偿的具体范围)'],
  ['goals', 'protection goals with their indicators (生态保护预期目标及其监测、评判指标)'],
  ['duties', 'duties (生态保护责任)'],
  ['ways', 'ways of compensation (补偿方式及落实保障)'],
  ['breach', 'what follows a breach (违反协议的处理)'],
] as const;
const article = '国令第779号 art. 17';

/** What an agreement does not say of what it has to: faults of signed agreements, notes on scenarios. */
function missingContents(draft: Draft, agreement: Agreement): ConfigFault[] {
  const { contents } = agreement;
  const missing: FaultText[] = required
    .filter(([member]) => contents?.[member] === undefined)
    .map(([member, what]) => ({
      message: `${what} is missing`,
      expected: `contents.${member} (${article})`,
    }));
  for (const [side, name] of [
    ['protecting', '生态保护地区'],
    ['benefiting', '生态受益地区'],
  ] as const) {
    const duties = contents?.duties ?? [];
    if (duties.length === 0 || duties.some((one) => one.side === side)) continue;
    missing.push({
      message: `no duty of the ${side} side (${name})`,
      expected: `contents.duties (${article})`,
    });
  }
  return missing.map((text) => draft.fault(agreement, contents === undefined ? ['id'] : ['contents'], text));
}

/** Signatures and days that nobody agreed are the project's, which no party is bound by. */
function missingProcedure(draft: Draft, agreement: Agreement): ConfigFault[] {
  if (agreement.procedure !== undefined) return [];
  const message = 'who signs, and the days until due and to object (结算程序), are missing';
  return [draft.fault(agreement, ['id'], { message, expected: 'procedure' })];
}

/** An edition of a scheme holds for its own dates: a term that reaches beyond them would be settled by a rule no longer or not yet in force. */
function outOfForce(draft: Draft, agreement: Agreement): ConfigFault[] {
  const scheme = draft.schemes.find((one) => one.id === agreement.scheme);
  if (scheme === undefined) return [];
  const { from, to } = scheme.valid;
  const { term } = agreement;
  if ((from === null || from <= term.from) && (to === null || to >= term.to)) return [];
  const message = `scheme ${scheme.id} is in force from ${from ?? 'any day'} to ${to ?? 'any day'}, the term is from ${term.from} to ${term.to}`;
  const expected = 'an edition in force through the term, or one agreement for each edition';
  return [draft.fault(agreement, ['scheme'], { message, expected })];
}

function missingParts(draft: Draft, agreement: Agreement): ConfigFault[] {
  const flow = missingFlow(draft, agreement);
  return [
    ...missingContents(draft, agreement),
    ...missingProcedure(draft, agreement),
    ...outOfForce(draft, agreement),
    ...unfitScheme(draft, agreement),
    ...flow,
    ...(flow.length > 0 ? [] : missingTerms(draft, agreement)),
  ];
}

/** Signed agreements without the contents that they must have; funds and unconditional lines that do not fit. */
export function agreementContentFaults(draft: Draft): ConfigFault[] {
  return draft.agreements.flatMap((agreement) => [
    ...(agreement.scenario ? [] : missingParts(draft, agreement)),
    ...unconditionalFaults(draft, agreement),
    ...fundFaults(draft, agreement),
  ]);
}

/** What scenarios lack before they could be signed; stops nothing. */
export const agreementNotes = (draft: Draft): ConfigFault[] =>
  draft.agreements.filter((one) => one.scenario).flatMap((agreement) => missingParts(draft, agreement));

function unconditionalFaults(draft: Draft, agreement: Agreement): ConfigFault[] {
  const lines = agreement.unconditional ?? [];
  const scheme = draft.schemes.find((one) => one.id === agreement.scheme);
  return lines.flatMap(({ id, from, to, periods }, at) => {
    const faults: ConfigFault[] = [];
    const fault = (path: ValuePath, text: FaultText): void => {
      faults.push(draft.fault(agreement, ['unconditional', at, ...path], text));
    };
    if (lines.findIndex((one) => one.id === id) !== at)
      fault(['id'], { message: 'used twice', expected: 'each line once' });
    if (from.code === agreement.parties[to])
      fault(['from', 'code'], { message: 'pays itself', expected: 'another government' });
    if (from.code !== null && isStranger(draft, from.code)) fault(['from', 'code'], noJurisdiction);
    for (const [nth, period] of periods.entries()) {
      const text = scheme === undefined ? null : periodFault(period, scheme, agreement);
      if (text !== null) fault(['periods', nth], text);
      if (periods.indexOf(period) !== nth)
        fault(['periods', nth], { message: 'stands twice', expected: 'each period once' });
    }
    return faults;
  });
}

const noJurisdiction: FaultText = {
  message: 'no such jurisdiction',
  expected: 'a code of jurisdictions.yaml',
};

const isStranger = (draft: Draft, code: string): boolean =>
  draft.complete('jurisdictions') && !draft.jurisdictions.some((one) => one.code === code);

function fundFaults(draft: Draft, agreement: Agreement): ConfigFault[] {
  const { fund } = agreement;
  if (fund === undefined) return [];
  const faults: ConfigFault[] = [];
  const [least, most] = [decimalOf(fund.share.atLeast), decimalOf(fund.share.atMost)];
  if (least.lt(0) || most.gt(1) || least.gt(most)) {
    const text = {
      message: 'no bounds of a share of revenue',
      expected: "shares from 0 to 1 in order, 3 % as '0.03'",
    };
    return [draft.fault(agreement, ['fund', 'share'], text)];
  }
  for (const [at, { id }] of fund.uses.entries()) {
    if (fund.uses.findIndex((one) => one.id === id) === at) continue;
    const text = { message: 'used twice', expected: 'each use once' };
    faults.push(draft.fault(agreement, ['fund', 'uses', at, 'id'], text));
  }
  for (const [at, { party, share }] of fund.members.entries()) {
    if (fund.members.findIndex((one) => one.party === party) !== at) {
      const text = { message: 'a member twice', expected: 'each member once' };
      faults.push(draft.fault(agreement, ['fund', 'members', at, 'party'], text));
    }
    if (isStranger(draft, party))
      faults.push(draft.fault(agreement, ['fund', 'members', at, 'party'], noJurisdiction));
    const value = decimalOf(share);
    if (value.gte(least) && value.lte(most)) continue;
    const text = {
      message: 'a share outside the bounds of the fund',
      expected: `${fund.share.atLeast} to ${fund.share.atMost}`,
    };
    faults.push(draft.fault(agreement, ['fund', 'members', at, 'share'], text));
  }
  return faults;
}
