import type { ConfigFault } from '../../domain/config/config.ts';
import type { Agreement, Jurisdiction } from '../../domain/config/region.ts';
import { averagings } from '../../domain/time.ts';
import type { ValuePath } from '../document.ts';
import type { Draft } from '../draft.ts';

/** Two parties, sections that can be hand-over sections and are theirs, each once, and an averaging that exists. */
export function agreementFaults(draft: Draft): ConfigFault[] {
  return draft.agreements.flatMap((agreement) => [
    ...ownFaults(draft, agreement),
    ...sectionFaults(draft, agreement),
  ]);
}

function ownFaults(draft: Draft, agreement: Agreement): ConfigFault[] {
  const faults: ConfigFault[] = [];
  if (agreement.parties.protecting === agreement.parties.benefiting) {
    const text = { message: 'one jurisdiction on both sides', expected: 'two different parties' };
    faults.push(draft.fault(agreement, ['parties', 'benefiting'], text));
  }
  return [...faults, ...sourceFaults(draft, agreement), ...dataFaults(draft, agreement)];
}

type Source = Agreement['dataSource'] | NonNullable<Agreement['dataSource']['otherwise']>[number];

/** Sources in order, and where each stands. */
const orderedSources = ({ dataSource }: Agreement): { path: ValuePath; one: Source }[] => [
  { path: ['dataSource'], one: dataSource },
  ...(dataSource.otherwise ?? []).map((one, at) => ({ path: ['dataSource', 'otherwise', at], one })),
];

/** Averagings that exist, and each source once: a second time it would never be asked. */
function sourceFaults(draft: Draft, agreement: Agreement): ConfigFault[] {
  const { check } = agreement.dataSource;
  const ordered = orderedSources(agreement);
  const all = [...ordered, ...(check === undefined ? [] : [{ path: ['dataSource', 'check'], one: check }])];
  const unknown = all
    .filter(({ one }) => !Object.hasOwn(averagings, one.averaging))
    .map(({ path }) =>
      draft.fault(agreement, [...path, 'averaging'], {
        message: 'unknown averaging period',
        expected: `one of ${Object.keys(averagings).join(', ')}`,
      }),
    );
  const same = ({ one }: { one: Source }): string => JSON.stringify([one.provider, one.averaging]);
  const twice = ordered
    .filter((source, at) => ordered.findIndex((other) => same(other) === same(source)) !== at)
    .map(({ path }) =>
      draft.fault(agreement, [...path, 'provider'], {
        message: 'this source stands before already',
        expected: 'each source once, in order of precedence',
      }),
    );
  return [...unknown, ...twice];
}

/** A signed agreement says what each of its sources is; a mean over readings that nobody samples by hand is a check value, never a source. */
function dataFaults(draft: Draft, agreement: Agreement): ConfigFault[] {
  return orderedSources(agreement).flatMap(({ path, one }) => {
    if (!Object.hasOwn(averagings, one.averaging)) return [];
    if (one.kind === undefined) {
      if (agreement.scenario) return [];
      const message = 'a signed agreement says what its data is';
      return [
        draft.fault(agreement, [...path, 'provider'], {
          message,
          expected: 'kind: delivered, joint or local',
        }),
      ];
    }
    if (one.averaging === averagings.P1M.id || (one.kind !== 'delivered' && one.samples !== undefined))
      return [];
    const message = 'a mean computed here from readings is a check value, never paid on';
    const expected = one.kind === 'delivered' ? 'P1M' : 'P1M, or samples: how many a month are agreed';
    return [draft.fault(agreement, [...path, 'averaging'], { message, expected })];
  });
}

function sectionFaults(draft: Draft, agreement: Agreement): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const sections = new Map(draft.sections.map((section) => [section.id, section]));
  const jurisdictions = new Map(draft.jurisdictions.map((jurisdiction) => [jurisdiction.code, jurisdiction]));
  const counted = new Set<string>();
  for (const [index, { section: id }] of agreement.sections.entries()) {
    const path = ['sections', index, 'section'];
    if (counted.has(id))
      faults.push(draft.fault(agreement, path, { message: 'counted twice', expected: 'each section once' }));
    counted.add(id);
    const section = sections.get(id);
    if (section?.hydraulics === 'tidal' || section?.hydraulics === 'backwater') {
      const message = `a ${section.hydraulics} section is never a hand-over section`;
      const expected = 'a section whose water flows one way';
      faults.push(draft.fault(agreement, path, { message, expected }));
    }
    const border = section?.border;
    if (section !== undefined && border === undefined && !agreement.scenario) {
      const sides = Object.values(agreement.parties);
      if (!sides.some((party) => isWithin(section.locatedIn, party, jurisdictions))) {
        const message = `section ${id} lies in ${section.locatedIn}, which belongs to neither party, and states no border between them`;
        faults.push(draft.fault(agreement, path, { message, expected: 'a section of one of the parties' }));
      }
    }
    if (border === undefined) continue;
    for (const side of ['protecting', 'benefiting'] as const) {
      if (isWithin(border[side], agreement.parties[side], jurisdictions)) continue;
      const message = `the ${side} side of section ${id} is ${border[side]}, not within this party`;
      faults.push(
        draft.fault(agreement, ['parties', side], {
          message,
          expected: `${border[side]} or what it belongs to`,
        }),
      );
    }
  }
  return faults;
}

/** Whether `code` is `party` or lies within it. A chain that cannot be followed proves nothing. */
function isWithin(code: string, party: string, jurisdictions: ReadonlyMap<string, Jurisdiction>): boolean {
  const visited = new Set<string>();
  let at: string | undefined = code;
  while (at !== undefined && !visited.has(at)) {
    if (at === party) return true;
    visited.add(at);
    const jurisdiction = jurisdictions.get(at);
    if (jurisdiction === undefined) return true;
    at = jurisdiction.parent;
  }
  return false;
}
