import type { FastifyReply } from 'fastify';

/** A page for whoever has no dashboard open: a link of a message, a sign-in that failed. */
export interface Page {
  title: string;
  lines: readonly string[];
  /** Text of a button that posts to the page's own address. */
  button?: string;
  link?: { href: string; text: string };
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => entities[char] ?? char);

/** Sends it: one file without scripts, never kept by the browser. */
export function showPage(
  reply: FastifyReply,
  status: number,
  { title, lines, button, link }: Page,
): FastifyReply {
  const form =
    button === undefined
      ? ''
      : `<form method="post"><button style="font-size:1.2em;padding:.6em 1.2em">${escaped(button)}</button></form>`;
  const way = link === undefined ? '' : `<p><a href="${escaped(link.href)}">${escaped(link.text)}</a></p>`;
  const body = lines.map((line) => `<p>${escaped(line)}</p>`).join('');
  const html = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>${escaped(title)}</title><body style="font-family:sans-serif;max-width:40em;margin:2em auto;padding:0 1em"><h1 style="font-size:1.3em">${escaped(title)}</h1>${body}${form}${way}</body></html>`;
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(html);
}
