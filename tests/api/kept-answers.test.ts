import fastify from 'fastify';
import { expect, it } from 'vitest';
import { KeptAnswers } from '../../src/api/http/kept-answers.ts';
import type { Seen } from '../../src/api/auth/seen-by.ts';

it('what is kept has an end also where addresses are long and answers short', async () => {
  const kept = new KeptAnswers(10_000);
  const seen = {
    audience: { name: 'anyone', delayed: false, nowS: 0 },
    readings: {},
    version: '1',
    progress: () => ({ appliedSeq: 1 }),
    config: () => ({ hash: 'a' }),
    noted: [],
    noteAgain: () => undefined,
  } as unknown as Seen;
  const made: string[] = [];
  const app = fastify();
  app.get('/', (request, reply) =>
    kept.send(request, reply, {
      seen,
      facts: [],
      type: 'text/plain',
      make: () => {
        made.push(request.url.slice(0, 4));
        return Promise.resolve({ text: 'nothing' });
      },
    }),
  );
  const get = async (name: string) => {
    expect((await app.inject(`/?${name}=${'x'.repeat(3000)}`)).body).toBe('nothing');
  };
  for (const name of ['ab', 'ab', 'cd', 'ef', 'gh', 'ab', 'gh']) await get(name);
  expect(made).toEqual(['/?ab', '/?cd', '/?ef', '/?gh', '/?ab']);
  await app.close();
});
