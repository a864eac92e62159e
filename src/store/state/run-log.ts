import { canonicalJson } from '../../domain/canonical-json.ts';
import type { RunLog, RunReport } from '../../domain/ports.ts';
import { storedText } from './stored-text.ts';
import type { StateDatabase, StateTables } from './tables.ts';

const noCells: RunReport['cells'] = {
  read: 0,
  absent: 0,
  missing: 0,
  rejected: 0,
  accepted: 0,
  unchanged: 0,
  revised: 0,
  superseded: 0,
};

export function runLog(db: StateDatabase): RunLog {
  return {
    async start(run) {
      const row = {
        ...run,
        finishedS: null,
        status: 'running',
        entries: 0,
        cells: noCells,
        issues: {},
        message: null,
      } as const;
      await write(db, row);
    },
    finish: (report) => write(db, report),
    async recent({ source, after, limit }) {
      let query = db
        .selectFrom('run')
        .selectAll()
        .orderBy('started_s', 'desc')
        .orderBy('run_id', 'desc')
        .limit(limit);
      if (source !== undefined) query = query.where('source', '=', source);
      if (after !== undefined)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('started_s', 'run_id'), '<', tuple(after.startedS, after.runId)),
        );
      return (await query.execute()).map(reportOf);
    },
  };
}

async function write(db: StateDatabase, report: RunReport): Promise<void> {
  const changing = {
    finished_s: report.finishedS,
    status: report.status,
    entries: report.entries,
    cells: canonicalJson(report.cells),
    issues: canonicalJson(report.issues),
    message: report.message === null ? null : storedText(report.message),
  };
  await db
    .insertInto('run')
    .values({
      run_id: report.runId,
      source: report.source,
      started_s: report.startedS,
      trigger: report.trigger,
      ...changing,
    })
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet(changing))
    .execute();
}

function reportOf(row: StateTables['run']): RunReport {
  const cells: RunReport['cells'] = JSON.parse(row.cells);
  const issues: RunReport['issues'] = JSON.parse(row.issues);
  return {
    runId: row.run_id,
    source: row.source,
    startedS: row.started_s,
    finishedS: row.finished_s,
    trigger: triggerOf(row.trigger),
    status: statusOf(row.status),
    entries: row.entries,
    cells,
    issues,
    message: row.message,
  };
}

const triggers: readonly RunReport['trigger'][] = ['schedule', 'catch-up', 'backfill', 'file', 'manual'];
const statuses: readonly RunReport['status'][] = ['running', 'ok', 'with-issues', 'failed'];

function triggerOf(text: string): RunReport['trigger'] {
  return triggers.find((trigger) => trigger === text) ?? 'manual';
}

function statusOf(text: string): RunReport['status'] {
  return statuses.find((status) => status === text) ?? 'failed';
}
