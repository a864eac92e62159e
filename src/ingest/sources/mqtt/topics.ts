/** A topic of the settings, ready for use. */
export interface TopicPattern {
  /** As the broker takes it. */
  filter: string;
  /** The names and their levels where a topic fits; null where it does not. */
  match(topic: string): ReadonlyMap<string, string> | null;
  names: ReadonlySet<string>;
}

const NAME = /^\{([a-z][A-Za-z0-9]*)\}$/;
const SHARE = /^\$/;

/** Reads a topic of the settings. Throws with what is wrong with it: an empty name, `#` not at the end, a wildcard within a level. */
export function topicPattern(topic: string): TopicPattern {
  if (SHARE.test(topic)) throw new Error(`topic "${topic}" begins with $, which the broker keeps for itself`);
  const levels = topic.split('/');
  const names = new Set<string>();
  const parts = levels.map((level, at) => {
    const name = NAME.exec(level)?.[1];
    if (name !== undefined) {
      if (names.has(name)) throw new Error(`topic "${topic}" names {${name}} twice`);
      names.add(name);
      return { name, filter: '+' };
    }
    if (level === '#' && at < levels.length - 1)
      throw new Error(`topic "${topic}": # stands only at the end`);
    if (level !== '#' && level !== '+' && /[#+{}]/.test(level))
      throw new Error(`topic "${topic}": "${level}" is neither a level, {name}, + nor #`);
    return { name: null, filter: level };
  });
  const rest = parts.at(-1)?.filter === '#';
  const fixed = rest ? parts.slice(0, -1) : parts;
  return {
    filter: parts.map(({ filter }) => filter).join('/'),
    names,
    match(sent) {
      const given = sent.split('/');
      if (rest ? given.length < fixed.length : given.length !== fixed.length) return null;
      const found = new Map<string, string>();
      for (const [at, { name, filter }] of fixed.entries()) {
        const level = given[at]!;
        if (name !== null) found.set(name, level);
        else if (filter !== '+' && filter !== level) return null;
      }
      return found;
    },
  };
}

/** A text with `{name}` replaced by levels of the topic. */
export function filled(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/\{([a-z][A-Za-z0-9]*)\}/g, (_, name: string) => names.get(name) ?? '');
}

/** The names that a text asks for. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/\{([a-z][A-Za-z0-9]*)\}/g)].map((match) => match[1]!);
}
