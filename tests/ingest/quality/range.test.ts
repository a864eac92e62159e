import { expect, test } from 'vitest';
import { BatchBuilder } from '../../../src/domain/batch.ts';
import { packFlags, unpackFlags } from '../../../src/domain/flags.ts';
import { markImplausible } from '../../../src/ingest/quality/range.ts';
import { fixtureConfig } from '../sources/fixture-config.ts';

const config = fixtureConfig();

test('values outside the range are suspect and named; limits, gaps, invalid rows and verdicts pass untouched', () => {
  const range = config.parameters.find((parameter) => parameter.id === 'ph')!.plausible!;
  const builder = new BatchBuilder('cnemc');
  const ph = builder.seriesOf('xiaodan', 'ph', 'instant');
  const verdict = builder.seriesOf('xiaodan', 'pub_class', 'instant');
  const invalid = packFlags({ validity: 'invalid', stage: 2 });
  builder.add({ series: ph, timeS: 0, value: range.max });
  builder.add({ series: ph, timeS: 3600, value: range.max + 0.01, flags: packFlags({ stage: 1 }) });
  builder.add({ series: ph, timeS: 7200, value: range.min - 1 });
  builder.add({ series: ph, timeS: 10_800, value: null, flags: packFlags({ qualifiers: ['missing'] }) });
  builder.add({ series: ph, timeS: 14_400, value: 99, flags: invalid });
  builder.add({ series: verdict, timeS: 0, value: 99 });
  const batch = builder.build();
  const { flags, issues } = markImplausible(batch, config, 'cnemc-water');
  expect([...flags].map((bits) => unpackFlags(bits).validity)).toEqual([
    'valid',
    'suspect',
    'suspect',
    'valid',
    'invalid',
    'valid',
  ]);
  expect(unpackFlags(flags[1]!).stage).toBe(1);
  expect(issues.map((issue) => issue.path)).toEqual([
    'xiaodan ph 1970-01-01T09:00:00+08:00',
    'xiaodan ph 1970-01-01T10:00:00+08:00',
    'xiaodan ph 1970-01-01T12:00:00+08:00',
  ]);
  expect([...batch.flags].filter((bits) => (bits & 3) === 1)).toEqual([]);
});
