/** The register after eight shifts of its low byte, polynomial A001. */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let register = byte;
  for (let bit = 0; bit < 8; bit++)
    register = (register & 1) === 0 ? register >>> 1 : (register >>> 1) ^ 0xa001;
  return register;
});

/** Set in the result of {@link scan} when a byte above 7F was seen. */
export const NOT_ASCII = 0x1_0000;

/**
 * CRC of the standard over `bytes[from, to)`, with {@link NOT_ASCII} added where a byte is above 7F. The register is shifted
 * right by eight BEFORE each byte is added, which throws its low byte away: only 256 results exist. Source: HJ 212-2017, annex A.
 */
export function scan(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let register = 0xffff;
  let seen = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    seen |= byte;
    register = table[(register >>> 8) ^ byte]!;
  }
  return seen > 0x7f ? register | NOT_ASCII : register;
}

/** CRC of the standard. */
export function hj212Crc(bytes: Uint8Array, from = 0, to = bytes.length): number {
  return scan(bytes, from, to) & 0xffff;
}

/** CRC-16/MODBUS, which many loggers send by mistake. */
export function modbusCrc(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let register = 0xffff;
  for (let at = from; at < to; at++) register = (register >>> 8) ^ table[(register ^ bytes[at]!) & 0xff]!;
  return register;
}

/** Four capital hex digits, high byte first. */
export function crcText(crc: number): string {
  return (crc & 0xffff).toString(16).toUpperCase().padStart(4, '0');
}

/** The same with the low byte first, as loggers with CRC-16/MODBUS often write it. */
export function swapped(crc: number): number {
  return ((crc & 0xff) << 8) | (crc >>> 8);
}
