import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SharingRule } from '../../../src/domain/config/sharing.ts';
import { endedEvent } from '../latest-event.ts';
import { packFlags } from '../../../src/domain/flags.ts';
import { createKey } from '../../../src/store/state/index.ts';
import { BatchBuilder } from '../../../src/domain/batch.ts';
import { fixtureConfig } from '../region-fixture.ts';
import { hourS, nowS, openStores, testApp, type Person, type Stores, type TestApp } from '../test-app.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
const rule = (id: string, more: Omit<SharingRule, 'id' | 'provenance'>): SharingRule => ({
  id,
  provenance,
  ...more,
});

/** Raw water after two hours for anyone, at once for the parties; reviewed for anyone; air for its owner only. */
const sharing: SharingRule[] = [
  rule('air', { product: 'readings', medium: 'air', grants: [{ tier: 'office' }] }),
  rule('reviewed', { product: 'readings', stage: 'reviewed', grants: [{ tier: 'public' }] }),
  rule('raw', {
    product: 'readings',
    grants: [{ tier: 'partner' }, { tier: 'public', delaySeconds: 2 * hourS }],
  }),
  rule('judged', { product: 'assessments', grants: [{ tier: 'partner' }] }),
];

let stores: Stores;
let api: TestApp;

/** One more sample at `up`, reviewed, half an hour old. */
async function addReviewed(): Promise<void> {
  const batch = new BatchBuilder('bureau');
  batch.add({
    series: batch.seriesOf('up', 'tp', 'instant'),
    timeS: nowS - hourS / 2,
    value: 0.3,
    flags: packFlags({ stage: 2 }),
  });
  const body = new TextEncoder().encode('reviewed');
  const entry = await stores.journal.append({ kind: 'raw', receivedS: nowS, meta: { source: 'test' }, body });
  await stores.readings.apply({ seq: entry.seq, receivedS: nowS }, batch.build());
}

beforeAll(async () => {
  stores = await openStores();
  await addReviewed();
  api = await testApp(stores, { config: () => ({ ...fixtureConfig, sharing }) });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const as = (person: Person | null) => (person === null ? {} : api.as(person));
const span = 'from=2026-03-01T00:00&to=2026-03-03T00:00';

async function valuesOf(person: Person | null, more = ''): Promise<(number | null)[]> {
  const url = `/api/v1/series?station=up&parameter=tp&averaging=instant&${span}${more}`;
  const answer = await api.app.inject({ url, headers: as(person) });
  expect(answer.statusCode).toBe(200);
  const [series] = answer.json<{ results: { values: (number | null)[] }[] }>().results;
  return series?.values ?? [];
}

describe('sharing', () => {
  it('shows each reader the rows of a series that the rules give, by stage and age', async () => {
    const all = [0.19, 0.13, null, 0.11, 0.3];
    expect(await valuesOf('viewer')).toEqual(all);
    expect(await valuesOf('finance')).toEqual(all);
    expect(await valuesOf('office')).toEqual(all);
    expect(await valuesOf(null)).toEqual([0.19, 0.13, null, 0.3]);
    expect(await valuesOf('stranger')).toEqual([0.19, 0.13, null, 0.3]);
  });

  it('fills pages although rows that are held back lie between', async () => {
    const seen: (number | null)[] = [];
    for (let cursor = ''; ;) {
      const url = `/api/v1/series?station=up&parameter=tp&averaging=instant&${span}&limit=1${cursor}`;
      const body = (await api.app.inject({ url })).json<{
        meta: { next: string | null };
        results: { values: (number | null)[] }[];
      }>();
      seen.push(...(body.results[0]?.values ?? []));
      if (body.meta.next === null) break;
      cursor = `&cursor=${body.meta.next}`;
    }
    expect(seen).toEqual([0.19, 0.13, null, 0.3]);
  });

  it('shows the newest row that may be seen, and no verdict to who may not see what is judged', async () => {
    const stateFor = async (person: Person | null) => {
      const answer = await api.app.inject({
        url: '/api/v1/latest?kind=water&station=up&provider=bureau',
        headers: as(person),
      });
      return answer.json<{
        results: { withheld: boolean; verdict: unknown; readings: { parameter: string; end: string }[] }[];
      }>().results[0]!;
    };
    const own = await stateFor('viewer');
    expect(own.withheld).toBe(false);
    expect(own.verdict).not.toBeNull();
    expect(own.readings.find(({ parameter }) => parameter === 'nh3n')?.end).toContain('T07:00:00');
    const anyones = await stateFor(null);
    expect(anyones).toMatchObject({ withheld: true, verdict: null });
    expect(anyones.readings.find(({ parameter }) => parameter === 'nh3n')?.end).toContain('T06:00:00');
    expect(anyones.readings.find(({ parameter }) => parameter === 'tp')?.end).toContain('T07:30:00');
  });

  it('keeps a series of another jurisdiction behind every door', async () => {
    for (const [person, sees] of [
      ['viewer', true],
      ['office', true],
      ['stranger', false],
      [null, false],
    ] as const) {
      const url = `/api/v1/series?station=roof&parameter=pm25&averaging=PT1H&${span}`;
      const { results } = (await api.app.inject({ url, headers: as(person) })).json<{ results: unknown[] }>();
      expect({ person, sees: results.length > 0 }).toEqual({ person, sees });
      const past = `/api/v1/readings/past?station=roof&parameter=pm25&averaging=PT1H&time=2026-03-02T08:00`;
      const versions = (await api.app.inject({ url: past, headers: as(person) })).json<{
        results: unknown[];
      }>();
      expect({ person, sees: versions.results.length > 0 }).toEqual({ person, sees });
    }
  });

  it('refuses what is judged to who is no party, by name', async () => {
    const url = '/api/v1/events?station=up&from=2026-03-01&to=2026-03-03';
    expect((await api.app.inject({ url })).json()).toMatchObject({
      error: { details: { reason: 'NOT_SIGNED_IN' } },
    });
    const stranger = await api.app.inject({ url, headers: api.as('stranger') });
    expect(stranger.json()).toMatchObject({
      error: { code: 'E_FORBIDDEN', details: { reason: 'NOT_A_PARTY' } },
    });
    expect((await api.app.inject({ url, headers: api.as('finance') })).statusCode).toBe(200);
  });

  it('keeps what is judged of a station out of the cursors of the newest verdicts and events, too', async () => {
    const events = ['hand-over', 'function-area'].map((criterion) => ({
      ...endedEvent(nowS),
      criterion,
      fromS: nowS - hourS,
    }));
    await stores.state.latestVerdicts.putEvents('up', { fromS: 0, toS: nowS }, events);
    const verdict = {
      station: 'up',
      medium: 'water' as const,
      kind: 'month',
      rules: '',
      outcome: { class: 2, counts: 'measured', aqi: null, met: true, deciding: [] },
      previousId: null,
      changedSeq: 1,
      judgedS: nowS,
    };
    await stores.state.latestVerdicts.put(
      ['2026-01', '2026-02'].map((period) => ({
        ...verdict,
        id: `up~${period}`,
        period,
        from: `${period}-01`,
        to: `${period}-28`,
      })),
    );
    for (const list of ['/api/v1/verdicts/latest', '/api/v1/events/latest'])
      for (const which of ['', '&station=up'])
        for (const [person, most] of [
          ['viewer', 1],
          ['stranger', 0],
          [null, 0],
        ] as const) {
          const url = `${list}?limit=1${which}`;
          const answer = await api.app.inject({ url, headers: as(person) });
          const { meta, results } = answer.json<{ meta: { next: string | null }; results: unknown[] }>();
          expect({ url, person, shown: results.length, goesOn: meta.next !== null }).toEqual({
            url,
            person,
            shown: most,
            goesOn: most > 0,
          });
          expect(answer.headers['link'] === undefined).toBe(most === 0);
        }
  });

  it('limits a key to the providers, stations and reading that its scopes name', async () => {
    const make = async (scopes: string[]) => {
      const key = { actor: 'system', holder: 'script', role: 'administrator', scopes, atS: nowS } as const;
      return { authorization: `Bearer ${(await createKey(stores.state.acts, key)).token}` };
    };
    const elsewhere = await make(['provider:airnet']);
    const url = `/api/v1/series?station=up&parameter=tp&averaging=instant&${span}`;
    expect(
      (await api.app.inject({ url, headers: elsewhere })).json<{ results: unknown[] }>().results,
    ).toEqual([]);
    const here = await make(['station:up', 'read']);
    expect(
      (await api.app.inject({ url, headers: here })).json<{ results: unknown[] }>().results,
    ).toHaveLength(1);
    const change = await api.app.inject({ method: 'POST', url: '/api/v1/keys', headers: here, payload: {} });
    expect(change.json()).toMatchObject({ error: { details: { reason: 'KEY_READS_ONLY' } } });
  });

  it('lets the owner see who read what is not public, and nobody else', async () => {
    await valuesOf('finance');
    await api.app.inject({
      url: `/api/v1/series?station=roof&parameter=pm25&averaging=PT1H&${span}`,
      headers: api.as('office'),
    });
    await expect
      .poll(async () => {
        const answer = await api.app.inject({ url: '/api/v1/read-log', headers: api.as('viewer') });
        return answer.json<{ results: { actor: string; parameters: string }[] }>().results;
      })
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            actor: 'finance',
            door: 'api',
            owner: '331100',
            stations: 'up',
            parameters: 'tp',
          }),
          expect.objectContaining({ actor: 'office', stations: 'roof', readerJurisdiction: null }),
        ]),
      );
    const other = await api.app.inject({ url: '/api/v1/read-log', headers: api.as('stranger') });
    expect(other.json<{ results: unknown[] }>().results).toEqual([]);
    expect((await api.app.inject('/api/v1/read-log')).statusCode).toBe(401);
  });
});

describe('publications', () => {
  const ask = {
    product: 'assessments',
    tier: 'public',
    locatedIn: '331100',
    from: '2026-03-01',
    document: '丽环函〔2026〕1号',
  };

  it('open what was asked for only when a second person decides so, and close when withdrawn', async () => {
    const events = async () =>
      (await api.app.inject('/api/v1/events?station=up&from=2026-03-01&to=2026-03-03')).statusCode;
    const newest = async () =>
      (await api.app.inject('/api/v1/events/latest')).json<{ results: unknown[] }>().results.length;
    const asked = await api.app.inject({
      method: 'POST',
      url: '/api/v1/publications',
      headers: api.as('viewer'),
      payload: ask,
    });
    expect(asked.statusCode).toBe(201);
    const { id } = asked.json<{ result: { id: string } }>().result;
    expect(await events()).toBe(401);
    expect(await newest()).toBe(0);
    const decide = (person: Person) =>
      api.app.inject({
        method: 'POST',
        url: `/api/v1/publications/${id}/decision`,
        headers: api.as(person),
        payload: { inForce: true, reason: '经批准' },
      });
    expect((await decide('viewer')).statusCode).toBe(403);
    expect((await decide('office')).statusCode).toBe(200);
    expect(await events()).toBe(200);
    expect(await newest()).toBe(2);
    expect((await decide('office')).json()).toMatchObject({ error: { code: 'E_CONFLICT' } });
    const withdraw = async (person: Person) =>
      (
        await api.app.inject({
          method: 'POST',
          url: `/api/v1/publications/${id}/withdrawal`,
          headers: api.as(person),
          payload: { reason: '撤回' },
        })
      ).statusCode;
    expect(await withdraw('stranger')).toBe(403);
    expect(await events()).toBe(200);
    expect(await withdraw('viewer')).toBe(200);
    expect(await events()).toBe(401);
    expect(await newest()).toBe(0);
    const list = (await api.app.inject('/api/v1/publications')).json<{ results: unknown[] }>().results;
    expect(list).toEqual([
      expect.objectContaining({ id, state: 'withdrawn', askedBy: 'viewer', decidedBy: 'viewer' }),
    ]);
  });

  it('are not asked for of what belongs to somebody else, nor decided by who asked', async () => {
    const post = (person: Person, payload: object) =>
      api.app.inject({ method: 'POST', url: '/api/v1/publications', headers: api.as(person), payload });
    expect((await post('stranger', ask)).json()).toMatchObject({
      error: { details: { reason: 'NOT_THE_OWNER' } },
    });
    expect((await post('viewer', { ...ask, locatedIn: '999999' })).statusCode).toBe(400);
    const { id } = (await post('office', ask)).json<{ result: { id: string } }>().result;
    const own = await api.app.inject({
      method: 'POST',
      url: `/api/v1/publications/${id}/decision`,
      headers: api.as('office'),
      payload: { inForce: true, reason: 'x' },
    });
    expect(own.json()).toMatchObject({ error: { details: { reason: 'SECOND_PERSON_NEEDED' } } });
  });
});
