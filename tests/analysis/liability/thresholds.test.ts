import { describe, expect, it } from 'vitest';
import { paid, run } from './shipped-schemes.ts';

const index = (scheme: string, codmn: string) =>
  paid(
    run(scheme, {
      ...(scheme === 'dabie-2014' ? { k0: '0.85' } : {}),
      C: { CODMn: codmn, NH3N: '0.200', TN: '1.00', TP: '0.0400' },
      C0: { CODMn: '1.70', NH3N: '0.170', TN: '0.85', TP: '0.0340' },
    }),
  )[0];

describe('both sides of each threshold', () => {
  it('an index of exactly 1 is met where the rule says at most 1, and missed where it says below 1', () => {
    expect(index('xinan-r1', '2.00')).toBe('浙江 → 安徽 10000.00');
    expect(index('xinan-r1', '2.0000001')).toBe('安徽 → 浙江 10000.00');
    expect(index('dabie-2014', '1.9999999')).toBe('合肥 → 六安 4000.00');
    expect(index('dabie-2014', '2.00')).toBe('六安 → 合肥 4000.00');
  });

  it('an index of exactly 0.95 earns the full stake, although binary arithmetic computes 0.9500000000000002', () => {
    const inputs = (codmn: string) => ({
      C: { CODMn: codmn, NH3N: '0.076', TN: '1.33', TP: '0.0190' },
      C0: { CODMn: '1.424', NH3N: '0.0712', TN: '1.246', TP: '0.0178' },
    });
    const [weight, k0] = [0.25, 0.89];
    const binary =
      k0 *
      (weight * (1.52 / 1.424) +
        weight * (0.076 / 0.0712) +
        weight * (1.33 / 1.246) +
        weight * (0.019 / 0.0178));
    expect(binary).toBeGreaterThan(0.95);
    expect(paid(run('xinan-r2', inputs('1.52')))).toEqual(['浙江 → 安徽 20000.00']);
    expect(paid(run('xinan-r2', inputs('1.5200001')))).toEqual(['浙江 → 安徽 10000.00']);
  });

  it('exactly three steps cost three, although binary arithmetic computes 3.0000000000000004', () => {
    expect((48 / 30 - 1) / 0.2).toBeGreaterThan(3);
    const cod = (value: string) => paid(run('hebei-2012', { COD: value, target: '30', entering: 'meets' }));
    expect(cod('48')).toEqual(['设区市 → 河北省财政 90.00']);
    expect(cod('48.000001')).toEqual(['设区市 → 河北省财政 120.00']);
    expect(cod('30')).toEqual([]);
    expect(cod('30.000001')).toEqual(['设区市 → 河北省财政 30.00']);
  });

  it('steps and the ceiling of a factor in the Hefei rule', () => {
    const nh3n = (value: string) =>
      paid(
        run('hefei-2021', {
          CODMn: '6',
          NH3N: value,
          TP: '0.2',
          target: { CODMn: '6', NH3N: '1', TP: '0.2' },
        }),
      );
    expect(nh3n('1')).toEqual([]);
    expect(nh3n('1.0001')).toEqual(['县区 → 合肥市财政 50.00']);
    expect(nh3n('1.5')).toEqual(['县区 → 合肥市财政 50.00']);
    expect(nh3n('1.5001')).toEqual(['县区 → 合肥市财政 100.00']);
    expect(nh3n('4')).toEqual(['县区 → 合肥市财政 300.00']);
    expect(nh3n('40')).toEqual(['县区 → 合肥市财政 300.00']);
  });

  it.each([
    ['3', []],
    ['3.3', []],
    ['3.300001', ['县区 → 周口市财政 11.00']],
    ['4.5', ['县区 → 周口市财政 15.00']],
    ['6', ['县区 → 周口市财政 50.00']],
    ['7.5', ['县区 → 周口市财政 125.00']],
    ['9', ['县区 → 周口市财政 300.00']],
    ['9.3', ['县区 → 周口市财政 620.00']],
  ])('NH3-N %s against 3 in the bands of Zhoukou', (value, lines) => {
    expect(paid(run('zhoukou-2009', { NH3N: value, target: '3' }))).toEqual(lines);
  });

  it('the table of Zhoukou does not hold for the other group of targets', () => {
    const outcome = run('zhoukou-2009', { NH3N: '4', target: '2' });
    expect([outcome.status, outcome.reason?.code]).toEqual(['not-assessable', 'other-target-group']);
  });

  it.each([
    ['30', []],
    ['45', ['上游市 → 河北省财政 10.00']],
    ['45.01', ['上游市 → 河北省财政 50.00']],
    ['60', ['上游市 → 河北省财政 50.00']],
    ['60.01', ['上游市 → 河北省财政 100.00']],
    ['90', ['上游市 → 河北省财政 100.00']],
    ['90.01', ['上游市 → 河北省财政 150.00']],
  ])('COD %s against 30 in the tiers of 2008', (value, lines) => {
    expect(paid(run('hebei-2008', { COD: value, target: '30', entering: 'meets' }))).toEqual(lines);
  });

  it('the second table and the gate hold when the entering water exceeds', () => {
    const inputs = { COD: '45', target: '30', entering: 'exceeds' };
    expect(paid(run('hebei-2008', { ...inputs, increased: true }))).toEqual(['上游市 → 河北省财政 20.00']);
    expect(run('hebei-2008', { ...inputs, increased: false }).status).toBe('assessed-zero');
    expect(run('hebei-2008', inputs).status).toBe('not-assessable');
  });

  it('a monthly rate is compared unrounded', () => {
    const year = (y: number, months: number) =>
      run('jiuzhou-2018', { year: y, annualClass: 'III', compliantMonths: months, months: 12 });
    expect(paid(year(2019, 10))).toEqual(['广东 → 广西 10000.00']);
    expect(year(2019, 9).reason?.code).toBe('amount-not-found');
    expect(year(2020, 11).reason?.code).toBe('amount-not-found');
    expect(paid(year(2020, 12))).toEqual(['广东 → 广西 10000.00']);
  });

  it('brackets charge each part at its own rate', () => {
    const excess = (ug: string) => paid(run('airzz-2020', { excessUg: ug }));
    expect(excess('5')).toEqual(['区县 → 郑州市财政 50.00']);
    expect(excess('5.1')).toEqual(['区县 → 郑州市财政 52.00']);
    expect(excess('0.001')).toEqual(['区县 → 郑州市财政 0.01']);
    expect(excess('0.0004')).toEqual([]);
  });

  it('the cap of the index part holds in both directions', () => {
    const points = (p: string) => paid(run('yellow-yulu-r1', { annualClass: 'III', indexChangePoints: p }));
    expect(points('40')).toEqual(['河南 → 山东 4000.00']);
    expect(points('41')).toEqual(['河南 → 山东 4000.00']);
    expect(points('-55')).toEqual(['山东 → 河南 4000.00']);
    expect(points('-0.5')).toEqual(['山东 → 河南 50.00']);
  });
});
