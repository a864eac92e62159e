import { expect, onTestFinished, test } from 'vitest';
import { startHeartbeat } from '../../src/alert/heartbeat.ts';
import { httpReceiver } from './http-receiver.ts';

test('a watchdog is called while the process is well, and a missed call is told without the address', async () => {
  let well = true;
  const watchdog = await httpReceiver((_request, index) => ({ status: index === 0 ? 200 : 503 }));
  onTestFinished(() => watchdog.close());
  const missed: string[] = [];
  const heartbeat = startHeartbeat({
    url: `${watchdog.url}/ping/key`,
    everyS: 0.05,
    well: () => Promise.resolve(well),
    onMissed: (reason) => missed.push(reason),
  });
  onTestFinished(() => heartbeat.close());
  await expect.poll(() => missed, { timeout: 10_000 }).toContain('the watchdog answers 503');
  expect(watchdog.received[0]).toMatchObject({ method: 'GET', path: '/ping/key' });
  well = false;
  await expect.poll(() => missed, { timeout: 10_000 }).toContain('this process is not well');
  expect(missed.join()).not.toContain('key');
});
