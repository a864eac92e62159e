import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFindings, chromiumProgram, startLivePage, type LivePage } from './live-page.ts';

const password = 'long enough for anybody';

/** Signs in as one of the people that the administrator added, on a page in Chinese. */
async function signIn(page: Page, user: string, code?: string): Promise<void> {
  await page.getByTestId('access').click();
  const form = page.getByTestId('sign-in');
  await form.getByLabel('用户名').fill(user);
  await form.getByLabel('密码').fill(password);
  if (code !== undefined) await form.getByLabel('动态验证码').fill(code);
  await form.getByRole('button', { name: '登录' }).click();
}

describe.skipIf(chromiumProgram === null)('the work of a bureau in a browser', () => {
  let live: LivePage;
  beforeAll(async () => {
    live = await startLivePage({ quiet: true });
    await live.post('/users', { id: 'office', name: '联合办', role: 'joint-office', password });
    await live.post('/users', { id: 'signer', name: '签署人', role: 'signatory', password });
  }, 120_000);
  afterAll(async () => {
    await live?.close();
  });

  it('says in words why a sign-in fails, lets a person in and out again', async () => {
    const page = await live.open('/sources', { alone: true });
    // A refused sign-in is told by the browser's console as well; it is what this test wants.
    const before = live.complaints.length;
    await page.getByTestId('access').click();
    const form = page.getByTestId('sign-in');
    await form.getByLabel('用户名').fill('office');
    await form.getByLabel('密码').fill('not the password');
    await form.getByRole('button', { name: '登录' }).click();
    await page.getByText('用户名或密码不正确。').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(live.complaints.splice(before).every((text) => text.includes('401'))).toBe(true);
    await form.getByLabel('密码').fill(password);
    await form.getByRole('button', { name: '登录' }).click();
    await page.getByRole('button', { name: '联合办 · 联合办公室' }).click();
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.getByTestId('access').getByText('登录', { exact: true }).waitFor();
    await page.close();
  });

  it('leads a signatory to a second factor, which the next sign-in asks for', async () => {
    const page = await live.open('/sources', { alone: true });
    await signIn(page, 'signer');
    await page.getByTestId('account').getByText('签署人须先绑定动态验证码').waitFor();
    await page.getByRole('button', { name: '绑定验证器' }).click();
    const secret = await page.getByTestId('totp-secret').innerText();
    expect(await accessibilityFindings(page)).toEqual([]);
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    await page.getByTestId('account').getByLabel('动态验证码').fill(totp.generate());
    await page.getByRole('button', { name: '确认绑定' }).click();
    await page.getByText('已绑定动态验证码，登录时需要输入。').waitFor();
    await page.getByTestId('access').click();
    await page.getByRole('button', { name: '退出登录' }).click();
    const before = live.complaints.length;
    await page.getByTestId('access').getByText('登录', { exact: true }).waitFor();
    await signIn(page, 'signer');
    await page.getByText('请再输入验证器中的动态验证码。').waitFor();
    const next = totp.generate({ timestamp: Date.now() + 30_000 });
    await page.getByTestId('sign-in').getByLabel('动态验证码').fill(next);
    await page.getByTestId('sign-in').getByRole('button', { name: '登录' }).click();
    await page.getByRole('button', { name: '签署人 · 签署' }).waitFor();
    expect(live.complaints.splice(before).every((text) => text.includes('401'))).toBe(true);
    await page.close();
  });

  it('takes a sheet: shows its faults by cell, and what becomes of the rows that are accepted', async () => {
    const page = await live.open('/account', { alone: true });
    await signIn(page, 'office');
    await page.getByRole('button', { name: '联合办 · 联合办公室' }).waitFor();
    await page.getByRole('link', { name: '上传' }).click();
    const sheet =
      '断面名称,断面编码,月份,总磷(mg/L)\n氡泉,330300_2010,2021-03,0.100\n交溪,330300_2012,2021-03,x\n';
    const file = { name: '月值.csv', mimeType: 'text/csv', buffer: Buffer.from(sheet) };
    await page.getByLabel('选择文件').setInputFiles(file);
    await page.getByRole('button', { name: '上传并查看' }).click();
    const preview = page.getByTestId('preview');
    await preview.getByText('VALUE_NOT_A_NUMBER').waitFor();
    expect(await preview.locator('.sheet-issues').innerText()).toContain('D3');
    expect(await accessibilityFindings(page)).toEqual([]);
    await preview.getByLabel('选择第 2 行').check();
    await preview.getByRole('button', { name: '受理所选（1 行）' }).click();
    await preview.getByText('新增 1').waitFor();
    expect(await preview.getByTestId('decisions').innerText()).toContain('office');
    await page.getByRole('cell', { name: '已受理' }).waitFor();
    // Pages of one upload, so that two uploads are two pages.
    await page.route(/\/api\/v1\/uploads(\?.*)?$/, async (route) => {
      const url = new URL(route.request().url());
      url.searchParams.set('limit', '1');
      await route.continue({ url: url.href });
    });
    await page.getByLabel('选择文件').setInputFiles({ ...file, name: '月值二.csv' });
    await page.getByRole('button', { name: '上传并查看' }).click();
    const older = page.getByRole('button', { name: '更早的' });
    await older.waitFor();
    expect(await page.getByText('月值.csv', { exact: true }).count()).toBe(0);
    await older.click();
    await page.getByRole('cell', { name: '已受理' }).waitFor();
    await older.waitFor({ state: 'detached' });
    await page.close();
  });

  it('lists what waits, and says of each list that nothing does', async () => {
    const page = await live.open('/account', { alone: true });
    await signIn(page, 'office');
    await page.getByRole('button', { name: '联合办 · 联合办公室' }).waitFor();
    await page.getByRole('link', { name: '待办' }).click();
    const work = page.getByTestId('work');
    await work.getByText('没有等待准入的设备').waitFor();
    await work.getByText('没有待决定的特殊情形').waitFor();
    await work.getByRole('region', { name: '中断', exact: true }).first().waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.close();
  });

  it('made no console error, no policy violation and no request to anywhere else', () => {
    expect(live.complaints).toEqual([]);
  });
});
