import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { sample } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standards } from '../analysis/standards.ts';
import { errorCodes, type ErrorCode } from '../../src/domain/errors.ts';
import { requestsOf, type Document, type GeneratedRequest, type Operation } from './openapi-requests.ts';
import { fixtureConfig } from './region-fixture.ts';
import { openStores, testApp, type Person, type Stores, type TestApp } from './test-app.ts';

/** The same requests in every run; more and other ones with JIEHE_FUZZ=200 JIEHE_SEED=$RANDOM. A failure prints the request. */
const fuzz = process.env['JIEHE_FUZZ'];
const requestsEach = Number(fuzz ?? 10);
const seed = fuzz === undefined ? 208 : Number(process.env['JIEHE_SEED'] ?? 208);

let stores: Stores;
let api: TestApp;
let document: Document;
let operations: { path: string; method: string; operation: Operation }[];
beforeAll(async () => {
  stores = await openStores();
  const config = { ...fixtureConfig, ...standards };
  api = await testApp(stores, { config: () => config });
  document = (await api.app.inject('/api/openapi.json')).json();
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    expect({ valid, errors: errors ?? [] }).toEqual({ valid: true, errors: [] });
  });

  it('names, sums up and files every operation, and says who may call it', () => {
    const tags = new Map(document.tags.map((tag) => [tag.name, tag.description ?? '']));
    const faults: string[] = [];
    const seen = new Set<string>();
    for (const { path, method, operation } of operations) {
      const { operationId = '', summary = '', tags: filed = [], security, responses } = operation;
      const note = (holds: boolean, text: string) => holds || faults.push(`${method} ${path}: ${text}`);
      note(/^[a-z][A-Za-z0-9]+$/.test(operationId) && !seen.has(operationId), `operationId ${operationId}`);
      seen.add(operationId);
      note(summary !== '', 'no summary');
      note(
        filed.length === 1 && (tags.get(filed[0] ?? '') ?? '') !== '',
        `tag ${filed.join()} is not described`,
      );
      note(security !== undefined && security.length > 0, 'no security');
      for (const name of (security ?? []).flatMap((one) => Object.keys(one)))
        note(name in document.components.securitySchemes, `unknown security scheme ${name}`);
      note(
        Object.keys(responses).some((status) => status.startsWith('2')),
        'no good answer',
      );
      note('400' in responses, 'no 400');
      for (const [status, { description = '' }] of Object.entries(responses))
        note(description !== '' && description !== 'Default Response', `${status} is not described`);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      note(inPath.join() === described.map((parameter) => parameter.name).join(), 'path parameters');
    }
    expect(faults).toEqual([]);
  });
});

const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: { instant: true, 'as-of': true, 'date-time': true, date: true, uri: true },
});
const compiled = new Map<object, ValidateFunction>();
function faultsOf(schema: object, value: unknown): unknown[] {
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  return validate(value) ? [] : (validate.errors ?? []);
}

/** What of an answer the document does not say; null where it says all. */
function undocumented(
  answer: {
    statusCode: number;
    headers: Record<string, string | number | string[] | undefined>;
    body: string;
  },
  operation: Operation,
): unknown {
  const { statusCode: status, headers, body } = answer;
  const documented = operation.responses[String(status)];
  if (documented === undefined) return `status ${status}`;
  const type = headers['content-type']?.toString().split(';')[0] ?? '';
  const content = documented.content?.[type];
  if (content === undefined) return body === '' ? null : `type ${type} of status ${status}`;
  const value: unknown = /(^|[+/])json$/.test(type) ? JSON.parse(body) : body;
  const faults = faultsOf(content.schema, value);
  if (faults.length > 0) return faults;
  if (status < 400) return null;
  const { error } = value as {
    error: { code: ErrorCode; requestId: string; details: { faults?: unknown[] } };
  };
  if (status === 503 && error.code !== 'E_NOT_READY') return error;
  if (errorCodes[error.code].status !== status) return `${error.code} with status ${status}`;
  return null;
}

const callers: (Person | null)[] = ['administrator', 'administrator', 'office', 'duty', 'stranger', null];

async function send(request: GeneratedRequest, person: Person | null) {
  const { method, url, payload } = request;
  const headers = { ...request.headers, ...(person === null ? {} : api.as(person)) };
  return api.app.inject({
    method: method as 'GET',
    url,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
}

describe('requests made from the document', () => {
  it('get no answer that it does not describe, and never a fault of ours', { timeout: 180_000 }, async () => {
    const found: unknown[] = [];
    const statuses = new Map<number, number>();
    let at = 0;
    for (const { path, method, operation } of operations) {
      const requests = sample(requestsOf(path, method, operation), {
        numRuns: requestsEach,
        seed: seed + at,
      });
      for (const request of requests) {
        const person = callers[at++ % callers.length] ?? null;
        const answer = await send(request, person);
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
        const fault = answer.statusCode === 500 ? api.faults.at(-1) : undocumented(answer, operation);
        if (fault !== null) found.push({ person, ...request, fault });
      }
    }
    console.log(
      `${at} requests of ${operations.length} operations (seed ${seed}):`,
      Object.fromEntries(statuses),
    );
    expect(found).toEqual([]);
    expect(statuses.get(200) ?? 0).toBeGreaterThan(operations.length);
    expect(statuses.get(400) ?? 0).toBeGreaterThan(operations.length);
  });
});
