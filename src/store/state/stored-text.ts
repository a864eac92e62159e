/** PostgreSQL text cannot hold U+0000, and garbage from a source may: shown as its picture instead. */
export function storedText(text: string): string {
  return text.replaceAll('\u0000', '\u2400');
}
