import type { System } from '../main.ts';

export interface Finding {
  status: 'ok' | 'warning' | 'fault';
  subject: string;
  message: string;
}

const DAY_S = 86_400;
/** A journal entry received later than now by more than this says that a clock was turned back. */
const CLOCK_TOLERANCE_S = 120;

/** Looks at everything an operator asks first; each part on its own, so that one fault does not hide another. */
export async function examine(system: System): Promise<Finding[]> {
  const parts: [string, () => Promise<Finding[]>][] = [
    ['configuration', () => Promise.resolve(configuration(system))],
    ['journal', () => journal(system)],
    ['readings', () => readings(system)],
    ['clock', () => clock(system)],
    ['sources', () => sources(system)],
    ['gaps', () => gaps(system)],
  ];
  const findings: Finding[] = [];
  for (const [subject, look] of parts) {
    try {
      findings.push(...(await look()));
    } catch (cause) {
      findings.push({
        status: 'fault',
        subject,
        message: cause instanceof Error ? cause.message : String(cause),
      });
    }
  }
  return findings;
}

function configuration(system: System): Finding[] {
  const { region, sections, airStations, hash } = system.config();
  const message = `region ${region.id}, ${sections.length} sections, ${airStations.length} air stations, hash ${hash.slice(0, 12)}`;
  return [{ status: 'ok', subject: 'configuration', message }];
}

async function journal(system: System): Promise<Finding[]> {
  const result = await system.verifyJournal();
  if (result.faults.length === 0)
    return [{ status: 'ok', subject: 'journal', message: `${result.entries} entries, chain unbroken` }];
  return result.faults.map((message) => ({ status: 'fault', subject: 'journal', message }));
}

async function readings(system: System): Promise<Finding[]> {
  const counts = await system.readings.counts();
  const { journalSeq, appliedSeq } = system.projector.progress();
  const behind = journalSeq - appliedSeq;
  return [
    {
      status: behind === 0 ? 'ok' : 'warning',
      subject: `readings (${system.readings.kind})`,
      message: `${counts.readings} readings, ${counts.past} past versions, ${counts.series} series, ${behind} entries behind the journal`,
    },
  ];
}

async function clock(system: System): Promise<Finding[]> {
  const { seq } = system.journal.head();
  if (seq === 0) return [{ status: 'ok', subject: 'clock', message: 'nothing received yet' }];
  const ahead = (await system.journal.get(seq)).receivedS - system.clock.nowS();
  if (ahead <= CLOCK_TOLERANCE_S)
    return [{ status: 'ok', subject: 'clock', message: 'not behind the last entry received' }];
  return [
    {
      status: 'fault',
      subject: 'clock',
      message: `the last entry was received ${ahead} s in the future: the clock was turned back`,
    },
  ];
}

async function sources(system: System): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const source of system.config().sources) {
    const subject = `source ${source.id}`;
    const last = (await system.state.runs.recent({ source: source.id, limit: 1 }))[0];
    if (!source.enabled) findings.push({ status: 'ok', subject, message: 'not enabled' });
    else if (last === undefined) findings.push({ status: 'warning', subject, message: 'has never run' });
    else {
      const ageS = system.clock.nowS() - last.startedS;
      const late = ageS > 2 * source.cadenceSeconds;
      const status = last.status === 'failed' ? 'fault' : late ? 'warning' : 'ok';
      findings.push({
        status,
        subject,
        message: `last run ${last.status} ${ageS} s ago${last.message === null ? '' : `: ${last.message}`}`,
      });
    }
  }
  return findings;
}

async function gaps(system: System): Promise<Finding[]> {
  const sinceS = system.clock.nowS() - DAY_S;
  const provider = system.config().sources[0]?.provider ?? '';
  const silent = async (
    averaging: 'instant' | 'PT1H',
    stations: readonly { id: string }[],
    name: string,
  ): Promise<Finding> => {
    const heard = new Set(
      (await system.readings.latest({ averaging, provider, sinceS })).map((row) => row.key.station),
    );
    const missing = stations.filter((station) => !heard.has(station.id)).map((station) => station.id);
    const message =
      missing.length === 0
        ? 'all heard within 24 h'
        : `${missing.length} of ${stations.length} silent for 24 h: ${missing.slice(0, 8).join(', ')}`;
    return { status: missing.length === 0 ? 'ok' : 'warning', subject: name, message };
  };
  const { sections, airStations } = system.config();
  const automatic = sections.filter((section) =>
    section.aliases.some((alias) => alias.provider === provider),
  );
  return [await silent('instant', automatic, 'sections'), await silent('PT1H', airStations, 'air stations')];
}
