import { warnsIn } from '../../analysis/assessment/index.ts';
import type { AlertMatch, AlertRule, Contact } from '../../domain/config/alerting.ts';
import { takesAddressOf } from '../../domain/config/channels.ts';
import type { ConfigFault } from '../../domain/config/config.ts';
import { parseInstant } from '../../domain/time.ts';
import { valueAt, type ValuePath } from '../document.ts';
import type { Draft } from '../draft.ts';
import { kinds, type Collection } from '../kinds.ts';
import { overlaps } from './intervals.ts';
import { isTimeZone } from './schedule.ts';

/** One list of names inside an entry, each of which must be the key of an entry of `collection`. */
interface Names {
  entry: object;
  path: ValuePath;
  collections: readonly Collection[];
  noun: string;
}

function nameFaults(draft: Draft, { entry, path, collections, noun }: Names): ConfigFault[] {
  if (collections.some((name) => !draft.complete(name))) return [];
  const value = valueAt(entry, path);
  const known = new Set(
    collections.flatMap((name) => {
      const key = kinds.find((kind) => kind.collection === name)?.key ?? 'id';
      return draft.entries[name].map((one) => valueAt(one, [key]));
    }),
  );
  const list: { name: unknown; path: ValuePath }[] = Array.isArray(value)
    ? value.map((name: unknown, index) => ({ name, path: [...path, index] }))
    : [{ name: value, path }];
  return list
    .filter(({ name }) => name !== undefined && name !== null && !known.has(name))
    .map((one) =>
      draft.fault(entry, one.path, {
        message: `unknown ${noun}`,
        expected:
          known.size === 0
            ? `the name of a ${noun}; none is configured`
            : `one of the ${known.size} configured`,
      }),
    );
}

function ruleFaults(draft: Draft): ConfigFault[] {
  return draft.alertRules.flatMap((rule) => {
    const faults: ConfigFault[] = [];
    const names = (path: ValuePath, collections: readonly Collection[], noun: string): void =>
      void faults.push(...nameFaults(draft, { entry: rule, path, collections, noun }));
    names(['scope', 'sections'], ['sections'], 'section');
    names(['scope', 'airStations'], ['airStations'], 'air station');
    names(['scope', 'locatedIn'], ['jurisdictions'], 'jurisdiction');
    names(['scope', 'sources'], ['sources'], 'source');
    names(['when', 'items'], ['parameters'], 'parameter');
    if (rule.when.kind === 'divergence') {
      for (const index of rule.when.pairs.keys()) {
        names(['when', 'pairs', index, 'upstream'], ['sections'], 'section');
        names(['when', 'pairs', index, 'downstream'], ['sections'], 'section');
      }
    }
    if (rule.when.kind === 'incident') {
      const known = draft.alertPolicies
        .flatMap(({ incidentKinds }) => incidentKinds ?? [])
        .map(({ id }) => id);
      for (const [index, id] of (rule.when.kinds ?? []).entries())
        if (!known.includes(id) && draft.complete('alertPolicies'))
          faults.push(
            draft.fault(rule, ['when', 'kinds', index], {
              message: 'unknown kind of incident',
              expected: `one of ${known.join(', ')}`,
            }),
          );
    }
    if (rule.when.kind === 'early-warning') faults.push(...warningFaults(draft, rule));
    if ((rule.clear ?? rule.raise) > rule.raise)
      faults.push(
        draft.fault(rule, ['clear'], { message: 'is above `raise`', expected: `at most ${rule.raise}` }),
      );
    for (let at = 1; at < rule.severity.length; at++) {
      if (rule.severity[at]!.above > rule.severity[at - 1]!.above) continue;
      const text = { message: 'the rungs do not rise', expected: `above ${rule.severity[at - 1]!.above}` };
      faults.push(draft.fault(rule, ['severity', at, 'above'], text));
    }
    return faults;
  });
}

/** A rule on early warnings is about sections of a basin that a method names, and raises below the most severe of its levels. */
function warningFaults(draft: Draft, rule: AlertRule): ConfigFault[] {
  if (!draft.complete('rivers') || !draft.complete('sections') || !draft.complete('waterEarlyWarnings'))
    return [];
  const methods = draft.waterEarlyWarnings;
  const basins = [...new Set(methods.flatMap((one) => one.basins))].join(', ');
  const expected = methods.length === 0 ? 'a file of kind water-early-warning' : `a reach in ${basins}`;
  const warned = new Set(
    draft.sections
      .filter((section) => methods.some((one) => warnsIn(one, section, draft.rivers)))
      .map(({ id }) => id),
  );
  const faults = (rule.scope.sections ?? []).flatMap((id, at) => {
    if (warned.has(id) || !draft.sections.some((one) => one.id === id)) return [];
    const message = 'lies in no basin that an early-warning method names';
    return [draft.fault(rule, ['scope', 'sections', at], { message, expected })];
  });
  if (warned.size === 0 && rule.scope.sections === undefined)
    faults.push(
      draft.fault(rule, ['when', 'kind'], {
        message: 'no section lies in a basin that an early-warning method names',
        expected,
      }),
    );
  const levels = Math.max(0, ...methods.map((one) => one.levels.length));
  if (levels > 0 && rule.raise >= levels)
    faults.push(
      draft.fault(rule, ['raise'], {
        message: 'is not below the most severe level',
        expected: `below ${levels}`,
      }),
    );
  return faults;
}

/** Rules on early warnings that nothing can raise yet, for want of the target that the method holds against; stops nothing. */
export function alertingNotes(draft: Draft): ConfigFault[] {
  return draft.alertRules.flatMap((rule) => {
    if (rule.when.kind !== 'early-warning' || draft.waterEarlyWarnings.length === 0) return [];
    const named = rule.scope.sections;
    const able = draft.sections.some(
      (section) =>
        named?.includes(section.id) !== false &&
        draft.waterEarlyWarnings.some(
          (method) =>
            warnsIn(method, section, draft.rivers) &&
            section.targets.some(({ kind }) => kind === method.target),
        ),
    );
    if (able) return [];
    const kinds = [...new Set(draft.waterEarlyWarnings.map(({ target }) => target))].join(', ');
    const message = 'no section that it watches has the target that the method holds against';
    return [draft.fault(rule, ['when', 'kind'], { message, expected: `a target of kind ${kinds}` })];
  });
}

/** A rule may stand several times, for different times. */
function doubledRules(draft: Draft): ConfigFault[] {
  return draft.alertRules.flatMap((rule, index) => {
    const other = draft.alertRules.slice(0, index).find((one) => one.id === rule.id && overlaps(one, rule));
    if (other === undefined) return [];
    const text = {
      message: 'is in force at the same time as another rule of this id',
      expected: 'other dates',
    };
    return [draft.fault(rule, ['id'], text)];
  });
}

function doubled(draft: Draft, collection: 'contacts' | 'onCall' | 'alertPolicies'): ConfigFault[] {
  return draft[collection].flatMap((entry, index) =>
    draft[collection].slice(0, index).some((one) => one.id === entry.id)
      ? [draft.fault(entry, ['id'], { message: 'is already used', expected: 'an id of its own' })]
      : [],
  );
}

/** A channel that stands in for another one must know where the contact is on it. */
function standInFaults(draft: Draft, contact: Contact, index: number): ConfigFault[] {
  const of = draft.channels.find(({ id }) => id === contact.channels[index]!.channel);
  const next = draft.channels.find(({ id }) => id === of?.fallback);
  if (of === undefined || next === undefined || takesAddressOf(next.type, of.type)) return [];
  if (contact.channels.some(({ channel }) => channel === next.id)) return [];
  const text = {
    message: `${next.id} stands in for ${of.id}, and the contact has no address on it`,
    expected: `an entry with the channel ${next.id}`,
  };
  return [draft.fault(contact, ['channels', index, 'channel'], text)];
}

function contactFaults(draft: Draft): ConfigFault[] {
  return draft.contacts.flatMap((contact) => {
    const faults = nameFaults(draft, {
      entry: contact,
      path: ['jurisdiction'],
      collections: ['jurisdictions'],
      noun: 'jurisdiction',
    });
    for (const [index, { address }] of contact.channels.entries()) {
      const path = ['channels', index, 'address'];
      const channel = { entry: contact, path: ['channels', index, 'channel'] };
      faults.push(...nameFaults(draft, { ...channel, collections: ['channels'], noun: 'channel' }));
      faults.push(...standInFaults(draft, contact, index));
      if (address.trim() === '')
        faults.push(
          draft.fault(contact, path, { message: 'the address is empty', expected: 'where it reaches' }),
        );
      if (!URL.canParse(address)) continue;
      const { username, password } = new URL(address);
      if (password === '' && (username === '' || address.startsWith('mailto:'))) continue;
      const expected = 'no credentials here; they come from the environment';
      faults.push(
        draft.fault(contact, path, {
          message: 'the address holds credentials',
          expected,
          value: '(not shown)',
        }),
      );
    }
    return faults;
  });
}

function calendarFaults(draft: Draft): ConfigFault[] {
  return draft.onCall.flatMap((calendar) => {
    const faults: ConfigFault[] = [];
    const names = (path: ValuePath, name: Collection, noun: string): void =>
      void faults.push(...nameFaults(draft, { entry: calendar, path, collections: [name], noun }));
    names(['jurisdiction'], 'jurisdictions', 'jurisdiction');
    for (const index of calendar.shifts.keys()) names(['shifts', index, 'contacts'], 'contacts', 'contact');
    for (const index of (calendar.exceptions ?? []).keys())
      names(['exceptions', index, 'contacts'], 'contacts', 'contact');
    if (calendar.timeZone !== undefined && !isTimeZone(calendar.timeZone)) {
      const text = { message: 'unknown time zone', expected: 'an IANA zone such as Asia/Shanghai' };
      faults.push(draft.fault(calendar, ['timeZone'], text));
    }
    return faults;
  });
}

function matchFaults(draft: Draft, entry: object, path: ValuePath): ConfigFault[] {
  const lists: [keyof AlertMatch, readonly Collection[], string][] = [
    ['rules', ['alertRules'], 'alert rule'],
    ['stations', ['sections', 'airStations', 'flowStations'], 'station'],
    ['jurisdictions', ['jurisdictions'], 'jurisdiction'],
  ];
  return lists.flatMap(([key, collections, noun]) =>
    nameFaults(draft, { entry, path: [...path, key], collections, noun }),
  );
}

function policyFaults(draft: Draft): ConfigFault[] {
  const zone = draft.region?.timeZone ?? 'UTC';
  return draft.alertPolicies.flatMap((policy, at) => {
    const faults: ConfigFault[] = [];
    if (at > 0)
      faults.push(
        draft.fault(policy, ['kind'], { message: 'a second alert policy', expected: 'one policy a region' }),
      );
    for (const index of policy.routes.keys())
      faults.push(...matchFaults(draft, policy, ['routes', index, 'match']));
    for (const index of policy.inhibitions.keys())
      for (const side of ['source', 'target'])
        faults.push(...matchFaults(draft, policy, ['inhibitions', index, side]));
    for (const [index, window] of policy.maintenance.entries()) {
      faults.push(...matchFaults(draft, policy, ['maintenance', index, 'match']));
      const [from, to] = [instantOf(window.from, zone), instantOf(window.to, zone)];
      const path = (key: string): ValuePath => ['maintenance', index, key];
      const expected = 'ISO 8601, such as 2026-03-02T08:00';
      for (const [key, value] of [
        ['from', from],
        ['to', to],
      ] as const)
        if (value === null)
          faults.push(draft.fault(policy, path(key), { message: 'not an instant', expected }));
      if (from !== null && to !== null && from >= to)
        faults.push(
          draft.fault(policy, path('to'), {
            message: 'ends before it begins',
            expected: `after ${window.from}`,
          }),
        );
    }
    return faults;
  });
}

function instantOf(text: string, zone: string): number | null {
  try {
    return parseInstant(text, zone);
  } catch {
    return null;
  }
}

/** Rules, contacts, calendars and the policy of alerts: every name is one, every zone exists, every window has a length. */
export function alertingFaults(draft: Draft): ConfigFault[] {
  return [
    ...ruleFaults(draft),
    ...doubledRules(draft),
    ...doubled(draft, 'contacts'),
    ...doubled(draft, 'onCall'),
    ...contactFaults(draft),
    ...calendarFaults(draft),
    ...policyFaults(draft),
  ];
}
