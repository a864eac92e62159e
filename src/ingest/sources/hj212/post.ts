import type { Socket } from 'node:net';
import type { Config } from '../../../domain/config/config.ts';
import type { SourceConfig } from '../../../domain/config/source.ts';
import type { DeviceRequest } from '../../../domain/device-acts.ts';
import { MonitorError } from '../../../domain/errors.ts';
import type { Clock, CursorStore, IssueLog, Journal } from '../../../domain/ports.ts';
import type { PushedRecord } from '../bundle.ts';
import { judgeSender, type AdmittedDevice } from './admission.ts';
import { answerTo } from './answer.ts';
import type { Disposition, FrameLine } from './frame-line.ts';
import { asksForKey, isAnswer, isHeartbeat, oddCommand } from './commands.ts';
import { Connection } from './connection.ts';
import { framed } from './encode.ts';
import { decrypted, HEAD_BYTES, TAIL_BYTES } from './frame.ts';
import { isAskable, keyArea, patienceArea, whyNotAsked, windowArea } from './asking.ts';
import { GapAsker } from './gap-asker.ts';
import { openJournalLine, type JournalLine } from '../journal-line.ts';
import { maskedFrame } from './mask.ts';
import { versionBitsOf, type Message, type Profile, type Refusal } from './profile.ts';
import { quoted } from './recording.ts';
import type { RequestOptions, RequestOutcome } from './requests.ts';
import type { ListenerLimits } from './settings.ts';
import type { Roster } from './roster.ts';
import { stampText } from './stamp.ts';
import { Tally } from './tally.ts';

const HOUR_MS = 3_600_000;
/** Unknown stations whose frames are kept in one hour; further ones are only counted. */
const QUARANTINED_STATIONS = 200;
const WAITING_BYTES = 64 * 1024 * 1024;
const EXCERPT_BYTES = 200;
/** The standard's figures for mobile networks. */
const standardRequests: RequestOptions = { timeoutMs: 10_000, attempts: 3 };

export interface ListenerDeps {
  source: SourceConfig;
  /** As files and acts say now. */
  config: () => Config;
  journal: Pick<Journal, 'append'>;
  issues: Pick<IssueLog, 'record'>;
  cursors: Pick<CursorStore, 'get' | 'set' | 'raise'>;
  clock: Clock;
  /** Value of an environment variable that the device registry names. */
  secret: (name: string) => string | undefined;
  log: { info(about: object, text: string): void; warn(about: object, text: string): void };
  requests?: RequestOptions;
  /** A logger with a next key begins a change of keys, by the frame of this QN. */
  onKeyAsked?: (mn: string, qn: string) => void;
  /** Instead of the configured address. */
  listen?: { host?: string | undefined; port?: number | undefined };
}

export interface ListenerStats {
  connections: number;
  /** Well-formed frames, whoever sent them. */
  frames: number;
  journaled: number;
  answered: number;
  quarantined: number;
  notJournaled: number;
  refused: Partial<Record<string, number>>;
  waitingBytes: number;
}

/** What a logger is asked; both ends null for what has no window. */
export type Asked = Pick<DeviceRequest, 'command' | 'fromS' | 'toS'>;

/** A logger that is connected: its newest frame, and the key it encrypted with, once it did. */
interface Live {
  connection: Connection;
  last: Message;
  key: Uint8Array | null;
}

/** Everything between the sockets and the journal. */
export class ListenerPost {
  origin = 'tcp';
  readonly tally: Tally;
  readonly #deps: ListenerDeps;
  readonly #roster: Roster;
  readonly #limits: ListenerLimits;
  readonly #line: JournalLine;
  readonly #gaps: GapAsker;
  readonly #connections = new Set<Connection>();
  readonly #perAddress = new Map<string, number>();
  readonly #live = new Map<string, Live>();
  readonly #quarantine = new Map<string, number>();
  #quarantineFromMs = 0;
  #counts = { frames: 0, journaled: 0, answered: 0, quarantined: 0, notJournaled: 0 };
  #refused: Partial<Record<string, number>> = {};

  constructor(deps: ListenerDeps, roster: Roster) {
    this.#deps = deps;
    this.#roster = roster;
    this.#limits = roster.limits;
    this.tally = new Tally(deps.source.id);
    this.#gaps = new GapAsker({
      sourceId: deps.source.id,
      cursors: deps.cursors,
      tally: this.tally,
      log: deps.log,
      request: (mn, ask) => this.request(mn, ask),
    });
    this.#line = openJournalLine({
      journal: deps.journal,
      clock: deps.clock,
      sourceId: deps.source.id,
      origin: () => this.origin,
      mediaType: 'application/x-hj212-bundle',
      noun: 'frames',
      lingerMs: this.#limits.lingerMs,
      maximumWaitingBytes: WAITING_BYTES,
    });
  }

  accept(socket: Socket): void {
    const requests = this.#deps.requests ?? standardRequests;
    const connection = new Connection(
      socket,
      this.#limits,
      {
        profileOf: (mn) => this.#roster.wireOf(mn),
        onFrame: (from, message, bytes) => this.#frame(from, message, bytes),
        onRefused: (from, refusal, bytes) => this.#refuse(from, refusal, bytes),
        onClosed: (from, why) => this.#closed(from, why),
        nowMs: () => performance.now(),
      },
      requests,
    );
    this.#connections.add(connection);
    const ofAddress = (this.#perAddress.get(connection.address) ?? 0) + 1;
    this.#perAddress.set(connection.address, ofAddress);
    if (ofAddress <= this.#limits.connectionsPerAddress) return;
    this.tally.note(
      'DEVICE_REFUSED',
      connection.address,
      `more than ${this.#limits.connectionsPerAddress} connections`,
      '',
    );
    connection.close('too many connections from this address');
  }

  async #frame(from: Connection, message: Message, bytes: Buffer): Promise<void> {
    this.#counts.frames += 1;
    const { MN = '', PW = '', CN = '' } = message.fields;
    const device = this.#roster.get(MN);
    const is = judgeSender(device, { pw: PW, address: from.address });
    if (device === undefined || is !== 'accepted') return this.#keepApart(from, message, bytes, is);
    const live = this.#enter(from, message, device);
    if (isAnswer(CN)) {
      from.requests.answered(message);
      return;
    }
    from.requests.alive();
    // A heartbeat holds nothing to keep, so nothing has to be durable before its answer.
    if (!isHeartbeat(CN) && !(await this.#journal(live, bytes, device.wire))) return;
    this.#answer(from, message, device);
    this.#gaps.after(message, device.registered.device);
    this.#told(message, device);
  }

  /** What a command of the logger's own asks of us beyond its answer. */
  #told({ fields }: Message, { registered, wire }: AdmittedDevice): void {
    const { MN = '', CN = '', QN = '' } = fields;
    const { edition } = registered.device;
    const odd = oddCommand(CN, edition);
    if (odd !== null) this.tally.note('FRAME_TOLERATED', MN, odd, MN);
    if (!asksForKey(CN, edition)) return;
    if (wire.sm4?.next !== undefined && this.#deps.onKeyAsked !== undefined) this.#deps.onKeyAsked(MN, QN);
    else
      this.tally.note(
        'DEVICE_REFUSED',
        MN,
        'asks for a new key (1014) and none is ready for it: set sm4NextEnv',
        MN,
      );
  }

  /** Resolves false when the frame could not be made durable: it is then not answered, and the logger sends it again. */
  async #journal(live: Live, bytes: Buffer, wire: Profile): Promise<boolean> {
    const from = live.connection;
    try {
      const { record, key } = this.#kept(from, bytes, { wire, is: 'accepted' });
      if (key !== null) live.key = key;
      await this.#line.add(record);
      this.#counts.journaled += 1;
      return true;
    } catch (cause) {
      this.#counts.notJournaled += 1;
      this.#deps.log.warn(
        { peer: from.peer, err: cause },
        'a frame could not be journaled; it was not answered',
      );
      return false;
    }
  }

  /** What the journal keeps of a frame: never a password or a key. */
  #kept(
    from: Connection,
    bytes: Buffer,
    { wire, is }: { wire: Profile; is: Disposition },
  ): { record: PushedRecord<FrameLine>; key: Uint8Array | null } {
    const plain = plainFrame(bytes, wire);
    const { frame, crc } = maskedFrame(plain.frame);
    const line: FrameLine = { atS: this.#deps.clock.nowS(), peer: from.peer, is };
    if (plain.key !== null) line.sm4 = true;
    if (crc !== undefined) line.crc = crc;
    return { record: { line, body: frame }, key: plain.key };
  }

  #answer(from: Connection, message: Message, device: AdmittedDevice): void {
    const answer = answerTo(message, device.wire);
    if (answer === null) return;
    this.#counts.answered += 1;
    from.write(answer);
  }

  /** Binds the number to this connection; a second live one is an alarm, and the newer one stays. */
  #enter(from: Connection, message: Message, device: AdmittedDevice): Live {
    const mn = message.fields['MN']!;
    const { st, edition } = device.registered.device;
    const before = this.#live.get(mn);
    if (before?.connection === from) {
      before.last = message;
      return before;
    }
    const live: Live = { connection: from, last: message, key: null };
    this.#live.set(mn, live);
    this.#gaps.connected(mn);
    from.mns.add(mn);
    if (before !== undefined) {
      this.tally.note(
        'DEVICE_DOUBLED',
        mn,
        `connected from ${before.connection.peer} and ${from.peer}; the newer one stays`,
        mn,
      );
      before.connection.close('the same number connected again');
    }
    const bits = message.flag?.versionBits ?? 0;
    if (bits !== versionBitsOf[edition])
      this.tally.note('FRAME_TOLERATED', mn, `version bits ${bits}, registered is ${edition}`, mn);
    const system = message.fields['ST'];
    if (st !== undefined && st !== system && system !== '91')
      this.tally.note('FRAME_TOLERATED', mn, `ST ${system}, registered is ${st}`, mn);
    return live;
  }

  /** A frame of a sender that may not: kept for inspection within a limit, counted beyond it, never answered. */
  async #keepApart(from: Connection, message: Message, bytes: Buffer, is: Disposition): Promise<void> {
    const mn = message.fields['MN'] ?? '';
    const code = is === 'unknown-mn' ? 'STATION_UNREGISTERED' : 'DEVICE_REFUSED';
    const record = quoted(bytes.toString('utf8', 0, EXCERPT_BYTES));
    if (!this.#mayQuarantine(mn)) {
      this.tally.note(code, mn.slice(0, 64), `${is} from ${from.address}; over the limit, not kept`, record);
      return;
    }
    this.#counts.quarantined += 1;
    const { record: kept } = this.#kept(from, bytes, { wire: this.#roster.wireOf(mn), is });
    await this.#line.add(kept).catch((cause: unknown) => {
      this.#counts.notJournaled += 1;
      this.#deps.log.warn({ err: cause }, 'a frame in quarantine could not be journaled');
    });
  }

  #mayQuarantine(mn: string): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#quarantineFromMs >= HOUR_MS) {
      this.#quarantineFromMs = nowMs;
      this.#quarantine.clear();
    }
    const kept = this.#quarantine.get(mn) ?? 0;
    if (kept >= this.#limits.quarantinePerHour) return false;
    if (kept === 0 && this.#quarantine.size >= QUARANTINED_STATIONS) return false;
    this.#quarantine.set(mn, kept + 1);
    return true;
  }

  #refuse(from: Connection, { error, detail }: Refusal, bytes: Buffer): void {
    this.#refused[error] = (this.#refused[error] ?? 0) + 1;
    const record = quoted(bytes.toString('utf8', 0, EXCERPT_BYTES));
    this.tally.note(
      'FRAME_REFUSED',
      from.address,
      error === 'CRC' ? `CRC: ${record.slice(0, 6)}` : `${error}: ${detail}`,
      record,
    );
  }

  #closed(connection: Connection, why: string): void {
    this.#connections.delete(connection);
    const left = (this.#perAddress.get(connection.address) ?? 1) - 1;
    if (left <= 0) this.#perAddress.delete(connection.address);
    else this.#perAddress.set(connection.address, left);
    for (const mn of connection.mns) if (this.#live.get(mn)?.connection === connection) this.#live.delete(mn);
    this.#deps.log.info(
      { peer: connection.peer, mns: [...connection.mns], why },
      'a logger connection ended',
    );
  }

  async request(mn: string, ask: { command: string; dataArea: string }): Promise<RequestOutcome> {
    const live = this.#live.get(mn);
    const device = this.#roster.get(mn);
    if (live === undefined || device === undefined)
      return { status: 'gone', qnRtn: null, exeRtn: null, detail: `no logger ${mn} is connected` };
    const { ST = '', PW = '' } = live.last.fields;
    const Flag = (versionBitsOf[device.registered.device.edition] << 2) | 1;
    const message = { ST, CN: ask.command, PW, MN: mn, Flag, dataArea: ask.dataArea };
    return live.connection.requests.send(
      message,
      this.#deps.clock.nowS() * 1000,
      live.key ?? device.wire.sm4?.key,
    );
  }

  /**
   * Asks a connected logger for what an act wants of it. Throws E_BAD_REQUEST for a command that is never asked, a window without a
   * period, and a change of keys where no next key is configured.
   */
  async ask(mn: string, asked: Asked): Promise<RequestOutcome> {
    const device = this.#roster.get(mn);
    const { command, fromS, toS } = asked;
    if (!isAskable(command)) throw new MonitorError('E_BAD_REQUEST', whyNotAsked(command));
    if (device === undefined) return this.request(mn, { command, dataArea: '' });
    const { device: settings } = device.registered;
    if (fromS !== null && toS !== null)
      return this.request(mn, { command, dataArea: windowArea(command, { fromS, toS }, settings) });
    if (command === '1000')
      return this.request(mn, {
        command,
        dataArea: patienceArea(this.#deps.requests ?? standardRequests),
      });
    if (command === '1012')
      return this.request(mn, { command, dataArea: `SystemTime=${stampText(this.#deps.clock.nowS())}` });
    if (command !== '1014') return this.request(mn, { command, dataArea: '' });
    const next = device.wire.sm4?.next;
    if (next === undefined)
      throw new MonitorError('E_BAD_REQUEST', `device ${mn} has no next key: set sm4NextEnv`);
    const area =
      settings.keyField === undefined ? keyArea(next) : keyArea(next, { field: settings.keyField });
    return this.request(mn, { command, dataArea: area });
  }

  connected(): string[] {
    return [...this.#live.keys()].sort();
  }

  stats(): ListenerStats {
    const waitingBytes = this.#line.waitingBytes();
    return {
      connections: this.#connections.size,
      ...this.#counts,
      refused: { ...this.#refused },
      waitingBytes,
    };
  }

  async flushTally(): Promise<void> {
    const issues = this.tally.take();
    if (issues.length === 0) return;
    try {
      await this.#deps.issues.record(null, this.#deps.clock.nowS(), issues);
    } catch (cause) {
      this.#deps.log.warn(
        { err: cause, issues: issues.length },
        'issues of the listener could not be stored',
      );
    }
  }

  /** Frames that have arrived are made durable and answered first. */
  async close(): Promise<void> {
    await this.#line.drained();
    for (const connection of this.#connections) connection.close('the listener stops');
    await this.#line.drained();
    await this.flushTally();
  }
}

/** The bytes as they came, or, of an encrypted frame, what it was before encryption, with the key that said so. */
function plainFrame(bytes: Buffer, wire: Profile): { frame: Buffer; key: Uint8Array | null } {
  if (wire.sm4 === null) return { frame: bytes, key: null };
  const crcAt = bytes.length - TAIL_BYTES;
  const crc = bytes.toString('latin1', crcAt, crcAt + 4);
  const { plain, key } = decrypted(bytes.subarray(HEAD_BYTES, crcAt), crc, wire);
  return key === null ? { frame: bytes, key } : { frame: framed(plain, Number.parseInt(crc, 16)), key };
}
