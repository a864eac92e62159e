import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { createKey } from '../../src/store/state/index.ts';
import { uploadDeskOf } from '../../src/serving/uploads.ts';
import { people, type Person, testApp, type TestApp } from './test-app.ts';

const source = 'monthly-delivered';
let folder: string;
let system: System;
let api: TestApp;
let nowS = Math.floor(Date.now() / 1000);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'jiehe-api-uploads-'));
  system = await openSystem({ dataDir: folder, synthetic: null, clock: { nowS: () => nowS } });
  const { journal, readings, state } = system;
  const tokens = {} as Record<Person, string>;
  for (const [name, { role, jurisdiction }] of Object.entries(people)) {
    const key = { actor: 'system', holder: name, role, jurisdiction, atS: system.clock.nowS() };
    tokens[name as Person] = (await createKey(state.acts, key)).token;
  }
  api = await testApp(
    { journal, readings, state, tokens },
    { config: system.config, clock: system.clock, uploads: uploadDeskOf(system) },
  );
});
afterAll(async () => {
  await api.app.close();
  await system.close();
  rmSync(folder, { recursive: true, force: true });
});

const send = (person: Person, url: string, payload: Buffer | string | object, type: string) =>
  api.app.inject({
    method: 'POST',
    url: `/api/v1${url}`,
    headers: { ...api.as(person), 'content-type': type },
    payload,
  });
const sheet = Buffer.from('断面名称,断面编码,总磷(mg/L)\n氡泉,330300_2010,0.100\n交溪,330300_2012,x\n');

describe('handing in a file over HTTP', () => {
  it('shows what was understood, and takes rows only when they are accepted', async () => {
    const url = `/sources/${source}/uploads?name=${encodeURIComponent('月值.csv')}&month=2021-03`;
    expect((await send('viewer', url, sheet, 'text/csv')).statusCode).toBe(403);
    const answer = await send('office', url, sheet, 'application/octet-stream');
    expect(answer.statusCode).toBe(201);
    const { upload, preview } = answer.json().result;
    expect(upload).toMatchObject({
      source,
      name: '月值.csv',
      month: '2021-03',
      actor: 'office',
      decisions: [],
    });
    expect(preview.rows.map((row: { row: string; status: string }) => [row.row, row.status])).toEqual([
      ['2', 'good'],
      ['3', 'with-issues'],
    ]);
    expect(preview.rows[1].issues[0]).toMatchObject({ code: 'VALUE_NOT_A_NUMBER', path: 'C3' });
    const accept = `/uploads/${upload.id}/acceptances`;
    const body = { sha256: upload.sha256, rows: ['2'] };
    expect((await send('viewer', accept, body, 'application/json')).statusCode).toBe(403);
    const accepted = await send('office', accept, body, 'application/json');
    expect(accepted.statusCode).toBe(201);
    expect(accepted.json().result.cells).toMatchObject({ read: 1, accepted: 1 });
    // Sent again, also later, it is done once; a row that was accepted cannot be accepted among others.
    nowS += 1;
    expect((await send('office', accept, body, 'application/json')).statusCode).toBe(201);
    const twice = await send('office', accept, { ...body, rows: ['2', '3'] }, 'application/json');
    expect(twice.statusCode).toBe(409);
    const shown = await api.app.inject({ url: `/api/v1/uploads/${upload.id}`, headers: api.as('office') });
    expect(shown.json().result.upload.decisions).toMatchObject([
      { decision: 'accepted', rows: ['2'], actor: 'office' },
    ]);
    const { paths } = (await api.app.inject({ url: '/api/openapi.json' })).json();
    const { schema } = paths['/api/v1/uploads/{id}'].get.responses['200'].content['application/json'];
    const ajv = new Ajv2020({ strict: false, formats: { instant: true, 'date-time': true } });
    expect(ajv.validate(schema, shown.json()), JSON.stringify(ajv.errors)).toBe(true);
    const list = await api.app.inject({ url: `/api/v1/uploads?source=${source}`, headers: api.as('office') });
    expect(list.json().results).toHaveLength(1);
  });

  it('says of a file of the wrong type, of nothing, and of a source that takes none, what it wants', async () => {
    const pdf = await send(
      'office',
      `/sources/${source}/uploads?name=a.pdf`,
      Buffer.from('%PDF-1.7'),
      'application/pdf',
    );
    expect(pdf.statusCode).toBe(201);
    expect(pdf.json().result.preview.issues[0].message).toContain('XLSX or CSV');
    const { id, sha256 } = pdf.json().result.upload;
    const taken = await send(
      'office',
      `/uploads/${id}/acceptances`,
      { sha256, rows: 'all' },
      'application/json',
    );
    expect(taken.statusCode).toBe(400);
    const refused = await send(
      'office',
      `/uploads/${id}/refusal`,
      { sha256, reason: '非表格' },
      'application/json',
    );
    expect(refused.statusCode).toBe(201);
    const month = await send(
      'office',
      `/sources/${source}/uploads?name=a.csv&month=2021-13`,
      sheet,
      'text/csv',
    );
    expect(month.json().error.message).toContain('2021-13');
    const none = await send('office', '/sources/cnemc-water/uploads?name=a.csv', sheet, 'text/csv');
    expect(none.statusCode).toBe(404);
    expect(none.json().error.message).toContain(source);
  });

  it('gives a template to fill in', async () => {
    const csv = await api.app.inject({ url: `/api/v1/sources/${source}/template?f=csv&language=zh` });
    expect(csv.headers['content-type']).toContain('text/csv');
    expect(csv.body.startsWith('\ufeff断面标识,断面编码,断面名称,监测月份')).toBe(true);
    const xlsx = await api.app.inject({ url: `/api/v1/sources/joint-sampling/template?language=en` });
    expect(xlsx.rawPayload.subarray(0, 2).toString()).toBe('PK');
  });
});
