/** PostgreSQL text cannot hold U+0000, and garbage from a source may: shown as its picture instead. */
export function storedText(text: string): string {
  return text.replaceAll('\u0000', '\u2400');
}

/** What a sealed secret looks like (`v1.` and nonce, tag and cipher text in base64url): a clear one does not fit. */
export const sealedPattern = '^v1\\.[A-Za-z0-9_-]{39,400}$';
