import { createHmac } from 'node:crypto';
import type { ChannelOf } from '../../../domain/config/channels.ts';
import { Secrets, type Channel, type ChannelSurroundings } from '../channel.ts';
import { httpCaller } from '../http.ts';
import { postToRobot, type RobotAnswers } from '../robot.ts';
import { wholeText, withinBytes } from '../text.ts';

const longestBytes = 18_000;
const answers: RobotAnswers = { codeField: 'code', messageField: 'msg', busy: { 11232: 60 } };

/** A Feishu (or Lark) group robot: `text` messages, body signed with the seconds of the attempt where a secret is set. */
export function openFeishu(
  config: ChannelOf<'feishu'>,
  surroundings: ChannelSurroundings,
  secrets = new Secrets(surroundings),
): Channel {
  const { settings } = config;
  const url = `${settings.url.replace(/\/+$/, '')}/${encodeURIComponent(secrets.of(settings.keyVariable))}`;
  const secret = secrets.ofOptional(settings.secretVariable);
  const http = httpCaller(secrets.authorities(settings.caFile));
  return {
    id: config.id,
    type: 'feishu',
    deliver(message, signal) {
      const timestampS = Math.floor(Date.now() / 1000);
      const signed =
        secret === null ? {} : { timestamp: String(timestampS), sign: feishuSignature(secret, timestampS) };
      const text = withinBytes(wholeText(message), longestBytes);
      return postToRobot(
        http,
        { url, body: { ...signed, msg_type: 'text', content: { text } } },
        answers,
        signal,
      );
    },
    close: () => http.close(),
  };
}

/** The key is `timestamp\nsecret`, the message is empty, in seconds: the opposite of DingTalk. */
export function feishuSignature(secret: string, timestampS: number): string {
  return createHmac('sha256', `${timestampS}\n${secret}`).update('').digest('base64');
}
