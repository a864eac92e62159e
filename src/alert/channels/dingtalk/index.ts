import { createHmac } from 'node:crypto';
import type { ChannelOf } from '../../../domain/config/channels.ts';
import { Secrets, type Channel, type ChannelSurroundings } from '../channel.ts';
import { httpCaller } from '../http.ts';
import { mentions, postToRobot, type RobotAnswers } from '../robot.ts';
import { wholeText, withinBytes } from '../text.ts';

const longestBytes = 18_000;
const answers: RobotAnswers = { codeField: 'errcode', messageField: 'errmsg', busy: { 130101: 600 } };

/** A DingTalk group robot: `text` messages, address signed with the milliseconds of the attempt where a secret is set. */
export function openDingtalk(
  config: ChannelOf<'dingtalk'>,
  surroundings: ChannelSurroundings,
  secrets = new Secrets(surroundings),
): Channel {
  const { settings } = config;
  const key = secrets.of(settings.keyVariable);
  const secret = secrets.ofOptional(settings.secretVariable);
  const http = httpCaller(secrets.authorities(settings.caFile));
  return {
    id: config.id,
    type: 'dingtalk',
    deliver(message, signal) {
      const url = new URL(settings.url);
      url.searchParams.set('access_token', key);
      if (secret !== null) {
        const timestampMs = Date.now();
        url.searchParams.set('timestamp', String(timestampMs));
        url.searchParams.set('sign', dingtalkSignature(secret, timestampMs));
      }
      const { all, mobiles } = mentions(message.notification.address);
      const content = withinBytes(wholeText(message), longestBytes);
      const body = { msgtype: 'text', text: { content }, at: { atMobiles: mobiles, isAtAll: all } };
      return postToRobot(http, { url: url.href, body }, answers, signal);
    },
    close: () => http.close(),
  };
}

/** The key is the secret, the message is `timestamp\nsecret`, in milliseconds: the opposite of Feishu. */
export function dingtalkSignature(secret: string, timestampMs: number): string {
  return createHmac('sha256', secret).update(`${timestampMs}\n${secret}`).digest('base64');
}
