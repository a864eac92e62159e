import {
  gatewayFields,
  placeholders,
  templateFields,
  type ChannelConfig,
} from '../../domain/config/channels.ts';
import type { ConfigFault } from '../../domain/config/config.ts';
import type { ValuePath } from '../document.ts';
import type { Draft } from '../draft.ts';

/** Templates name only facts that messages have, and a fallback is another channel that works. */
export function channelFaults(draft: Draft): ConfigFault[] {
  return draft.channels.flatMap((channel) => [
    ...templateFaults(draft, channel),
    ...requestFaults(draft, channel),
    ...fallbackFaults(draft, channel),
  ]);
}

function templateFaults(draft: Draft, channel: ChannelConfig): ConfigFault[] {
  const { template } = channel;
  if (template === undefined) return [];
  return (['title', 'body'] as const).flatMap((part) =>
    (['zh', 'en'] as const).flatMap((language) =>
      unknownFields(draft, channel, {
        path: ['template', part, language],
        text: template[part][language],
        known: templateFields,
      }),
    ),
  );
}

function requestFaults(draft: Draft, channel: ChannelConfig): ConfigFault[] {
  if (channel.type !== 'sms-gateway' && channel.type !== 'voice-gateway') return [];
  const { settings } = channel;
  const known = [
    ...gatewayFields,
    'id',
    ...Object.keys(settings.secrets ?? {}).map((name) => `secret.${name}`),
  ];
  const texts: { path: ValuePath; text: string }[] = [
    { path: ['settings', 'body'], text: settings.body },
    ...Object.entries(settings.headers ?? {}).map(([name, text]) => ({
      path: ['settings', 'headers', name],
      text,
    })),
  ];
  const faults = texts.flatMap(({ path, text }) => {
    // The braces of JSON are no placeholders.
    const named = [...text.matchAll(/\{([a-zA-Z][a-zA-Z0-9.]*)\}/g)]
      .map((match) => `{${match[1] ?? ''}}`)
      .join('');
    return unknownFields(draft, channel, { path, text: named, known });
  });
  if (settings.format === 'form' || readsAsJson(settings.body)) return faults;
  const text = {
    message: 'the body is no JSON once its fields are filled',
    expected: 'JSON with {fields} inside its strings',
  };
  return [...faults, draft.fault(channel, ['settings', 'body'], text)];
}

function readsAsJson(template: string): boolean {
  try {
    JSON.parse(template.replaceAll(/\{([a-zA-Z][a-zA-Z0-9.]*)\}/g, 'x'));
    return true;
  } catch {
    return false;
  }
}

function unknownFields(
  draft: Draft,
  channel: ChannelConfig,
  of: { path: ValuePath; text: string; known: readonly string[] },
): ConfigFault[] {
  return placeholders(of.text)
    .filter((name) => !of.known.includes(name))
    .map((name) =>
      draft.fault(channel, of.path, {
        message: `unknown field {${name}} in the template`,
        expected: `fields out of ${of.known.join(', ')}`,
      }),
    );
}

function fallbackFaults(draft: Draft, channel: ChannelConfig): ConfigFault[] {
  const { fallback } = channel;
  if (fallback === undefined || !draft.complete('channels')) return [];
  if (fallback === channel.id)
    return [
      draft.fault(channel, ['fallback'], {
        message: 'a channel cannot stand in for itself',
        expected: 'another channel',
      }),
    ];
  const ids = draft.entries.channels.map((entry) => ('id' in entry ? entry.id : null));
  if (ids.includes(fallback)) return [];
  const expected = `one of ${ids.filter((id) => typeof id === 'string').join(', ')}`;
  return [draft.fault(channel, ['fallback'], { message: 'unknown channel', expected })];
}
