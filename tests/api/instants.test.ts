import { Temporal } from 'temporal-polyfill';
import { afterEach, expect, it, vi } from 'vitest';
import { instantOf } from '../../src/api/http/instants.ts';

afterEach(() => vi.restoreAllMocks());

it('a time that a chart sends again is read once, one of any length each time: what is remembered has an end', () => {
  const reading = vi.spyOn(Temporal.Instant, 'from');
  const usual = '2026-03-01T00:00:00.123456789+08:00';
  const long = `2026-03-01T00:00:00+08:00${'[a=b]'.repeat(1000)}`;
  for (const [text, times] of [
    [usual, 1],
    [long, 3],
  ] as const) {
    reading.mockClear();
    for (let asked = 0; asked < 3; asked++)
      expect(instantOf(text, 'Asia/Shanghai')).toBe(Date.UTC(2026, 1, 28, 16) / 1000);
    expect(reading).toHaveBeenCalledTimes(times);
  }
});
