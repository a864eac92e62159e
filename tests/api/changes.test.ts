import { expect, test } from 'vitest';
import type { Seen } from '../../src/api/auth/seen-by.ts';
import { feedPage } from '../../src/api/readings/change-feed.ts';
import { changeFeedBodies } from './changes-bodies.ts';
import { fixtureConfig } from './region-fixture.ts';
import { openStores } from './test-app.ts';

changeFeedBodies(openStores);

test('a page ends, and leads on, where a reader may see nothing of a feed that goes on and on', async () => {
  let looks = 0;
  const readings = {
    written: async () => new Map(),
    changesSince: async () => ({ cursor: String((looks += 1)), more: true, entries: [] }),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a page asks of it
  const seen = { config: () => fixtureConfig, readings } as unknown as Seen;
  const asked = { limit: 1, filter: { providers: null, stations: null, parameters: null } };
  const first = await feedPage(seen, { ...asked, since: null });
  expect(first).toEqual({ cursor: String(looks), more: true, entries: [] });
  const second = await feedPage(seen, { ...asked, since: first.cursor });
  expect(Number(second.cursor)).toBeGreaterThan(Number(first.cursor));
});
