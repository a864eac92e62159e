import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityFindings,
  chromiumProgram,
  sizes,
  startLivePage,
  type LivePage,
  type Size,
} from './live-page.ts';

interface Text {
  zh: string;
  en: string;
}
interface Latest {
  station: string;
  name: Text;
  provider: string | null;
  freshness: { lastEnd: string | null };
  readings: { parameter: string; value: number | null; seq: number }[];
  verdict: { className: Text | null; overLimits: unknown[] } | null;
}
interface Many<T> {
  results: T[];
}

/** Everything that the page draws of the newest state is there. */
async function ready(page: Page): Promise<void> {
  await page.locator('[data-testid=kpis]').waitFor();
  await page.locator('[data-testid=map] canvas').first().waitFor();
  await page.locator('.table-panel tbody tr.ant-table-row').first().waitFor();
  await page.locator('[data-testid=map]:not([data-marks="0"])').waitFor();
}

/** Share of pixels of a canvas that are painted and not white. */
function painted(page: Page, selector: string): Promise<number> {
  return page
    .locator(`${selector} canvas`)
    .first()
    .evaluate((element) => {
      interface Canvas {
        width: number;
        height: number;
        getContext(kind: '2d'): {
          getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
        };
      }
      const canvas = element as unknown as Canvas;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4)
        if (
          (data[at + 3] ?? 0) > 0 &&
          (data[at] ?? 255) + (data[at + 1] ?? 255) + (data[at + 2] ?? 255) < 740
        )
          count++;
      return count / (data.length / 4);
    });
}

describe.skipIf(chromiumProgram === null)('the dashboard in a browser', () => {
  let live: LivePage;
  /** The overview in Chinese; read by several tests, changed by none. */
  let home: Page;
  beforeAll(async () => {
    live = await startLivePage();
    home = await live.open('/');
    await ready(home);
  }, 120_000);
  afterAll(async () => {
    await live?.close();
  });

  it('says at once that the data are synthetic, and shows the counts of the API', async () => {
    const page = home;
    expect(await page.locator('[data-testid=synthetic]').innerText()).toContain('模拟数据 SYNTHETIC');
    const { result } = await live.get<{
      result: { water: { fresh: number; late: number; registered: number } };
    }>('/summary');
    const kpis = await page.locator('[data-testid=kpis]').innerText();
    expect(kpis).toContain(String(result.water.fresh + result.water.late));
    expect(kpis).toContain(String(result.water.registered));
  });

  it('shows every section in the table, those with a place on the map, and names the others', async () => {
    const page = home;
    const sections = (await live.get<Many<{ id: string; name: Text }>>('/sections')).results;
    const places = (await live.get<Many<{ section: string }>>('/map-places')).results;
    expect(await page.locator('.table-panel tbody tr.ant-table-row').count()).toBe(sections.length);
    expect(await page.locator('[data-testid=map]').getAttribute('data-marks')).toBe(String(places.length));
    const placed = new Set(places.map((place) => place.section));
    const unplaced = sections.filter((section) => !placed.has(section.id));
    expect(unplaced.length).toBeGreaterThan(0);
    await page.locator('.unplaced summary').click();
    const listed = await page.locator('.unplaced li').allInnerTexts();
    expect(listed.map((text) => text.trim()).toSorted()).toEqual(
      unplaced.map((one) => one.name.zh).toSorted(),
    );
    expect(await painted(page, '[data-testid=map]')).toBeGreaterThan(0.02);
  });

  it('switches to air stations with their index', async () => {
    const page = await live.open('/', { language: 'en' });
    await ready(page);
    await page.locator('.map-panel').getByText('Air', { exact: true }).click();
    const stations = (await live.get<Many<unknown>>('/stations?kind=air')).results;
    await page.locator('th', { hasText: 'AQI' }).waitFor();
    expect(await page.locator('.table-panel tbody tr.ant-table-row').count()).toBe(stations.length);
    await page.close();
  });

  it('says of a value over a limit what the API says, and never 超标 of an unreviewed one', async () => {
    const page = home;
    const over = (
      await live.get<Many<{ text: Text; value: string; standing: string; freshness: string }>>('/exceedances')
    ).results;
    const shown = over.filter((one) => one.freshness !== 'silent');
    const attention = await page.locator('[data-testid=attention]').innerText();
    for (const { text, value } of shown) {
      expect(attention).toContain(text.zh);
      expect(attention).toContain(value);
    }
    if (over.every((one) => one.standing.endsWith('unreviewed')))
      expect(await page.locator('body').innerText()).not.toContain('超标');
  });

  it('switches the language, remembers it, and lets the address decide', async () => {
    const page = await live.open('/', { alone: true });
    await ready(page);
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.getByText('English', { exact: true }).click();
    await page.getByRole('heading', { name: /Needs attention/ }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.goto(`${live.url}/sources`);
    await page.getByRole('heading', { name: 'Sources', exact: true }).waitFor();
    await page.goto(`${live.url}/sources?lang=zh`);
    await page.getByRole('heading', { name: '数据来源', exact: true }).waitFor();
    await page.close();
  });

  it('opens a station by keyboard, draws its series and leads to the versions of a value', async () => {
    const page = await live.open('/');
    await ready(page);
    const heard = (await live.get<Many<Latest>>('/latest?kind=water')).results.find(
      (one) => one.provider !== null && one.readings.some((reading) => reading.parameter === 'tp'),
    );
    await page.getByRole('textbox', { name: '查找' }).fill(heard?.name.zh ?? '');
    await page.locator('.table-panel tbody button').first().focus();
    await page.keyboard.press('Enter');
    const station = page.locator('[data-testid=station]');
    await station.waitFor();
    expect(await station.innerText()).toContain(heard?.name.zh);
    const chart = page.locator('[data-testid=chart]');
    await chart.locator('canvas').waitFor();
    expect(Number(await chart.getAttribute('data-points'))).toBeGreaterThan(20);
    expect(await painted(page, '[data-testid=chart]')).toBeGreaterThan(0.001);
    const seq = heard?.readings[0]?.seq ?? 0;
    await station
      .getByRole('button', { name: new RegExp(`#${seq} `) })
      .first()
      .click();
    await page.locator('[data-testid=versions] tbody tr').first().waitFor();
    expect(await page.locator('[data-testid=versions]').innerText()).toContain(`#${seq}`);
    await page.close();
  });

  it("shows times on the region's clock although the browser is elsewhere", async () => {
    const heard = (await live.get<Many<Latest>>('/latest?kind=water')).results.find(
      (one) => one.freshness.lastEnd !== null,
    );
    const page = await live.open(`/sections/${heard?.station}`);
    await page.locator('[data-testid=chart] canvas').waitFor();
    const wall = (heard?.freshness.lastEnd ?? '').slice(0, 16).replace('T', ' ');
    expect(wall).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
    expect(await page.locator('.station-head').innerText()).toContain(wall);
    await page.close();
  });

  it('marks the compensation as a trial and shows every step', async () => {
    const page = await live.open('/compensation');
    const outcome = page.locator('[data-testid=outcome]');
    await outcome.waitFor();
    expect(await page.locator('[data-testid=trial]').innerText()).toBe('试算·未经审核·不作结算依据');
    const status = await outcome.getAttribute('class');
    if (status?.includes('is-not-assessable') === true) {
      await page.getByText('未能计算，不等于零').waitFor();
      expect(await page.getByText('没有应付款项').count()).toBe(0);
    }
    const steps = page.locator('.why details');
    expect(await steps.count()).toBeGreaterThan(3);
    await page.getByRole('button', { name: '全部展开' }).click();
    expect(await page.locator('.why details[open]').count()).toBe(await steps.count());
    const told = await page.locator('.why').first().innerText();
    expect(told).not.toMatch(/\b[a-z]+[A-Z]\w*|“[^”]*”（英文）/);
    await page.close();
  });

  it('shows for each source that the cells of a run add up', async () => {
    const page = await live.open('/sources');
    await page.locator('.source tbody tr').first().waitFor();
    expect(await page.locator('.adds').count()).toBe(await page.locator('.source tbody tr').count());
    expect(await page.locator('.source').count()).toBe(
      (await live.get<Many<unknown>>('/sources')).results.length,
    );
    await page.close();
  });

  it('shows both figures of a section, and both results of an agreement, where a special circumstance was decided', async () => {
    const { results } =
      await live.get<Many<{ reporting: boolean; period: string; sections: { section: string }[] }>>(
        '/agreements',
      );
    const settled = results.find((one) => one.reporting && one.period === 'month');
    const section = settled?.sections[0]?.section ?? '';
    const { result } = await live.get<{ result: { now: string } }>('/summary');
    const [month, day] = [result.now.slice(0, 7), result.now.slice(0, 10)];
    const evidence = [{ name: 'gauge record', sha256: 'a'.repeat(64) }];
    await live.post('/circumstances', {
      id: 'flood',
      kind: 'extreme-weather-or-flood',
      section,
      items: ['tp'],
      from: `${month}-01T00:00`,
      to: `${day}T23:59`,
      applicant: '331100',
      evidence,
    });
    await live.post('/circumstances/flood/decisions', {
      effect: 'replace-by-make-up-sample',
      decidedBy: '省生态环境厅',
      documentNumber: '〔2026〕1号',
      makeUp: { sampled: `${month}-01T08:00`, values: { tp: '0.32' } },
    });
    await expect
      .poll(
        async () =>
          (await live.get<{ result: { counts: string } }>(`/verdicts?section=${section}&period=${month}`))
            .result.counts,
        { timeout: 30_000 },
      )
      .toBe('decided');
    const page = await live.open(`/sections/${section}`);
    const periods = page.getByTestId('periods');
    await periods.locator(`tr[data-counts=decided]`, { hasText: month }).first().waitFor();
    expect(await periods.innerText()).toContain('计入特殊情形认定');
    expect(await page.getByTestId('circumstances').innerText()).toContain(
      '省生态环境厅 〔2026〕1号 · 以补测样品替代 · 已计入',
    );
    await page.goto(`${live.url}/compensation?lang=en`);
    await page.getByTestId('both').waitFor();
    const totals = await page.getByTestId('outcome').allInnerTexts();
    expect(totals.map((text) => text.split('\n')[0])).toEqual([
      'As decided',
      'As measured, without special circumstances',
    ]);
    expect(await page.getByTestId('both').innerText()).toContain('Extreme weather or flood');
    await page.close();
  });

  /** A phone in Chinese is the long tier's: the words differ, the layout was seen at the desktop's size. */
  const languagesAt = (size: Size): ('zh' | 'en')[] =>
    size === 'phone' && process.env.JIEHE_LONG !== '1' ? ['en'] : ['zh', 'en'];

  it.each(Object.keys(sizes) as Size[])(
    'has no accessibility finding and no sideways scroll: %s',
    async (size) => {
      const heard = (await live.get<Many<Latest>>('/latest?kind=water')).results.find(
        (one) => one.provider !== null,
      );
      const air = (await live.get<Many<Latest>>('/latest?kind=air')).results[0];
      const pages = {
        '/': '[data-testid=map] canvas',
        [`/sections/${heard?.station}`]: '[data-testid=chart] canvas',
        [`/air/${air?.station}`]: '[data-testid=chart] canvas',
        '/compensation': '[data-testid=outcome]',
        '/sources': '.source tbody tr',
      };
      for (const [where, settled] of Object.entries(pages)) {
        const page = await live.open(where, { size });
        for (const language of languagesAt(size)) {
          if (language === 'en') await page.getByText('English', { exact: true }).click();
          await page.locator(`html[lang^=${language}]`).waitFor();
          await page.locator(settled).first().waitFor();
          const findings = await accessibilityFindings(page);
          expect({ where, language, findings }).toEqual({ where, language, findings: [] });
          const width = await page.evaluate<number>('document.documentElement.scrollWidth');
          expect({ where, language, width }).toEqual({ where, language, width: sizes[size].width });
        }
        await page.close();
      }
    },
  );

  it('made no console error, no policy violation and no request to anywhere else', () => {
    expect(live.complaints).toEqual([]);
  });

  it('says plainly when the server does not answer, when a token is needed, and when a station is unknown', async () => {
    const down = await live.open('/', {
      before: (page) => page.route('**/api/v1/**', (route) => route.abort()),
    });
    await down.getByText('服务没有应答，每分钟自动重试。').first().waitFor();
    await down.close();
    const body = {
      error: { code: 'E_UNAUTHORIZED', message: 'needs a token', details: {}, requestId: 'r-7' },
    };
    const refuse = (page: Page) =>
      page.route('**/preview?**', (route) => route.fulfill({ status: 401, json: body }));
    const closed = await live.open('/compensation', { before: refuse });
    await closed.getByText('此内容需要登录或访问令牌').first().waitFor();
    expect(await closed.locator('.fault').first().innerText()).toContain('r-7');
    await closed.close();
    const unknown = await live.open('/sections/no-such-section');
    await unknown.getByText('没有这个站点或页面。').first().waitFor();
    await unknown.close();
  });

  it('keeps what it shows when the server goes away later, and says so once', async () => {
    const page = await live.open('/', { before: (fresh) => fresh.clock.install() });
    await ready(page);
    await page.route('**/api/v1/**', (route) => route.abort());
    await page.clock.fastForward(61_000);
    await page.getByText('服务没有应答。下方为最后一次读到的内容').waitFor();
    expect(await page.getByText('服务没有应答').count()).toBe(1);
    expect(await page.locator('[data-testid=kpis]').innerText()).toContain('%');
    expect(await page.locator('.table-panel tbody tr.ant-table-row').count()).toBeGreaterThan(50);
    await page.close();
  });
});
