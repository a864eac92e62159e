import type { ChannelConfig } from '../../domain/config/channels.ts';
import { MonitorError } from '../../domain/errors.ts';
import { usualPace, type ChannelPace } from '../outbox.ts';
import { Secrets, type Channel, type ChannelSurroundings } from './channel.ts';
import { openDingtalk } from './dingtalk/index.ts';
import { openFeishu } from './feishu/index.ts';
import { openGateway } from './gateway/index.ts';
import { openMqtt } from './mqtt/index.ts';
import { openPublished } from './published/index.ts';
import { openSmtp } from './smtp/index.ts';
import { openWebhook } from './webhook/index.ts';
import { openWecom } from './wecom/index.ts';

export interface OpenChannels {
  list: ReadonlyMap<string, { channel: Channel; pace: ChannelPace }>;
  close(): Promise<void>;
}

/** What the services state for their robots, a minute. */
const statedPerMinute: Partial<Record<ChannelConfig['type'], number>> = {
  dingtalk: 20,
  wecom: 20,
  feishu: 100,
};

/** Opens what is enabled. Throws E_CONFIG that names every channel and variable that the environment lacks. */
export async function openChannels(
  configs: readonly ChannelConfig[],
  surroundings: ChannelSurroundings,
): Promise<OpenChannels> {
  const list = new Map<string, { channel: Channel; pace: ChannelPace }>();
  const lacking: string[] = [];
  const close = async (): Promise<void> => {
    for (const { channel } of list.values()) await channel.close();
    list.clear();
  };
  for (const config of configs.filter((one) => one.enabled)) {
    const secrets = new Secrets(surroundings);
    list.set(config.id, { channel: open(config, surroundings, secrets), pace: paceOf(config) });
    for (const variable of secrets.missing) lacking.push(`${config.id}: ${variable}`);
  }
  if (lacking.length === 0) return { list, close };
  await close();
  const message = `channels lack environment variables · 通道缺少环境变量\n${lacking.join('\n')}`;
  throw new MonitorError('E_CONFIG', message, { details: { lacking, printed: lacking } });
}

function open(config: ChannelConfig, surroundings: ChannelSurroundings, secrets: Secrets): Channel {
  switch (config.type) {
    case 'smtp':
      return openSmtp(config, surroundings, secrets);
    case 'webhook':
      return openWebhook(config, surroundings, secrets);
    case 'dingtalk':
      return openDingtalk(config, surroundings, secrets);
    case 'wecom':
      return openWecom(config, surroundings, secrets);
    case 'feishu':
      return openFeishu(config, surroundings, secrets);
    case 'sms-gateway':
    case 'voice-gateway':
      return openGateway(config, surroundings, secrets);
    case 'mqtt':
      return openMqtt(config, surroundings, secrets);
    default:
      return openPublished(config);
  }
}

function paceOf(config: ChannelConfig): ChannelPace {
  return {
    timeoutS: config.timeoutSeconds ?? usualPace.timeoutS,
    attempts: config.attempts ?? usualPace.attempts,
    backoffS: config.backoffSeconds ?? usualPace.backoffS,
    perMinute: config.perMinute ?? statedPerMinute[config.type] ?? usualPace.perMinute,
  };
}
