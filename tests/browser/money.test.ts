import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wanOfFen } from '../../web/src/format/money.ts';
import { exactText, shownText } from '../../web/src/format/number.ts';
import { civilText, fullTime, offsetMs } from '../../web/src/format/time.ts';

describe('money on the page', () => {
  it('is whole fen as 万元, exactly, with at least two decimals', () => {
    expect(wanOfFen('0')).toBe('0.00');
    expect(wanOfFen('50000000')).toBe('50.00');
    expect(wanOfFen('-123456')).toBe('-0.123456');
    expect(wanOfFen('123456789012345678')).toBe('123,456,789,012.345678');
    expect(wanOfFen('1001000')).toBe('1.001');
  });

  it('loses no fen, whatever the amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (fen) => {
        const [whole = '', decimals = ''] = wanOfFen(fen.toString()).replaceAll(',', '').split('.');
        expect(BigInt(`${whole}${decimals.padEnd(6, '0')}`)).toBe(fen);
      }),
    );
  });
});

describe('numbers on the page', () => {
  it('are rounded half to even for reading and exact beside it', () => {
    expect([0.125, 0.135, 2.5].map((value) => shownText(value, 2))).toEqual(['0.12', '0.14', '2.50']);
    expect(shownText(15.9, 1)).toBe('15.9');
    expect(exactText(0.00000012)).toBe('0.00000012');
    expect(exactText(123456.789)).toBe('123456.789');
  });
});

describe('times on the page', () => {
  const zone = 'Asia/Shanghai';

  it('are the wall clock of the region, whatever the zone of the machine', () => {
    expect(fullTime('2026-03-01T00:00:00+08:00', zone)).toBe('2026-03-01 00:00');
    expect(fullTime(Date.UTC(2026, 1, 28, 16), zone)).toBe('2026-03-01 00:00');
    expect(civilText(Date.UTC(2026, 11, 31, 15, 59), zone)).toBe('2026-12-31T23:59');
  });

  it('know how far the region is ahead of UTC', () => {
    expect(offsetMs(Date.UTC(2026, 6, 1, 12, 34, 56), zone)).toBe(8 * 3_600_000);
    expect(offsetMs(Date.UTC(2026, 0, 1), 'America/New_York')).toBe(-5 * 3_600_000);
  });
});
