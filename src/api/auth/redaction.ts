const removed = '[redacted]';

const secretName =
  '(?:token|secret|passw(?:or)?d|passwd|pwd|api[_-]?key|authorization|credential|private[_-]?key)';

const rules: readonly [RegExp, string][] = [
  // A member of a JSON object, whatever stands around the word in its name.
  [
    new RegExp(`("[^"\\\\]*${secretName}[^"\\\\]*"\\s*:\\s*)(?:"(?:[^"\\\\]|\\\\.)*"|-?[\\d.]+)`, 'gi'),
    `$1"${removed}"`,
  ],
  // A field of a query or a form.
  [
    new RegExp(`([?&;\\s"'](?:[\\w-]*${secretName}[\\w-]*|key|sig(?:nature)?)=)[^&;\\s"']+`, 'gi'),
    `$1${removed}`,
  ],
  [new RegExp(`^((?:[\\w-]*${secretName}[\\w-]*|key|sig(?:nature)?)=)[^&;\\s"']+`, 'gim'), `$1${removed}`],
  // The password of an HJ 212 frame.
  [/\b(PW=)[^;&]+/g, `$1${removed}`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]+/gi, `$1 ${removed}`],
  [/\bjh_[A-Za-z0-9_-]{32,64}/g, removed],
  // User and password of an address.
  [/(\/\/)[^/\s@"']+@/g, `$1${removed}@`],
];

/** Text of a raw entry with what looks like a credential taken out; everything else stays as it was. */
export function redacted(text: string): string {
  return rules.reduce((left, [pattern, put]) => left.replace(pattern, put), text);
}
