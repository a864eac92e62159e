import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../src/domain/batch.ts';
import { hourS, nowS, openStores, testApp, type Stores, type TestApp } from './test-app.ts';

let stores: Stores;
let api: TestApp;
beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores);
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const get = (url: string, headers: Record<string, string> = {}) =>
  api.app.inject({ method: 'GET', url: `/api/v1${url}`, headers });
const day = 'from=2026-03-01T00:00&to=2026-03-02T00:00';
const hourly = `/series?station=roof&parameter=pm25&averaging=PT1H`;
const water = '/series?station=up&parameter=tp&averaging=instant&from=2026-03-02T00:00&to=2026-03-03T00:00';

describe('series', () => {
  it('gives the hours that end within the civil day, the one that ends at midnight included', async () => {
    const { results } = (await get(`${hourly}&${day}`)).json();
    expect(results[0].end.at(0)).toBe('2026-03-01T07:00:00+08:00');
    expect(results[0].end.at(-1)).toBe('2026-03-02T00:00:00+08:00');
    expect(results[0].begin.at(-1)).toBe('2026-03-01T23:00:00+08:00');
    const nextDay = (await get(`${hourly}&from=2026-03-02T00:00&to=2026-03-03T00:00`)).json();
    expect(nextDay.results[0].end[0]).toBe('2026-03-02T01:00:00+08:00');
    expect(results[0].count + nextDay.results[0].count).toBe(26);
  });

  it('gives a sample taken at the start of the window and not one at its end', async () => {
    const { results } = (
      await get(
        '/series?station=up&parameter=nh3n&averaging=instant&from=2026-03-02T04:00&to=2026-03-02T07:00',
      )
    ).json();
    expect(results[0].end).toEqual([
      '2026-03-02T04:00:00+08:00',
      '2026-03-02T05:00:00+08:00',
      '2026-03-02T06:00:00+08:00',
    ]);
  });

  it('shows a missing value as null with its flag explained, never as zero', async () => {
    const { results, flagMeanings } = (await get(water)).json();
    expect(results[0].values).toEqual([0.19, 0.13, null, 0.11]);
    const word = String(results[0].flags[2]);
    expect(flagMeanings[word].qualifiers).toContain('missing');
    expect(results[0]).toMatchObject({ unit: 'mg/L', decimals: 3, provider: 'bureau' });
  });

  it('answers as of a journal position and as of a time of receipt', async () => {
    const before = (await get(`${water}&asOf=3`)).json();
    expect(before.results[0].values[0]).toBe(0.14);
    const sameByTime = (await get(`${water}&asOf=2026-03-02T07:59:30`)).json();
    expect(sameByTime.results).toEqual(before.results);
    const after = (await get(`${water}&asOf=4`)).json();
    expect(after.results[0].values[0]).toBe(0.19);
    const beyond = await get(`${water}&asOf=99`);
    expect(beyond.statusCode).toBe(400);
    expect(beyond.json().error.details.faults[0]).toMatchObject({
      field: 'querystring.asOf',
      expected: 'a journal position up to 12',
    });
  });

  it('pages without losing or repeating a value', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    let pages = 0;
    while (cursor !== null) {
      const url: string = `${hourly}&from=2026-02-28&to=2026-03-03&limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const answer = await get(url);
      const { results, meta } = answer.json();
      seen.push(...results[0].end);
      cursor = meta.next;
      pages++;
      expect(answer.headers.link === undefined).toBe(cursor === null);
    }
    expect(pages).toBe(4);
    expect(seen.length).toBe(26);
    expect(new Set(seen).size).toBe(26);
    expect(seen).toEqual(seen.toSorted());
  });

  it('follows its own Link header', async () => {
    const first = await get(`${hourly}&from=2026-02-28&to=2026-03-03&limit=20`);
    const target = /^<(.+)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? '';
    const second = await api.app.inject({ method: 'GET', url: target });
    expect(second.statusCode).toBe(200);
    expect(second.json().results[0].count).toBe(6);
  });

  it('gives dense columns by Accept: the first end and the step of an even series', async () => {
    const answer = await get(`${hourly}&from=2026-02-28&to=2026-03-03`, {
      accept: 'application/vnd.jiehe.columns+json',
    });
    expect(answer.headers['content-type']).toContain('application/vnd.jiehe.columns+json');
    const [series] = answer.json().results;
    expect(series).toMatchObject({
      stepS: hourS,
      endS: [nowS - 25 * hourS],
      beginS: [nowS - 26 * hourS],
      count: 26,
    });
    expect(series.values).toHaveLength(26);
  });

  it('gives CSV by Accept and by f, one line a value, with an empty cell for no value', async () => {
    const answer = await get(water, { accept: 'text/csv' });
    expect(answer.headers['content-type']).toContain('text/csv');
    const lines = answer.body.trimEnd().split('\r\n');
    expect(lines[0]).toBe(
      'station,station_name,parameter,unit,averaging,provider,begin,end,value,validity,stage,qualifiers,synthetic',
    );
    expect(lines).toHaveLength(5);
    expect(lines[3]).toBe(
      'up,断面up,tp,mg/L,instant,bureau,2026-03-02T06:00:00+08:00,2026-03-02T06:00:00+08:00,,valid,0,missing,false',
    );
    expect((await get(`${water}&f=csv`)).body).toBe(answer.body);
  });

  it('prefers f over Accept, and falls back to JSON for a type it does not have', async () => {
    expect((await get(`${water}&f=json`, { accept: 'text/csv' })).headers['content-type']).toContain(
      'application/json',
    );
    expect((await get(water, { accept: 'image/png' })).headers['content-type']).toContain('application/json');
    expect(
      (await get(water, { accept: 'application/json;q=0.1, text/csv;q=0.9' })).headers['content-type'],
    ).toContain('text/csv');
  });

  it('shows an unregistered station to a bureau and to nobody else', async () => {
    const url =
      '/series?station=unregistered:bureau:x&parameter=tp&averaging=instant&provider=bureau&from=2026-03-01&to=2026-03-02';
    expect((await get(url)).statusCode).toBe(404);
    expect((await get(url, api.as('viewer'))).statusCode).toBe(200);
  });
});

describe('latest', () => {
  it('shows readings, our verdict beside the published one, and freshness by the cadence of the source', async () => {
    const { results } = (await get('/latest?kind=water&station=up&provider=bureau')).json();
    expect(results).toHaveLength(1);
    const [up] = results;
    expect(up.freshness).toEqual({
      state: 'fresh',
      lastEnd: '2026-03-02T07:00:00+08:00',
      ageMinutes: 60,
      cadenceMinutes: 240,
    });
    expect(up.published).toMatchObject([
      { parameter: 'published_class', value: 3, text: [{ zh: '3类', en: 'class 3' }] },
    ]);
    expect(up.readings.map((reading: { parameter: string }) => reading.parameter).toSorted()).toEqual([
      'nh3n',
      'tp',
    ]);
    expect(up.verdict).toMatchObject({ kind: 'water', edition: 'e1', standing: 'single-unreviewed' });
  });

  it('keeps a suspect value on screen and out of the verdict', async () => {
    const { results } = (await get('/latest?kind=water&station=up&provider=bureau')).json();
    const suspect = results[0].readings.find(
      (reading: { parameter: string }) => reading.parameter === 'nh3n',
    );
    expect(suspect).toMatchObject({ value: 0.5, flags: { validity: 'suspect' } });
    const row = api.asked.find(
      (candidate) => candidate.endS === nowS - hourS && candidate.readings.length === 2,
    );
    expect(row?.readings.find((reading) => reading.parameter === 'nh3n')?.value).toBeNull();
  });

  it('lists a station that never reported as silent, with no verdict', async () => {
    const { results } = (await get('/latest?kind=water&station=down')).json();
    expect(results).toMatchObject([
      { station: 'down', readings: [], verdict: null, freshness: { state: 'silent', lastEnd: null } },
    ]);
  });

  it('gives an hour by its end, and two providers of one section as two entries', async () => {
    const air = (await get('/latest?kind=air')).json();
    expect(air.results[0].readings[0]).toMatchObject({
      begin: '2026-03-02T07:00:00+08:00',
      end: '2026-03-02T08:00:00+08:00',
      value: 31,
    });
    const both = (await get('/latest?kind=water&station=up')).json();
    expect(both.results.map((entry: { provider: string }) => entry.provider)).toEqual([
      'bureau',
      'neighbour',
    ]);
    expect(both.results[1].freshness.state).toBe('silent');
  });

  it('reads the store once for many requests, and again when more is applied', async () => {
    const own = await testApp(stores);
    const ask = () => own.app.inject('/api/v1/latest?kind=water');
    await Promise.all([ask(), ask(), ask()]);
    const once = own.latest.calls;
    await ask();
    expect(own.latest.calls).toBe(once);
    own.progress.appliedSeq++;
    await ask();
    expect(own.latest.calls).toBe(2 * once);
    await own.app.close();
  });

  it('does not remember a failure of the store', async () => {
    const own = await testApp(stores);
    own.latest.fault = new Error('disk gone');
    const failed = await own.app.inject('/api/v1/latest?kind=water');
    expect(failed.statusCode).toBe(500);
    expect(failed.body).not.toContain('disk gone');
    expect(own.faults).toHaveLength(1);
    own.latest.fault = null;
    expect((await own.app.inject('/api/v1/latest?kind=water')).statusCode).toBe(200);
    await own.app.close();
  });
});

describe('exceedances and the past', () => {
  it('lists what is over a limit with standing and wording', async () => {
    const { results } = (await get('/exceedances?kind=water')).json();
    expect(results[0]).toMatchObject({
      station: 'up',
      against: 'hand-over',
      grade: 2,
      standing: 'single-unreviewed',
      freshness: 'fresh',
    });
    expect(results[0].text.zh).not.toContain('超标');
  });

  it('shows each version of a point with the journal entries that brought and replaced it', async () => {
    const { results } = (
      await get('/readings/past?station=up&parameter=tp&averaging=instant&time=2026-03-02T04:00:00%2B08:00')
    ).json();
    expect(
      results.map((version: { value: number; seq: number; seqEnd: number | null }) => [
        version.value,
        version.seq,
        version.seqEnd,
      ]),
    ).toEqual([
      [0.14, 1, 4],
      [0.19, 4, null],
    ]);
    expect(results[1].published).toBe('2026-03-02T07:59:00+08:00');
  });

  it('finds an hour by its end', async () => {
    const { results } = (
      await get('/readings/past?station=roof&parameter=pm25&averaging=PT1H&time=2026-03-02T08:00')
    ).json();
    expect(results).toMatchObject([
      { value: 31, begin: '2026-03-02T07:00:00+08:00', end: '2026-03-02T08:00:00+08:00' },
    ]);
  });

  it('judges again after another entry only the station whose newest row it changed', async () => {
    const own = await testApp(stores);
    const ask = async () => (await own.app.inject('/api/v1/latest?kind=water')).json().results;
    const before = await ask();
    const judged = own.asked.length;
    expect(judged).toBeGreaterThan(1);
    own.progress.appliedSeq++;
    expect(await ask()).toEqual(before);
    expect(own.asked).toHaveLength(judged);

    const batch = new BatchBuilder('bureau');
    batch.add({ series: batch.seriesOf('up', 'tp', 'instant'), timeS: nowS - 600, value: 0.27 });
    const raw = { kind: 'raw', receivedS: nowS, meta: {}, body: new Uint8Array() } as const;
    const { seq } = await stores.journal.append(raw);
    await stores.readings.apply({ seq, receivedS: nowS }, batch.build());
    own.progress.appliedSeq++;
    await ask();
    expect(own.asked.slice(judged)).toMatchObject([
      { endS: nowS - 600, readings: [{ parameter: 'tp', value: 0.27 }] },
    ]);
    await own.app.close();
  });
});
