import { JSONPath } from 'jsonpath-plus';
import type { ChannelOf } from '../../../domain/config/channels.ts';
import {
  delivered,
  later,
  Secrets,
  type Channel,
  type ChannelSurroundings,
  type Message,
  type Outcome,
} from '../channel.ts';
import { excerpt, httpCaller, reasonOf, type HttpAnswer } from '../http.ts';
import { wholeText, withinCharacters } from '../text.ts';

type GatewayConfig = ChannelOf<'sms-gateway'> | ChannelOf<'voice-gateway'>;

/** Texts and calls through whatever HTTP gateway an operator has: one templated request, success by status and JSON path. */
export function openGateway(
  config: GatewayConfig,
  surroundings: ChannelSurroundings,
  secrets = new Secrets(surroundings),
): Channel {
  const { settings } = config;
  const known = Object.fromEntries(
    Object.entries(settings.secrets ?? {}).map(([name, variable]) => [
      `secret.${name}`,
      secrets.of(variable),
    ]),
  );
  const http = httpCaller(secrets.authorities(settings.caFile));
  return {
    id: config.id,
    type: config.type,
    async deliver(message, signal) {
      const request = gatewayRequest(settings, {
        ...known,
        ...fieldsOf(message, settings.maximumCharacters),
      });
      try {
        return judge(await http.call(request, signal), settings.success);
      } catch (error) {
        return later(reasonOf(error));
      }
    },
    close: () => http.close(),
  };
}

function fieldsOf(message: Message, maximumCharacters: number): Record<string, string> {
  const { address, language, id } = message.notification;
  return {
    id,
    address,
    language,
    subject: withinCharacters(message.title, maximumCharacters),
    text: withinCharacters(wholeText(message), maximumCharacters),
  };
}

function gatewayRequest(
  settings: GatewayConfig['settings'],
  fields: Readonly<Record<string, string>>,
): { url: string; method: 'POST' | 'GET'; headers: Record<string, string>; body?: string } {
  const { method, format } = settings;
  const escape = format === 'json' ? (text: string) => JSON.stringify(text).slice(1, -1) : encodeURIComponent;
  const body = fill(settings.body, fields, escape);
  const plain = Object.entries(settings.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    // A line break would start a header of its own.
    fill(value, fields, (text) => text.replaceAll(/[\r\n]/g, ' ')),
  ]);
  const headers: Record<string, string> = Object.fromEntries(plain);
  const mediaType = format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  headers['content-type'] ??= `${mediaType}; charset=utf-8`;
  if (method === 'POST') return { url: settings.url, method, headers, body };
  return { url: `${settings.url}${settings.url.includes('?') ? '&' : '?'}${body}`, method, headers };
}

/** `{name}` only where it is a field: the braces of JSON stay as they are. */
function fill(
  template: string,
  fields: Readonly<Record<string, string>>,
  escape: (text: string) => string,
): string {
  return template.replaceAll(/\{([a-zA-Z][a-zA-Z0-9.]*)\}/g, (_whole, name: string) =>
    escape(fields[name] ?? ''),
  );
}

function judge(answer: HttpAnswer, success: GatewayConfig['settings']['success']): Outcome {
  if (answer.status < 200 || answer.status >= 300)
    return later(`status ${answer.status}: ${excerpt(answer.text)}`, answer.retryAfterS ?? undefined);
  let json: unknown;
  try {
    json = JSON.parse(answer.text);
  } catch {
    return later(`the answer is no JSON: ${excerpt(answer.text)}`);
  }
  if (typeof json !== 'object' || json === null)
    return later(`the answer is no object: ${excerpt(answer.text)}`);
  // Filter expressions could run code; a path that only walks is all that is needed.
  const found: unknown = JSONPath({ path: success.path, json, eval: false, wrap: true });
  const value: unknown = Array.isArray(found) ? found[0] : undefined;
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (plain && String(value) === String(success.equals)) return delivered;
  return later(`${success.path} is not ${String(success.equals)}: ${excerpt(answer.text)}`);
}
