import { describe, expect, test } from 'vitest';
import { explainMarks } from '../../../src/analysis/quality/explain.ts';
import { qualifiers } from '../../../src/domain/flags.ts';
import { columnsOf, marksOf, rules, startS } from './columns.ts';

const every4h = (values: readonly number[], from = 0) =>
  values.map((value, at) => [from + at * 4, value] as const);

describe('a stuck value', () => {
  test('is the sixth equal result of a four-hourly station and every one after it', () => {
    expect(marksOf({ codmn: every4h([1.2, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2]) })).toEqual([
      'codmn@20 stuck',
      'codmn@24 stuck',
    ]);
    expect(marksOf({ codmn: every4h([1.2, 1.2, 1.2, 1.2, 1.2, 1.3]) })).toEqual([]);
  });

  test('is no result below detection, nor one that may be the limit of detection', () => {
    const below = every4h(Array(8).fill(1.2)).map(
      ([hour, value]) => [hour, value, qualifiers.belowDetection] as const,
    );
    expect(marksOf({ codmn: below })).toEqual([]);
    expect(marksOf({ nh3n: every4h(Array(8).fill(0.05)) })).toEqual([]);
    expect(marksOf({ nh3n: every4h(Array(6).fill(0.06)) })).toEqual(['nh3n@20 stuck']);
  });

  test('of a fast instrument has to stand as long as that of a slow one', () => {
    const minutes = (hours: number) =>
      Array.from({ length: hours * 6 + 1 }, (_, at) => [at / 6, 7.01] as const);
    expect(marksOf({ ph: minutes(19) })).toEqual([]);
    expect(marksOf({ ph: minutes(20) })).toEqual(['ph@20 stuck']);
  });

  test('begins again after a row without a value, and does not look back further than a day', () => {
    const gap = every4h([1.2, 1.2, 1.2, Number.NaN, 1.2, 1.2, 1.2]);
    expect(marksOf({ codmn: gap })).toEqual([]);
    expect(marksOf({ codmn: [[0, 1.2], ...every4h([1.2, 1.2, 1.2, 1.2, 1.2], 26)] })).toEqual([]);
  });

  test('is the fourth equal hour of an air station', () => {
    expect(marksOf({ pm25: [0, 1, 2, 3].map((hour) => [hour, 35] as const) })).toEqual(['pm25@3 stuck']);
  });
});

describe('a jump', () => {
  const calm = [0.1, 0.12, 0.11, 0.13, 0.1, 0.12];
  test('is more than three times the median of the last day and at least the threshold away', () => {
    expect(marksOf({ nh3n: every4h([...calm, 0.8]) })).toEqual(['nh3n@24 jump']);
    // 0.615 - 0.115 is the threshold itself; a bit less is none.
    expect(marksOf({ nh3n: every4h([...calm, 0.615]) })).toEqual(['nh3n@24 jump']);
    expect(marksOf({ nh3n: every4h([...calm, 0.61]) })).toEqual([]);
    expect(marksOf({ nh3n: every4h([0.3, 0.4, 0.3, 1.2]) })).toEqual([]);
    expect(marksOf({ nh3n: every4h([0.3, 0.3, 0.3, 1.21]) })).toEqual(['nh3n@12 jump']);
  });

  test('needs three results to jump from, and items that have a threshold', () => {
    expect(marksOf({ nh3n: every4h([0.1, 0.1, 5]) })).toEqual([]);
    expect(marksOf({ ec: every4h([100, 100, 101, 5000]) })).toEqual([]);
  });

  test('is an event where the result before or after it, within twelve hours, went half its way', () => {
    // Level 0.115, jump 1.2 away: half its way is 0.715.
    expect(marksOf({ nh3n: every4h([...calm, 1.315, 0.715]) })).toEqual([]);
    expect(marksOf({ nh3n: every4h([...calm, 1.315, 0.714]) })).toEqual(['nh3n@24 jump']);
    expect(marksOf({ nh3n: [...every4h([...calm, 1.315]), [32, Number.NaN], [36, 0.715]] })).toEqual([]);
    expect(marksOf({ nh3n: [...every4h([...calm, 1.315]), [37, 0.2]] })).toEqual(['nh3n@24 jump']);
    // The last of them has nothing after it yet; the one before it went 0.685 of its 1.88.
    expect(marksOf({ nh3n: every4h([...calm, 0.8, 2]) })).toEqual(['nh3n@28 jump']);
    expect(marksOf({ nh3n: every4h([...calm, 0.8, 2, 1.1]) })).toEqual([]);
  });

  test('is an event where another item of the same time moved, and a fault where it did not', () => {
    const jump = every4h([...calm, 1.315]);
    const still = every4h([12, 11, 13, 12, 11, 12]);
    expect(marksOf({ nh3n: jump, turbidity: [...still, [24, 83]] })).toEqual([]);
    expect(marksOf({ nh3n: jump, turbidity: [...still, [24, 21.9]] })).toEqual(['nh3n@24 jump']);
    expect(marksOf({ nh3n: jump, turbidity: [...still, [28, 83]] })).toEqual(['nh3n@24 jump']);
    // Rain thins what conducts.
    expect(marksOf({ nh3n: jump, ec: every4h([400, 410, 405, 400, 410, 405, 250]) })).toEqual([]);
    expect(marksOf({ nh3n: jump, ec: [[24, 250]] })).toEqual(['nh3n@24 jump']);
  });
});

describe('items of one sample', () => {
  test('ammonia above total nitrogen by more than a tenth makes both suspect where nobody knows how they were', () => {
    expect(marksOf({ tn: [[0, 1]], nh3n: [[0, 1.1]] })).toEqual([]);
    expect(marksOf({ tn: [[0, 1]], nh3n: [[0, 1.11]] })).toEqual([
      'tn@0 tn-below-nh3n',
      'nh3n@0 tn-below-nh3n',
    ]);
    expect(marksOf({ tn: [[0, 1]], nh3n: [[4, 1.11]] })).toEqual([]);
  });

  test('ammonia above total nitrogen makes the one suspect that left its own level, or the other where ammonia rose in an event', () => {
    const [tn, nh3n] = [every4h([1, 1.1, 1]), every4h([0.4, 0.5, 0.4])];
    // Total nitrogen fell to a fifth, ammonia is as before.
    expect(marksOf({ tn: [...tn, [12, 0.2]], nh3n: [...nh3n, [12, 0.45]] })).toEqual(['tn@12 tn-below-nh3n']);
    expect(marksOf({ tn: [...tn, [12, 1]], nh3n: [...nh3n, [12, 1.2]] })).toEqual(['nh3n@12 tn-below-nh3n']);
    const lasting = [
      [12, 1.2],
      [16, 1.1],
    ] as const;
    expect(marksOf({ tn: [...tn, [12, 1], [16, 1.1]], nh3n: [...nh3n, ...lasting] })).toEqual([
      'tn@12 tn-below-nh3n',
    ]);
  });

  test('PM2.5 above PM10 is told and not marked', () => {
    const columns = columnsOf({ pm10: [[0, 76]], pm25: [[0, 82]] });
    const marks = explainMarks(columns, rules, { fromS: 0, toS: Infinity });
    expect(marks.map(({ rule, effect }) => [rule, effect])).toEqual([
      ['pm10-below-pm25', 'note'],
      ['pm10-below-pm25', 'note'],
    ]);
    expect(marksOf({ pm10: [[0, 76]], pm25: [[0, 60]] })).toEqual([]);
  });

  test('oxygen above twice its saturation at the temperature of the water', () => {
    // 468 / (31.6 + 20) = 9.0698 mg/L
    expect(marksOf({ do: [[0, 18.13]], wt: [[0, 20]] })).toEqual([]);
    expect(marksOf({ do: [[0, 18.14]], wt: [[0, 20]] })).toEqual(['do@0 supersaturation']);
    expect(marksOf({ do: [[0, 18.14]] })).toEqual([]);
  });
});

test('a mark names its rule, edition, figures and the readings it looked at', () => {
  const [mark] = explainMarks(columnsOf({ nh3n: every4h([0.3, 0.3, 0.3, 1.21]) }), rules, {
    fromS: startS,
    toS: startS + 86_400,
  });
  expect(mark).toMatchObject({
    station: 's',
    parameter: 'nh3n',
    value: 1.21,
    rule: 'jump',
    effect: 'suspect',
    edition: 'hj915',
    figures: { multiple: '3', above: '0.5', hours: '24', minimumResults: '3' },
  });
  expect(mark!.inputs.map(({ value }) => value)).toEqual([0.3, 0.3, 0.3, 1.21]);
});

test('nothing is screened before the edition is in force', () => {
  expect(rules.at(Date.UTC(2018, 2, 31, 15, 59) / 1000)).toBeNull();
  expect(rules.at(Date.UTC(2018, 2, 31, 16) / 1000)?.edition).toBe('hj915');
});
