/** One replica that only schedules: argv is the address of the database and a name. Each run is a row of the table `ran`. */
import { sql } from 'kysely';
import type { SourceConfig } from '../../src/domain/config/source.ts';
import { startSchedule, type ScheduledRun } from '../../src/ingest/schedule.ts';
import { openPostgresJournal } from '../../src/ingest/journal/postgres/index.ts';
import { openJobs, openState } from '../../src/store/state/index.ts';

const [url = '', name = '', grace = '3'] = process.argv.slice(2);
const clock = { nowS: () => Math.floor(Date.now() / 1000) };
const journal = await openPostgresJournal({ url });
const state = await openState({ kind: 'postgres', url }, { journal, clock });
const jobs = await openJobs(state, { onError: (error) => console.error(name, error) });
await jobs.work<ScheduledRun>('ingest', async (job, { attempt }) => {
  await sql`insert into ran (key, slot_s, since_s, through_s, cause, replica, attempt, at_s)
    values (${job.key}, ${job.slotS}, ${job.sinceS}, ${job.throughS}, ${job.trigger}, ${name}, ${attempt}, ${clock.nowS()})`.execute(
    state.db,
  );
});
const source = { id: 'every-second', cron: '* * * * * *', timeZone: 'UTC', cadenceSeconds: 1, enabled: true };
await startSchedule({
  sources: [source as SourceConfig],
  clock,
  cursors: state.cursors,
  graceS: Number(grace),
  enqueue: (job) => jobs.send('ingest', job, { singletonKey: `${job.source}:${job.key}` }),
  claimSlot: (slot, iso) => jobs.claimSlot(slot, iso),
  onError: (_source, cause) => console.error(name, cause),
});
console.log('started');
