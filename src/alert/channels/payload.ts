import type { Message } from './channel.ts';

/** What machines get: the same bytes at every attempt. `sequence` grows, so a receiver can drop what is older than what it has. */
export function payloadOf({ notification, title, body, mapUrl, acknowledgeUrl }: Message): {
  type: string;
  timestamp: string;
  data: object;
} {
  const { id, kind, position, createdS, language, orderingKey, facts } = notification;
  return {
    type: kind === 'reminder' ? 'settlement.reminder' : `alert.${kind}`,
    timestamp: new Date(createdS * 1000).toISOString(),
    data: {
      notification: id,
      sequence: position,
      orderingKey,
      language,
      title,
      text: body,
      mapUrl,
      acknowledgeUrl,
      facts,
    },
  };
}
