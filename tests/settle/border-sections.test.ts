import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { jiehe, type Said } from '../cli/in-process.ts';
import { sharedFile } from '../shared-data.ts';

const root = path.resolve(import.meta.dirname, '../..');
const example = path.join(root, 'examples/border-sections');
const scenarios = ['out-index', 'out-class', 'out-handover', 'in-index', 'in-class', 'in-handover'];
const panel = sharedFile('data/water-cnemc/section_panel_zhe-min-gan_2021-04.csv');

interface Place {
  folder: string;
  system: System;
  jiehe: (...argv: string[]) => Promise<Said>;
}

/** The shipped configuration with the scenarios of the example, in a folder of its own. */
async function open(change: (text: string) => string = (text) => text): Promise<Place> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-border-'));
  const config = path.join(folder, 'config');
  cpSync(path.join(root, 'config'), config, { recursive: true });
  for (const name of readdirSync(example).filter((one) => one.endsWith('.yaml')))
    writeFileSync(
      path.join(config, 'regions/zhe-min-gan/agreements', name),
      change(readFileSync(path.join(example, name), 'utf8')),
    );
  const system = await openSystem({ dataDir: path.join(folder, 'data'), configDir: config, synthetic: null });
  return { folder, system, jiehe: (...argv) => jiehe({ folder, system }, argv) };
}

/** Keys of both parties, made at home and published. */
async function keysOf(place: Place): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  mkdirSync(path.join(place.folder, 'public'), { recursive: true });
  for (const [party, algorithm] of [
    ['330300', 'ed25519'],
    ['350900', 'sm2-sm3'],
  ] as const) {
    const made = [
      'keys',
      'create',
      '--party',
      party,
      '--holder',
      '演示',
      '--algorithm',
      algorithm,
      '--out',
      party,
      '--json',
    ];
    const { privateFile, publicFile } = JSON.parse((await place.jiehe(...made)).out);
    expect(await place.jiehe('keys', 'publish', publicFile)).toMatchObject({ code: 0 });
    cpSync(publicFile, path.join(place.folder, 'public', path.basename(publicFile)));
    files.set(party, privateFile);
  }
  return files;
}

async function signed(place: Place, keys: Map<string, string>, scenario: string) {
  const agreement = `border-${scenario}`;
  const month = ['--agreement', agreement, '--period', '2021-03'];
  const issued = await place.jiehe('settle', 'issue', ...month, '--out', `${scenario}.jiehe`);
  expect(issued, issued.err).toMatchObject({ code: 0 });
  const signatures: string[] = [];
  for (const key of keys.values())
    for (const purpose of scenario.endsWith('handover') ? ['data'] : ['data', 'funds'])
      signatures.push(
        (
          await place.jiehe('settle', 'sign', `${scenario}.jiehe`, '--key', key, '--purpose', purpose)
        ).out.trim(),
      );
  expect(await place.jiehe('settle', 'accept', ...signatures)).toMatchObject({ code: 0, err: '' });
  const bundle = await place.jiehe(
    'settle',
    'bundle',
    `${agreement}.2021-03.1`,
    '--out',
    `${scenario}.jiehe`,
  );
  expect(bundle.code).toBe(0);
  return {
    issued: issued.out,
    statement: JSON.parse(readFileSync(path.join(place.folder, `${scenario}.jiehe`), 'utf8')).statement,
  };
}

/** Verified where there is nothing but the bundle and the public keys. */
async function verifiedElsewhere(place: Place, scenario: string): Promise<string> {
  const elsewhere = mkdtempSync(path.join(tmpdir(), 'jiehe-elsewhere-'));
  cpSync(path.join(place.folder, `${scenario}.jiehe`), path.join(elsewhere, 'b.jiehe'));
  cpSync(path.join(place.folder, 'public'), path.join(elsewhere, 'public'), { recursive: true });
  const verified = await jiehe({ folder: elsewhere, system: null }, [
    'settle',
    'verify',
    'b.jiehe',
    '--keys',
    'public',
    '--signed',
  ]);
  expect(verified, verified.out).toMatchObject({ code: 0 });
  rmSync(elsewhere, { recursive: true });
  return verified.out;
}

const figures = (statement: { sections: { section: string; figures: unknown }[] }) =>
  Object.fromEntries(statement.sections.map(({ section, figures: of }) => [section, of]));

describe('border sections, from a monthly sheet to signed statements', () => {
  let place: Place;
  let keys: Map<string, string>;
  beforeAll(async () => {
    place = await open();
    keys = await keysOf(place);
    const sheet = path.join(example, 'monthly.csv');
    expect((await place.jiehe('ingest', 'monthly-delivered', '--file', sheet)).code).toBe(1);
    const taken = await place.jiehe('ingest', 'monthly-delivered', '--file', sheet, '--month', '2021-03');
    expect(taken, taken.out).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await place.system.close();
    rmSync(place.folder, { recursive: true, force: true });
  });

  it('go through an index, class steps and the hand-over assessment, each verified elsewhere', async () => {
    const graded: Record<string, unknown> = {};
    for (const scenario of scenarios) {
      const { issued, statement } = await signed(place, keys, scenario);
      expect(issued).toContain('演示用假定：未经审核的数据按已审核处理');
      if (!scenario.endsWith('class')) expect(JSON.stringify(statement.remarks)).toContain('演示用假定：');
      expect(await verifiedElsewhere(place, scenario)).toContain('逐字节一致');
      const of = figures(statement);
      if (scenario.endsWith('handover')) Object.assign(graded, of);
      if (scenario === 'out-index') {
        // 0.90 × (0.3 × 1.6/2.0 + 0.3 × 0.12/0.15 + 0.4 × 0.100/0.080), worked by hand.
        expect(of['dongquan']).toMatchObject({ P: '0.882' });
      }
    }
    expect(graded).toMatchObject({
      dongquan: { grade: '优秀' },
      jiaoxi: { grade: '良好' },
      'zhetai-bridge': { grade: '不合格' },
      'youyi-bridge': { grade: '优秀' },
    });
  });

  it('count values below detection as half their limit, and show the check value beside', async () => {
    const preview = JSON.parse(
      (
        await place.jiehe(
          'settle',
          'preview',
          '--agreement',
          'border-in-index',
          '--period',
          '2021-03',
          '--json',
        )
      ).out,
    );
    const nh3n = preview.sections[0].means.find((mean: { parameter: string }) => mean.parameter === 'nh3n');
    expect(nh3n).toMatchObject({
      unrounded: '0.0125',
      from: { provider: 'cnemc-monthly', kind: 'delivered' },
    });
    expect(nh3n.check).toMatchObject({ provider: 'cnemc', mean: null, difference: null });
    expect(nh3n.check.explanation.zh).toContain('校核值');
    expect(preview.marking.zh).toBe('试算·未经审核·不作结算依据');
  });

  it('have no grade in a month that nobody measured, and the grade stands in the text of one that somebody did', async () => {
    const handover = (period: string) => ['--agreement', 'border-out-handover', '--period', period];
    const none = await place.jiehe('settle', 'preview', ...handover('2021-04'));
    expect([none.code, none.out]).toEqual([
      1,
      expect.stringContaining('缺有效数据：高锰酸盐指数、氨氮、总磷'),
    ]);
    expect(await place.jiehe('settle', 'issue', ...handover('2021-04'))).toMatchObject({ code: 1 });
    const graded = await place.jiehe('settle', 'preview', ...handover('2021-03'));
    expect([graded.code, graded.out]).toEqual([0, expect.stringContaining('考核等次 = 良好 / Grade = good')]);
    expect(graded.out).not.toContain('不等于零');
  });

  it('are not assessable without the assumed figures', async () => {
    const bare = await open((text) => text.replace(/^given:\n(?: .*\n)+/m, ''));
    const sheet = path.join(example, 'monthly.csv');
    await bare.jiehe('ingest', 'monthly-delivered', '--file', sheet, '--month', '2021-03');
    for (const scenario of ['out-index', 'out-handover']) {
      const args = ['--agreement', `border-${scenario}`, '--period', '2021-03', '--json'];
      const tried = await bare.jiehe('settle', 'preview', ...args);
      expect([tried.code, JSON.parse(tried.out).status]).toEqual([1, 'not-assessable']);
      expect((await bare.jiehe('settle', 'issue', ...args)).code).toBe(1);
    }
    await bare.system.close();
    rmSync(bare.folder, { recursive: true, force: true });
  });
});

describe.skipIf(panel === null)('the recorded months of 氡泉, 交溪, 柘泰大桥 and 友谊桥', () => {
  it('come to signed statements, with the rows of the panel chosen by a person', async () => {
    const place = await open();
    const keys = await keysOf(place);
    const rows = ['--rows', '55,510,519,509'];
    const taken = await place.jiehe(
      'ingest',
      'monthly-delivered',
      '--file',
      panel!,
      '--month',
      '2021-03',
      ...rows,
    );
    expect(taken.out).toContain('accepted 63');
    const results: Record<string, unknown> = {};
    for (const scenario of scenarios) {
      const { statement } = await signed(place, keys, scenario);
      await verifiedElsewhere(place, scenario);
      results[scenario] = figures(statement);
    }
    expect(Object.keys(results)).toEqual(scenarios);
    await place.system.close();
    rmSync(place.folder, { recursive: true, force: true });
  });
});
