import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { NotificationFacts } from '../../domain/notifications.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { showPage, type Page } from '../http/bare-page.ts';
import { isoTimes } from '../http/iso-times.ts';

const Params = Type.Object({ token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }) });

/** A form has no body that matters; browsers send an empty one. */
function acceptForms(app: Api): void {
  if (app.hasContentTypeParser('application/x-www-form-urlencoded')) return;
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, _body, done) => done(null, {}),
  );
}

/**
 * Acknowledging by a link in a message, without a login, once. Opening shows a page and changes nothing, since mail scanners open
 * links; only pressing acknowledges. The token is looked up by its hash; who used it, and from where, is kept.
 */
export function acknowledgeRoutes(app: Api, deps: ApiDeps): void {
  const { alertLinks } = deps;
  if (alertLinks === undefined || alertLinks === null) return;
  acceptForms(app);
  const route = { config: { tier: 'public' }, schema: { params: Params, hide: true } } as const;
  const known = async (token: string) => {
    const sha256 = createHash('sha256').update(token).digest('hex');
    const found = await alertLinks.tokens.find(sha256);
    const message = found === null ? null : await alertLinks.messages.get(found.notificationId);
    return { sha256, found, facts: message?.facts ?? null };
  };
  app.get('/ack/:token', route, async ({ params }, reply) => {
    const { found, facts } = await known(params.token);
    if (found === null || facts === null) return showPage(reply, 404, unknownLink);
    if (found.usedS !== null)
      return showPage(reply, 200, done(facts, isoTimes(deps.config().region.timeZone)(found.usedS)));
    if (found.expiresS <= deps.clock.nowS()) return showPage(reply, 410, expired);
    return showPage(reply, 200, question(facts));
  });
  app.post('/ack/:token', route, async ({ params, ip }, reply) => {
    const { sha256, found, facts } = await known(params.token);
    if (found === null || facts === null) return showPage(reply, 404, unknownLink);
    const atS = deps.clock.nowS();
    if (!(await alertLinks.tokens.use(sha256, { atS, from: ip }))) {
      if (found.usedS === null && found.expiresS <= atS) return showPage(reply, 410, expired);
      return showPage(reply, 200, done(facts, null));
    }
    const { alertId, notificationId, contact } = found;
    try {
      await alertLinks.acknowledge({ alertId, notificationId, contact, atS });
    } catch (error) {
      const gone =
        error instanceof MonitorError && (error.code === 'E_CONFLICT' || error.code === 'E_NOT_FOUND');
      if (!gone) await alertLinks.tokens.release(sha256);
      if (gone) return showPage(reply, 200, over(facts));
      throw error;
    }
    return showPage(reply, 200, done(facts, null));
  });
}

const unknownLink: Page = {
  title: '链接无效 · Unknown link',
  lines: ['请使用最近一条告警中的链接。', 'Use the link of the latest message.'],
};
const expired: Page = {
  title: '链接已过期 · The link has expired',
  lines: ['请登录后确认。', 'Sign in to acknowledge.'],
};
const over = (facts: NotificationFacts): Page => ({
  title: '告警已无须确认 · The alert needs no answer any more',
  lines: linesOf(facts),
});
const done = (facts: NotificationFacts, at: string | null): Page => ({
  title: `已确认 · Acknowledged${at === null ? '' : ` ${at}`}`,
  lines: linesOf(facts),
});
const question = (facts: NotificationFacts): Page => ({
  title: '确认收到告警？ · Acknowledge this alert?',
  lines: linesOf(facts),
  button: '确认收到 · Acknowledge',
});

function linesOf({ title, summary, alertId, drill, synthetic }: NotificationFacts): string[] {
  const marks = [...(drill ? ['演练 · DRILL'] : []), ...(synthetic ? ['模拟数据 · SYNTHETIC DATA'] : [])];
  return [...marks, title.zh, title.en, summary.zh, summary.en, alertId];
}
