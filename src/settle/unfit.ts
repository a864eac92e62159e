import type { Agreement } from '../domain/config/region.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Preview } from '../domain/preview.ts';
import { discharge } from './gauged-flow.ts';

const settled: ReadonlySet<Preview['status']> = new Set(['assessed', 'assessed-zero']);
const conflict = (message: string): MonitorError => new MonitorError('E_CONFLICT', message);

/** A statement rests on a period that is over, a result, and reviewed data; anything else stays a trial. */
export function refuseUnfit(agreement: Agreement, preview: Preview): void {
  const { period } = preview;
  if (!period.over) throw conflict(`${period.id} is not over: it can only be tried (试算)`);
  const open = preview.sections.find(
    ({ status, circumstances }) =>
      !settled.has(status) && !(status === 'not-assessed' && (circumstances?.applied.length ?? 0) > 0),
  );
  if (open !== undefined) {
    const why = open.reason === null ? '' : `: ${open.reason.text.zh} / ${open.reason.text.en}`;
    throw new MonitorError('E_CONFLICT', `${open.section} is ${open.status}${why}`, {
      details: { section: open.section, status: open.status, reason: open.reason },
    });
  }
  if (agreement.dataSource.assumedReviewed !== undefined) return;
  for (const section of preview.sections) {
    const raw =
      section.means.find((mean) => mean.leastStage === 0)?.parameter ??
      (section.flow?.leastStage === 0 ? discharge : undefined);
    if (raw === undefined) continue;
    const message = `${section.section} ${raw}: unreviewed data reach a trial computation only (未经审核,只可试算)`;
    throw conflict(message);
  }
}
