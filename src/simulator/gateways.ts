import { setTimeout as wait } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import {
  DeviceStory,
  type DeviceFaultRates,
  type DevicePeriod,
  type WaterAtDevice,
} from './device-faults.ts';

export const GATEWAY_PERIOD_S = 600;
const LATE_BY = 3;

export interface GatewayFleetOptions {
  /** Address of the broker. */
  url: string;
  /** Topic with `{station}` where the device stands. */
  topic: string;
  seed: number;
  rates: DeviceFaultRates;
  devices: readonly string[];
  /** Absent: a world of its own for each. */
  water?: WaterAtDevice | undefined;
  fromS: number;
  periods: number;
  /** Real seconds between two periods; 0: as fast as they are acknowledged. */
  paceS: number;
  onTruth: (period: DevicePeriod) => void;
  signal?: AbortSignal;
}

export const gatewayNumber = (at: number): string => `G900000_${String(at + 1).padStart(4, '0')}`;

/**
 * Plays gateways that publish ten-minute values to a broker, quality 1. Faults of a byte stream become those of a message: `brokenCrc` is a
 * payload that breaks off, sent whole afterwards; `split` and `glued` do not exist here.
 */
export async function playGateways(options: GatewayFleetOptions): Promise<{ published: number }> {
  const client = await connectAsync(options.url, {
    clientId: `simulated-gateways-${options.seed}`,
    clean: true,
  });
  try {
    const published = await Promise.all(
      options.devices.map((device) =>
        playOne(device, options, (topic, payload) => client.publishAsync(topic, payload, { qos: 1 })),
      ),
    );
    return { published: published.reduce((sum, one) => sum + one, 0) };
  } finally {
    await client.endAsync();
  }
}

async function playOne(
  device: string,
  options: GatewayFleetOptions,
  publish: (topic: string, payload: string) => Promise<unknown>,
): Promise<number> {
  const { seed, rates, fromS, periods, paceS, signal, water } = options;
  const story = new DeviceStory({
    device,
    kind: 'gateway',
    seed,
    rates,
    periodS: GATEWAY_PERIOD_S,
    water,
  });
  const topic = options.topic.replace('{station}', device);
  const held: { payload: string; after: number }[] = [];
  let published = 0;
  const send = async (payload: string): Promise<void> => {
    published += 1;
    await publish(topic, payload);
  };
  for (let at = 0; at < periods && signal?.aborted !== true; at++) {
    const period = story.period(fromS + at * GATEWAY_PERIOD_S);
    options.onTruth(period);
    const payload = payloadOf(period, story.stampS(period));
    if (period.fault === 'late' || period.fault === 'outOfOrder')
      held.push({ payload, after: at + (period.fault === 'late' ? LATE_BY : 1) });
    else if (period.fault !== 'silent') {
      if (period.fault === 'brokenCrc') await send(payload.slice(0, payload.length / 2));
      await send(payload);
      if (period.fault === 'duplicated') await send(payload);
    }
    for (const due of held.filter(({ after }) => after <= at)) await send(due.payload);
    held.splice(0, held.length, ...held.filter(({ after }) => after > at));
    if (paceS > 0) await wait(paceS * 1000);
  }
  for (const { payload } of held) await send(payload);
  return published;
}

/** Numbers as numbers, and what is none as the text it is. */
function payloadOf({ sent }: DevicePeriod, stampS: number): string {
  const values = Object.entries(sent).map(([parameter, text]) => {
    const number = Number(text);
    return [parameter, Number.isNaN(number) ? text : number] as const;
  });
  return JSON.stringify({ ts: new Date(stampS * 1000).toISOString(), ...Object.fromEntries(values), q: 'N' });
}
