import { assert, asyncProperty, constantFrom, integer, option, record } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureConfig } from './region-fixture.ts';
import { hourS, nowS, openStores, testApp, type Stores, type TestApp } from './test-app.ts';

let stores: Stores;
let api: TestApp;
beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores, { publicUrl: 'https://rivers.example' });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const root = 'https://rivers.example/sta/v1.1';

interface Entity {
  '@iot.id': number;
  '@iot.selfLink': string;
  [name: string]: unknown;
}
interface Collection {
  '@iot.count'?: number;
  '@iot.nextLink'?: string;
  value: Entity[];
}

async function get(path: string) {
  return api.app.inject({
    url: `/sta/v1.1${path.replaceAll(' ', '%20')}`,
    headers: { 'content-type': 'application/json' },
  });
}

async function read<T = Collection>(path: string): Promise<T> {
  const answer = await get(path);
  expect({ path, status: answer.statusCode, body: answer.statusCode === 200 ? '' : answer.body }).toEqual({
    path,
    status: 200,
    body: '',
  });
  return answer.json<T>();
}

const local = (link: unknown): string => String(link).slice(root.length);

/** All members over all pages. */
async function all(path: string): Promise<Entity[]> {
  const found: Entity[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const page: Collection = await read(next);
    found.push(...page.value);
    next = page['@iot.nextLink'] === undefined ? undefined : local(page['@iot.nextLink']);
  }
  return found;
}

async function datastream(parameter: string, provider = 'bureau'): Promise<number> {
  const filter = `properties/parameter eq '${parameter}' and properties/provider eq '${provider}'`;
  const { value } = await read(`/Datastreams?$filter=${encodeURIComponent(filter)}`);
  expect(value).toHaveLength(1);
  return value[0]!['@iot.id'];
}

describe('SensorThings entities', () => {
  it('lists the eight sets at the root, with absolute addresses and what is conformed to', async () => {
    const body = await read<{
      value: { name: string; url: string }[];
      serverSettings: { conformance: string[] };
    }>('');
    expect(body.value.map(({ name }) => name).toSorted()).toEqual([
      'Datastreams',
      'FeaturesOfInterest',
      'HistoricalLocations',
      'Locations',
      'Observations',
      'ObservedProperties',
      'Sensors',
      'Things',
    ]);
    for (const { name, url } of body.value) expect(url).toBe(`${root}/${name}`);
    expect(body.serverSettings.conformance).toContain(
      'http://www.opengis.net/spec/iot_sensing/1.1/req/data-array/data-array',
    );
  });

  it('gives every set a first entity with numeric id, self link and relations that lead on, four steps deep', async () => {
    const follow = async (path: string, depth: number): Promise<void> => {
      const { value, ...single } = await read<Collection & Entity>(path);
      const first = value === undefined ? (single as unknown as Entity) : value[0];
      expect({ path, found: first !== undefined }).toEqual({ path, found: true });
      expect(Number.isSafeInteger(first!['@iot.id'])).toBe(true);
      expect((await get(local(first!['@iot.selfLink']))).statusCode).toBe(200);
      if (depth === 0) return;
      for (const [name, link] of Object.entries(first!))
        if (name.endsWith('@iot.navigationLink')) await follow(local(link), depth - 1);
    };
    for (const set of [
      'Things',
      'Locations',
      'HistoricalLocations',
      'Datastreams',
      'Sensors',
      'ObservedProperties',
      'Observations',
      'FeaturesOfInterest',
    ])
      await follow(`/${set}`, 2);
    const chain = '/Things(1)/Datastreams(1)/ObservedProperty/Datastreams';
    expect((await read(chain)).value.length).toBeGreaterThan(0);
  });

  it('gives properties alone, as bare values, and references only', async () => {
    const [thing] = (await read('/Things')).value;
    const path = `/Things(${thing!['@iot.id']})`;
    expect(await read<Entity>(`${path}/name`)).toEqual({ name: thing!.name });
    expect((await get(`${path}/name/$value`)).body).toBe(thing!.name);
    expect((await get(`${path}/properties/$value`)).body.startsWith('{')).toBe(true);
    const references = await read(`${path}/Datastreams/$ref`);
    for (const one of references.value) expect(Object.keys(one)).toEqual(['@iot.selfLink']);
    const time = await read<Entity>('/Observations?$top=1');
    const one = (time.value as Entity[])[0]!;
    expect((await get(`/Observations(${one['@iot.id']})/validTime`)).statusCode).toBe(204);
  });

  it('knows nothing of ids and paths that are none', async () => {
    for (const path of [
      '/Things(9223372036854775807)',
      '/Things(999)',
      '/Nothing',
      '/Things(1)/Nothing',
      "/Things('a')",
      '/Things(1)/Observations',
      '/Observations(17)',
      '/Things/name',
    ])
      expect({ path, status: (await get(path)).statusCode }).toEqual({ path, status: 404 });
  });

  it('keeps numbers of stations and series for ever, from acts in the journal', async () => {
    const before = (await all('/Datastreams')).map((one) => [one['@iot.id'], one.name]);
    const again = await testApp(stores, { publicUrl: 'https://rivers.example' });
    const after = (await again.app.inject('/sta/v1.1/Datastreams')).json<Collection>().value;
    expect(after.map((one) => [one['@iot.id'], one.name])).toEqual(before);
    await again.app.close();
    const { tables } = await stores.state.rebuild();
    expect(tables.find(({ name }) => name === 'public_id')).toMatchObject({ equal: true });
  });
});

describe('SensorThings observations', () => {
  it('are what the series hold, missing values left out, with intervals, quality and both times', async () => {
    const tp = await datastream('tp');
    const { value } = await read(`/Datastreams(${tp})/Observations`);
    expect(value.map(({ result }) => result)).toEqual([0.19, 0.13, 0.11]);
    expect(value[0]).toMatchObject({
      phenomenonTime: '2026-03-01T20:00:00.000Z',
      resultTime: '2026-03-01T20:00:00.000Z',
    });
    expect(value[0]!['@iot.id']).toBe(tp * 2 ** 33 + nowS - 4 * hourS);
    const pm = await datastream('pm25', 'airnet');
    const [hour] = (await read(`/Datastreams(${pm})/Observations?$top=1`)).value;
    expect(hour!.phenomenonTime).toBe('2026-02-28T22:00:00.000Z/2026-02-28T23:00:00.000Z');
    const nh3n = await datastream('nh3n');
    const newest = await read(`/Datastreams(${nh3n})/Observations?$orderby=phenomenonTime desc&$top=1`);
    expect(newest.value[0]).toMatchObject({ resultQuality: { validity: 'suspect', stage: 0 } });
    expect(await read<Entity>(local(newest.value[0]!['@iot.selfLink']))).toMatchObject({ result: 0.5 });
  });

  it('page forwards and backwards without losing or repeating one', async () => {
    const pm = await datastream('pm25', 'airnet');
    const whole = (await read(`/Datastreams(${pm})/Observations?$top=1000`)).value.map(
      ({ result }) => result,
    );
    expect(whole).toHaveLength(26);
    const up = await all(`/Datastreams(${pm})/Observations?$top=7`);
    expect(up.map(({ result }) => result)).toEqual(whole);
    const down = await all(`/Datastreams(${pm})/Observations?$top=7&$orderby=phenomenonTime desc`);
    expect(down.map(({ result }) => result)).toEqual(whole.toReversed());
    const skipped = await all(`/Datastreams(${pm})/Observations?$top=5&$skip=20`);
    expect(skipped.map(({ result }) => result)).toEqual(whole.slice(20));
    const everything = await all('/Observations?$top=9');
    expect(new Set(everything.map((one) => one['@iot.id'])).size).toBe(everything.length);
    expect(everything).toHaveLength(26 + 3 + 4 + 1);
  });

  it('are counted with and without a filter, over one series and over all', async () => {
    const pm = await datastream('pm25', 'airnet');
    expect((await read(`/Datastreams(${pm})/Observations?$count=true&$top=0`))['@iot.count']).toBe(26);
    expect((await read('/Observations?$count=true&$top=1'))['@iot.count']).toBe(34);
    const filtered = await read(`/Datastreams(${pm})/Observations?$count=true&$top=2&$filter=result gt '50'`);
    expect(filtered).toMatchObject({ '@iot.count': 6, value: [{ result: 56 }, { result: 55 }] });
  });

  it('are filtered by time, by value, by quality and by what they belong to', async () => {
    const results = async (filter: string) =>
      (await all(`/Observations?$filter=${encodeURIComponent(filter)}`)).map(({ result }) => result);
    expect(await results('phenomenonTime ge 2026-03-01T22:00:00Z and result lt 0.2')).toEqual([0.11]);
    expect(await results("resultQuality/validity eq 'suspect'")).toEqual([0.5]);
    expect(
      await results("Datastream/ObservedProperty/properties/parameter eq 'tp' and result ge 0.13"),
    ).toEqual([0.19, 0.13, 0.2]);
    expect(await results('resultTime lt 2026-02-20T00:00:00Z')).toEqual([0.2]);
    expect(await results('hour(phenomenonTime) eq 20 and result lt 1')).toEqual([0.19, 0.5]);
    expect(await results('not (result lt 50) and result mod 2 eq 0')).toEqual([56, 54, 52, 50]);
  });

  it('come as arrays, a group for each datastream', async () => {
    const tp = await datastream('tp');
    const body = await read<{
      value: { components: string[]; dataArray: unknown[][]; 'dataArray@iot.count': number }[];
    }>(`/Datastreams(${tp})/Observations?$resultFormat=dataArray&$select=result,phenomenonTime`);
    expect(body.value).toEqual([
      {
        'Datastream@iot.navigationLink': `${root}/Datastreams(${tp})`,
        components: ['result', 'phenomenonTime'],
        'dataArray@iot.count': 3,
        dataArray: [
          [0.19, '2026-03-01T20:00:00.000Z'],
          [0.13, '2026-03-01T21:00:00.000Z'],
          [0.11, '2026-03-01T23:00:00.000Z'],
        ],
      },
    ]);
    const groups = await read('/Observations?$resultFormat=dataArray');
    expect(groups.value.length).toBe(4);
  });
});

describe('SensorThings queries', () => {
  it('expand over several levels, with options inside, in few questions to the store', async () => {
    api.latest.calls = 0;
    const path = `/Things?$expand=Locations,Datastreams($select=name,@iot.id;$expand=ObservedProperty($select=name),Observations($top=1;$orderby=phenomenonTime desc;$select=result))`;
    const { value } = await read(path);
    const station = value.find(({ name }) => name === '断面up')!;
    expect(station.Locations).toMatchObject([{ location: { type: 'Point', coordinates: [119.5, 28.1] } }]);
    const streams = station.Datastreams as Entity[];
    expect(streams).toHaveLength(3);
    for (const stream of streams) {
      expect(Object.keys(stream).toSorted()).toEqual(
        stream['Observations@iot.nextLink'] === undefined
          ? ['@iot.id', 'Observations', 'ObservedProperty', 'name']
          : ['@iot.id', 'Observations', 'Observations@iot.nextLink', 'ObservedProperty', 'name'],
      );
      expect(stream.Observations).toHaveLength(1);
    }
    const tp = streams.find(
      (one) => String(one.name).includes('tp') && one['Observations@iot.nextLink'] !== undefined,
    )!;
    expect(tp.Observations).toEqual([{ result: 0.11 }]);
    expect((await read(local(tp['Observations@iot.nextLink']))).value).toEqual([{ result: 0.13 }]);
  });

  it('expand an observation up to its thing, and short paths', async () => {
    const { value } = await read('/Observations?$top=2&$expand=Datastream/Thing,FeatureOfInterest');
    for (const one of value)
      expect(one).toMatchObject({
        Datastream: { Thing: { name: expect.any(String) } },
        FeatureOfInterest: { encodingType: 'application/geo+json' },
      });
  });

  it('order, skip, cut and count listed sets, and go on at the next link with all options kept', async () => {
    const names = (await read('/Datastreams?$orderby=name desc&$select=name')).value.map(({ name }) => name);
    expect(names).toEqual(names.toSorted((a, b) => (String(a) < String(b) ? 1 : -1)));
    const page = await read('/Datastreams?$orderby=name desc&$select=name&$top=2&$count=true');
    expect(page['@iot.count']).toBe(4);
    const rest = await all(local(page['@iot.nextLink']));
    expect([...page.value, ...rest].map(({ name }) => name)).toEqual(names);
  });

  it('count without giving anything where nothing is asked for, and lead nowhere', async () => {
    for (const path of ['/Datastreams?', '/Observations?', '/Observations?$orderby=result&'])
      expect(await read(`${path}$top=0&$count=true`)).toEqual({
        '@iot.count': expect.any(Number),
        value: [],
      });
    const [thing] = (await read('/Things?$top=1&$expand=Datastreams($top=0;$count=true)')).value;
    expect(thing?.['Datastreams']).toEqual([]);
    expect(thing?.['Datastreams@iot.nextLink']).toBeUndefined();
  });

  it('find places by geometry', async () => {
    const named = async (filter: string) =>
      (await read(`/Locations?$filter=${encodeURIComponent(filter)}`)).value.map(({ name }) => name);
    const box = "geography'POLYGON((119 28, 119.7 28, 119.7 28.3, 119 28.3, 119 28))'";
    expect(await named(`st_within(location, ${box})`)).toEqual(['断面up']);
    expect(await named(`geo.distance(location, geography'POINT(119.9 28.4)') lt 0.1`)).toEqual(['楼顶']);
  });

  it('refuse what is malformed with the position and what could stand there', async () => {
    const bad: [string, RegExp][] = [
      ['/Things?$filter=name eq', /character 8: expected a value/],
      ['/Things?$filter=name eq $x', /character 9: expected a name/],
      ["/Things?$filter=nothing eq 'x'", /a path that begins with one of id, name/],
      ["/Things?$filter=foo(name) eq 'x'", /character 1: expected one of substringof/],
      ["/Things?$filter=startswith(name) eq 'x'", /startswith with 2 inputs/],
      ['/Things?$top=-1', /\$top: expected a whole number/],
      ['/Things?$top=a', /\$top: expected a whole number/],
      ['/Things?$skip=1.5', /\$skip/],
      ['/Things?$count=yes', /true or false/],
      ['/Things?$orderby=name up', /asc or desc/],
      ['/Things?$select=colour', /\$select: expected one of/],
      ['/Things?$expand=Nothing', /\$expand: expected one of Locations/],
      ['/Things?$nonsense=1', /\$nonsense: expected one of \$filter/],
      ['/Things?$top=1&$top=2', /each option once/],
      ['/Things?$resultFormat=dataArray', /\$resultFormat/],
      ['/Observations?$skiptoken=x', /@iot.nextLink/],
      [`/Things?$filter=${'('.repeat(30)}true`, /at most 20 levels/],
      [`/Things?$filter=name eq '${'x'.repeat(3000)}'`, /at most 2048 characters/],
    ];
    for (const [path, message] of bad) {
      const answer = await get(path);
      expect({ path, status: answer.statusCode }).toEqual({ path, status: 400 });
      expect(answer.json<{ error: { message: string } }>().error.message).toMatch(message);
    }
    const legal = await get('/Datastreams?$filter=Observations/result gt 3');
    expect(legal.statusCode).toBe(501);
  });

  it('never answer with a fault of ours, whatever is asked', async () => {
    const parts = record({
      set: constantFrom(
        'Things',
        'Locations',
        'Datastreams',
        'Sensors',
        'ObservedProperties',
        'Observations',
        'HistoricalLocations',
        'FeaturesOfInterest',
      ),
      top: option(integer({ min: 0, max: 5 })),
      skip: option(integer({ min: 0, max: 40 })),
      filter: option(
        constantFrom(
          'id gt 1',
          "substringof('a',name)",
          'result ge 0.1 or result lt 0',
          "time gt now() sub duration'P1D'",
          'year(phenomenonTime) eq 2026',
          'not true',
          '1 add 2 eq 3',
          "length(concat(name, 'x')) gt 3",
          'name eq null',
          "st_crosses(location, geography'POINT(119 28)')",
          'date(phenomenonTime) eq 2026-03-01',
          'Datastream/phenomenonTime gt 2026-01-01T00:00:00Z',
          '-1 lt 0',
        ),
      ),
      order: option(constantFrom('id desc', 'name', 'phenomenonTime desc', 'result', 'Thing/name')),
      expand: option(
        constantFrom('Datastreams', 'Things', 'Observations($top=1)', 'Datastream', 'Thing/Locations'),
      ),
      count: constantFrom(true, false),
    });
    await assert(
      asyncProperty(parts, async ({ set, top, skip, filter, order, expand, count }) => {
        const query = new URLSearchParams();
        if (top !== null) query.set('$top', String(top));
        if (skip !== null) query.set('$skip', String(skip));
        if (filter !== null) query.set('$filter', filter);
        if (order !== null) query.set('$orderby', order);
        if (expand !== null) query.set('$expand', expand);
        if (count) query.set('$count', 'true');
        const answer = await api.app.inject(`/sta/v1.1/${set}?${query.toString()}`);
        expect([200, 400, 501]).toContain(answer.statusCode);
        if (answer.statusCode === 200 && top !== null)
          expect(answer.json<Collection>().value.length).toBeLessThanOrEqual(top);
      }),
      { numRuns: 40 },
    );
    expect(api.faults).toEqual([]);
  });
});

describe('SensorThings beyond the plain cases', () => {
  const filtered = async (set: string, filter: string): Promise<Entity[]> =>
    (await read(`/${set}?$filter=${encodeURIComponent(filter)}`)).value;

  it('lists the sets also where a slash ends the root', async () => {
    expect(await read('/')).toEqual(await read(''));
  });

  it('answer relations of shapes that are not defined for each other: they do not hold', async () => {
    const shapes = [
      'POINT(119.5 28.1)',
      'LINESTRING(119 28,120 29)',
      'POLYGON((119 28,120 28,120 29,119 29,119 28))',
      'MULTIPOINT((119 28),(120 29))',
    ];
    const names = [
      'equals',
      'disjoint',
      'touches',
      'within',
      'overlaps',
      'crosses',
      'intersects',
      'contains',
    ];
    for (const name of names)
      for (const shape of shapes)
        for (const inputs of [`location, geography'${shape}'`, `geography'${shape}', location`])
          await filtered('Locations', `st_${name}(${inputs})`);
    expect(api.faults).toEqual([]);
    expect(await filtered('Locations', `st_crosses(location, geography'${shapes[1]}')`)).toEqual([]);
    const relate = encodeURIComponent(`st_relate(location, geography'${shapes[0]}', 'T********')`);
    expect((await get(`/Locations?$filter=${relate}`)).statusCode).toBe(501);
    const far = encodeURIComponent(`geo.distance(location, geography'${shapes[2]}') lt 1`);
    expect((await get(`/Locations?$filter=${far}`)).statusCode).toBe(501);
  });

  it('filter and order datastreams by their times, which the store knows', async () => {
    const streams = (await read('/Datastreams?$select=id,phenomenonTime')).value;
    const newestFirst = (await read('/Datastreams?$select=id,phenomenonTime&$orderby=phenomenonTime desc'))
      .value;
    const begins = newestFirst.map((one) => String(one['phenomenonTime']).split('/')[0]);
    expect(begins).toEqual(begins.toSorted((a, b) => (String(a) < String(b) ? 1 : -1)));
    expect(new Set(begins).size).toBeGreaterThan(1);
    const after = '2026-02-25T00:00:00Z';
    const late = streams.filter((one) => String(one['phenomenonTime']) > after).map((one) => one['@iot.id']);
    expect(late.length).toBeGreaterThan(0);
    expect(late.length).toBeLessThan(streams.length);
    const found = await filtered('Datastreams', `phenomenonTime gt ${after}`);
    expect(found.map((one) => one['@iot.id'])).toEqual(late);
    expect((await filtered('Things', `Datastreams/phenomenonTime gt ${after}`)).length).toBeGreaterThan(0);
    expect((await filtered('Observations', `Datastream/phenomenonTime gt ${after}`)).length).toBeGreaterThan(
      0,
    );
    const nested = await read(`/Things?$expand=Datastreams($filter=phenomenonTime gt ${after})`);
    expect(nested.value.flatMap((one) => one['Datastreams'] as Entity[])).toHaveLength(late.length);
  });

  it('compare days, quoted times and times of day', async () => {
    const tp = await datastream('tp');
    const count = async (filter: string) =>
      (await filtered(`Datastreams(${tp})/Observations`, filter)).length;
    expect(await count('date(phenomenonTime) eq 2026-03-01')).toBe(3);
    expect(await count("date(phenomenonTime) eq '2026-03-01'")).toBe(3);
    expect(await count('date(phenomenonTime) eq date(2026-03-01T05:00:00Z)')).toBe(3);
    expect(await count("phenomenonTime ge '2026-03-01T21:00:00Z'")).toBe(2);
    expect(await count("time(phenomenonTime) eq '21:00:00'")).toBe(1);
  });

  it('give the newest and the first observations of all series, over pages', async () => {
    const everything = await all('/Observations?$top=1000');
    for (const [order, way] of [
      ['asc', 1],
      ['desc', -1],
    ] as const) {
      const expected = everything
        .toSorted((a, b) => {
          const [one, other] = [a, b].map((row) => String(row['phenomenonTime']));
          return one === other
            ? a['@iot.id'] - b['@iot.id']
            : way * (Date.parse(one!.split('/')[0]!) - Date.parse(other!.split('/')[0]!)) ||
                way * (one! < other! ? -1 : 1);
        })
        .map((row) => row['@iot.id']);
      const paged = await all(`/Observations?$orderby=phenomenonTime ${order}&$top=5&$skip=2`);
      expect(paged.map((row) => row['@iot.id'])).toEqual(expected.slice(2));
    }
  });

  it('read only the datastream that a filter names', async () => {
    const tp = await datastream('tp');
    const named = await read(`/Observations?$filter=Datastream/id eq ${tp} and result gt 0.12&$count=true`);
    expect(named).toMatchObject({ '@iot.count': 2, value: [{ result: 0.19 }, { result: 0.13 }] });
    const newest = await read(
      `/Observations?$filter=Datastream/id eq ${tp}&$orderby=phenomenonTime desc&$top=1&$select=result`,
    );
    expect(newest.value).toEqual([{ result: 0.11 }]);
  });

  it('go on behind missing values in a nested page, and keep nested options in its link', async () => {
    const tp = await datastream('tp');
    const stream = await read<Entity>(`/Datastreams(${tp})?$expand=Observations($top=2)`);
    expect(stream['Observations']).toMatchObject([{ result: 0.19 }, { result: 0.13 }]);
    const link = local(stream['Observations@iot.nextLink']);
    expect((await read(link)).value).toMatchObject([{ result: 0.11 }]);
    const inner = `$filter=name ne 'a&b;c';$top=1;$select=id;$expand=Observations($skip=1;$top=1;$select=result)`;
    const [thing] = await filtered('Things', "properties/station eq 'up'");
    const whole = await read<Entity>(
      `/Things(${thing!['@iot.id']})?$expand=${encodeURIComponent(`Datastreams(${inner})`)}`,
    );
    const next = new URL(String(whole['Datastreams@iot.nextLink'])).searchParams;
    expect(next.get('$filter')).toBe("name ne 'a&b;c'");
    expect(next.get('$expand')).toBe('Observations($select=result;$top=1;$skip=1)');
    await read(local(whole['Datastreams@iot.nextLink']));
  });

  it('tell the quality beside results in arrays', async () => {
    const nh3n = await datastream('nh3n');
    const path = `/Datastreams(${nh3n})/Observations?$resultFormat=dataArray`;
    const [group] = (await read(path)).value as unknown as { components: string[]; dataArray: unknown[][] }[];
    expect(group!.components).toEqual(['id', 'phenomenonTime', 'result', 'resultTime', 'resultQuality']);
    expect(group!.dataArray.at(-1)?.[4]).toMatchObject({ validity: 'suspect', stage: 0 });
    const [some] = (await read(`${path}&$select=result,validTime`)).value as unknown as (typeof group)[];
    expect(some!.components).toEqual(['result', 'validTime']);
    expect((await get(`${path}&$expand=Datastream`)).statusCode).toBe(501);
  });

  it('refuse what could only be answered wrongly', async () => {
    for (const [path, message] of [
      ['/Things?$filter=1', /a condition/],
      ['/Things?$filter=length(name)', /a condition/],
      ["/Things?$filter=name eq 'a' and 'b'", /a condition/],
      ['/Things?$orderby=Datastreams/name', /relations to one; Datastreams are many/],
      ['/Datastreams?$expand=Observations($resultFormat=dataArray)', /not "\$resultFormat"/],
    ] as const) {
      const answer = await get(path);
      expect({ path, status: answer.statusCode }).toEqual({ path, status: 400 });
      expect(answer.json<{ error: { message: string } }>().error.message).toMatch(message);
    }
  });
});

describe('SensorThings and sharing', () => {
  it('shows nothing to who may not see it, by any path', async () => {
    const closed = await testApp(stores, {
      config: () => ({ ...fixtureConfig, sharing: [] }),
      publicUrl: 'https://rivers.example',
    });
    const tp = await datastream('tp');
    for (const path of ['/Things', '/Datastreams', '/Observations', '/Locations', '/Sensors']) {
      const answer = await closed.app.inject(`/sta/v1.1${path}`);
      expect({ path, value: answer.json<Collection>().value }).toEqual({ path, value: [] });
    }
    for (const path of [
      `/Datastreams(${tp})`,
      `/Datastreams(${tp})/Observations`,
      `/Observations(${tp * 2 ** 33 + nowS - 4 * hourS})`,
    ])
      expect((await closed.app.inject(`/sta/v1.1${path}`)).statusCode).toBe(404);
    const owner = await closed.app.inject({ url: '/sta/v1.1/Datastreams', headers: api.as('viewer') });
    expect(owner.json<Collection>().value).toHaveLength(4);
    const stranger = await closed.app.inject({ url: '/sta/v1.1/Datastreams', headers: api.as('stranger') });
    expect(stranger.json<Collection>().value).toEqual([]);
    await closed.app.close();
  });
});
