import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { findProgram } from '../servers/required.ts';
import { ensureBuiltPage } from './built-page.ts';

export const chromiumProgram = findProgram(['chromium', 'chromium-browser']);

export const sizes = { desktop: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof sizes;

interface Summary {
  water: { withSource: number; judged: number };
  air: { withSource: number; judged: number };
}

export interface OpenOptions {
  size?: Size;
  language?: 'zh' | 'en';
  alone?: boolean;
  before?: (page: Page) => Promise<unknown>;
}

export interface LivePage {
  url: string;
  /** Of the server; `jiehe` with it runs inside the server. */
  dataDir: string;
  browser: Browser;
  /** What pages complained of: console errors and warnings, faults, requests that left the server. */
  complaints: string[];
  get<T>(path: string): Promise<T>;
  /** POST with the administrator's token. */
  post<T>(path: string, body: object): Promise<T>;
  /** GET with the administrator's token. */
  ask<T>(path: string): Promise<T>;
  /** A page in another time zone than the region's. Pages of one size share a browser context and its cache, unless `alone`. */
  open(path: string, options?: OpenOptions): Promise<Page>;
  close(): Promise<void>;
}

async function answer<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

const root = path.resolve(import.meta.dirname, '../..');

/** The configuration with no source that is pulled, for a server that holds what people hand in and nothing else. */
function quietConfig(dataDir: string, configure: (regionFolder: string) => void): string {
  const copy = path.join(dataDir, 'config');
  cpSync(path.join(root, 'config'), copy, { recursive: true });
  const file = path.join(copy, 'regions', 'zhe-min-gan', 'sources.yaml');
  const [head = '', ...sources] = readFileSync(file, 'utf8').split(/^(?= {2}- id:)/m);
  const still = sources.map((source) =>
    source.includes('push: true') ? source : source.replace('enabled: true', 'enabled: false'),
  );
  writeFileSync(file, [head, ...still].join(''));
  configure(path.dirname(file));
  return copy;
}

/** `jiehe serve` as its own process on a free port; stopped by its process id. */
async function startServer(
  dataDir: string,
  options: readonly string[] = [],
): Promise<{ url: string; administrator: string; stop(): Promise<void> }> {
  const command = [
    path.join(root, 'bin', 'jiehe.mjs'),
    'serve',
    '--data',
    dataDir,
    '--port',
    '0',
    ...options,
  ];
  const env = { ...process.env, JIEHE_LOG_LEVEL: 'error' };
  const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let said = '';
  const told = await new Promise<{ url: string; administrator: string }>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      const [, url, administrator] = /(http:\/\/127\.0\.0\.1:\d+)[^]*(jh_\S+)\s/.exec(said) ?? [];
      if (url !== undefined && administrator !== undefined) resolve({ url, administrator });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${said}`)));
  });
  return {
    ...told,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Every station that the simulator reports has a verdict; gives up after a minute. */
async function filled(url: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const { result } = await answer<{ result: Summary }>(`${url}/api/v1/summary`);
    const { water, air } = result;
    if (water.judged >= water.withSource - 5 && water.judged > 20 && air.judged > 10) return;
    if (performance.now() > deadline) throw new Error(`no data: ${JSON.stringify(result)}`);
    await wait(200);
  }
}

function watch(page: Page, url: string, complaints: string[]): void {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on('request', (request) => {
    const address = request.url();
    if (![url, 'data:', 'blob:'].some((start) => address.startsWith(start)))
      complaints.push(`outside request: ${address}`);
  });
}

function contextOf(browser: Browser, size: Size): Promise<BrowserContext> {
  return browser.newContext({ viewport: sizes[size], timezoneId: 'America/New_York', locale: 'en-US' });
}

/** The whole system on the simulator and embedded stores in a temporary folder, and a browser to look at it. `quiet`: no simulator, nothing is pulled; `configure` may change the copy of the region's files that it then runs on. */
export async function startLivePage({
  quiet = false,
  configure = () => undefined,
}: { quiet?: boolean; configure?: (regionFolder: string) => void } = {}): Promise<LivePage> {
  if (chromiumProgram === null) throw new Error('no chromium here');
  ensureBuiltPage();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'jiehe-browser-'));
  const server = await startServer(dataDir, quiet ? ['--config', quietConfig(dataDir, configure)] : []);
  const { url } = server;
  const browser = await chromium.launch({
    executablePath: chromiumProgram,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const complaints: string[] = [];
  const bearer = { authorization: `Bearer ${server.administrator}` };
  const shared = { desktop: contextOf(browser, 'desktop'), phone: contextOf(browser, 'phone') };
  const live: LivePage = {
    url,
    dataDir,
    browser,
    complaints,
    get: (where) => answer(`${url}/api/v1${where}`),
    ask: (where) => answer(`${url}/api/v1${where}`, { headers: bearer }),
    post: (where, body) =>
      answer(`${url}/api/v1${where}`, {
        method: 'POST',
        headers: { ...bearer, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async open(where, { size = 'desktop', language = 'zh', alone = false, before } = {}) {
      const context = alone ? await contextOf(browser, size) : await shared[size];
      const page = await context.newPage();
      watch(page, url, complaints);
      await before?.(page);
      await page.goto(`${url}${where}${where.includes('?') ? '&' : '?'}lang=${language}`);
      return page;
    },
    async close() {
      await browser.close();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  try {
    if (!quiet) await filled(url);
  } catch (error) {
    await live.close();
    throw error;
  }
  return live;
}

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Findings of WCAG 2.2 A and AA on what is shown now, as `rule: element`. */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  await page.evaluate(`${await readFile(axeFile, 'utf8')}; void 0`);
  return page.evaluate(async () => {
    interface Found {
      violations: { id: string; nodes: { html: string }[] }[];
    }
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<Found> } };
    const { violations } = await axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}
