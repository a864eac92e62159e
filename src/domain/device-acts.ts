import type { Page } from './paging.ts';
import type { EpochS } from './time.ts';

export type DeviceActKind =
  'approve-device' | 'withdraw-device' | 'request-device-data' | 'end-device-request';

/** A device that pushes to us was let in by an act; files of the configuration stay the base, and win. */
export interface DeviceApproval {
  source: string;
  /** What the device calls itself: the MN of a logger. */
  device: string;
  /** Station it belongs to, on these civil dates, both inclusive; `to` null: until further notice. */
  station: string;
  from: string;
  to: string | null;
  /** Its entry in the settings of the source, as a file would hold it; never a password. */
  settings: Record<string, unknown>;
  reason: string;
}

export interface StoredApproval extends DeviceApproval {
  /** Journal position: what the device sent up to it is read by the act, later things as they come. */
  seq: number;
  id: string;
  actor: string;
  atS: EpochS;
  /** Position of the act that withdrew it; null: it holds. */
  withdrawnSeq: number | null;
}

/** What a device is asked: history of a window on the key time, half-open, or something without one (both ends null). */
export interface DeviceRequest {
  source: string;
  device: string;
  /** Command of the protocol: 2061 of HJ 212 for hours. */
  command: string;
  fromS: EpochS | null;
  toS: EpochS | null;
  /** Not sent any more from then on: the device did not connect in time. */
  expiresS: EpochS;
}

export const requestStatuses = ['done', 'refused', 'failed', 'no-answer', 'gone', 'expired'] as const;

/** How a request ended. `qnRtn` and `exeRtn` are the protocol's codes; null where no such answer came. */
export interface RequestEnd {
  status: (typeof requestStatuses)[number];
  qnRtn: string | null;
  exeRtn: string | null;
  detail: string;
}

export interface StoredRequest extends DeviceRequest {
  seq: number;
  id: string;
  actor: string;
  atS: EpochS;
  /** Null: it waits for the device, or is under way. */
  end: (RequestEnd & { atS: EpochS }) | null;
}

/** A number that sends and that nobody has let in. `entries`: of those looked at. */
export interface HeldDevice {
  source: string;
  device: string;
  entries: number;
  firstS: EpochS;
  lastS: EpochS;
  lastSeq: number | null;
}

/** Issues FRAME_QUARANTINED, newest first, by number; without those that an act has let in since. */
export function heldDevices(
  issues: readonly { seq: number | null; atS: EpochS; source: { id: string; record: string } }[],
  approvals: readonly StoredApproval[],
): HeldDevice[] {
  const inside = (source: string, device: string): boolean =>
    approvals.some((one) => one.source === source && one.device === device && one.withdrawnSeq === null);
  const groups = Map.groupBy(issues, ({ source }) => `${source.id}\n${source.record}`);
  return [...groups.values()].flatMap((list) => {
    const [newest, oldest] = [list[0]!, list.at(-1)!];
    const { id: source, record: device } = newest.source;
    if (inside(source, device)) return [];
    const [firstS, lastS] = [oldest.atS, newest.atS];
    return [{ source, device, entries: list.length, firstS, lastS, lastSeq: newest.seq }];
  });
}

/** What the acts on devices have said so far. */
export interface DeviceActStore {
  /** In the order of the journal, withdrawn ones included. */
  approvals(): Promise<StoredApproval[]>;
  /** Newest first; `open`: only those without an end. */
  requests(
    query: { source?: string; device?: string; open?: boolean } & Page<{ seq: number }>,
  ): Promise<StoredRequest[]>;
}
