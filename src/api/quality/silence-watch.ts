import { monthDueS, patienceOf, type Waiting } from '../../analysis/silence/silence.ts';
import type { Config } from '../../domain/config/config.ts';
import { networkOf, type Network } from '../../domain/config/network.ts';
import type { SourceConfig } from '../../domain/config/source.ts';
import type { Clock, ReadingStore } from '../../domain/ports.ts';
import type { SeriesSilence, SilenceWatch } from '../../domain/silence.ts';
import {
  averagings,
  civilDate,
  intervalOf,
  type Averaging,
  type AveragingId,
  type EpochS,
} from '../../domain/time.ts';
import { registry, type StationKind } from '../region/stations-view.ts';

export interface SilenceParts {
  config(): Config;
  readings: Pick<ReadingStore, 'series' | 'latest'>;
  clock: Clock;
}

const daySeconds = 86_400;
const stationsPerLook = 50;
/** What was found is good for so long: a silence is a matter of cadences. */
const freshS = 60;

interface Expected {
  id: string;
  network: Network;
}

/**
 * Watches every series of the registered stations of each enabled source. Patience is learned once a civil day from the readings
 * themselves; the newest readings are looked at anew at most once a minute.
 */
export function silenceWatch(parts: SilenceParts): SilenceWatch {
  const learned = new Map<string, Waiting>();
  let learnedFor = '';
  let found: { atS: EpochS; hash: string; states: Promise<readonly SeriesSilence[]> } | null = null;

  const look = async (nowS: EpochS): Promise<readonly SeriesSilence[]> => {
    const config = parts.config();
    const day = `${civilDate(nowS, config.region.timeZone)} ${config.hash}`;
    if (day !== learnedFor) learned.clear();
    learnedFor = day;
    const states: SeriesSilence[] = [];
    for (const source of config.sources) {
      if (source.enabled) states.push(...(await ofSource(parts, { config, source, nowS, learned })));
    }
    return states;
  };
  return {
    states() {
      const nowS = parts.clock.nowS();
      const { hash } = parts.config();
      if (found === null || found.hash !== hash || nowS - found.atS >= freshS || nowS < found.atS) {
        const states = look(nowS);
        found = { atS: nowS, hash, states };
        states.catch(() => (found = null));
      }
      return found.states;
    },
  };
}

interface Looking {
  config: Config;
  source: SourceConfig;
  nowS: EpochS;
  learned: Map<string, Waiting>;
}

async function ofSource(parts: SilenceParts, looking: Looking): Promise<SeriesSilence[]> {
  const stations = expectedStations(looking);
  if (stations.length === 0) return [];
  const states: SeriesSilence[] = [];
  const heard = new Set<string>();
  for (const averaging of Object.keys(averagings) as AveragingId[]) {
    const { seconds, sliding }: Averaging = averagings[averaging];
    if (sliding || (seconds === null && averaging !== 'P1M')) continue;
    const found = await ofAveraging(parts, looking, { stations, averaging });
    for (const one of found) heard.add(one.station);
    states.push(...found);
  }
  const { source } = looking;
  for (const { id, network } of stations) {
    if (heard.has(id)) continue;
    const common = {
      station: id,
      source: source.id,
      provider: source.provider,
      parameter: null,
      averaging: null,
    };
    const cadenceS = source.cadenceSeconds;
    const patienceS = network.patience.atLeastCadences * cadenceS;
    const nothing = { lastEndS: null, intervals: 0, dueS: null };
    if (network.sampling === undefined)
      states.push({
        ...common,
        ...nothing,
        state: 'silent',
        cadenceS,
        patienceS,
        patienceFrom: 'configured',
      });
    else
      states.push({
        ...common,
        ...nothing,
        state: 'not-expected',
        cadenceS,
        patienceS,
        patienceFrom: 'calendar',
      });
  }
  return states;
}

function expectedStations({ config, source, nowS }: Looking): Expected[] {
  const kind: StationKind | undefined = source.medium;
  const day = civilDate(nowS, source.timeZone);
  const stations: Expected[] = [];
  for (const { kind: of, station } of registry(config).values()) {
    const named = station.aliases.some(
      ({ provider, from = '0000-01-01', to = '9999-12-31' }) =>
        provider === source.provider && from <= day && day <= to,
    );
    if ((kind !== undefined && of !== kind) || !named) continue;
    const level = 'level' in station ? station.level : null;
    const network = networkOf(config.networks, { provider: source.provider, level });
    stations.push({ id: station.id, network });
  }
  return stations;
}

async function ofAveraging(
  parts: SilenceParts,
  looking: Looking,
  of: { stations: readonly Expected[]; averaging: AveragingId },
): Promise<SeriesSilence[]> {
  const { config, source, nowS } = looking;
  const { averaging } = of;
  const days = Math.max(...of.stations.map(({ network }) => network.patience.learnDays));
  const monthly = averaging === 'P1M';
  const networks = new Map(of.stations.map(({ id, network }) => [id, network]));
  const measured = new Set(
    config.parameters.filter(({ type, published }) => type === 'quantity' && !published).map(({ id }) => id),
  );
  const newest = await parts.readings.latest({
    averaging,
    provider: source.provider,
    sinceS: nowS - (monthly ? 400 : days) * daySeconds,
    stations: [...networks.keys()],
  });
  const rows = newest.filter(({ key }) => measured.has(key.parameter) && networks.has(key.station));
  if (!monthly) await learn(parts, looking, { averaging, days, keys: rows.map(({ key }) => key), networks });
  return rows.map(({ key, timeS }) => {
    const network = networks.get(key.station)!;
    const lastEndS = intervalOf(averaging, timeS, config.region.timeZone).endS;
    const common = {
      station: key.station,
      source: source.id,
      provider: source.provider,
      parameter: key.parameter,
      averaging,
      lastEndS,
    };
    if (monthly) return ofMonths(common, network, { timeS, nowS, timeZone: config.region.timeZone });
    const cadenceS = source.cadenceSeconds;
    const waiting = looking.learned.get(nameOf(source, key)) ?? patienceOf([], cadenceS, network.patience);
    const dueS = lastEndS + waiting.patienceS;
    const state = nowS > dueS ? 'overdue' : 'reporting';
    const { patienceS, from: patienceFrom, intervals } = waiting;
    return { ...common, state, cadenceS, patienceS, patienceFrom, intervals, dueS };
  });
}

function ofMonths(
  common: Omit<SeriesSilence, 'state' | 'cadenceS' | 'patienceS' | 'patienceFrom' | 'intervals' | 'dueS'>,
  network: Network,
  { timeS, nowS, timeZone }: { timeS: EpochS; nowS: EpochS; timeZone: string },
): SeriesSilence {
  const months = Array.from({ length: 12 }, (_, at) => at + 1);
  const { provenance } = network;
  const calendar = network.sampling ?? { months, graceDays: 31, provenance };
  const dueS = monthDueS(calendar, timeS, { sinceS: timeS, timeZone });
  const month = Number(civilDate(nowS, timeZone).slice(5, 7));
  const waits = calendar.months.includes(month) ? 'reporting' : 'not-expected';
  const state = nowS > dueS ? 'overdue' : waits;
  const lengths = { cadenceS: 31 * daySeconds, patienceS: calendar.graceDays * daySeconds, intervals: 0 };
  return { ...common, ...lengths, state, patienceFrom: 'calendar', dueS };
}

const nameOf = (
  source: SourceConfig,
  key: { station: string; parameter: string; averaging: string },
): string => `${source.id}\n${key.averaging}\n${key.station}\n${key.parameter}`;

/** Reads the history of series whose patience is not known for this day yet. */
async function learn(
  parts: SilenceParts,
  { source, nowS, learned }: Looking,
  of: {
    averaging: AveragingId;
    days: number;
    keys: readonly { station: string; parameter: string; averaging: AveragingId }[];
    networks: ReadonlyMap<string, Network>;
  },
): Promise<void> {
  const lacking = of.keys.filter((key) => !learned.has(nameOf(source, key)));
  const stations = [...new Set(lacking.map(({ station }) => station))];
  const parameters = [...new Set(lacking.map(({ parameter }) => parameter))];
  for (let at = 0; at < stations.length; at += stationsPerLook) {
    const columns = await parts.readings.series({
      stations: stations.slice(at, at + stationsPerLook),
      parameters,
      averaging: of.averaging,
      provider: source.provider,
      fromS: nowS - of.days * daySeconds,
      toS: nowS + daySeconds,
    });
    for (const { key, timeS } of columns) {
      const network = of.networks.get(key.station);
      if (network === undefined) continue;
      const since = nowS - network.patience.learnDays * daySeconds;
      const own = timeS.filter((time) => time >= since);
      learned.set(nameOf(source, key), patienceOf(own, source.cadenceSeconds, network.patience));
    }
  }
}
