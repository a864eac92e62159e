import type { ConfigFault } from '../../domain/config/config.ts';
import type { Agreement } from '../../domain/config/region.ts';
import { decimalOf } from '../../domain/decimal.ts';
import type { FaultText } from '../document.ts';
import type { Draft } from '../draft.ts';
import { missingFlow } from './agreement-flow.ts';

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

const missingParts = (draft: Draft, agreement: Agreement): ConfigFault[] => [
  ...missingContents(draft, agreement),
  ...missingFlow(draft, agreement),
];

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
  return lines.flatMap(({ id, from, to }, at) => {
    const faults: ConfigFault[] = [];
    if (lines.findIndex((one) => one.id === id) !== at) {
      const text = { message: 'used twice', expected: 'each line once' };
      faults.push(draft.fault(agreement, ['unconditional', at, 'id'], text));
    }
    if (from.code === agreement.parties[to]) {
      const text = { message: 'pays itself', expected: 'another government' };
      faults.push(draft.fault(agreement, ['unconditional', at, 'from', 'code'], text));
    }
    return faults;
  });
}

function fundFaults(draft: Draft, agreement: Agreement): ConfigFault[] {
  const { fund } = agreement;
  if (fund === undefined) return [];
  const faults: ConfigFault[] = [];
  const [least, most] = [decimalOf(fund.share.atLeast), decimalOf(fund.share.atMost)];
  for (const [at, { party, share }] of fund.members.entries()) {
    if (fund.members.findIndex((one) => one.party === party) !== at) {
      const text = { message: 'a member twice', expected: 'each member once' };
      faults.push(draft.fault(agreement, ['fund', 'members', at, 'party'], text));
    }
    if (draft.complete('jurisdictions') && !draft.jurisdictions.some((one) => one.code === party)) {
      const text = { message: 'no such jurisdiction', expected: 'a code of jurisdictions.yaml' };
      faults.push(draft.fault(agreement, ['fund', 'members', at, 'party'], text));
    }
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
