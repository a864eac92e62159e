import { createHash, createHmac } from 'node:crypto';
import type { AcknowledgeTokens, StoredNotification } from '../domain/deliveries.ts';
import type { NotificationKind } from '../domain/notifications.ts';

const validS = 7 * 86_400;
/** Kinds that ask for an answer. */
const answered: ReadonlySet<NotificationKind> = new Set(['opened', 'escalated', 'amended', 'drill']);

/**
 * The address that acknowledges once without a login, or null for a kind that needs no answer. The token follows from the
 * notification and a key of this system, so every attempt sends the same one; only its hash is kept.
 */
export async function acknowledgeUrl(
  notification: StoredNotification,
  by: { tokens: Pick<AcknowledgeTokens, 'issue'>; key: Buffer; publicUrl: string },
): Promise<string | null> {
  if (!answered.has(notification.kind)) return null;
  const token = createHmac('sha256', by.key).update(`acknowledge\n${notification.id}`).digest('base64url');
  await by.tokens.issue({
    sha256: createHash('sha256').update(token).digest('hex'),
    notificationId: notification.id,
    alertId: notification.facts.alertId,
    contact: notification.contact,
    createdS: notification.createdS,
    expiresS: notification.createdS + validS,
  });
  return `${by.publicUrl}/ack/${token}`;
}
