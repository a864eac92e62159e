import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MonitorError } from '../domain/errors.ts';
import type { Clock, RunReport } from '../domain/ports.ts';
import type { SheetPreview } from '../domain/uploads.ts';
import type { ReceivedUpload, UploadDesk } from './upload-desk.ts';

export interface DropFolder {
  folder: string;
  /** Files without a single issue are accepted at once; others wait for a person. */
  acceptClean: boolean;
  sourceId: string;
  desk: Pick<UploadDesk, 'receive' | 'accept' | 'show' | 'store'>;
  clock: Clock;
}

/** What one look into the folder did. `waiting`: journaled, and a person has to accept them. */
export interface Swept {
  taken: number;
  waiting: number;
  rejected: number;
}

/** Someone may still be writing a file that changed within so many seconds. */
const SETTLE_S = 10;
const FILES_A_SWEEP = 200;
const ACTOR = 'drop-folder';
const unfinished = /^(\.|~\$)|\.(tmp|part|crdownload|filepart)$/i;
const named = /(\d{4}-(?:0[1-9]|1[0-2]))(?!-?\d)/;

async function stableFile(file: string, clock: Clock): Promise<Uint8Array | null> {
  const before = await stat(file);
  if (!before.isFile() || before.mtimeMs / 1000 > clock.nowS() - SETTLE_S) return null;
  const bytes = await readFile(file);
  const after = await stat(file);
  return after.size === bytes.byteLength && after.mtimeMs === before.mtimeMs ? bytes : null;
}

function reportText(of: {
  received: ReceivedUpload | null;
  report: RunReport | null;
  fault: string | null;
}): string {
  const { received, report, fault } = of;
  const lines: string[] = [];
  if (received !== null) {
    const { upload, preview } = received;
    lines.push(upload.name, `SHA-256 ${upload.sha256}`, `${upload.id} (journal entry ${upload.entry})`);
    lines.push(rowCounts(preview));
    if (report === null)
      lines.push(
        `未自动入库：请核对后接受 / not taken by itself; look at it and accept it: jiehe uploads accept ${upload.id} [--rows …]`,
      );
    else {
      const { read, accepted, unchanged, revised, absent, missing, rejected } = report.cells;
      lines.push(
        `已入库 / accepted: cells read ${read} = accepted ${accepted} + unchanged ${unchanged} + revised ${revised} + absent ${absent} + missing ${missing} + rejected ${rejected}`,
      );
    }
    for (const issue of [...preview.issues, ...preview.rows.flatMap((row) => row.issues)])
      lines.push(`${issue.code}  ${issue.path}  ${issue.message}`);
  }
  if (fault !== null) lines.push(fault);
  return `${lines.join('\n')}\n`;
}

function rowCounts({ rows }: SheetPreview): string {
  const count = (status: string): number => rows.filter((row) => row.status === status).length;
  return `rows (行): ${rows.length} = good (正常) ${count('good')} + with issues (有问题) ${count('with-issues')} + refused (拒收) ${count('refused')}`;
}

const spotless = ({ rows, issues }: SheetPreview): boolean =>
  rows.length > 0 && issues.length === 0 && rows.every((row) => row.status === 'good');

async function putAway(
  from: DropFolder,
  name: string,
  into: 'done' | 'rejected',
  text: string,
): Promise<void> {
  const target = path.join(from.folder, into);
  await mkdir(target, { recursive: true });
  const stamp = new Date(from.clock.nowS() * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const kept = path.join(target, `${stamp}-${name}`);
  await writeFile(`${kept}.report.txt`, text);
  await rename(path.join(from.folder, name), kept);
}

/**
 * One file. Journaled before it is moved: a crash in between finds it again, and the same content that waits, or was decided,
 * is not journaled twice.
 */
async function take(from: DropFolder, name: string, bytes: Uint8Array): Promise<keyof Swept> {
  const { desk, sourceId, acceptClean } = from;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const month = named.exec(name)?.[1] ?? null;
  try {
    const [known] = await desk.store.uploads({ source: sourceId, sha256, limit: 1 });
    const received =
      known === undefined
        ? await desk.receive(sourceId, { name, bytes, month }, ACTOR)
        : await desk.show(known.id);
    const { upload, preview } = received;
    const decided = upload.decisions.length > 0;
    const accept = acceptClean && !decided && spotless(preview);
    const report = accept
      ? await desk.accept({ upload: upload.id, sha256, rows: 'all', reason: null, actor: ACTOR })
      : null;
    const fault = decided ? '同一内容已处理过 / the same content was decided on before' : null;
    const good = report !== null || decided;
    await putAway(from, name, good ? 'done' : 'rejected', reportText({ received, report, fault }));
    if (good) return 'taken';
    return preview.rows.length > 0 ? 'waiting' : 'rejected';
  } catch (cause) {
    if (!(cause instanceof MonitorError) || cause.retryable || cause.code === 'E_MIXED_DATA') throw cause;
    await putAway(from, name, 'rejected', reportText({ received: null, report: null, fault: cause.message }));
    return 'rejected';
  }
}

/**
 * Takes the files that lie still in the folder, oldest name first: into `done` when accepted, into `rejected` when a person has to
 * look, each with a report beside it. A month in the file's name (`2021-03`) is the month of rows that state none.
 */
export async function sweepDropFolder(from: DropFolder): Promise<Swept> {
  const swept: Swept = { taken: 0, waiting: 0, rejected: 0 };
  await mkdir(from.folder, { recursive: true });
  const names = (await readdir(from.folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && !unfinished.test(entry.name))
    .map(({ name }) => name)
    .toSorted()
    .slice(0, FILES_A_SWEEP);
  for (const name of names) {
    const bytes = await stableFile(path.join(from.folder, name), from.clock);
    if (bytes !== null) swept[await take(from, name, bytes)] += 1;
  }
  return swept;
}
