import type { Message } from './profile.ts';

/** Packets of one upload that are kept waiting for the others, at most this many uploads. */
const OPEN_LIMIT = 1000;

/** What a split upload holds together: parameters and factors of all packets, later ones over earlier ones. */
export interface JoinedRecord {
  mn: string;
  command: string;
  dataTime: string;
  packets: number;
  params: Record<string, string>;
  factors: Record<string, Record<string, string>>;
}

interface Open {
  parts: Map<number, Message>;
  firstMs: number;
}

/**
 * Joins the packets of a split upload by (MN, CN, DataTime, PNUM), never by QN, which differs from packet to packet.
 * Each packet is complete in itself, so that an upload that never completes has lost nothing.
 */
export class PacketJoiner {
  readonly #open = new Map<string, Open>();
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get waiting(): number {
    return this.#open.size;
  }

  /** The record when this packet completes it, or when the frame is not split; null while packets are missing. */
  add(message: Message, nowMs: number): JoinedRecord | null {
    if (message.packet === null) return joined([message]);
    this.#expire(nowMs);
    const { MN, CN } = message.fields;
    const key = [MN, CN, message.params['DataTime'] ?? '', message.packet.count].join('\n');
    const open = this.#open.get(key) ?? { parts: new Map<number, Message>(), firstMs: nowMs };
    this.#open.set(key, open);
    open.parts.set(message.packet.index, message);
    if (open.parts.size < message.packet.count) return null;
    this.#open.delete(key);
    return joined([...open.parts].sort(([a], [b]) => a - b).map(([, part]) => part));
  }

  #expire(nowMs: number): void {
    for (const [key, open] of this.#open) {
      if (nowMs - open.firstMs < this.#timeoutMs && this.#open.size < OPEN_LIMIT) break;
      this.#open.delete(key);
    }
  }
}

function joined(messages: readonly Message[]): JoinedRecord {
  const [first] = messages;
  const record: JoinedRecord = {
    mn: first?.fields['MN'] ?? '',
    command: first?.fields['CN'] ?? '',
    dataTime: first?.params['DataTime'] ?? '',
    packets: messages.length,
    params: {},
    factors: {},
  };
  for (const message of messages) {
    Object.assign(record.params, message.params);
    for (const [code, values] of Object.entries(message.factors))
      record.factors[code] = { ...record.factors[code], ...values };
  }
  return record;
}
