import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFindings, chromiumProgram, startLivePage, type LivePage } from './live-page.ts';
import { addBorderAgreement, agreement, settleBorder } from './settled-border.ts';

const password = 'long enough for anybody';
const march = `${agreement}.2021-03`;

describe.skipIf(chromiumProgram === null)('issued statements in a browser', () => {
  let live: LivePage;
  beforeAll(async () => {
    live = await startLivePage({ quiet: true, configure: addBorderAgreement });
    await live.post('/users', { id: 'office', name: '联合办', role: 'joint-office', password });
    await settleBorder(live);
  }, 180_000);
  afterAll(async () => {
    await live?.close();
  });

  /** A page of the joint office. */
  async function open(path: string, options: Parameters<LivePage['open']>[1] = {}): Promise<Page> {
    return live.open(path, {
      ...options,
      alone: true,
      before: async (page) => {
        const sent = await page.request.post(`${live.url}/api/v1/session`, {
          data: { user: 'office', password },
        });
        expect(sent.status()).toBeLessThan(300);
      },
    });
  }

  it('keep private data behind a sign-in, and say so', async () => {
    const page = await live.open(`/statements?agreement=${agreement}`, { alone: true });
    const before = live.complaints.length;
    await page.getByText('此内容需要登录或访问令牌').first().waitFor();
    expect(await page.getByTestId('statement-list').count()).toBe(0);
    await page.waitForLoadState('networkidle');
    live.complaints.splice(before);
    await page.close();
  });

  it('are listed with who pays whom, who is to sign, what is held and what has changed', async () => {
    const page = await open(`/statements?agreement=${agreement}`);
    const rows = page.getByTestId('statement-row');
    await page.getByText('出具后输入已变：柘泰大桥').waitFor();
    const [correction = '', april = '', first = ''] = await rows.allInnerTexts();
    expect(correction).toContain('更正单');
    expect(correction).toContain('温州市 → 宁德市 2,500,000.00');
    expect(correction).toContain('本单入账：');
    expect(correction).toContain('500,000.00');
    expect(april).toContain('待温州市：资金确认');
    expect(april).toContain('待宁德市：数据确认 · 资金确认');
    expect(first).toContain('已会签，待付');
    expect(first).toContain('1 件异议，暂缓 1 行');
    expect(first).toContain('有更正单在其上');
    await expect(page.getByTestId('marking').allInnerTexts()).resolves.toEqual([
      expect.stringContaining('演示情景'),
      expect.stringContaining('演示用假定'),
    ]);
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.close();
  });

  it('go on page by page', async () => {
    const page = await open(`/statements?agreement=${agreement}`);
    await page.route(/\/statements\?/, async (route) => {
      const url = new URL(route.request().url());
      if (url.pathname.startsWith('/api/')) url.searchParams.set('limit', '2');
      await route.continue({ url: url.href });
    });
    await page.reload();
    const older = page.getByRole('button', { name: '更早的' });
    await older.click();
    await older.waitFor({ state: 'detached' });
    expect(await page.getByTestId('statement-row').count()).toBe(3);
    await page.close();
  });

  it('say why, who signed, what is due and what is objected to, in English on a phone as well', async () => {
    const page = await open(`/statements/${march}.1`, { size: 'phone', language: 'en' });
    const statement = page.getByTestId('statement');
    await statement.getByTestId('disputes').waitFor();
    expect(await statement.getByTestId('outcome').allInnerTexts()).toEqual([
      expect.stringContaining('2,000,000.00 yuan'),
      expect.stringContaining('3,000,000.00 yuan'),
    ]);
    const signatures = await statement.getByTestId('signatures').innerText();
    expect(signatures).toContain('SM2 / SM3');
    expect(signatures).toContain('Ed25519');
    expect(await statement.getByTestId('payments').innerText()).toContain('宁财建〔2021〕12号');
    expect(await statement.getByTestId('disputes').innerText()).toMatch(/raised.*to readings.*next step by/s);
    await statement.getByText('Over the target the county pays the city').first().waitFor();
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(wide).toBeLessThanOrEqual(0);
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.close();
  });

  it('of a correction show the difference, lead to the earlier one, and hand over the files', async () => {
    const page = await open(`/statements/${march}.2`);
    expect(await page.getByTestId('difference').innerText()).toContain('500,000.00');
    expect(await page.getByTestId('verify').innerText()).toBe(
      `jiehe settle verify ${march}.2.jiehe --keys 各方公钥文件夹`,
    );
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: '下载结算包' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe(`${march}.2.jiehe`);
    const { statement } = JSON.parse(await readFile(await file.path(), 'utf8'));
    expect(statement.id).toBe(`${march}.2`);
    await page.getByRole('link', { name: `更正 ${march}.1` }).click();
    await page.getByTestId('verify').getByText('--signed').waitFor();
    await page.close();
  });

  it('are followed by the account of each pair, the fund and the reminders', async () => {
    const page = await open(`/statements?agreement=${agreement}&view=account`);
    await page.getByRole('heading', { name: '温州市 与 宁德市' }).waitFor();
    const pair = await page.getByRole('region', { name: '温州市 与 宁德市' }).innerText();
    expect(pair).toMatch(/期初.*结算单入账.*付款\s+宁财建〔2021〕12号.*因异议暂缓.*期末/s);
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByText('合作资金', { exact: true }).first().click();
    expect(await page.getByTestId('fund-balance').innerText()).toBe('0.00 元');
    await page.getByRole('cell', { name: '250,000.00' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByText('提醒', { exact: true }).click();
    await page.getByText('没有付款提醒记录').waitFor();
    await page.close();
  });

  it('made no console error, no policy violation and no request to anywhere else', () => {
    expect(live.complaints).toEqual([]);
  });
});
