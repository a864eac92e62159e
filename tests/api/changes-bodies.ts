import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../src/domain/batch.ts';
import type { SharingRule } from '../../src/domain/config/sharing.ts';
import { fixtureConfig } from './region-fixture.ts';
import { hourS, nowS, testApp, type Person, type Stores, type TestApp } from './test-app.ts';

interface Change {
  station: string;
  parameter: string;
  provider: string;
  averaging: string;
  revised: number;
  timeS: number[];
  values: (number | null)[];
  flags: number[];
  publishedS: (number | null)[];
}
interface Page {
  cursor: string;
  more: boolean;
  results: { seq: number; changes: Change[] }[];
}

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
/** Water: raw ones at once for the parties, after two hours for anyone. Air: for its owner only. The other provider's: for anyone. */
const sharing: SharingRule[] = [
  { id: 'air', product: 'readings', medium: 'air', grants: [{ tier: 'office' }], provenance },
  { id: 'neighbour', product: 'readings', provider: 'neighbour', grants: [{ tier: 'public' }], provenance },
  {
    id: 'water',
    product: 'readings',
    grants: [{ tier: 'partner' }, { tier: 'public', delaySeconds: 2 * hourS }],
    provenance,
  },
];

/** The change feed on whatever stores are opened: the same tests for each engine. */
export function changeFeedBodies(openStores: () => Promise<Stores>): void {
  let stores: Stores;
  let api: TestApp;
  const clock = { atS: nowS };
  beforeAll(async () => {
    stores = await openStores();
    api = await testApp(stores, {
      config: () => ({ ...fixtureConfig, sharing }),
      clock: { nowS: () => clock.atS },
    });
  });
  afterAll(async () => {
    await api.app.close();
    await stores.close();
  });

  const as = (person: Person | null) => (person === null ? {} : api.as(person));

  async function page(person: Person | null, query: string): Promise<Page> {
    const answer = await api.app.inject({ url: `/api/v1/changes?${query}`, headers: as(person) });
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json();
  }

  /** All there is now, page after page. */
  async function follow(person: Person | null, since: string | null, limit = 500) {
    const changes: (Change & { seq: number })[] = [];
    for (let cursor = since; ;) {
      const next = await page(person, `limit=${limit}${cursor === null ? '' : `&since=${cursor}`}`);
      for (const { seq, changes: some } of next.results)
        changes.push(...some.map((change) => ({ seq, ...change })));
      cursor = next.cursor;
      if (!next.more) return { changes, cursor };
    }
  }

  const valuesOf = (changes: Change[], provider: string, parameter = 'tp') =>
    changes
      .filter((change) => change.provider === provider && change.parameter === parameter)
      .flatMap(({ values }) => values);

  async function put(value: number, timeS: number): Promise<void> {
    const batch = new BatchBuilder('bureau');
    batch.add({ series: batch.seriesOf('up', 'tp', 'instant'), timeS, value });
    const body = new TextEncoder().encode(`tp ${value}`);
    const entry = await stores.journal.append({ kind: 'raw', receivedS: clock.atS, meta: {}, body });
    await stores.readings.apply({ seq: entry.seq, receivedS: clock.atS }, batch.build());
    api.progress.appliedSeq = entry.seq;
  }

  describe('the change feed', () => {
    it('tells every reading and every revision once, in the order of the journal, however small the pages', async () => {
      for (const limit of [500, 1]) {
        const { changes } = await follow('office', null, limit);
        expect(valuesOf(changes, 'bureau')).toEqual([0.14, 0.13, null, 0.11, 0.19]);
        expect(changes.map(({ seq }) => seq)).toEqual(
          changes.map(({ seq }) => seq).toSorted((a, b) => a - b),
        );
        const revision = changes.find(({ revised }) => revised > 0);
        expect(revision).toMatchObject({
          timeS: [nowS - 4 * hourS],
          values: [0.19],
          publishedS: [nowS - 60],
        });
        expect(changes.find(({ station }) => station === 'roof')?.timeS).toHaveLength(26);
      }
    });

    it('never tells of a hidden series, and of a delayed one later, neither lost nor twice', async () => {
      const first = await follow(null, null);
      expect(first.changes.some(({ station }) => station === 'roof')).toBe(false);
      expect(valuesOf(first.changes, 'neighbour')).toEqual([0.2]);
      // The first entry holds a sample of an hour ago: the whole lane waits for it, the prompt one does not.
      expect(valuesOf(first.changes, 'bureau')).toEqual([]);
      clock.atS = nowS + hourS;
      const second = await follow(null, first.cursor, 1);
      expect(valuesOf(second.changes, 'bureau')).toEqual([0.14, 0.13, null, 0.11, 0.19]);
      expect(valuesOf(second.changes, 'neighbour')).toEqual([]);
      const third = await follow(null, second.cursor);
      expect(third.changes).toEqual([]);
      clock.atS = nowS;
    });

    it('goes on from the slowest where rights changed, so that nothing falls between', async () => {
      const { cursor } = await follow('stranger', null);
      const partner = await follow('viewer', cursor);
      expect(valuesOf(partner.changes, 'bureau')).toEqual([0.14, 0.13, null, 0.11, 0.19]);
    });

    it('tells only what is asked for', async () => {
      const answer = await page('office', 'provider=neighbour&station=up');
      expect(answer.results.flatMap(({ changes }) => changes.map(({ provider }) => provider))).toEqual([
        'neighbour',
      ]);
    });

    it('waits for a change where one asks it to', async () => {
      const { cursor } = await follow('office', null);
      const waiting = page('office', `since=${cursor}&wait=20`);
      await put(0.41, nowS - 1800);
      expect((await waiting).results).toMatchObject([{ changes: [{ values: [0.41], parameter: 'tp' }] }]);
    });

    it('streams events that a client goes on from where it ended', async () => {
      const { cursor } = await follow('office', null);
      const url = await api.app.listen({ port: 0, host: '127.0.0.1' });
      const listen = async (lastEventId: string, act: () => Promise<void>): Promise<EventSourceMessage> => {
        const answer = await fetch(`${url}/api/v1/changes/stream?seconds=20`, {
          headers: { ...api.as('office'), 'last-event-id': lastEventId },
        });
        expect(answer.headers.get('content-type')).toContain('text/event-stream');
        const events: EventSourceMessage[] = [];
        const parser = createParser({ onEvent: (event) => events.push(event) });
        await act();
        const decoder = new TextDecoder();
        for await (const bytes of answer.body!) {
          parser.feed(decoder.decode(bytes, { stream: true }));
          if (events[0] !== undefined) return events[0];
        }
        throw new Error('the stream ended without an event');
      };
      const first = await listen(cursor, () => put(0.51, nowS - 900));
      expect(first.event).toBe('changes');
      expect((JSON.parse(first.data) as Page).results[0]?.changes[0]?.values).toEqual([0.51]);
      await put(0.52, nowS - 600);
      const second = await listen(first.id!, () => Promise.resolve());
      expect((JSON.parse(second.data) as Page).results[0]?.changes[0]?.values).toEqual([0.52]);
    });

    it('refuses a cursor that it did not give, naming it', async () => {
      for (const since of ['12', 'x', '0:1.2.3~ab', '0:~']) {
        const answer = await api.app.inject({ url: `/api/v1/changes?since=${since}`, headers: as('office') });
        expect({ since, status: answer.statusCode }).toEqual({ since, status: 400 });
      }
    });
  });
}
