import { MonitorError } from '../../../domain/errors.ts';
import { crcText, hj212Crc } from './crc.ts';
import { encryptSegment, isEncrypted } from './sm4.ts';

/** What the standard lets a sender fill. */
export const SEGMENT_LIMIT_BYTES = 1024;
const DATA_AREA_LIMIT_BYTES = 950;

/** What a frame is made of; `dataArea` is the text between `CP=&&` and `&&`. Fields that are absent are left out. */
export interface Outgoing {
  QN?: string;
  ST: string;
  CN: string;
  PW: string;
  MN: string;
  Flag?: number;
  PNUM?: number;
  PNO?: number;
  RF?: '1';
  dataArea: string;
}

const headOrder = ['QN', 'ST', 'CN', 'PW', 'MN', 'Flag', 'PNUM', 'PNO', 'RF'] as const;

/** Text of the data segment, fields in the standard's order. Throws E_BAD_REQUEST for a value that would break the head. */
export function segmentText(message: Outgoing): string {
  const head = headOrder.flatMap((name) => {
    const value = message[name];
    if (value === undefined) return [];
    if (/[;&=\r\n]/.test(String(value)))
      throw new MonitorError('E_BAD_REQUEST', `${name} "${value}" holds a separator of the protocol`);
    return [`${name}=${value}`];
  });
  return `${head.join(';')};CP=&&${message.dataArea}&&`;
}

/** A whole frame with length, CRC and CR LF. Throws E_BAD_REQUEST for more than the standard lets a sender send. */
export function encodeFrame(message: Outgoing, options: { sm4Key?: Uint8Array } = {}): Buffer {
  const plain = Buffer.from(segmentText(message), 'utf8');
  const areaBytes = Buffer.byteLength(message.dataArea, 'utf8');
  if (plain.length > SEGMENT_LIMIT_BYTES || areaBytes > DATA_AREA_LIMIT_BYTES) {
    throw new MonitorError(
      'E_BAD_REQUEST',
      `a segment of ${plain.length} bytes with a data area of ${areaBytes}; at most ${SEGMENT_LIMIT_BYTES} and ${DATA_AREA_LIMIT_BYTES} may be sent: split it`,
    );
  }
  const { sm4Key } = options;
  const wire = sm4Key !== undefined && isEncrypted(message.CN) ? encryptSegment(plain, sm4Key) : plain;
  return framed(wire, hj212Crc(plain));
}

/** Length, segment, CRC, CR LF around a segment as it is. The CRC is that of the plain segment, also around an encrypted one. */
export function framed(segment: Uint8Array, crc: number = hj212Crc(segment)): Buffer {
  const head = `##${String(segment.length).padStart(4, '0')}`;
  return Buffer.concat([Buffer.from(head, 'latin1'), segment, Buffer.from(`${crcText(crc)}\r\n`, 'latin1')]);
}
