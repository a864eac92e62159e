import { create } from 'xmlbuilder2';
import { capNamespace } from './cap.ts';

export interface AtomEntry {
  id: string;
  title: string;
  updated: string;
  summary: string;
  /** Of the CAP document. */
  href: string;
  /** Repeated in the entry, so that a reader need not open each document. */
  cap: Readonly<Record<string, string>>;
}

/** An Atom feed (RFC 4287) of CAP documents, newest first. */
export function atomFeed(feed: {
  id: string;
  title: string;
  updated: string;
  author: string;
  self: string;
  entries: readonly AtomEntry[];
}): string {
  return create({ version: '1.0', encoding: 'UTF-8' })
    .ele({
      feed: {
        '@xmlns': 'http://www.w3.org/2005/Atom',
        '@xmlns:cap': capNamespace,
        id: feed.id,
        title: feed.title,
        updated: feed.updated,
        author: { name: feed.author },
        link: { '@rel': 'self', '@href': feed.self },
        entry: feed.entries.map((entry) => ({
          id: entry.id,
          title: entry.title,
          updated: entry.updated,
          link: { '@type': 'application/cap+xml', '@href': entry.href },
          summary: entry.summary,
          ...Object.fromEntries(Object.entries(entry.cap).map(([name, value]) => [`cap:${name}`, value])),
        })),
      },
    })
    .end({ prettyPrint: true });
}
