import { describe, expect, test } from 'vitest';
import { overTarget, classifyReading } from '../../src/analysis/water/index.ts';
import { waterFactsOn, agreedDefaults } from '../../src/analysis/assessment/index.ts';
import { checkFiles, printFault } from '../../src/config/index.ts';
import { shippedDirectory, textsOf } from './small-region.ts';

const files = textsOf(shippedDirectory, ['parameters', 'standards', 'schemes', 'regions']);
const text = (file: string) => files.find((one) => one.file === file)!.text;
const base = checkFiles(files).config!;
const periods = text('standards/surface-water-periods.yaml');
const memory = 'confidence: from-memory';
const last = periods.lastIndexOf(memory);
const checked = `${periods.slice(0, last)}confidence: confirmed${periods.slice(last + memory.length)}`;
const own = checkFiles([
  ...files,
  {
    file: 'regions/zhe-min-gan/standards/gb3838-2002.yaml',
    text: stricter(text('standards/gb3838-2002.yaml')),
  },
  { file: 'regions/zhe-min-gan/standards/periods.yaml', text: checked },
]);

describe('a region has standards of its own', () => {
  test('a stricter limit is a file of the same id below the region, and no code', () => {
    expect(own.faults.map(printFault)).toEqual([]);
    const [standard] = own.config!.waterStandards;
    expect(own.config!.waterStandards.map(({ id }) => id)).toEqual(['gb3838-2002']);
    expect(standard!.items.find(({ parameter }) => parameter === 'nh3n')!.river?.[1]).toBe('0.3');
    const verdict = classifyReading({ values: { nh3n: '0.4' }, bodyType: 'river' }, standard!);
    expect(verdict.class).toBe(3);
    expect(overTarget(verdict.items, 2, 'river', standard!).over).toHaveLength(1);
    // Another configuration hash: it is seen that others judge by it.
    expect(own.config!.hash).not.toBe(base.hash);
  });

  test('a figure from memory is marked in verdicts until a file of the region confirms it', () => {
    const year = (config: Parameters<typeof waterFactsOn>[0]) =>
      agreedDefaults('year', waterFactsOn(config, '2026-12-31')!.periods).find(
        ({ name }) => name === 'year-minimum-months',
      );
    expect(year(base)?.label.zh).toBe('凭记忆，待核');
    expect(year(own.config!)).toBeUndefined();
  });

  test('two files of the region with one id are a fault, with file and line', () => {
    const both = ['a', 'b'].map((name) => ({
      file: `regions/zhe-min-gan/standards/${name}.yaml`,
      text: periods,
    }));
    const { faults } = checkFiles(both);
    expect(faults.map(printFault)).toContainEqual(
      expect.stringMatching(/^regions\/zhe-min-gan\/standards\/b\.yaml:\d+:\d+ {2}id: is already used/),
    );
  });
});

/** Ammonia of class II at 0.3 mg/L instead of 0.5 in rivers. */
function stricter(shared: string): string {
  const from = shared.indexOf('parameter: nh3n');
  const at = shared.indexOf("'0.5'", from);
  return `${shared.slice(0, at)}'0.3'${shared.slice(at + "'0.5'".length)}`;
}
