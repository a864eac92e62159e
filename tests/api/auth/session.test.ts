import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword, passwordFits } from '../../../src/api/auth/passwords.ts';
import { nowS, openStores, testApp, type Stores, type TestApp } from '../test-app.ts';

let stores: Stores;
let api: TestApp;
let atS = nowS;
beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores, { clock: { nowS: () => atS } });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const password = 'correct horse battery 电池';

async function addUser(id: string, role: string, more: object = {}): Promise<void> {
  const answer = await api.app.inject({
    method: 'POST',
    url: '/api/v1/users',
    headers: api.as('administrator'),
    payload: { id, name: id, role, jurisdiction: '331100', password, ...more },
  });
  expect(answer.statusCode).toBe(201);
}

interface SignedIn {
  cookie: string;
  csrf: string;
  mustEnrol: boolean;
}

async function signIn(
  user: string,
  more: object = {},
): Promise<{ status: number; reason: string; in: SignedIn }> {
  const answer = await api.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    payload: { user, password, ...more },
  });
  const body = answer.json<{
    result?: { csrf: string; mustEnrol: boolean };
    error?: { code: string; details: { reason?: string } };
  }>();
  const cookie = `jiehe_session=${answer.cookies.find(({ name }) => name === 'jiehe_session')?.value ?? ''}`;
  return {
    status: answer.statusCode,
    reason: body.error?.details.reason ?? body.error?.code ?? '',
    in: { cookie, csrf: body.result?.csrf ?? '', mustEnrol: body.result?.mustEnrol ?? false },
  };
}

const codeOf = (secret: string): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: atS * 1000 });

describe('passwords', () => {
  it('are kept as Argon2id under a salt of their own and compared whole', async () => {
    const [one, two] = [await hashPassword(password), await hashPassword(password)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await passwordFits(password, one)).toBe(true);
    expect(await passwordFits(`${password} `, one)).toBe(false);
    expect(await passwordFits(password, 'not a hash')).toBe(false);
  });

  it('never stand in the journal, not even hashed where it is read', async () => {
    await addUser('written', 'viewer');
    const entries: string[] = [];
    for (let seq = 1; seq <= stores.journal.head().seq; seq++) {
      entries.push(Buffer.from((await stores.journal.get(seq)).body).toString('utf8'));
    }
    expect(entries.join('\n')).not.toContain(password);
    const seq = stores.journal.head().seq;
    const shown = await api.app.inject({ url: `/api/v1/journal/${seq}`, headers: api.as('office') });
    expect(shown.body).toContain('set-password');
    expect(shown.body).not.toContain('argon2id');
  });
});

describe('sessions', () => {
  it('open with name and password, say who one is, and end', async () => {
    await addUser('li', 'duty-officer');
    const { status, in: session } = await signIn('li');
    expect(status).toBe(200);
    const me = async () =>
      (await api.app.inject({ url: '/api/v1/me', headers: { cookie: session.cookie } })).json<{
        result: object;
      }>().result;
    expect(await me()).toMatchObject({ id: 'li', role: 'duty-officer', session: { csrf: session.csrf } });
    const headers = { cookie: session.cookie, 'x-csrf-token': session.csrf };
    expect((await api.app.inject({ method: 'DELETE', url: '/api/v1/session', headers })).statusCode).toBe(
      200,
    );
    expect(await me()).toEqual({ id: null, role: null, jurisdiction: null, session: null, openId: false });
  });

  it('end by themselves when they are not used, and after a day at the latest', async () => {
    await addUser('wang', 'viewer');
    const began = atS;
    const { in: session } = await signIn('wang');
    const known = async () =>
      (await api.app.inject({ url: '/api/v1/me', headers: { cookie: session.cookie } })).json<{
        result: { id: string | null };
      }>().result.id;
    for (const hours of [7, 14, 21]) {
      atS = began + hours * 3600;
      expect(await known()).toBe('wang');
    }
    atS = began + 25 * 3600;
    expect(await known()).toBeNull();
    const idle = await signIn('wang');
    atS += 9 * 3600;
    const later = await api.app.inject({ url: '/api/v1/me', headers: { cookie: idle.in.cookie } });
    expect(later.json()).toMatchObject({ result: { id: null } });
  });

  it('change nothing without the token of their session, nor from another site', async () => {
    await addUser('chen', 'administrator');
    const { in: session } = await signIn('chen');
    const create = (headers: Record<string, string>) =>
      api.app.inject({
        method: 'POST',
        url: '/api/v1/keys',
        headers: { cookie: session.cookie, ...headers },
        payload: { holder: 'script', role: 'viewer' },
      });
    const refused = { error: { code: 'E_FORBIDDEN', details: { reason: 'FORGED_REQUEST' } } };
    expect((await create({})).json()).toMatchObject(refused);
    expect((await create({ 'x-csrf-token': 'guess' })).json()).toMatchObject(refused);
    const foreign = { 'x-csrf-token': session.csrf, 'sec-fetch-site': 'cross-site' };
    expect((await create(foreign)).json()).toMatchObject(refused);
    expect((await create({ 'x-csrf-token': session.csrf })).statusCode).toBe(201);
  });

  it('are refused alike for a wrong password and an unknown name, and for all after five failures', async () => {
    await addUser('zhao', 'viewer');
    expect(await signIn('zhao', { password: 'wrong' })).toMatchObject({
      status: 401,
      reason: 'WRONG_NAME_OR_PASSWORD',
    });
    expect(await signIn('nobody')).toMatchObject({ status: 401, reason: 'WRONG_NAME_OR_PASSWORD' });
    for (let failure = 0; failure < 4; failure++) await signIn('zhao', { password: 'wrong' });
    expect(await signIn('zhao')).toMatchObject({ status: 429, reason: 'E_TOO_MANY_REQUESTS' });
    const refused = await api.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { user: 'zhao', password: 'wrong' },
    });
    expect(refused.headers['retry-after']).toBe('900');
    atS += 901;
    expect((await signIn('zhao')).status).toBe(200);
  });

  it('of a disabled person are over at once', async () => {
    await addUser('gone', 'viewer');
    const { in: session } = await signIn('gone');
    const url = '/api/v1/users/gone';
    expect(
      (await api.app.inject({ method: 'DELETE', url, headers: api.as('administrator') })).statusCode,
    ).toBe(200);
    const me = await api.app.inject({ url: '/api/v1/me', headers: { cookie: session.cookie } });
    expect(me.json()).toMatchObject({ result: { id: null } });
    expect((await signIn('gone')).status).toBe(401);
  });
});

describe('a second factor', () => {
  it('is what a signatory must enrol before anything else, and show at every sign-in', async () => {
    await addUser('sign', 'signatory');
    const first = await signIn('sign');
    expect(first.in.mustEnrol).toBe(true);
    const post = (session: SignedIn, url: string, payload?: object) =>
      api.app.inject({
        method: 'POST',
        url,
        headers: { cookie: session.cookie, 'x-csrf-token': session.csrf },
        ...(payload === undefined ? {} : { payload }),
      });
    const act = await post(first.in, '/api/v1/statements/ou-pact.2026-02.1/signatures', {});
    expect(act.json()).toMatchObject({ error: { details: { reason: 'SECOND_FACTOR_NEEDED' } } });
    const { secret } = (await post(first.in, '/api/v1/session/totp')).json<{ result: { secret: string } }>()
      .result;
    expect((await post(first.in, '/api/v1/session/totp/confirm', { code: '000000' })).statusCode).toBe(401);
    const confirmed = await post(first.in, '/api/v1/session/totp/confirm', { code: codeOf(secret) });
    expect(confirmed.json()).toMatchObject({ result: { secondFactor: true, mustEnrol: false } });
    const old = await api.app.inject({ url: '/api/v1/me', headers: { cookie: first.in.cookie } });
    expect(old.json()).toMatchObject({ result: { id: null } });

    expect(await signIn('sign')).toMatchObject({ status: 401, reason: 'CODE_NEEDED' });
    expect(await signIn('sign', { code: codeOf(secret) })).toMatchObject({
      status: 401,
      reason: 'CODE_WRONG',
    });
    atS += 30;
    const again = await signIn('sign', { code: codeOf(secret) });
    expect(again).toMatchObject({ status: 200, in: { mustEnrol: false } });
    const allowed = await post(again.in, '/api/v1/statements/ou-pact.2026-02.1/signatures', {});
    expect(
      allowed.json<{ error?: { details: { reason?: string } } }>().error?.details.reason,
    ).toBeUndefined();
  });

  it('is nowhere in clear, and an administrator can take a lost one away', async () => {
    await addUser('lost', 'viewer');
    const { in: session } = await signIn('lost');
    const headers = { cookie: session.cookie, 'x-csrf-token': session.csrf };
    const made = await api.app.inject({ method: 'POST', url: '/api/v1/session/totp', headers });
    const { secret } = made.json<{ result: { secret: string } }>().result;
    await api.app.inject({
      method: 'POST',
      url: '/api/v1/session/totp/confirm',
      headers,
      payload: { code: codeOf(secret) },
    });
    expect((await signIn('lost')).reason).toBe('CODE_NEEDED');
    const url = '/api/v1/users/lost/totp';
    expect(
      (await api.app.inject({ method: 'DELETE', url, headers: api.as('administrator') })).statusCode,
    ).toBe(200);
    expect((await signIn('lost')).status).toBe(200);
  });
});

describe('the state', () => {
  it('is the same, people and all, when it is made again from the journal', async () => {
    const { tables } = await stores.state.rebuild();
    const differing = tables.filter(({ equal }) => !equal);
    expect(differing).toEqual([]);
    expect(tables.find(({ name }) => name === 'user_account')?.rows).toBeGreaterThan(3);
  });
});
