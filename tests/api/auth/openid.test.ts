import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStores, testApp, type Stores, type TestApp } from '../test-app.ts';

const clientId = 'jiehe';
const clientSecret = 'a client secret for tests';

let stores: Stores;
let api: TestApp;
let server: Server;
let issuer: string;
let home: string;
/** What the provider says of the person who signs in next. */
let subject = 'someone';

/** Signs in and consents in one step each, as a person who is `subject`. */
async function letIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: subject, clientId: String(params.client_id) });
  grant.addOIDCScope('openid profile');
  const result =
    prompt.name === 'login'
      ? { login: { accountId: subject } }
      : { consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

/** A real OpenID provider on a loopback port that signs in `subject` without asking. */
async function startProvider(redirect: string): Promise<void> {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirect],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    pkce: { required: () => true },
    cookies: { keys: ['tests'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context, interaction) => `/sign-in/${interaction.uid}` },
  });
  const handle = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/sign-in/') === true) void letIn(provider, request, response);
    else void handle(request, response);
  });
}

beforeAll(async () => {
  stores = await openStores();
  const placeholder = createServer();
  await new Promise<void>((resolve) => placeholder.listen(0, '127.0.0.1', resolve));
  home = `http://127.0.0.1:${(placeholder.address() as AddressInfo).port}`;
  await new Promise((resolve) => placeholder.close(resolve));
  await startProvider(`${home}/auth/openid/callback`);
  const openId = { issuer, clientId, clientSecret };
  api = await testApp(stores, {
    publicUrl: home,
    openId,
    clock: { nowS: () => Math.floor(Date.now() / 1000) },
  });
});
afterAll(async () => {
  await api.app.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await stores.close();
});

/** Follows a browser's way from our door through the provider back to us; answers our last response. */
async function signIn(): Promise<{ status: number; body: string; cookie: string | undefined; back: string }> {
  let location = (await api.app.inject('/auth/openid')).headers.location ?? '';
  const jar = new Map<string, string>();
  while (!location.startsWith(home)) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(location, { redirect: 'manual', headers: { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    location = new URL(answer.headers.get('location') ?? '', issuer).href;
  }
  const back = location.slice(home.length);
  const answer = await api.app.inject(back);
  const cookie = answer.cookies.find(({ name }) => name === 'jiehe_session')?.value;
  return { status: answer.statusCode, body: answer.body, cookie, back };
}

describe('sign-in through an OpenID provider', () => {
  it('lets in whom a user names by issuer and subject, once a way', async () => {
    const payload = {
      id: 'lin',
      name: 'Lin',
      role: 'finance',
      jurisdiction: '330300',
      issuer,
      subject: 'someone',
    };
    const headers = api.as('administrator');
    expect(
      (await api.app.inject({ method: 'POST', url: '/api/v1/users', headers, payload })).statusCode,
    ).toBe(201);
    const done = await signIn();
    expect(done.status).toBe(302);
    const me = await api.app.inject({
      url: '/api/v1/me',
      headers: { cookie: `jiehe_session=${done.cookie}` },
    });
    expect(me.json()).toMatchObject({ result: { id: 'lin', role: 'finance', jurisdiction: '330300' } });
    expect((await api.app.inject(done.back)).json()).toMatchObject({
      error: { details: { reason: 'OPENID_REFUSED' } },
    });
  });

  it('refuses whom nobody added, and says under which name', async () => {
    subject = 'a-stranger';
    const done = await signIn();
    expect(done.status).toBe(401);
    expect(done.cookie).toBeUndefined();
    expect(JSON.parse(done.body)).toMatchObject({ error: { details: { issuer, subject: 'a-stranger' } } });
    const page = await api.app.inject({ url: done.back, headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(page.statusCode).toBe(401);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.body).toContain('登录未成功 · Sign-in failed');
    expect(page.body).toContain('this sign-in was not begun here, is over or was used already');
    expect(page.body).toContain('此次登录不是从这里发起的');
    expect(page.body).toContain('href="/account"');
  });

  it('refuses a way back that was not begun here', async () => {
    const answer = await api.app.inject('/auth/openid/callback?code=x&state=made-up');
    expect(answer.statusCode).toBe(401);
  });
});
