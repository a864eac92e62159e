import type { ChannelOf } from '../../../domain/config/channels.ts';
import { Secrets, type Channel, type ChannelSurroundings } from '../channel.ts';
import { httpCaller } from '../http.ts';
import { mentions, postToRobot, type RobotAnswers } from '../robot.ts';
import { wholeText, withinBytes } from '../text.ts';

/** The service's own limit for text, UTF-8. */
const longestBytes = 2048;
const answers: RobotAnswers = { codeField: 'errcode', messageField: 'errmsg', busy: { 45009: 60 } };

/** A WeCom group robot: `text` messages; the key in its address is all the protection there is. */
export function openWecom(
  config: ChannelOf<'wecom'>,
  surroundings: ChannelSurroundings,
  secrets = new Secrets(surroundings),
): Channel {
  const { settings } = config;
  const key = secrets.of(settings.keyVariable);
  const http = httpCaller(secrets.authorities(settings.caFile));
  return {
    id: config.id,
    type: 'wecom',
    deliver(message, signal) {
      const url = new URL(settings.url);
      url.searchParams.set('key', key);
      const { all, mobiles } = mentions(message.notification.address);
      const body = {
        msgtype: 'text',
        text: {
          content: withinBytes(wholeText(message), longestBytes),
          mentioned_list: all ? ['@all'] : [],
          mentioned_mobile_list: mobiles,
        },
      };
      return postToRobot(http, { url: url.href, body }, answers, signal);
    },
    close: () => http.close(),
  };
}
