import { createHash } from 'node:crypto';
import type { Config } from '../domain/config/config.ts';
import { MonitorError } from '../domain/errors.ts';
import type {
  Act,
  ActLog,
  Clock,
  Journal,
  JournalEntry,
  RunLog,
  RunReport,
  SourceAdapter,
} from '../domain/ports.ts';
import {
  type AcceptedRows,
  type DecidedUpload,
  HELD,
  type SheetPreview,
  type TemplateFormat,
  type TemplateLanguage,
  type UploadStore,
} from '../domain/uploads.ts';
import { addOutcome, emptyReport } from './pipeline.ts';
import type { Projector } from './projector.ts';

export interface UploadDeskParts {
  journal: Pick<Journal, 'append' | 'get'>;
  acts: Pick<ActLog, 'perform'>;
  uploads: UploadStore;
  projector: Pick<Projector, 'applied'>;
  runs: RunLog;
  adapters: ReadonlyMap<string, SourceAdapter>;
  config: () => Config;
  clock: Clock;
  /** The data folder holds invented data only: it takes no file. */
  synthetic: boolean;
}

export interface HandedIn {
  name: string;
  bytes: Uint8Array;
  /** Month `YYYY-MM` of rows that state none. */
  month: string | null;
}

export interface ReceivedUpload {
  upload: DecidedUpload;
  preview: SheetPreview;
}

type HandInAdapter = SourceAdapter & Required<Pick<SourceAdapter, 'handIn'>>;

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const MIB = 1024 * 1024;

/** Where people hand files in: journaled first, shown as understood, and taken only when somebody accepts the whole or single rows. */
export class UploadDesk {
  readonly #parts: UploadDeskParts;

  constructor(parts: UploadDeskParts) {
    this.#parts = parts;
  }

  get store(): UploadStore {
    return this.#parts.uploads;
  }

  /** Sources that take files. */
  sources(): string[] {
    const { adapters, config } = this.#parts;
    return config()
      .sources.filter((source) => adapters.get(source.adapter)?.handIn !== undefined)
      .map(({ id }) => id);
  }

  /** What would be understood of a file; nothing is kept. Throws E_NOT_FOUND for a source that takes none, E_BAD_REQUEST. */
  async preview(sourceId: string, file: HandedIn): Promise<SheetPreview> {
    const adapter = this.#adapter(sourceId);
    this.#check(sourceId, file);
    const body = (await adapter.prepare?.(file.bytes)) ?? file.bytes;
    return adapter.handIn.preview(body, {
      receivedS: this.#parts.clock.nowS(),
      meta: { origin: file.name, ...(file.month === null ? {} : { month: file.month }) },
      config: this.#parts.config(),
      sourceId,
    });
  }

  /** Journals the bytes as they are, notes who handed them in, and says what was understood. Throws as `preview`, and E_MIXED_DATA. */
  async receive(sourceId: string, file: HandedIn, actor: string): Promise<ReceivedUpload> {
    const adapter = this.#adapter(sourceId);
    this.#check(sourceId, file);
    if (this.#parts.synthetic) {
      const message = 'the data folder holds synthetic (模拟) data and takes no file that people hand in';
      throw new MonitorError('E_MIXED_DATA', message);
    }
    const [payload] = adapter.split(file);
    const entry = await this.#parts.journal.append({
      kind: 'raw',
      receivedS: this.#parts.clock.nowS(),
      meta: {
        ...payload?.meta,
        origin: file.name,
        source: sourceId,
        [HELD]: 1,
        ...(file.month === null ? {} : { month: file.month }),
      },
      body: file.bytes,
    });
    const upload = `upload-${entry.seq}`;
    const { sha256 } = entry;
    const payloadOfAct = {
      upload,
      entry: entry.seq,
      source: sourceId,
      sha256,
      name: file.name,
      month: file.month,
      bytes: file.bytes.byteLength,
    };
    await this.#act({ kind: 'receive-upload', id: `receive ${upload}`, actor, payload: payloadOfAct });
    return this.show(upload);
  }

  /** A file that was handed in, as it is understood now. Throws E_NOT_FOUND. */
  async show(upload: string): Promise<ReceivedUpload> {
    const found = await this.#upload(upload);
    const entry = await this.#parts.journal.get(found.entry);
    const adapter = this.#adapter(found.source);
    const body = (await adapter.prepare?.(entry.body)) ?? entry.body;
    const context = { receivedS: this.#parts.clock.nowS(), meta: entry.meta, config: this.#parts.config() };
    return { upload: found, preview: adapter.handIn.preview(body, { ...context, sourceId: found.source }) };
  }

  /**
   * Takes rows of a file into the readings: `all` leaves out what is wrong, row by row and cell by cell, and counts it. `sha256`: of
   * the content that was looked at. Throws E_NOT_FOUND, E_BAD_REQUEST for rows that the file does not have or that are refused,
   * E_CONFLICT for other content or rows accepted before.
   */
  async accept(of: {
    upload: string;
    sha256: string;
    rows: AcceptedRows;
    reason: string | null;
    actor: string;
  }): Promise<RunReport> {
    const { upload: found, preview } = await this.show(of.upload);
    refuseUnfit(preview, of.rows, found.id);
    const report = emptyReport(found.source, { trigger: 'file' }, this.#parts.clock.nowS());
    const { runs, projector, clock } = this.#parts;
    const { upload, sha256, rows, reason, actor } = of;
    const payload = { upload, entry: found.entry, sha256, rows, reason };
    const id = `accept ${upload} ${createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 16)}`;
    const seq = await this.#act({ kind: 'accept-upload', id, actor, payload });
    await runs.start(report);
    addOutcome(report, await projector.applied(seq));
    report.entries = 1;
    report.status = Object.keys(report.issues).length > 0 ? 'with-issues' : 'ok';
    report.message = `${upload} ${found.name} ${sha256.slice(0, 12)}`;
    report.finishedS = clock.nowS();
    await runs.finish(report);
    return report;
  }

  /** Closes a file without taking anything of it. Throws E_NOT_FOUND, E_CONFLICT. */
  async refuse(of: { upload: string; sha256: string; reason: string; actor: string }): Promise<number> {
    const { upload, sha256, reason, actor } = of;
    await this.#upload(upload);
    return this.#act({
      kind: 'refuse-upload',
      id: `refuse ${upload}`,
      actor,
      payload: { upload, sha256, reason },
    });
  }

  template(
    sourceId: string,
    form: { format: TemplateFormat; language: TemplateLanguage },
  ): Promise<Uint8Array> {
    return this.#adapter(sourceId).handIn.template({ sourceId, config: this.#parts.config() }, form);
  }

  dropFolder(sourceId: string): { folder: string; acceptClean: boolean } | null {
    return this.#adapter(sourceId).handIn.dropFolder({ sourceId, config: this.#parts.config() });
  }

  /** The journaled bytes of a file. */
  async file(upload: string): Promise<{ upload: DecidedUpload; entry: JournalEntry }> {
    const found = await this.#upload(upload);
    return { upload: found, entry: await this.#parts.journal.get(found.entry) };
  }

  async #upload(id: string): Promise<DecidedUpload> {
    const found = await this.#parts.uploads.upload(id);
    if (found === null) throw new MonitorError('E_NOT_FOUND', `there is no upload ${id}`);
    return found;
  }

  #adapter(sourceId: string): HandInAdapter {
    const { adapters, config } = this.#parts;
    const source = config().sources.find(({ id }) => id === sourceId);
    const adapter = source === undefined ? undefined : adapters.get(source.adapter);
    if (adapter?.handIn === undefined) {
      const message = `no source "${sourceId}" takes files (those that do: ${this.sources().join(', ') || 'none'})`;
      throw new MonitorError('E_NOT_FOUND', message);
    }
    return { ...adapter, handIn: adapter.handIn };
  }

  #check(sourceId: string, { bytes, month }: HandedIn): void {
    const source = this.#parts.config().sources.find(({ id }) => id === sourceId);
    const most = (source?.maximumBodyMiB ?? 0) * MIB;
    if (bytes.byteLength > most)
      throw new MonitorError(
        'E_BAD_REQUEST',
        `the file has ${bytes.byteLength} bytes, at most ${most} are taken`,
      );
    if (month !== null && !MONTH.test(month))
      throw new MonitorError('E_BAD_REQUEST', `not a month: "${month}" (expected YYYY-MM)`);
  }

  #act(act: Omit<Act, 'version' | 'atS'>): Promise<number> {
    return this.#parts.acts.perform({ version: 1, atS: this.#parts.clock.nowS(), ...act });
  }
}

function refuseUnfit(preview: SheetPreview, rows: AcceptedRows, upload: string): void {
  if (preview.rows.length === 0) {
    const why = preview.issues[0]?.message ?? 'it holds no row';
    throw new MonitorError('E_BAD_REQUEST', `nothing of ${upload} can be accepted: ${why}`);
  }
  if (rows === 'all') return;
  const known = new Map(preview.rows.map((row) => [row.row, row]));
  const faults = rows.flatMap((row) => {
    const found = known.get(row);
    if (found === undefined) return [`${row}: no such row`];
    // Rows that only contradict each other may be accepted one by one.
    const other = found.issues.find(({ code }) => code !== 'DUPLICATE_ROW');
    return found.status === 'refused' && other !== undefined ? [`${row}: ${other.message}`] : [];
  });
  if (faults.length > 0)
    throw new MonitorError(
      'E_BAD_REQUEST',
      `rows that cannot be accepted: ${faults.slice(0, 20).join('; ')}`,
      {
        details: { faults },
      },
    );
}
