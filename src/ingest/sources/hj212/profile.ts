/** Editions of the protocol in use. Version bits do not tell them apart (2 means two of them), so a registry does. */
export const editions = ['2005', '2017', '2025-plain', '2025-sm4', 'surface-water'] as const;
export type Edition = (typeof editions)[number];

/** Version bits of Flag that an edition sends; a plausibility check, never a selector. */
export const versionBitsOf: Record<Edition, number> = {
  '2005': 0,
  '2017': 1,
  '2025-plain': 2,
  '2025-sm4': 2,
  'surface-water': 2,
};

/** How the frames of one device are read. {@link strictProfile} is the standard to the letter. */
export interface Profile {
  edition: Edition;
  /** Longest data segment; the standard says 1024, real frames exceed it. */
  maxSegmentBytes: number;
  /** `or-modbus` also takes CRC-16/MODBUS, either byte first. */
  crc: 'standard' | 'or-modbus';
  /** The standard says UTF-8; old loggers send GB 18030. */
  encoding: 'utf-8' | 'gb18030';
  /** What one value that is not a number refuses. */
  badItems: 'refuse-frame' | 'refuse-item';
  /** `if-not-text` decrypts only a data area that cannot be plain text. `next`: a key that the device may have changed to. */
  sm4: { key: Uint8Array; when: 'always' | 'if-not-text'; next?: Uint8Array } | null;
  /** Sources disagree about the answer to a heartbeat. */
  heartbeatAnswer: '9013' | '9014';
}

export const strictProfile: Profile = {
  edition: '2017',
  maxSegmentBytes: 4096,
  crc: 'standard',
  encoding: 'utf-8',
  badItems: 'refuse-frame',
  sm4: null,
  heartbeatAnswer: '9014',
};

/** Why a frame is refused; the first that applies, in this order. */
export const refusalReasons = [
  'HEADER',
  'LENGTH_FIELD',
  'LENGTH',
  'TAIL',
  'CRC',
  'ENCODING',
  'CP',
  'FIELD',
  'PACKET',
  'DATATIME',
  'VALUE',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** A frame, or bytes that are none, refused by name. `field` and `item` name the offending part where there is one. */
export interface Refusal {
  ok: false;
  error: RefusalReason;
  detail: string;
  field?: string;
  item?: string;
}

/** Flag = version × 4 + D × 2 + A. */
export interface FlagBits {
  raw: number;
  versionBits: number;
  hasPacketNo: boolean;
  needAck: boolean;
}

/** One item that is refused while the rest of its frame is taken (`badItems: 'refuse-item'`). */
export interface ItemFault {
  item: string;
  value: string;
  error: 'CP' | 'DATATIME' | 'VALUE';
}

/** An accepted frame. Values stay text: they are numbers only after the quality letter has been looked at. */
export interface Message {
  ok: true;
  segmentLength: number;
  crc: string;
  fields: Record<string, string>;
  flag: FlagBits | null;
  packet: { count: number; index: number } | null;
  params: Record<string, string>;
  factors: Record<string, Record<string, string>>;
  /** DataTime as an instant, `YYYY-MM-DDThh:mm:ssZ`; absent where the frame has none. */
  dataTimeUtc?: string;
  /** Sorted labels of what is unusual and was taken. */
  warnings: string[];
  itemFaults?: ItemFault[];
}
