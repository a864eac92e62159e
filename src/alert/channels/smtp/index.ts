import { createTransport } from 'nodemailer';
import type { ChannelOf } from '../../../domain/config/channels.ts';
import {
  delivered,
  later,
  never,
  Secrets,
  type Channel,
  type ChannelSurroundings,
  type Message,
  type Outcome,
} from '../channel.ts';

/** Mail through one relay: text and HTML, one thread an alert, `Message-ID` made of the notification's id. */
export function openSmtp(
  config: ChannelOf<'smtp'>,
  surroundings: ChannelSurroundings,
  secrets = new Secrets(surroundings),
): Channel {
  const { settings } = config;
  const user = secrets.ofOptional(settings.userVariable);
  const pass = secrets.ofOptional(settings.passwordVariable);
  const ca = secrets.authorities(settings.caFile);
  const timeoutMs = (config.timeoutSeconds ?? 30) * 1000;
  const transport = createTransport({
    host: settings.host,
    port: settings.port,
    secure: settings.security === 'tls',
    requireTLS: settings.security === 'starttls',
    ignoreTLS: settings.security === 'none',
    ...(user === null ? {} : { auth: { user, pass: pass ?? '' } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  const domain = settings.from.slice(settings.from.lastIndexOf('@') + 1).replace(/>$/, '');
  return {
    id: config.id,
    type: 'smtp',
    async deliver(message) {
      try {
        await transport.sendMail(mailOf(message, settings.from, domain));
        return delivered;
      } catch (error) {
        return judge(error);
      }
    },
    async close() {
      transport.close();
    },
  };
}

/** Ids are ours and hold no blank or bracket, but a rule's author chooses part of them. */
const local = (id: string): string => id.replaceAll(/[^A-Za-z0-9.-]/g, '-');

function mailOf(
  { notification, title, body, mapUrl, acknowledgeUrl }: Message,
  from: string,
  domain: string,
) {
  const thread = `<alert-${local(notification.facts.alertId)}@${domain}>`;
  return {
    from,
    to: notification.address,
    subject: title,
    text: body,
    html: html({ title, body, links: [mapUrl, acknowledgeUrl] }),
    messageId: `<${local(notification.id)}@${domain}>`,
    inReplyTo: thread,
    references: thread,
    date: new Date(notification.createdS * 1000),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Jiehe-Alert': local(notification.facts.alertId) },
  };
}

function html(of: { title: string; body: string; links: readonly (string | null)[] }): string {
  const linked = of.links
    .filter((link) => link !== null)
    .reduce((text, link) => {
      const safe = escaped(link);
      return text.replaceAll(safe, `<a href="${safe}">${safe}</a>`);
    }, escaped(of.body));
  return `<!doctype html><meta charset="utf-8"><h1 style="font-size:1.2em">${escaped(of.title)}</h1><p>${linked.replaceAll('\n', '<br>')}</p>`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => entities[char] ?? char);

/** A 5xx about the mail or its recipient is final; of the login or the connection it is not, since an operator can mend those. */
function judge(error: unknown): Outcome {
  if (!(error instanceof Error)) return later('the relay failed');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const status =
    'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : null;
  const text = `${code}${status === null ? '' : ` ${status}`}: ${error.message.slice(0, 200)}`;
  const final = status !== null && status >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
  return final ? never(text) : later(text);
}
