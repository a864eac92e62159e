import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFindings, chromiumProgram, startLivePage, type LivePage } from './live-page.ts';

const password = 'long enough for anybody';
const program = path.resolve(import.meta.dirname, '../../bin/jiehe.mjs');

async function signIn(page: Page, words: { name: string; password: string; go: string }): Promise<void> {
  await page.getByTestId('access').click();
  const form = page.getByTestId('sign-in');
  await form.getByLabel(words.name).fill('office');
  await form.getByLabel(words.password).fill(password);
  await form.getByRole('button', { name: words.go }).click();
  await form.waitFor({ state: 'detached' });
}

describe.skipIf(chromiumProgram === null)('alerts in a browser', () => {
  let live: LivePage;
  beforeAll(async () => {
    live = await startLivePage({ quiet: true });
    await live.post('/users', { id: 'office', name: '联合办', role: 'joint-office', password });
  }, 120_000);
  afterAll(async () => {
    await live?.close();
  });

  it('shows a drill on a phone as soon as it is told, and takes the answers to it', async () => {
    const page = await live.open('/account', { size: 'phone', alone: true });
    await signIn(page, { name: '用户名', password: '密码', go: '登录' });
    await page.getByRole('link', { name: '预警' }).click();
    const list = page.getByTestId('alerts');
    await list.getByText('没有这样的预警').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    const drill = ['alerts', 'test', '--station', 'songxi-yanxia', '--data', live.dataDir];
    await promisify(execFile)(process.execPath, [program, ...drill]);
    // Sooner than the page asks by itself.
    await list.getByRole('link', { name: /松溪岩下 · 预警演练/ }).click({ timeout: 40_000 });
    const alert = page.getByTestId('alert');
    const timeline = alert.getByTestId('timeline');
    await timeline.getByText('通知', { exact: true }).waitFor();
    await alert.getByLabel('说明').fill('已派人到现场');
    await alert.getByRole('button', { name: '确认收到' }).click();
    await timeline.getByText('已派人到现场').waitFor();
    await alert.getByLabel('说明').fill('取样送检');
    await alert.getByRole('button', { name: '评论' }).click();
    await timeline.getByText('取样送检').waitFor();
    await alert.getByLabel('承办人').fill('wang');
    await alert.getByRole('button', { name: '交办' }).click();
    await timeline.getByText('wang').waitFor();
    const told = await alert.getByRole('region', { name: '已告知' }).innerText();
    expect(told).toMatch(/南平市生态环境值班 · 大屏与网页 · .*已送达/u);
    expect(await accessibilityFindings(page)).toEqual([]);
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(wide).toBeLessThanOrEqual(0);
    await page.close();
  });

  it('takes a report of an incident in English, and shows it until it is over', async () => {
    const page = await live.open('/account', { language: 'en', alone: true });
    await signIn(page, { name: 'Name', password: 'Password', go: 'Sign in' });
    await page.getByRole('link', { name: 'Alerts' }).click();
    await page.getByRole('button', { name: 'Report an incident' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Kind').click();
    await page.getByTitle('Fish kill').click();
    await dialog.getByLabel('Sections or stations').fill('Songxi');
    await page.getByTitle('Songxi Yanxia').first().click();
    await dialog.getByLabel('What happened').fill('dead fish over two kilometres');
    await dialog.getByRole('button', { name: 'Report', exact: true }).click();
    const incidents = page.getByRole('region', { name: 'Incidents' });
    await incidents.getByText('dead fish over two kilometres').waitFor();
    await incidents.getByRole('button', { name: 'End' }).click();
    const ending = page.getByRole('dialog').filter({ has: page.getByLabel('Reason') });
    await ending.getByLabel('Reason').fill('cleared');
    await ending.getByRole('button', { name: 'End' }).click();
    await incidents.getByText('No incident goes on').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.close();
  });

  it('made no console error, no policy violation and no request to anywhere else', () => {
    expect(live.complaints).toEqual([]);
  });
});
