import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Golden, golden } from './golden.ts';

const OTHER_MAJOR = 26;
const cli = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
const platform = `${process.platform}-${process.arch}`;

describe.runIf(process.env['JIEHE_LONG'] === '1' && platform === 'linux-x64')('the golden bundle', () => {
  let folder: string;
  let kept: Golden;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'jiehe-node-'));
    kept = await golden();
    const wanted = [`node-${platform}@${OTHER_MAJOR}`];
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
    const installed = spawnSync('npm', ['install', '--prefix', folder, ...quiet, ...wanted], {
      encoding: 'utf8',
    });
    expect({ status: installed.status, said: installed.stderr }).toMatchObject({ status: 0 });
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is computed again to the byte by another major of Node, and by this one alike', () => {
    const other = path.join(folder, 'node_modules', `node-${platform}`, 'bin', 'node');
    const run = (node: string, bundle: string) =>
      spawnSync(node, [cli, 'settle', 'verify', bundle, '--keys', kept.keysFile, '--signed', '--json'], {
        encoding: 'utf8',
      });
    const version = spawnSync(other, ['--version'], { encoding: 'utf8' }).stdout.trim();
    expect(version).toMatch(new RegExp(`^v${OTHER_MAJOR}\\.`));
    const [here, there] = [run(process.execPath, kept.file), run(other, kept.file)];
    expect([here.status, there.status]).toEqual([0, 0]);
    expect(there.stdout).toBe(here.stdout);
    console.log(`golden bundle: the same verdict on ${process.version} and ${version}`);
  }, 60_000);
});
