import type { Message } from './channel.ts';

const ellipsis = '…';

export const wholeText = ({ title, body }: Message): string => `${title}\n${body}`;

/** At most `bytes` of UTF-8, cut between characters, an ellipsis where something is missing. */
export function withinBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const room = bytes - Buffer.byteLength(ellipsis);
  let used = 0;
  let kept = '';
  for (const char of text) {
    used += Buffer.byteLength(char);
    if (used > room) break;
    kept += char;
  }
  return kept + ellipsis;
}

export function withinCharacters(text: string, characters: number): string {
  const all = Array.from(text);
  return all.length <= characters ? text : all.slice(0, characters - 1).join('') + ellipsis;
}
