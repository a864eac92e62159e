import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DeliveryStore } from '../domain/deliveries.ts';
import type { Clock } from '../domain/ports.ts';
import type { Outcome } from './channels/channel.ts';

export interface DeliveryMeter {
  attempted(channel: string, result: Outcome['result'], took: { seconds: number; ageS: number }): void;
}

export const unmetered: DeliveryMeter = { attempted: () => undefined };

/** Metrics of delivery. Labels are channel ids of the configuration and three results, so their number is bounded. */
export function deliveryMeter(
  registry: Registry,
  from: { store: Pick<DeliveryStore, 'counts' | 'oldestPendingS'>; clock: Clock },
): DeliveryMeter {
  const attempts = new Counter({
    name: 'jiehe_delivery_attempts_total',
    help: 'attempts to deliver a notification, by what became of them',
    labelNames: ['channel', 'result'] as const,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'jiehe_delivery_attempt_seconds',
    help: 'time that one attempt took',
    labelNames: ['channel'] as const,
    buckets: [0.01, 0.05, 0.2, 1, 5, 20, 60],
    registers: [registry],
  });
  const age = new Histogram({
    name: 'jiehe_delivery_age_seconds',
    help: 'from the making of a notification to its delivery',
    labelNames: ['channel'] as const,
    buckets: [1, 2, 5, 15, 60, 300, 1800, 7200, 86_400],
    registers: [registry],
  });
  const gauge = (name: string, help: string, read: (own: Gauge<'state'>) => Promise<void>) =>
    new Gauge({
      name,
      help,
      labelNames: name.endsWith('_notifications') ? ['state'] : [],
      registers: [registry],
      async collect() {
        await read(this);
      },
    });
  gauge('jiehe_delivery_notifications', 'notifications by state', async (own) => {
    for (const [state, count] of Object.entries(await from.store.counts())) own.set({ state }, count);
  });
  gauge(
    'jiehe_delivery_oldest_pending_seconds',
    'age of the oldest undelivered notification',
    async (own) => {
      const oldestS = await from.store.oldestPendingS();
      own.set(oldestS === null ? 0 : Math.max(0, from.clock.nowS() - oldestS));
    },
  );
  return {
    attempted(channel, result, took) {
      attempts.inc({ channel, result });
      seconds.observe({ channel }, took.seconds);
      if (result === 'delivered') age.observe({ channel }, took.ageS);
    },
  };
}
