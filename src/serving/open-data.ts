import path from 'node:path';
import { Temporal } from 'temporal-polyfill';
import { Audience } from '../api/auth/audience.ts';
import type { System } from '../main.ts';
import type { Manifest } from '../report/open-data/manifest.ts';
import { publishOpenData, type Openness } from '../report/open-data/publish.ts';

const LOOK_MS = 600_000;
/** Hour of the region's day from which the nightly run may begin. */
const NIGHT_HOUR = 2;

export const openDataDir = (system: Pick<System, 'dataDir'>): string =>
  path.join(system.dataDir, 'open-data');

/** What the product `open-data` grants to anyone. Invented data has no owner to protect: all of it. */
async function openness(system: System): Promise<Openness> {
  const { state, synthetic, clock, config } = system;
  const publications = await state.publications.list({ state: 'in-force' });
  const audience = new Audience({
    config: config(),
    actor: null,
    publications,
    synthetic,
    nowS: clock.nowS(),
  });
  if (synthetic) return { rights: 'synthetic', delayed: false, rowsOf: () => () => true };
  return {
    rights: audience.rights,
    delayed: audience.delayed,
    rowsOf({ station, parameter, provider }) {
      const sight = audience.seesProduct('open-data', station, provider, parameter);
      if (sight.raw === null && sight.reviewed === null) return null;
      return (flags, endS) => audience.seesRow(sight, flags, endS);
    },
  };
}

/** Brings the open data of a system up to date, in its own folder or in another one. */
export async function exportOpenData(system: System, root: string, generator: string): Promise<Manifest> {
  return publishOpenData(root, {
    readings: system.readings,
    config: system.config(),
    open: await openness(system),
    synthetic: system.synthetic,
    nowS: system.clock.nowS(),
    generator,
  });
}

/** Once a night, by whichever process claims it. Answers how to end it. */
export function scheduleOpenData(system: System): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    if (system.configWatch.staleAgainst() !== null) return;
    const { timeZone } = system.config().region;
    const now = Temporal.Instant.fromEpochMilliseconds(system.clock.nowS() * 1000).toZonedDateTimeISO(
      timeZone,
    );
    if (now.hour < NIGHT_HOUR) return;
    if (!(await system.state.claimSlot('open-data', now.toPlainDate().toString()))) return;
    const { counts, changes } = await exportOpenData(system, openDataDir(system), 'jiehe');
    system.log.info({ counts, changes: changes.length }, 'open data published');
  };
  const next = (): void => {
    running = running.then(look).catch((cause: unknown) => {
      system.log.error({ err: cause }, 'the open data was not published; what lies there is as it was');
    });
  };
  const timer = setInterval(next, LOOK_MS).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
