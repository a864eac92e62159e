import { expect, test } from 'vitest';
import type { ActKind } from '../../../src/domain/acts.ts';
import { actSchemas, checkAct } from '../../../src/store/state/act-kinds.ts';

/** Every kind that carries a credential, in which form, and a clear one that it must refuse. */
const carried: Record<string, { field: string; clear: string; payload: Record<string, unknown> }> = {
  'create-key@1': {
    field: 'tokenHash',
    clear: `jh_${'a'.repeat(43)}`,
    payload: {
      keyId: 'k1',
      tokenHash: 'a'.repeat(64),
      name: null,
      role: 'viewer',
      jurisdiction: null,
      expiresS: null,
    },
  },
  'set-password@1': {
    field: 'passwordHash',
    clear: 'correct horse battery staple',
    payload: { userId: 'chen', passwordHash: `$argon2id$v=19$m=65536,t=3,p=1$${'a'.repeat(40)}` },
  },
  'enrol-totp@1': {
    field: 'sealedSecret',
    clear: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    payload: { userId: 'chen', sealedSecret: `v1.${'a'.repeat(60)}` },
  },
  'create-subscription@1': {
    field: 'sealedSecret',
    clear: `whsec_${'A'.repeat(44)}`,
    payload: {
      url: 'https://example.org/hook',
      events: ['readings.changed'],
      stations: null,
      parameters: null,
      owner: { id: 'k1', role: 'viewer', jurisdiction: null, scopes: [] },
      sealedSecret: `v1.${'a'.repeat(60)}`,
      afterSeq: 0,
    },
  },
};

/** Public keys and signatures are no credentials: they are published. */
const published = new Set(['publish-signing-key@1', 'revoke-signing-key@1', 'sign-statement@1']);
const credential = /secret|passw|token|credential|apikey|privatekey|^pin$|otp|^code$|seed/i;

/** Names of all members, however deep, of a JSON schema. */
function members(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own =
    'properties' in schema && typeof schema.properties === 'object' && schema.properties !== null
      ? Object.keys(schema.properties)
      : [];
  return [...own, ...Object.values(schema).flatMap(members)];
}

test('no act has a place for a credential but those that are listed here, and an unlisted member is refused', () => {
  const schemas = Object.entries(actSchemas());
  expect(schemas.length).toBeGreaterThan(40);
  const found = schemas
    .filter(([kind]) => !published.has(kind))
    .flatMap(([kind, schema]) =>
      members(schema)
        .filter((name) => credential.test(name))
        .map((name) => `${kind} ${name}`),
    );
  expect(found.sort()).toEqual(
    Object.entries(carried)
      .map(([kind, { field }]) => `${kind} ${field}`)
      .sort(),
  );
  const open = schemas.filter(
    ([, schema]) => (schema as { additionalProperties?: unknown }).additionalProperties !== false,
  );
  expect(open.map(([kind]) => kind)).toEqual([]);
});

test.each(Object.entries(carried))('%s takes a credential as hash or sealed, never in clear', (name, of) => {
  const [kind = '', version] = name.split('@');
  const act = (payload: Record<string, unknown>) =>
    ({
      kind: kind as ActKind,
      version: Number(version) as 1 | 2,
      id: 'a1',
      actor: 'chen',
      atS: 1,
      payload,
    }) as const;
  checkAct(act(of.payload));
  expect(() => checkAct(act({ ...of.payload, [of.field]: of.clear }))).toThrow(of.field);
});
