import {
  balance,
  balanceText,
  decayOf,
  partName,
  travelTime,
  type Balance,
  type Decay,
  type Inflow,
  type RemainderRule,
} from '../analysis/attribution/index.ts';
import { gaugingOf } from '../analysis/network/gauging.ts';
import {
  buildNetwork,
  distanceKm,
  type Network,
  reachesUpstream,
  upstreamOf,
} from '../analysis/network/network.ts';
import { sharedReach, shoreShares } from '../analysis/network/shores.ts';
import type { Config } from '../domain/config/config.ts';
import type { Text } from '../domain/config/facts.ts';
import type { LoadMethod } from '../domain/config/load-method.ts';
import { Decimal } from '../domain/decimal.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Attribution, AttributionPart, AttributionQuery, SectionLoad } from '../domain/loads.ts';
import { textOf } from './load-text.ts';
import { type LoadSource, loadRulesOn, sectionLoad } from './loads.ts';
import { type MeasuredTemperature, measuredTemperature } from './water-temperature.ts';

const marking: Text = {
  zh: '技术分析，不构成责任认定',
  en: 'Technical analysis, no finding of responsibility',
};

interface Travel {
  section: string;
  km: number;
  days: Decimal;
  standardErrorDays: Decimal;
  confidence: string;
  /** Whole days by which the window of the entering load lies earlier: water that leaves in the period entered then. */
  shiftDays: number;
}

/**
 * What of the load at a section came from above and what was added on the way. Not assessable while one of the loads is, or while
 * a distance between two sections is not stated.
 */
export async function sectionAttribution(source: LoadSource, query: AttributionQuery): Promise<Attribution> {
  const { config } = source;
  const rules = loadRulesOn(config, query.from);
  const network = buildNetwork(config);
  const above = enteringOf(network, query);
  const { entering: _names, ...shared } = query;
  const exit = await sectionLoad(source, shared);
  const { travels, reasons } = travelsOf(network, rules, above, query.section);
  const entering: SectionLoad[] = [];
  for (const section of above) {
    const shift = travels.find((one) => one.section === section)?.shiftDays ?? 0;
    const window = { from: daysBefore(query.from, shift), to: daysBefore(query.to, shift) };
    entering.push(await sectionLoad(source, { ...shared, ...window, section }));
  }
  for (const load of [exit, ...entering])
    for (const { code, text } of load.reasons)
      reasons.push({ code, text: { zh: `${load.name.zh}：${text.zh}`, en: `${load.name.en}: ${text.en}` } });
  const temperature = await measuredTemperature(
    source,
    [query.section, ...above].map((id) => network.sections.get(id)!),
    { ...exit, ...(query.asOfSeq === undefined ? {} : { asOfSeq: query.asOfSeq }) },
  );
  const decay = decayOf(rules, query.parameter, temperature?.celsius ?? null);
  const remainder = remainderOf(network, query.section, { above, jurisdictions: config.jurisdictions });
  const found =
    reasons.length > 0
      ? null
      : balance({
          exit: tonnesOf(exit),
          inflows: inflowsOf(network, entering, travels),
          decay,
          remainder: remainder.rule,
          unmeasured: new Decimal(rules.attribution.unmeasured.relativeStandardError),
        });
  return {
    marking,
    section: query.section,
    parameter: query.parameter,
    from: query.from,
    to: query.to,
    ...shapeOf(found, reasons),
    exit,
    entering,
    why: {
      decay: decayShape(decay, rules, temperature),
      travel: travels.map(travelShape),
      remainder: remainder.text,
    },
  };
}

function enteringOf(network: Network, query: AttributionQuery): string[] {
  if (!network.sections.has(query.section))
    throw new MonitorError('E_NOT_FOUND', `no such section: ${query.section}`);
  const upstream = upstreamOf(network, query.section);
  if (query.entering !== undefined) {
    const wrong = query.entering.filter((id) => !upstream.includes(id));
    if (wrong.length > 0) {
      const message = `not certainly upstream of ${query.section}: ${wrong.join(', ')}`;
      throw new MonitorError('E_BAD_REQUEST', message, { details: { wrong, upstream } });
    }
    return [...new Set(query.entering)];
  }
  const chosen: string[] = [];
  for (const id of upstream) {
    if (!('factor' in gaugingOf(network, id))) continue;
    if (!chosen.some((nearer) => upstreamOf(network, nearer).includes(id))) chosen.push(id);
  }
  return chosen;
}

function travelsOf(
  network: Network,
  rules: LoadMethod,
  above: readonly string[],
  exit: string,
): { travels: Travel[]; reasons: Attribution['reasons'] } {
  const reasons: Attribution['reasons'] = [];
  if (above.length === 0) {
    const text = {
      zh: '上游无可用的入境断面（须声明流量换算）',
      en: 'no section upstream has a declared transfer of flow',
    };
    reasons.push({ code: 'no-entering-section', text });
  }
  const travels = above.flatMap((section): Travel[] => {
    const way = distanceKm(network, section, exit);
    if (way.km === null) {
      const text = {
        zh: `${section}至断面的河长未声明`,
        en: `the river length from ${section} is not stated`,
      };
      reasons.push({ code: way.reason, text });
      return [];
    }
    const { metresPerSecond, relativeStandardError } = rules.attribution.velocity;
    const stated = network.reaches.get(network.placed.get(exit)?.reach ?? '')?.velocityMS?.value;
    const time = travelTime(way.km, stated ?? metresPerSecond, relativeStandardError);
    const shiftDays = time.days.round().toNumber();
    return [{ section, km: way.km, confidence: way.confidence, shiftDays, ...time }];
  });
  return { travels, reasons };
}

const tonnesOf = (load: SectionLoad) => ({
  tonnes: new Decimal(load.tonnes ?? 0),
  standardErrorTonnes: new Decimal(load.standardErrorTonnes ?? 0),
});

function inflowsOf(network: Network, entering: readonly SectionLoad[], travels: readonly Travel[]): Inflow[] {
  return entering.flatMap((load): Inflow[] => {
    const travel = travels.find((one) => one.section === load.section);
    const section = network.sections.get(load.section);
    if (travel === undefined || section === undefined) return [];
    const jurisdiction = network.prefectureOf(section.border?.protecting ?? section.locatedIn);
    return [{ id: load.section, jurisdiction, kind: 'entering', travel, ...tonnesOf(load) }];
  });
}

/** Reaches wholly above a section: its own as well where it stands at the lower end. */
function reachesAbove(network: Network, section: string): string[] {
  const place = network.placed.get(section);
  if (place === undefined) return [];
  const atEnd = place.km !== null && place.km === network.reaches.get(place.reach)?.lengthKm?.value;
  return [...(atEnd ? [place.reach] : []), ...reachesUpstream(network, place.reach)];
}

/** Whose the land between the sections is, as far as the reaches state it. */
function remainderOf(
  network: Network,
  exit: string,
  { above, jurisdictions }: { above: readonly string[]; jurisdictions: Config['jurisdictions'] },
): { rule: RemainderRule; text: Text } {
  const own = network.placed.get(exit)?.reach;
  const upper = new Set(above.flatMap((id) => reachesAbove(network, id)));
  const between =
    own === undefined ? [] : [own, ...reachesUpstream(network, own)].filter((id) => !upper.has(id));
  const reaches = between.flatMap((id) => network.reaches.get(id) ?? []);
  const codes = new Set(reaches.flatMap((reach) => reach.jurisdictions.map(network.prefectureOf)));
  const [sole, ...others] = codes;
  if (sole !== undefined && others.length === 0) {
    const name = jurisdictions.find(({ code }) => code === sole)?.name ?? { zh: sole, en: sole };
    const text = { zh: `区间土地均属${name.zh}`, en: `all land between is of ${name.en}` };
    return { rule: { kind: 'sole', jurisdiction: sole }, text };
  }
  const shores = reaches.map(sharedReach);
  const stated = shores.flatMap((one) => one ?? []);
  const shares = stated.length === shores.length ? shoreShares(stated) : null;
  if (shares !== null) {
    const basis = { zh: '按两岸岸线长度', en: 'by the length of each shore' };
    return { rule: { kind: 'shared', basis, shares }, text: basis };
  }
  const text = {
    zh: '区间跨多个辖区且无约定分担依据，列为未解释部分',
    en: 'several jurisdictions lie between and no basis is stated: shown as unexplained',
  };
  return { rule: { kind: 'unexplained' }, text };
}

function shapeOf(
  found: Balance | null,
  reasons: Attribution['reasons'],
): Pick<
  Attribution,
  'status' | 'reasons' | 'text' | 'greater' | 'parts' | 'remainderTonnes' | 'negativeRemainder'
> {
  if (found === null) {
    const empty = { zh: '出境通量不大于零', en: 'the exit load is not above zero' };
    return {
      status: 'not-assessable',
      reasons: reasons.length > 0 ? reasons : [{ code: 'no-exit-load', text: empty }],
      text: null,
      greater: null,
      parts: [],
      remainderTonnes: null,
      negativeRemainder: null,
    };
  }
  return {
    status: 'computed',
    reasons,
    text: balanceText(found),
    greater: found.greater,
    parts: found.parts.map(partShape),
    remainderTonnes: textOf(found.remainderTonnes),
    negativeRemainder: found.negativeRemainder,
  };
}

function partShape(part: Balance['parts'][number]): AttributionPart {
  const { kind, id, jurisdiction, share, interval90, aboveZero, basis } = part;
  const percent = (value: Decimal): string => value.times(100).toFixed(1);
  return {
    name: partName(kind, null),
    kind,
    id,
    jurisdiction,
    tonnes: textOf(part.tonnes),
    share: `${share.numerator}/${share.denominator}`,
    sharePercent: percent(share.toDecimal()),
    interval90Percent: [percent(interval90[0]), percent(interval90[1])],
    aboveZero,
    basis,
  };
}

function decayShape(
  decay: Decay | null,
  rules: LoadMethod,
  temperature: MeasuredTemperature | null,
): Attribution['why']['decay'] {
  if (decay === null) return null;
  return {
    perDay: textOf(decay.perDay),
    standardErrorPerDay: textOf(decay.standardErrorPerDay),
    temperatureC: temperature?.celsius.toFixed(2) ?? rules.attribution.referenceTemperatureC,
    temperatureAt: temperature?.sections ?? [],
  };
}

/** A civil date some days earlier. */
const daysBefore = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);

const travelShape = ({ section, km, days, confidence, shiftDays }: Travel) => ({
  section,
  km,
  days: days.toFixed(4),
  shiftDays,
  confidence,
});
