import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStandards } from '../../src/cli/standards.ts';
import type { Document, Operation, Parameter } from './openapi-requests.ts';
import { fixtureConfig } from './region-fixture.ts';
import { openStores, testApp, type Stores, type TestApp } from './test-app.ts';

let stores: Stores;
let api: TestApp;
let operations: { path: string; method: string; operation: Operation }[];
beforeAll(async () => {
  stores = await openStores();
  const config = { ...fixtureConfig, ...loadStandards() };
  api = await testApp(stores, { config: () => config });
  const document: Document = (await api.app.inject('/api/openapi.json')).json();
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const good: Record<string, string> = {
  station: 'up',
  stations: 'up',
  section: 'up',
  parameter: 'tp',
  averaging: 'instant',
  provider: 'bureau',
  from: '2026-03-01',
  to: '2026-03-02',
  time: '2026-03-02T07:00:00+08:00',
  kind: 'water',
  period: 'day',
  f: 'json',
};
const inPath: Record<string, string> = { seq: '1', period: '2026-02', hash: 'c'.repeat(64) };
const ids: Record<string, string> = {
  sources: 'bureau-water',
  agreements: 'ou-pact',
  statements: 'ou-pact.2026-02.1',
};

/** Something that a parameter must not take, by its schema; null where any text will do. */
function badValue({ schema, in: place }: Parameter): string | null {
  if (schema.type === 'integer' || schema.type === 'number') return 'x1';
  if (schema.type === 'boolean') return 'perhaps';
  if (schema.enum !== undefined) return 'no-such-word';
  if (schema.format !== undefined) return 'yesterday';
  if (schema.pattern !== undefined) return new RegExp(schema.pattern).test(' ,!') ? null : ' ,!';
  // An id that is too long for any path names nothing.
  return place === 'query' && (schema.maxLength ?? Infinity) < 1000 ? 'x'.repeat(1001) : null;
}

/** The operation's address with what it requires, and one parameter spoiled. */
function addressOf(path: string, operation: Operation, spoiled: Record<string, string>): string {
  const query = new URLSearchParams();
  let url = path;
  const noun = path.split('/')[3] ?? '';
  for (const parameter of operation.parameters ?? []) {
    const { name, schema } = parameter;
    const value =
      spoiled[name] ??
      (parameter.in === 'path' ? (inPath[name] ?? ids[noun]) : good[name]) ??
      (schema.enum?.[0] as string | undefined) ??
      'up';
    if (parameter.in === 'path') url = url.replace(`{${name}}`, encodeURIComponent(value));
    else if (parameter.required === true || name in spoiled) query.set(name, value);
  }
  for (const [name, value] of Object.entries(spoiled)) query.set(name, value);
  return `${url}?${query.toString()}`;
}

interface Case {
  url: string;
  method: string;
  name: string;
}

async function faultOf({ url, method, name }: Case): Promise<string | null> {
  const hasBody = method !== 'get' && method !== 'delete';
  const answer = await api.app.inject({
    method: method.toUpperCase() as 'GET',
    url,
    headers: { ...api.as('administrator'), ...(hasBody ? { 'content-type': 'application/json' } : {}) },
    ...(hasBody ? { payload: '{}' } : {}),
  });
  const body = answer.body.startsWith('{') ? answer.json() : {};
  const faults: { field: string; expected: string }[] = body.error?.details?.faults ?? [];
  // A body, or whether there is such a thing, is looked at first.
  if (method !== 'get')
    return [400, 403, 404].includes(answer.statusCode) ? null : `${method} ${url} -> ${answer.statusCode}`;
  const told = faults.some(({ field, expected }) => field.endsWith(`.${name}`) && expected.length > 3);
  return answer.statusCode === 400 && told
    ? null
    : `${method} ${url} -> ${answer.statusCode} ${answer.body.slice(0, 200)}`;
}

describe('every documented operation', () => {
  it('refuses each malformed parameter with 400, naming it and what is expected', async () => {
    const cases: Case[] = operations.flatMap(({ path, method, operation }) =>
      (operation.parameters ?? []).flatMap((parameter) => {
        const value = badValue(parameter);
        const { name } = parameter;
        return value === null ? [] : [{ method, name, url: addressOf(path, operation, { [name]: value }) }];
      }),
    );
    const faults = [];
    for (const one of cases) {
      const fault = await faultOf(one);
      if (fault !== null) faults.push(fault);
    }
    console.log(`${cases.length} malformed parameters of ${operations.length} operations`);
    expect(faults).toEqual([]);
    expect(cases.length).toBeGreaterThan(operations.length);
  });

  it('refuses a query parameter that it does not know, and one that is missing', async () => {
    const faults = [];
    for (const { path, method, operation } of operations) {
      const url = addressOf(path, operation, { nonsense: '1' });
      const fault = await faultOf({ method, url, name: 'nonsense' });
      if (fault !== null) faults.push(fault);
      for (const { name } of (operation.parameters ?? []).filter(
        (one) => one.in === 'query' && one.required === true,
      )) {
        const without = addressOf(path, operation, {}).replace(new RegExp(`([?&])${name}=[^&]*&?`), '$1');
        const missing = await faultOf({ method, url: without, name });
        if (missing !== null) faults.push(missing);
      }
    }
    expect(faults).toEqual([]);
  });

  it('refuses a cursor that it did not give, and an interval that ends before it begins', async () => {
    const cursors: Case[] = operations
      .filter(({ operation }) => operation.parameters?.some(({ name }) => name === 'cursor'))
      // Whether there is such a subscription is looked at first; paging.test.ts has one.
      .filter(({ path }) => !path.startsWith('/api/v1/subscriptions/'))
      .flatMap(({ path, method, operation }) =>
        ['bm90LWpzb24', 'e30', Buffer.from('{"timeS":"x","id":[],"openedS":null}').toString('base64url')].map(
          (cursor) => ({
            method,
            name: 'cursor',
            url: addressOf(path, operation, { cursor }),
          }),
        ),
      );
    cursors.push({ method: 'get', name: 'since', url: '/api/v1/changes?since=abc' });
    const spans: Case[] = operations
      .filter(({ operation }) =>
        ['from', 'to'].every((name) => operation.parameters?.some((one) => one.name === name)),
      )
      .map(({ path, method, operation }) => ({
        method,
        name: 'to',
        url: addressOf(path, operation, { from: '2026-03-02', to: '2026-03-01' }),
      }));
    const faults = [];
    for (const one of [...cursors, ...spans]) {
      const fault = await faultOf(one);
      if (fault !== null) faults.push(fault);
    }
    console.log(`${cursors.length} cursors, ${spans.length} intervals`);
    expect(faults).toEqual([]);
    expect(spans.length).toBeGreaterThan(3);
  });
});
