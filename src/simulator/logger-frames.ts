import { riverItems, type DevicePeriod } from './device-faults.ts';
import { wallClock, twoDigits } from './options.ts';

/** CRC of HJ 212, bit by bit as its annex words it: the simulator's own, so that it judges the reader and does not share its faults. */
function crcOf(bytes: Uint8Array): string {
  let register = 0xffff;
  for (const byte of bytes) {
    register = (register >> 8) ^ byte;
    for (let bit = 0; bit < 8; bit++)
      register = (register & 1) === 1 ? (register >> 1) ^ 0xa001 : register >> 1;
  }
  return register.toString(16).toUpperCase().padStart(4, '0');
}

function stamp(atS: number): string {
  const { date, hour, minute, second } = wallClock(atS);
  return `${date.replaceAll('-', '')}${twoDigits(hour)}${twoDigits(minute)}${twoDigits(second)}`;
}

function framed(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'utf8');
  return Buffer.from(`##${String(bytes.length).padStart(4, '0')}${segment}${crcOf(bytes)}\r\n`, 'utf8');
}

/** An hour's upload (2061, answer wanted) of the surface-water profile; `number` makes its QN one of its own. */
export function hourFrame(
  period: DevicePeriod,
  as: { pw: string; stampS: number; sentS: number; number: number },
): Buffer {
  const items = riverItems
    .map(({ parameter, code }) => `${code}-Avg=${period.sent[parameter]},${code}-Flag=N`)
    .join(';');
  const qn = `${stamp(as.sentS)}${String(as.number % 1000).padStart(3, '0')}`;
  const head = `QN=${qn};ST=21;CN=2061;PW=${as.pw};MN=${period.device};Flag=9`;
  return framed(`${head};CP=&&DataTime=${stamp(as.stampS)};${items}&&`);
}

/** The same frame with one byte of its data area changed, as a bad line changes it. */
export function brokenFrame(frame: Buffer): Buffer {
  const broken = Buffer.from(frame);
  const at = broken.indexOf('DataTime=') + 20;
  broken[at] = broken[at]! ^ 1;
  return broken;
}
